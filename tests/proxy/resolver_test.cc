// Names, asked through one interface: the resolver on its own.
#include "proxy/resolver.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <deque>

#include "base/event/alarm.h"
#include "base/event/reactor.h"
#include "proxy/lookup.h"
#include "proxy/resolvers.h"
#include "tests/support/dns_stub.h"

namespace airlane::test {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

DnsName at(std::vector<std::string> addresses, std::uint32_t ttl = 60) {
  DnsName made;
  made.addresses = std::move(addresses);
  made.ttl = ttl;
  return made;
}

DnsName nothing(int code, int authority) {
  DnsName made;
  made.code = code;
  made.authority = authority;
  return made;
}

class ResolverTest : public ::testing::Test {
 public:
  void fail() { ADD_FAILURE() << "called back"; }
  void count() { ++counted_; }

 protected:
  static constexpr std::size_t kNamesMost = 64;

  Egress egress(const std::string& interface = "lo") {
    Egress made;
    made.interface = interface;
    made.dns_servers = {dns_.address()};
    return made;
  }
  std::unique_ptr<Resolver> resolver(std::size_t names_most = kNamesMost,
                                     std::vector<Address> servers = {}) {
    if (servers.empty()) servers = {dns_.address()};
    auto made = Resolver::make(reactor_, "lo", servers, names_most);
    return made ? *std::move(made) : nullptr;
  }
  Callback<void()> end() { return Callback<void()>::to<&Reactor::stop>(reactor_); }
  // An address, or the label of the error.
  std::string ask(Resolver& resolver, std::string_view name, int family = AF_INET) {
    Resolver::Query query(end());
    resolver.ask(query, name, family);
    if (!query.answer()) reactor_.run();
    return text(query);
  }
  static std::string text(const Resolver::Query& query) {
    if (!query.answer()) return "nothing";
    const auto& answer = *query.answer();
    return answer ? answer->front().to_string() : std::string(metric_label(answer.error().code));
  }
  void run_for(std::chrono::milliseconds time) {
    Alarm alarm(reactor_, end());
    alarm.start(time);
    reactor_.run();
  }

  int counted_ = 0;
  DnsStub dns_{{{"one.test", at({"127.0.0.2", "2001:db8::2"})}}};
  Reactor reactor_;
};

TEST_F(ResolverTest, AnswersThroughTheInterface) {
  const auto found = resolve_through(egress(), "one.test", 5s, {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->ip(), "127.0.0.2");
}

TEST_F(ResolverTest, FailsWhenTheInterfaceIsMissingInsteadOfAskingByAnother) {
  const auto found = resolve_through(egress("gone0"), "one.test", 5s, {});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().text.find("no_egress"), std::string::npos) << found.error().text;
  EXPECT_EQ(dns_.asked_in_all(), 0);
}

TEST_F(ResolverTest, SaysThatANameDoesNotExist) {
  const auto found = resolve_through(egress(), "two.test", 5s, {});
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().text.find("unresolved"), std::string::npos) << found.error().text;
}

TEST_F(ResolverTest, KnowsNoHostsFile) {
  EXPECT_FALSE(resolve_through(egress(), "ip6-loopback", 5s, {}));
}

TEST_F(ResolverTest, StopsWaitingWhenItIsToldTo) {
  dns_.hold();
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  // Ten minutes: without the stop this test would run into its time limit.
  EXPECT_FALSE(resolve_through(egress(), "one.test", 600s, stop.get_token()));
  stopper.join();
}

TEST_F(ResolverTest, AsksForEachFamilyOnItsOwn) {
  const auto asked = resolver();
  EXPECT_EQ(ask(*asked, "one.test"), "127.0.0.2:0");
  EXPECT_EQ(ask(*asked, "one.test", AF_INET6), "[2001:db8::2]:0");
  EXPECT_EQ(dns_.asked("one.test", kTypeA), 1);
  EXPECT_EQ(dns_.asked("one.test", kTypeAaaa), 1);
}

