// What the engine says of the targets of a proxy's bytes: every byte, once, for the right one.
#include <gmock/gmock.h>

#include <map>

#include "proxy/target_reports.h"
#include "tests/proxy/udp_fixture.h"

namespace airlane::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

struct Sum {
  std::uint64_t incoming = 0;
  std::uint64_t outgoing = 0;
  std::uint64_t connections = 0;
  bool operator==(const Sum&) const = default;
};

void PrintTo(const Sum& sum, std::ostream* out) {
  *out << sum.incoming << "/" << sum.outgoing << "/" << sum.connections;
}

class TargetsTest : public UdpNamesTest {
 protected:
  void configure(EngineOptions& options) override { options.target_reports = &reports_; }
  void SetUp() override {
    UdpNamesTest::SetUp();
    keep(10);
  }
  void TearDown() override {
    engine_.reset();  // Before the reports.
  }
  void keep(std::uint32_t targets) {
    proxies_[0].targets_kept = targets;
    publish();
  }

  // After every connection has ended.
  std::map<std::string, Sum> all() {
    for (int i = 0; i < 1000 && engine_->statistics().active > 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    std::map<std::string, Sum> sums;
    engine_.reset();
    reports_.drain_all([&](const TargetRecord& record) {
      EXPECT_EQ(record.proxy, 100);
      EXPECT_EQ(record.day, day_of(wall_now()));
      EXPECT_GT(record.kept, 0U);
      auto& sum = sums[std::string(record.host.view()) + ":" + std::to_string(record.port)];
      sum.incoming += record.incoming;
      sum.outgoing += record.outgoing;
      sum.connections += record.connections;
    });
    return sums;
  }
  void expect_the_bill(const std::map<std::string, Sum>& sums) {
    Sum total;
    for (const auto& [name, sum] : sums) {
      total.incoming += sum.incoming;
      total.outgoing += sum.outgoing;
    }
    EXPECT_EQ(total.incoming, incoming());
    EXPECT_EQ(total.outgoing, outgoing());
  }
  static void end(Stream) {}
  static std::string at(std::uint16_t port, const std::string& host = "127.0.0.1") {
    return host + ":" + std::to_string(port);
  }
  void exchange(Stream& stream, const std::string& host) {
    stream.send("GET http://" + host + "/secret/path?q HTTP/1.1\r\nHost: " + host + "\r\n" +
                basic() + "\r\n");
    EXPECT_TRUE(stream.read_until("\r\n\r\nok").starts_with("HTTP/1.1 200 OK"));
  }

  TargetReports reports_{kWorkers, 16};
};

Server echo_of(std::size_t size) {
  return Server([size](Stream& stream) {
    stream.send(stream.read(size));
    stream.read_to_end();
  });
}

constexpr std::string_view kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

void serve(Stream& stream) {
  while (!stream.read_until("\r\n\r\n").empty()) stream.send(kOk);
}

TEST_F(TargetsTest, OfATunnelAreHostAndPortAsAskedFor) {
  auto echo = echo_of(4);
  for (const auto* host : {"echo.test", "ECHO.Test.", "127.0.0.1"}) {
    auto stream = client();
    stream.send(connect_request(echo.port(), host));
    stream.read_until("\r\n\r\n");
    stream.send("ping");
    EXPECT_EQ(stream.read(4), "ping");
  }
  const auto sums = all();
  EXPECT_THAT(sums, ElementsAre(Pair(at(echo.port()), Sum{4, 4, 1}),
                                Pair(at(echo.port(), "echo.test"), Sum{8, 8, 2})));
  expect_the_bill(sums);
}

TEST_F(TargetsTest, OfAKeptConnectionHaveTheirOwnExchanges) {
  Server one(serve);
  Server two(serve);
  {
    auto stream = client();
    exchange(stream, at(one.port()));
    exchange(stream, at(one.port()));
    exchange(stream, at(two.port()));
    exchange(stream, at(one.port()));
  }
  const auto sums = all();
  ASSERT_EQ(sums.size(), 2U);
  EXPECT_EQ(sums.at(at(one.port())).incoming, 3 * kOk.size());
  EXPECT_EQ(sums.at(at(one.port())).connections, 2U) << "kept for the second request";
  EXPECT_EQ(sums.at(at(two.port())).incoming, kOk.size());
  EXPECT_EQ(sums.at(at(two.port())).connections, 1U);
  expect_the_bill(sums);
}

TEST_F(TargetsTest, AreToldWhenAnExchangeEndsThoughTheClientStays) {
  Server origin(serve);
  auto stream = client();
  exchange(stream, at(origin.port()));
  std::uint64_t told = 0;
  for (int i = 0; i < 1000 && told == 0; ++i) {
    reports_.drain([&](const TargetRecord& record) { told += record.incoming; });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(told, kOk.size());
  end(std::move(stream));
}

TEST_F(TargetsTest, OfALongTunnelAreToldBeforeItsEnd) {
  auto echo = echo_of(4);
  auto stream = tunnel(echo.port());
  stream.send("ping");
  EXPECT_EQ(stream.read(4), "ping");
  std::uint64_t told = 0;
  for (int i = 0; i < 1000 && told == 0; ++i) {  // The first look comes after a second.
    reports_.drain([&](const TargetRecord& record) { told += record.outgoing; });
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(told, 4U);
}

TEST_F(TargetsTest, ThatCannotBeReachedHaveNothing) {
  auto stream = client();
  stream.send(connect_request(free_port()));
  EXPECT_TRUE(stream.read_to_end().starts_with("HTTP/1.1 50"));
  EXPECT_THAT(all(), IsEmpty());
}

TEST_F(TargetsTest, ThatARuleRefusesHaveNothing) {
  auto echo = echo_of(4);
  proxies_[0].limits.destinations = {
      {.allow = false, .ports = {echo.port(), echo.port()}, .suffix = "echo.test"}};
  publish();
  {
    auto refused = client();
    refused.send(connect_request(echo.port(), "echo.test"));
    EXPECT_TRUE(refused.read_to_end().starts_with("HTTP/1.1 403"));
    auto stream = tunnel(echo.port());
    stream.send("ping");
    EXPECT_EQ(stream.read(4), "ping");
  }
  EXPECT_THAT(all(), ElementsAre(Pair(at(echo.port()), Sum{4, 4, 1})));
}

TEST_F(TargetsTest, OfACredentialAreThoseOfItsProxy) {
  Account bob;
  bob.id = -7;
  bob.username = "bob";
  bob.password = "b-word";
  bob.counter_row = 2;
  proxies_[0].credentials = {std::make_shared<const Account>(bob)};
  publish();
  auto echo = echo_of(4);
  const auto authority = at(echo.port());
  for (const auto& whose : {basic(), basic("bob:b-word")}) {
    auto stream = client();
    stream.send("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + whose +
                "\r\n");
    EXPECT_TRUE(stream.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
    stream.send("ping");
    EXPECT_EQ(stream.read(4), "ping");
  }
  const auto sums = all();
  EXPECT_THAT(sums, ElementsAre(Pair(authority, Sum{8, 8, 2})));
  expect_the_bill(sums);
}

TEST_F(TargetsTest, OfDatagramsAreTheirOwn) {
  UdpEcho other;
  auto association = associate();
  ASSERT_EQ(echoed(socket_, association, "12345").substr(10), "12345");
  for (int i = 0; i < 3; ++i) {
    socket_.send(datagram_to(other.address(), "123"), association.relay);
    ASSERT_TRUE(socket_.receive());
  }
  end(std::move(association.stream));
  const auto sums = all();
  EXPECT_THAT(sums, testing::UnorderedElementsAre(Pair(at(echo_.address().port()), Sum{5, 5, 1}),
                                                  Pair(at(other.address().port()), Sum{9, 9, 1})));
  expect_the_bill(sums);
}

TEST_F(TargetsTest, OfDatagramsHaveTheNameThatWasUsed) {
  auto association = associate();
  const auto port = echo_.address().port();
  socket_.send(datagram_to("inside.test", port, "not to be sent"), association.relay);
  for (const auto* host : {"Echo.test", "ECHO.test.", "echo.test"}) {
    socket_.send(datagram_to(host, port, "1234567"), association.relay);
    ASSERT_TRUE(socket_.receive());
  }
  end(std::move(association.stream));
  const auto sums = all();
  EXPECT_THAT(sums, ElementsAre(Pair(at(port, "echo.test"), Sum{21, 21, 1})))
      << "and nobody that may not be reached";
  expect_the_bill(sums);
}

TEST_F(TargetsTest, AreNotCountedWhereNobodyWantsToKnow) {
  keep(0);
  auto echo = echo_of(4);
  auto stream = tunnel(echo.port());
  stream.send("ping");
  EXPECT_EQ(stream.read(4), "ping");
  end(std::move(stream));
  EXPECT_THAT(all(), IsEmpty());
  EXPECT_FALSE(reports_.in_use());
}

TEST_F(TargetsTest, OfATunnelThatIsOlderThanTheWishAreNobodys) {
  keep(0);
  Server echo([](Stream& stream) {
    stream.send(stream.read(4));
    stream.send(stream.read(6));
    stream.read_to_end();
  });
  auto stream = tunnel(echo.port());
  stream.send("ping");
  EXPECT_EQ(stream.read(4), "ping");
  keep(10);
  stream.send("second");
  EXPECT_EQ(stream.read(6), "second");
  end(std::move(stream));
  EXPECT_THAT(all(), ElementsAre(Pair(":0", Sum{6, 6, 0})));
}

TEST(TargetReportsTest, LoseTheNameAndNoByteWhenTheReaderIsSlow) {
  TargetReports reports(1, 16);
  for (std::uint64_t i = 0; i < 100; ++i) {
    TargetRecord record;
    record.proxy = 7;
    record.day = 1;
    record.kept = 5;
    record.set_host("host-" + std::to_string(i) + ".TEST");
    record.incoming = i;
    record.connections = 1;
    reports.add(0, record);
  }
  EXPECT_EQ(reports.crowded_out(), 84U);
  std::uint64_t named = 0;
  reports.drain([&](const TargetRecord& record) { named += record.host.view().empty() ? 0U : 1U; });
  EXPECT_EQ(named, 16U);
  reports.tick(0);  // There is room again.
  std::uint64_t unnamed = 0;
  std::uint64_t connections = 0;
  reports.drain([&](const TargetRecord& record) {
    EXPECT_TRUE(record.host.view().empty());
    EXPECT_EQ(record.proxy, 7);
    unnamed += record.incoming;
    connections += record.connections;
  });
  EXPECT_EQ(unnamed, 99U * 100 / 2 - 15U * 16 / 2);
  EXPECT_EQ(connections, 84U);
}

}  // namespace
}  // namespace airlane::test
