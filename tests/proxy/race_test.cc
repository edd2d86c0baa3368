// Targets with more than one address, by a dongle that has both families (RFC 8305).
#include <fstream>
#include <sstream>

#include "tests/proxy/engine_fixture.h"
#include "tests/support/addressed.h"
#include "tests/support/dns_stub.h"

namespace airlane::test {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

class RaceTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    for (auto& egress : egresses_) {
      egress.dns_servers = {dns_.address()};
      egress.has_v6 = true;
    }
    destinations_.allow.push_back(Cidr::of("::1/128"));
    publish();
    name({"127.0.0.1", "::1"});
  }

  DnsName& name(std::vector<std::string> addresses) {
    known_ = {};
    known_.addresses = std::move(addresses);
    dns_.set("both.test", known_);
    return known_;
  }
  [[nodiscard]] Address v4(const char* ip = "127.0.0.1") const {
    return *Address::parse(ip, port_);
  }
  [[nodiscard]] Address v6() const { return *Address::parse("::1", port_); }

  // Who answers, or the status of the proxy's refusal.
  std::string reached(const std::string& host = "both.test") {
    auto stream = client();
    stream.send(connect_request(port_, host));
    const auto head = stream.read_until("\r\n\r\n");
    if (head.substr(9, 3) != "200") return head.substr(9, 3);
    return stream.read_to_end();
  }

  // Connections to this test's port that wait for an answer.
  int attempts_under_way() const {
    int count = 0;
    std::array<char, 8> port{};
    std::snprintf(port.data(), port.size(), ":%04X", static_cast<unsigned>(port_));
    for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
      std::ifstream lines(table);
      std::string line;
      while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string number;
        std::string local;
        std::string remote;
        std::string state;
        words >> number >> local >> remote >> state;
        if (remote.ends_with(port.data()) && state == "02") ++count;
      }
    }
    return count;
  }

  const std::uint16_t port_ = free_port();
  DnsName known_;
  DnsStub dns_;
};

TEST_F(RaceTest, Ipv6IsPreferred) {
  const Greeter four(v4(), "four");
  const Greeter six(v6(), "six");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(reached(), "six");
  EXPECT_EQ(four.connections(), 0);
  EXPECT_LE(dns_.asked("both.test", kTypeAaaa), 2) << "by each worker once";
}

TEST_F(RaceTest, AnAddressThatRefusesIsFollowedByTheNextAtOnce) {
  const Greeter four(v4(), "four");
  EXPECT_EQ(reached(), "four");
}

TEST_F(RaceTest, AnAddressThatIsSilentIsOvertakenByTheNext) {
  timeouts_.connect = 600s;
  TearDown();
  SetUp();
  const BlackHole six(v6());
  const Greeter four(v4(), "four");
  EXPECT_EQ(reached(), "four");
}

TEST_F(RaceTest, WhoLosesIsClosed) {
  const BlackHole six(v6());
  const Greeter four(v4(), "four");
  auto stream = client();
  stream.send(connect_request(port_, "both.test"));
  EXPECT_EQ(stream.read_until("\r\n\r\n").substr(9, 3), "200");
  EXPECT_EQ(attempts_under_way(), 0);
}

TEST_F(RaceTest, TheSameHoldsForAddressesOfOneFamily) {
  const BlackHole first(v4("127.0.0.3"));
  const BlackHole second(v4("127.0.0.4"));
  const Greeter third(v4("127.0.0.5"), "third");
  name({"127.0.0.3", "127.0.0.4", "127.0.0.5"});
  EXPECT_EQ(reached(), "third");
}

TEST_F(RaceTest, EndsWithTheErrorThatTellsMost) {
  EXPECT_EQ(reached(), "502") << "both refuse";
  auto stream = client();
  stream.send(connect_request(port_, "both.test"));
  EXPECT_NE(stream.read_to_end().find("error=connection_refused"), std::string::npos);
}

