// Names, asked through one interface: the resolver on its own.
#include "proxy/resolver.h"

#include <gtest/gtest.h>

#include "base/event/alarm.h"
#include "base/event/reactor.h"
#include "proxy/lookup.h"
#include "tests/support/dns_stub.h"

namespace airlane::test {
namespace {

class ResolverTest : public ::testing::Test {
 public:
  void fail() { ADD_FAILURE() << "called back"; }

 protected:
  Egress egress(const std::string& interface = "lo") {
    Egress made;
    made.interface = interface;
    made.dns_servers = {dns_.address()};
    return made;
  }
  DnsStub dns_{{{"one.test", {"127.0.0.2"}}}};
};

TEST_F(ResolverTest, AnswersThroughTheInterface) {
  const auto found = resolve_through(egress(), "one.test", std::chrono::seconds(5), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ip(), "127.0.0.2");
}

TEST_F(ResolverTest, FailsWhenTheInterfaceIsMissingInsteadOfAskingByAnother) {
  const auto found = resolve_through(egress("gone0"), "one.test", std::chrono::seconds(5), {});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().text.find("no_egress"), std::string::npos) << found.error().text;
}

TEST_F(ResolverTest, SaysThatANameDoesNotExist) {
  const auto found = resolve_through(egress(), "two.test", std::chrono::seconds(5), {});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().text.find("unresolved"), std::string::npos) << found.error().text;
}

TEST_F(ResolverTest, KnowsNoHostsFile) {
  EXPECT_FALSE(resolve_through(egress(), "ip6-loopback", std::chrono::seconds(5), {}));
}

TEST_F(ResolverTest, StopsWaitingWhenItIsToldTo) {
  const UniqueFd silent(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  auto size = loopback(0).to_sockaddr(storage);
  ASSERT_EQ(bind(silent.get(), reinterpret_cast<sockaddr*>(&storage), size), 0);
  getsockname(silent.get(), reinterpret_cast<sockaddr*>(&storage), &size);
  auto way = egress();
  way.dns_servers = {Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage))};
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  // Ten minutes: without the stop this test would run into its time limit.
  EXPECT_FALSE(resolve_through(way, "one.test", std::chrono::minutes(10), stop.get_token()));
  stopper.join();
}

TEST_F(ResolverTest, AWithdrawnQuestionIsNotAnswered) {
  Reactor reactor;
  const auto must_not_be_called = Callback<void()>::to<&ResolverTest::fail>(*this);
  auto resolver = Resolver::make(reactor, "lo", {dns_.address()});
  ASSERT_TRUE(resolver);
  {
    Resolver::Query query(must_not_be_called);
    (*resolver)->ask(query, "one.test", 80, false);
  }
  // The answer to a later question, from the same server, comes after the answer to the first.
  Resolver::Query later(Callback<void()>::to<&Reactor::stop>(reactor));
  (*resolver)->ask(later, "two.test", 80, false);
  reactor.run();
  EXPECT_TRUE(later.answer());
}

}  // namespace
}  // namespace airlane::test
