// Names, asked through one interface: the resolver on its own, and as a stage of the data path.
#include "proxy/resolver.h"

#include "proxy/lookup.h"
#include "tests/proxy/engine_fixture.h"
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
  Loop loop;
  const auto must_not_be_called = Callback<void()>::to<&ResolverTest::fail>(*this);
  auto resolver = Resolver::make(loop, "lo", {dns_.address()});
  ASSERT_TRUE(resolver);
  {
    Resolver::Query query(must_not_be_called);
    (*resolver)->ask(query, "one.test", 80, false);
  }
  loop.run();  // Until the answer has come and nothing is left to wait for.
}

class Names : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    for (auto& egress : egresses_) egress.dns_servers = {dns_.address()};
    publish();
  }
  std::string status_of(const std::string& host, std::uint16_t port) {
    auto stream = client();
    stream.send(connect_request(port, host));
    const auto line = stream.read_until("\r\n");
    return line.substr(9, 3);
  }
  DnsStub dns_{{{"one.test", {"127.0.0.1"}},
                {"mixed.test", {"10.1.2.3", "127.0.0.1"}},
                {"inside.test", {"10.1.2.3", "192.168.8.1"}},
                {"second.test", {"127.0.0.9", "127.0.0.1"}}}};
};

TEST_F(Names, LeadToTheTarget) {
  Server target([](Stream& stream) { stream.read(1); });
  EXPECT_EQ(status_of("one.test", target.port()), "200");
  EXPECT_EQ(status_of("nowhere.test", target.port()), "502");
}

TEST_F(Names, DoNotLeadInside) {
  Server target([](Stream& stream) { stream.read(1); });
  EXPECT_EQ(status_of("inside.test", target.port()), "403");
  EXPECT_EQ(status_of("mixed.test", target.port()), "200") << "by the address that is allowed";
}

TEST_F(Names, LeadToTheAddressThatAnswers) {
  Server target([](Stream& stream) { stream.read(1); });
  EXPECT_EQ(status_of("second.test", target.port()), "200") << "127.0.0.9 refuses";
}

}  // namespace
}  // namespace airlane::test