TEST_F(ResolverTest, AnswersFromMemoryAtOnce) {
  const auto asked = resolver();
  EXPECT_EQ(ask(*asked, "one.test"), "127.0.0.2:0");
  Resolver::Query query(Callback<void()>::to<&ResolverTest::fail>(*this));
  asked->ask(query, "ONE.test", AF_INET);
  EXPECT_EQ(text(query), "127.0.0.2:0");
  EXPECT_EQ(dns_.asked("one.test"), 1);
}

TEST_F(ResolverTest, RemembersNothingThatIsForNow) {
  dns_.set("now.test", at({"127.0.0.3"}, 0));
  const auto asked = resolver();
  EXPECT_EQ(ask(*asked, "now.test"), "127.0.0.3:0");
  dns_.set("now.test", at({"127.0.0.4"}, 0));
  EXPECT_EQ(ask(*asked, "now.test"), "127.0.0.4:0");
  EXPECT_EQ(asked->remembered(), 0u);
}

TEST_F(ResolverTest, ServesNothingStale) {
  dns_.set("short.test", at({"127.0.0.3"}, 1));
  const auto asked = resolver();
  EXPECT_EQ(ask(*asked, "short.test"), "127.0.0.3:0");
  dns_.set("short.test", at({"127.0.0.4"}, 1));
  run_for(1100ms);
  EXPECT_EQ(ask(*asked, "short.test"), "127.0.0.4:0");
}

TEST_F(ResolverTest, RemembersWhatIsNotThereAsLongAsTheZoneSays) {
  dns_.set("gone.test", nothing(3, 30));
  dns_.set("empty.test", nothing(0, 30));
  dns_.set("unsaid.test", nothing(3, -1));
  const auto asked = resolver();
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(ask(*asked, "gone.test"), "unresolved");
    EXPECT_EQ(ask(*asked, "empty.test"), "unresolved");
    EXPECT_EQ(ask(*asked, "unsaid.test"), "unresolved");
  }
  EXPECT_EQ(dns_.asked("gone.test"), 1);
  EXPECT_EQ(dns_.asked("empty.test"), 1);
  EXPECT_EQ(dns_.asked("unsaid.test"), 2) << "RFC 2308: no SOA record, no memory";
}

TEST_F(ResolverTest, DoesNotAskServersThatFailAgainAtOnce) {
  dns_.set("bad.test", nothing(2, -1));
  const auto asked = resolver();
  EXPECT_EQ(ask(*asked, "bad.test"), "unresolved");
  const auto before = dns_.asked("bad.test");
  EXPECT_EQ(ask(*asked, "bad.test"), "unresolved");
  EXPECT_EQ(dns_.asked("bad.test"), before);
  dns_.set("bad.test", at({"127.0.0.3"}));
  run_for(1100ms);
  EXPECT_EQ(ask(*asked, "bad.test"), "127.0.0.3:0") << "but soon";
}

TEST_F(ResolverTest, AsksTheNextServerWhenOneFails) {
  for (const int code : {2, 4, 5}) {
    DnsStub broken{{{"one.test", nothing(code, -1)}}};
    const auto asked = resolver(kNamesMost, {broken.address(), dns_.address()});
    EXPECT_EQ(ask(*asked, "one.test"), "127.0.0.2:0") << code;
    EXPECT_EQ(broken.asked("one.test"), 1);
  }
  const auto closed = resolver(kNamesMost, {loopback(free_port()), dns_.address()});
  EXPECT_EQ(ask(*closed, "one.test"), "127.0.0.2:0") << "nobody is there";
}

TEST_F(ResolverTest, PassesOverAServerThatHangsUntilItsTurnComesAgain) {
  DnsStub silent;
  silent.hold();
  for (const auto* name : {"a.test", "b.test", "c.test"}) dns_.set(name, at({"127.0.0.3"}));
  const auto asked = resolver(kNamesMost, {silent.address(), dns_.address()});
  EXPECT_EQ(ask(*asked, "a.test"), "127.0.0.3:0");
  EXPECT_EQ(silent.asked_in_all(), 1);
  EXPECT_EQ(ask(*asked, "b.test"), "127.0.0.3:0");
  EXPECT_EQ(ask(*asked, "c.test"), "127.0.0.3:0");
  EXPECT_EQ(silent.asked_in_all(), 1) << "two seconds once, not for every name";
}

