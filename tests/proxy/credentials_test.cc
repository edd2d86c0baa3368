// Extra credentials of a proxy, as their clients meet them: who comes in, what it is counted as,
// which limits hold, and when it ends.
#include <future>
#include <thread>
#include <vector>

#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr std::uint32_t kBob = 2;  // Counter rows.
constexpr std::uint32_t kCarol = 3;

class ExtraCredentials : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    bob_.id = -7;
    bob_.username = "bob";
    bob_.password = "b-word";
    bob_.counter_row = kBob;
    carol_.id = -8;
    carol_.username = "carol";
    carol_.password = "c-word";
    carol_.counter_row = kCarol;
    tell();
  }
  void tell() {
    proxies_[0].credentials = {std::make_shared<const Account>(bob_),
                               std::make_shared<const Account>(carol_)};
    publish();
  }
  std::string connect_as(const std::string& credentials, std::uint16_t port) {
    const auto authority = "127.0.0.1:" + std::to_string(port);
    return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" +
           (credentials.empty() ? std::string() : basic(credentials)) + "\r\n";
  }
  std::string answer_to(const std::string& credentials, std::uint16_t port) {
    auto stream = client();
    stream.send(connect_as(credentials, port));
    return stream.read_until("\r\n\r\n");
  }
  std::string status_as(const std::string& credentials, std::uint16_t port) {
    return answer_to(credentials, port).substr(9, 3);
  }
  std::string details_as(const std::string& credentials, std::uint16_t port) {
    const auto answer = answer_to(credentials, port);
    const auto at = answer.find("details=\"");
    return at == std::string::npos ? answer
                                   : answer.substr(at + 9, answer.find('"', at + 9) - at - 9);
  }
  Stream tunnel_as(const std::string& credentials, std::uint16_t port) {
    auto stream = client();
    stream.send(connect_as(credentials, port));
    EXPECT_EQ(stream.read_until("\r\n\r\n"), "HTTP/1.1 200 Connection established\r\n\r\n");
    return stream;
  }
  std::uint64_t moved(std::uint32_t row) { return incoming(row) + outgoing(row); }
  bool moved_becomes(std::uint32_t row, std::uint64_t bytes) {
    for (int i = 0; i < 500 && moved(row) != bytes; ++i) std::this_thread::sleep_for(10ms);
    return moved(row) == bytes;
  }

  Account bob_;
  Account carol_;
  Server echo_{[](Stream& stream) {
    for (;;) {
      const auto byte = stream.read(1);
      if (byte.empty() || !stream.send(byte)) return;
    }
  }};
  Server source_{[](Stream& stream) {
    if (stream.read(1).empty()) return;
    while (stream.send(std::string(16 << 10, 'x'))) {
    }
  }};
};

TEST_F(ExtraCredentials, LogInBesideTheProxysOwnNameAndNobodyElseDoes) {
  for (const auto* good : {"user:word", "bob:b-word", "carol:c-word"}) {
    EXPECT_EQ(status_as(good, echo_.port()), "200") << good;
  }
  for (const auto* bad : {"bob:word", "user:b-word", "bob:c-word", "Bob:b-word", "bob:", ":b-word",
                          "dave:b-word", "bob:b-wor"}) {
    EXPECT_EQ(status_as(bad, echo_.port()), "407") << bad;
  }
  EXPECT_EQ(status_as("", echo_.port()), "407");
  auto socks = client();
  socks.send(socks5_hello("carol", "c-word") + socks5_connect(echo_.port()));
  EXPECT_EQ(socks.read(14).substr(2, 4), "\x01\0\x05\0"s);
  auto other = client(1);
  other.send(connect_as("bob:b-word", echo_.port()));
  EXPECT_EQ(other.read_until("\r\n").substr(9, 3), "407") << "of another proxy";
}