TEST_F(RaceTest, IsBoundedInTimeAndInAttempts) {
  std::vector<std::unique_ptr<BlackHole>> holes;
  std::vector<std::string> all;
  for (int i = 3; i < 23; ++i) {
    all.push_back("127.0.0." + std::to_string(i));
    holes.push_back(std::make_unique<BlackHole>(v4(all.back().c_str())));
  }
  timeouts_.connect = 4s;
  TearDown();
  SetUp();
  name(all);
  auto stream = client();
  stream.send(connect_request(port_, "both.test"));
  int most = 0;
  std::thread watcher([&] {
    for (int i = 0; i < 35; ++i) {
      std::this_thread::sleep_for(100ms);
      // The kernel's list is no snapshot: one that ends while it is read may be in it beside the
      // one that takes its place. Not three times in a row.
      most = std::max(most,
                      std::min({attempts_under_way(), attempts_under_way(), attempts_under_way()}));
    }
  });
  const auto answer = stream.read_to_end();
  EXPECT_EQ(answer.substr(9, 3), "504");
  EXPECT_NE(answer.find("error=connection_timeout"), std::string::npos) << answer;
  watcher.join();
  EXPECT_GT(most, 1);
  EXPECT_LE(most, 8);
  for (int i = 0; i < 100 && attempts_under_way() > 0; ++i) std::this_thread::sleep_for(50ms);
  EXPECT_EQ(attempts_under_way(), 0) << "all closed";
}

TEST_F(RaceTest, Ipv4WaitsForIpv6ButNotLong) {
  const Greeter four(v4(), "four");
  const Greeter six(v6(), "six");
  timeouts_.resolve = 1s;  // The name server's silence lasts two.
  TearDown();
  SetUp();
  name({"127.0.0.1", "::1"}).silent_about = kTypeAaaa;
  dns_.set("both.test", known_);
  EXPECT_EQ(reached(), "four");
}

TEST_F(RaceTest, AnIpv4AddressThatComesLateIsTried) {
  const BlackHole six(v6());
  const Greeter four(v4(), "four");
  auto& known = name({"127.0.0.1", "::1"});
  known.delay = 500ms;
  known.delayed = kTypeA;
  dns_.set("both.test", known);
  EXPECT_EQ(reached(), "four");
}

TEST_F(RaceTest, AnIpv6AddressThatComesLateIsTried) {
  const Greeter six(v6(), "six");
  auto& known = name({"127.0.0.1", "::1"});  // IPv4 refuses long before.
  known.delay = 500ms;
  known.delayed = kTypeAaaa;
  dns_.set("both.test", known);
  EXPECT_EQ(reached(), "six");
}

TEST_F(RaceTest, ANameOfOneFamilyIsReachedByIt) {
  const Greeter four(v4(), "four");
  const Greeter six(v6(), "six");
  name({"127.0.0.1"});
  EXPECT_EQ(reached(), "four");
  dns_.set("six.test", [] {
    DnsName only;
    only.addresses = {"::1"};
    return only;
  }());
  EXPECT_EQ(reached("six.test"), "six");
}

TEST_F(RaceTest, LiteralsAreTakenAsTheyAre) {
  const Greeter four(v4(), "four");
  const Greeter six(v6(), "six");
  EXPECT_EQ(reached("[::1]"), "six");
  EXPECT_EQ(reached("[0:0::0:1]"), "six");
  EXPECT_EQ(reached("[::ffff:127.0.0.1]"), "four");
  EXPECT_EQ(reached("[::1%25lo]"), "400");
  EXPECT_EQ(reached("[fe80::1%lo]"), "400");
  EXPECT_EQ(dns_.asked_in_all(), 0);
}

TEST_F(RaceTest, ADongleWithoutIpv6DoesNotAskForIt) {
  for (auto& egress : egresses_) {
    egress.has_v6 = false;
    ++egress.generation;
  }
  publish();
  const Greeter four(v4(), "four");
  const Greeter six(v6(), "six");
  EXPECT_EQ(reached(), "four");
  EXPECT_EQ(dns_.asked("both.test", kTypeAaaa), 0);
  EXPECT_EQ(reached("[::1]"), "502");
  EXPECT_EQ(six.connections(), 0);
}

TEST_F(RaceTest, WhatIsUnderWayEndsWithTheEngine) {
  const BlackHole six(v6());
  const BlackHole four(v4());
  {
    auto stream = client();
    stream.send(connect_request(port_, "both.test"));
    for (int i = 0; i < 100 && attempts_under_way() < 2; ++i) std::this_thread::sleep_for(20ms);
    EXPECT_EQ(attempts_under_way(), 2);
    engine_.reset();
  }
  EXPECT_EQ(attempts_under_way(), 0);
}

}  // namespace
}  // namespace airlane::test