TEST_F(ResolverTest, AsksOnceForAllWhoWantToKnow) {
  const auto asked = resolver();
  dns_.hold();
  std::deque<Resolver::Query> queries;
  for (int i = 0; i < 100; ++i) {
    queries.emplace_back(Callback<void()>::to<&ResolverTest::count>(*this));
    asked->ask(queries.back(), i % 2 == 0 ? "one.test" : "One.Test", AF_INET);
  }
  EXPECT_EQ(asked->asking(), 1u);
  // The first and the last, and some between, lose their patience.
  queries.pop_front();
  queries.pop_back();
  {
    Resolver::Query brief(Callback<void()>::to<&ResolverTest::fail>(*this));
    asked->ask(brief, "one.test", AF_INET);
  }
  dns_.let_go();
  Resolver::Query last(end());
  asked->ask(last, "two.test", AF_INET);
  while (counted_ < 98) run_for(10ms);
  EXPECT_EQ(counted_, 98);
  for (const auto& query : queries) EXPECT_EQ(text(query), "127.0.0.2:0");
  EXPECT_EQ(dns_.asked("one.test") + dns_.asked("One.Test"), 1);
}

TEST_F(ResolverTest, AWithdrawnQuestionIsNotAnsweredButRemembered) {
  const auto asked = resolver();
  dns_.hold();
  {
    Resolver::Query query(Callback<void()>::to<&ResolverTest::fail>(*this));
    asked->ask(query, "one.test", AF_INET);
  }
  dns_.let_go();
  while (asked->asking() > 0) run_for(5ms);
  EXPECT_EQ(asked->remembered(), 1u);
}

TEST_F(ResolverTest, MayBeAskedAgainByWhoIsAnswered) {
  struct Chain {
    explicit Chain(Resolver& asked, Reactor& reactor) : resolver(asked), loop(reactor) {}
    void next() {
      query.emplace(Callback<void()>::to<&Chain::next>(*this));  // Destroys the one at work.
      if (++links == 50) return loop.stop();
      resolver.ask(*query, "n" + std::to_string(links) + ".test", AF_INET);
    }
    Resolver& resolver;
    Reactor& loop;
    std::optional<Resolver::Query> query;
    int links = 0;
  };
  const auto asked = resolver();
  Chain chain(*asked, reactor_);
  chain.next();
  reactor_.run();
  EXPECT_EQ(chain.links, 50);
}

TEST_F(ResolverTest, IsBoundedInWhatItAsks) {
  const auto asked = resolver(4);
  dns_.hold();
  std::deque<Resolver::Query> queries;
  for (int i = 0; i < 4; ++i) {
    queries.emplace_back(Callback<void()>::to<&ResolverTest::count>(*this));
    asked->ask(queries.back(), "n" + std::to_string(i) + ".test", AF_INET);
    EXPECT_EQ(text(queries.back()), "nothing");
  }
  EXPECT_EQ(ask(*asked, "n4.test"), "over_limit");
  dns_.let_go();
  while (counted_ < 4) run_for(5ms);
  EXPECT_EQ(ask(*asked, "one.test"), "127.0.0.2:0");
}

TEST_F(ResolverTest, IsBoundedInWhatItRemembersOfAFloodOfNames) {
  const auto asked = resolver(16);
  for (int i = 0; i < 400; ++i) {
    const auto name = "flood" + std::to_string(i) + ".test";
    dns_.set(name, nothing(3, 300));
    EXPECT_EQ(ask(*asked, name), "unresolved");
    EXPECT_LE(asked->remembered(), 16u);
  }
  EXPECT_EQ(ask(*asked, "one.test"), "127.0.0.2:0");
}

TEST_F(ResolverTest, AsksByTcpForWhatDoesNotFitADatagram) {
  DnsName big;
  for (int i = 0; i < 250; ++i) big.addresses.push_back("192.0.2." + std::to_string(i));
  big.only_tcp = true;  // 4 kB.
  dns_.set("big.test", big);
  const auto asked = resolver();
  Resolver::Query query(end());
  asked->ask(query, "big.test", AF_INET);
  reactor_.run();
  ASSERT_TRUE(query.answer() && *query.answer());
  EXPECT_EQ((*query.answer())->size(), 32u);
  EXPECT_EQ((*query.answer())->back().ip(), "192.0.2.31");
  EXPECT_EQ(dns_.asked_by_tcp(), 1);
}