TEST_F(ExtraCredentials, AreCountedApartAndAsAPartOfTheProxy) {
  const auto echo = [&](Stream stream, int bytes) {
    const std::string sent(static_cast<std::size_t>(bytes), 'e');
    stream.send(sent);
    EXPECT_EQ(stream.read(sent.size()), sent);
  };
  echo(tunnel_as("user:word", echo_.port()), 100);
  echo(tunnel_as("bob:b-word", echo_.port()), 1000);
  echo(tunnel_as("carol:c-word", echo_.port()), 10'000);
  EXPECT_TRUE(moved_becomes(kBob, 2'000));
  EXPECT_TRUE(moved_becomes(kCarol, 20'000));
  EXPECT_TRUE(moved_becomes(0, 22'200)) << "all of them";
  EXPECT_EQ(moved(1), 0U);
}

TEST_F(ExtraCredentials, OfOneConnectionMayChangeWithEachRequest) {
  Server web([](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) {
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  bob_.limits.destinations = {{.allow = false, .ports = {web.port(), web.port()}}};
  tell();
  auto stream = client();
  const auto host = "127.0.0.1:" + std::to_string(web.port());
  const auto ask = [&](const std::string& who) {
    stream.send("GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n" + basic(who) +
                "\r\n");
    return stream.read_until("\r\n\r\n").substr(9, 3);
  };
  EXPECT_EQ(ask("user:word"), "200");
  stream.read(2);
  EXPECT_EQ(moved(kCarol), 0U);
  EXPECT_EQ(ask("carol:c-word"), "200");
  stream.read(2);
  EXPECT_GT(moved(kCarol), 0U);
  const auto carols = moved(kCarol);
  EXPECT_EQ(ask("user:word"), "200");
  stream.read(2);
  EXPECT_EQ(moved(kCarol), carols);
  EXPECT_EQ(ask("bob:b-word"), "403") << "not by the connection that another left behind";
  EXPECT_EQ(moved(kBob), 0U);
}

TEST_F(ExtraCredentials, HaveLimitsOfTheirOwnThatTheAnswerNames) {
  bob_.limits.connections = 1;
  tell();
  auto first = tunnel_as("bob:b-word", echo_.port());
  EXPECT_EQ(details_as("bob:b-word", echo_.port()), "limit connections of the credential");
  EXPECT_EQ(status_as("carol:c-word", echo_.port()), "200");
  first.end();
  first.read_to_end();
  while (bob_.gate->connections() > 0) std::this_thread::sleep_for(1ms);
  EXPECT_EQ(status_as("bob:b-word", echo_.port()), "200");
  bob_.limits = {.quota = Quota{.bytes = 0, .baseline = 0}};
  tell();
  EXPECT_EQ(details_as("bob:b-word", echo_.port()), "limit quota of the credential");
  bob_.limits = {.destinations = {{.allow = false, .ports = {echo_.port(), echo_.port()}}}};
  tell();
  EXPECT_EQ(details_as("bob:b-word", echo_.port()), "limit destinations of the credential");
  EXPECT_EQ(status_as("bob:b-word", source_.port()), "200");
  EXPECT_EQ(status_as("user:word", echo_.port()), "200");
  bob_.limits = {.connections_per_source = 1};
  tell();
  auto mine = tunnel_as("bob:b-word", echo_.port());
  EXPECT_EQ(details_as("bob:b-word", echo_.port()),
            "limit connections_per_source of the credential");
}

TEST_F(ExtraCredentials, KeepToTheLimitsOfTheirProxy) {
  proxies_[0].limits.connections = 1;
  publish();
  auto first = tunnel_as("bob:b-word", echo_.port());
  EXPECT_EQ(details_as("carol:c-word", echo_.port()), "limit connections");
  EXPECT_EQ(carol_.gate->connections(), 0U) << "and take no place of their own then";
  proxies_[0].limits = {.quota = Quota{.bytes = 0, .baseline = 0}};
  publish();
  EXPECT_EQ(details_as("carol:c-word", echo_.port()), "limit quota");
}

TEST_F(ExtraCredentials, FlowAtTheSlowerOfBothRates) {
  const auto rate = [&](std::uint64_t own, std::uint64_t all) {
    bob_.limits.download_bytes_per_second = own;
    proxies_[0].limits.download_bytes_per_second = all;
    tell();
    auto stream = tunnel_as("bob:b-word", source_.port());
    stream.send("x");
    std::string buffer(64 << 10, '\0');
    std::size_t bytes = 0;
    const auto start = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - start < 1s) {
      const auto got = recv(stream.fd(), buffer.data(), buffer.size(), 0);
      if (got <= 0) break;
      bytes += static_cast<std::size_t>(got);
    }
    return bytes;
  };
  constexpr std::size_t kSlow = 500'000;
  for (const auto& [own, all] :
       {std::pair{kSlow, 0UL}, {0UL, kSlow}, {kSlow, 20 * kSlow}, {20 * kSlow, kSlow}}) {
    const auto bytes = rate(own, all);
    EXPECT_GT(bytes, kSlow / 4) << own << " " << all;
    EXPECT_LT(bytes, 3 * kSlow) << own << " " << all;
  }
}

TEST_F(ExtraCredentials, EndAtTheirQuotaAndTheOthersGoOn) {
  bob_.limits.quota = Quota{.bytes = 2'000'000, .baseline = 0};
  tell();
  auto others = tunnel_as("carol:c-word", echo_.port());
  auto busy = tunnel_as("bob:b-word", source_.port());
  busy.send("x");
  busy.read_to_end();
  EXPECT_EQ(busy.last_error(), ECONNRESET);
  EXPECT_GE(moved(kBob), 2'000'000U);
  EXPECT_LE(moved(kBob), 2'000'000U + 2 * 65'536U);
  others.send("x");
  EXPECT_EQ(others.read(1), "x");
}

TEST_F(ExtraCredentials, ThatAreTakenAwayEndWithinASecondAndDisturbNobody) {
  auto bob = tunnel_as("bob:b-word", echo_.port());
  auto carol = tunnel_as("carol:c-word", echo_.port());
  auto user = tunnel_as("user:word", echo_.port());
  proxies_[0].credentials = {std::make_shared<const Account>(carol_)};
  const auto start = std::chrono::steady_clock::now();
  publish();
  EXPECT_EQ(bob.read_to_end(), "");
  EXPECT_EQ(bob.last_error(), ECONNRESET);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_EQ(status_as("bob:b-word", echo_.port()), "407");
  for (auto* other : {&carol, &user}) {
    other->send("x");
    EXPECT_EQ(other->read(1), "x");
  }
}

TEST_F(ExtraCredentials, AreForATime) {
  bob_.in_use_till = wall_now() + 2s;
  carol_.in_use_from = wall_now() + 1h;
  tell();
  EXPECT_EQ(status_as("carol:c-word", echo_.port()), "403");
  auto bob = tunnel_as("bob:b-word", echo_.port());
  auto user = tunnel_as("user:word", echo_.port());
  EXPECT_EQ(bob.read_to_end(), "");
  EXPECT_EQ(bob.last_error(), ECONNRESET);
  EXPECT_GE(wall_now(), *bob_.in_use_till);
  EXPECT_LE(wall_now(), *bob_.in_use_till + 2s);
  EXPECT_EQ(status_as("bob:b-word", echo_.port()), "403") << "it is told why";
  EXPECT_EQ(status_as("bob:wrong", echo_.port()), "407") << "who does not know it is not";
  user.send("x");
  EXPECT_EQ(user.read(1), "x");
}

TEST_F(ExtraCredentials, HaveTheirOwnWhitelist) {
  const std::vector<Cidr> here{Cidr::of("127.0.0.0/8")};
  const std::vector<Cidr> elsewhere{Cidr::of("192.0.2.0/24")};
  bob_.whitelist = elsewhere;
  bob_.whitelist_mode = WhitelistMode::kRestrict;
  tell();
  EXPECT_EQ(status_as("bob:b-word", echo_.port()), "407") << "as if there were no such name";
  bob_.whitelist = here;
  tell();
  EXPECT_EQ(status_as("bob:b-word", echo_.port()), "200");
  proxies_[0].whitelist = elsewhere;
  proxies_[0].whitelist_mode = WhitelistMode::kRestrict;
  tell();
  EXPECT_EQ(status_as("user:word", echo_.port()), "407") << "the proxy's list is for its own name";
  EXPECT_EQ(status_as("carol:c-word", echo_.port()), "200");
}

TEST_F(ExtraCredentials, MayBeWhoComesFromAListedAddressWithoutAPassword) {
  bob_.whitelist = {Cidr::of("127.0.0.0/8")};
  tell();
  auto stream = tunnel_as("", echo_.port());
  stream.send("12345");
  EXPECT_EQ(stream.read(5), "12345");
  EXPECT_TRUE(moved_becomes(kBob, 10));
  auto named = tunnel_as("carol:c-word", echo_.port());
  named.send("123");
  EXPECT_EQ(named.read(3), "123");
  EXPECT_TRUE(moved_becomes(kCarol, 6)) << "who says a name is taken at it";
  auto socks = client();
  socks.send("\5\2\0\2"s);
  EXPECT_EQ(socks.read(2), "\5\2"s);
  socks.send(socks5_hello("carol", "c-word").substr(3) + socks5_connect(echo_.port()));
  EXPECT_EQ(socks.read(4), "\1\0\5\0"s);
}

TEST_F(ExtraCredentials, GuessingThemBlocksTheClientAsEver) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(status_as("bob:guess", echo_.port()), "407");
  for (const auto* good : {"user:word", "bob:b-word", "carol:c-word"}) {
    EXPECT_EQ(status_as(good, echo_.port()), "407") << good;
  }
}

}  // namespace
}  // namespace airlane::test