TEST_F(ResolverTest, WaitsForOneNameWithoutKeepingOthersWaiting) {
  DnsName hung;
  hung.silent = true;
  dns_.set("hung.test", hung);
  const auto asked = resolver();
  Resolver::Query query(Callback<void()>::to<&ResolverTest::count>(*this));
  asked->ask(query, "hung.test", AF_INET);
  int others = 0;
  while (counted_ == 0) {
    dns_.set("now.test", at({"127.0.0.3"}, 0));
    EXPECT_EQ(ask(*asked, "now.test"), "127.0.0.3:0");
    ++others;
    run_for(20ms);
  }
  EXPECT_EQ(text(query), "names_timed_out");
  EXPECT_GT(others, 20);
}

TEST_F(ResolverTest, TakesAnAnswerThatComesAfterFiveSeconds) {
  auto slow = at({"127.0.0.3"});
  slow.delay = 5s;
  dns_.set("slow.test", slow);
  const auto asked = resolver();
  EXPECT_EQ(ask(*asked, "slow.test"), "127.0.0.3:0");
  EXPECT_EQ(asked->remembered(), 1u);
}

TEST_F(ResolverTest, AnswersWhatIsOpenWhenItEnds) {
  auto asked = resolver();
  dns_.hold();
  Resolver::Query query(Callback<void()>::to<&ResolverTest::count>(*this));
  asked->ask(query, "one.test", AF_INET);
  asked.reset();
  EXPECT_EQ(counted_, 1);
  EXPECT_EQ(text(query), "no_egress");
}

TEST_F(ResolverTest, RefusesToAskForWhatIsNoName) {
  const auto asked = resolver();
  EXPECT_EQ(ask(*asked, std::string(300, 'a')), "unresolved");
  EXPECT_EQ(ask(*asked, std::string(64, 'a') + ".test"), "unresolved");
  EXPECT_EQ(dns_.asked_in_all(), 0);
}

TEST_F(ResolverTest, ANewGenerationKnowsNothingOfTheOldOne) {
  Resolvers resolvers(reactor_, kNamesMost);
  auto way = egress();
  way.generation = 1;
  EXPECT_EQ(ask(**resolvers.through(way), "one.test"), "127.0.0.2:0");
  EXPECT_EQ(ask(**resolvers.through(way), "one.test"), "127.0.0.2:0");
  EXPECT_EQ(dns_.asked("one.test"), 1);
  way.generation = 2;
  dns_.set("one.test", at({"127.0.0.9"}));
  EXPECT_EQ(ask(**resolvers.through(way), "one.test"), "127.0.0.9:0");
  EXPECT_EQ(dns_.asked("one.test"), 2);
}

TEST_F(ResolverTest, IsNoOneElsesWhoseMarkWasUsedAgain) {
  Resolvers resolvers(reactor_, kNamesMost);
  const Looks before{.mark = 0, .window_clamp = 65535 << 8, .change = 1};
  const Looks after{.mark = 0, .window_clamp = 65535, .change = 3};
  EXPECT_NE(*resolvers.through(egress(), before), *resolvers.through(egress(), after));
  EXPECT_EQ(*resolvers.through(egress(), after), *resolvers.through(egress(), after));
}

TEST_F(ResolverTest, MayBeReplacedByWhoItAnswers) {
  struct Asker {
    void answered() {
      way.generation = 2;
      EXPECT_TRUE(resolvers.through(way));
      loop.stop();
    }
    Reactor& loop;
    Resolvers& resolvers;
    Egress way;
  };
  Resolvers resolvers(reactor_, kNamesMost);
  Asker asker{reactor_, resolvers, egress()};
  Resolver::Query query(Callback<void()>::to<&Asker::answered>(asker));
  (*resolvers.through(asker.way))->ask(query, "one.test", AF_INET);
  reactor_.run();
  EXPECT_EQ(text(query), "127.0.0.2:0");
}

}  // namespace
}  // namespace airlane::test
