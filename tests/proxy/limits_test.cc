// What a client meets when its proxy has limits: places, rates, quota, passwords, destinations.
#include <future>
#include <thread>
#include <vector>

#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

constexpr std::size_t kMegabit = 125'000;
using Time = std::chrono::steady_clock;

// Sends without end, or takes everything.
void source(Stream& stream) {
  if (stream.read(1).empty()) return;
  while (stream.send(std::string(16 << 10, 'x'))) {
  }
}
void sink(Stream& stream) { stream.read_to_end(); }

// What arrives within a time, and the longest time in which nothing did.
struct Arrived {
  std::size_t bytes = 0;
  Time::duration longest_gap{};
};
Arrived read_for(Stream& stream, Time::duration time) {
  Arrived arrived;
  std::string buffer(64 << 10, '\0');
  const auto end = Time::now() + time;
  auto last = Time::now();
  while (Time::now() < end) {
    const auto got = recv(stream.fd(), buffer.data(), buffer.size(), 0);
    if (got <= 0) break;
    const auto now = Time::now();
    arrived.longest_gap = std::max(arrived.longest_gap, now - std::exchange(last, now));
    arrived.bytes += static_cast<std::size_t>(got);
  }
  return arrived;
}

class Limited : public EngineTest {
 protected:
  std::string status_of(const std::string& request, std::size_t proxy = 0) {
    auto stream = client(proxy);
    stream.send(request);
    answer_ = stream.read_to_end();
    return answer_.substr(0, answer_.find("\r\n"));
  }
  std::string get(const std::string& credentials) {
    return "GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n" + basic(credentials) + "\r\n";
  }
  std::string answer_;
};

TEST_F(Limited, AFullProxySaysSoAndHasRoomAgainLater) {
  proxies_[0].limits.connections = 2;
  publish();
  Server target(sink);
  auto first = tunnel(target.port());
  auto second = tunnel(target.port());
  EXPECT_EQ(status_of(connect_request(target.port())), "HTTP/1.1 503 Service Unavailable");
  EXPECT_NE(answer_.find("error=connection_limit_reached"), std::string::npos);
  auto socks = client();
  socks.send(socks5_hello() + socks5_connect(target.port()));
  EXPECT_EQ(socks.read(14).substr(4, 2), "\x05\x01"s);
  tunnel(target.port(), 1);  // The other proxy has no such limit.
  first.end();
  first.read_to_end();
  while (proxies_[0].gate->connections() > 1) std::this_thread::sleep_for(1ms);
  tunnel(target.port());
}

TEST_F(Limited, StrangersTakeNoPlaces) {
  proxies_[0].limits.connections = 1;
  publish();
  Server target(sink);
  std::vector<Stream> strangers;
  for (int i = 0; i < 5; ++i) {
    strangers.push_back(client());
    strangers.back().send("\x05"s);
  }
  status_of(get("user:wrong"));
  tunnel(target.port());
}

TEST_F(Limited, AKeptConnectionHasOnePlace) {
  proxies_[0].limits.connections = 1;
  publish();
  Server target([](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) {
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  auto stream = client();
  const auto host = "127.0.0.1:" + std::to_string(target.port());
  for (int i = 0; i < 3; ++i) {
    stream.send("GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n" + basic() + "\r\n");
    ASSERT_NE(stream.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
    ASSERT_EQ(stream.read(2), "ok");
  }
  EXPECT_EQ(proxies_[0].gate->connections(), 1U);
}

TEST_F(Limited, OneClientHasItsShareAndAFloodGetsNoAnswer) {
  proxies_[0].limits.connections_per_source = 2;
  publish();
  Server target(sink);
  auto first = tunnel(target.port());
  auto second = tunnel(target.port());
  EXPECT_EQ(status_of(connect_request(target.port())), "HTTP/1.1 503 Service Unavailable");
  std::vector<Stream> flood;
  for (int i = 0; i < 16; ++i) {
    flood.push_back(client());
    flood.back().send("\x05\x01"s);  // Each takes one place by its first byte.
  }
  std::this_thread::sleep_for(200ms);
  auto late = client();
  late.send("\x05\x01\x02"s);
  EXPECT_EQ(late.read_to_end(), "") << "not even the method";
}

TEST_F(Limited, BeginsSoManyConnectionsASecond) {
  proxies_[0].limits.new_per_second = 5;
  publish();
  Server target(sink);
  int begun = 0;
  const auto start = Time::now();
  for (int i = 0; i < 30; ++i) {
    auto stream = client();
    stream.send(connect_request(target.port()));
    if (stream.read_until("\r\n\r\n").find("200") != std::string::npos) ++begun;
  }
  EXPECT_GE(begun, 5);
  EXPECT_LE(begun, 6 + std::chrono::ceil<std::chrono::seconds>(Time::now() - start).count() * 5);
  EXPECT_LT(begun, 30);
}

TEST_F(Limited, WrongPasswordsBlockTheClientEvenWithTheRightOne) {
  Server target(sink);
  for (int i = 0; i < 9; ++i) status_of(get("user:wrong" + std::to_string(i)));
  tunnel(target.port());  // Nine are forgiven.
  const auto wrong_name = status_of(get("nobody:word"));
  EXPECT_EQ(wrong_name, "HTTP/1.1 407 Proxy Authentication Required");
  const auto to_wrong = answer_;
  EXPECT_EQ(status_of(connect_request(target.port())), wrong_name);
  EXPECT_EQ(answer_.substr(0, answer_.find("Date:")), to_wrong.substr(0, to_wrong.find("Date:")));
  auto socks = client();
  socks.send(socks5_hello());
  EXPECT_EQ(socks.read_to_end(), "\x05\x02\x01\x01"s);
  tunnel(target.port(), 1);  // Another proxy of the same client.
}

TEST_F(Limited, AskingForTheChallengeIsNoWrongPassword) {
  Server target(sink);
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(status_of("GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n"),
              "HTTP/1.1 407 Proxy Authentication Required");
  }
  tunnel(target.port());
}

TEST_F(Limited, AProxyWithoutCredentialsAndWithoutListIsOpenToNobody) {
  proxies_[0].username = proxies_[0].password = "";
  publish();
  EXPECT_EQ(status_of(get(":")), "HTTP/1.1 407 Proxy Authentication Required");
  EXPECT_EQ(status_of("GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n"),
            "HTTP/1.1 407 Proxy Authentication Required");
  auto socks = client();
  socks.send("\x05\x01\x00"s);
  EXPECT_EQ(socks.read_to_end(), "\x05\xff"s);
}

TEST_F(Limited, ADownloadFlowsAtItsRateAndDoesNotStutter) {
  proxies_[0].limits.download_bytes_per_second = kMegabit;
  publish();
  Server target(source);
  auto stream = tunnel(target.port());
  stream.send("x");
  read_for(stream, 500ms);  // The full bucket.
  const auto arrived = read_for(stream, 3s);
  EXPECT_NEAR(static_cast<double>(arrived.bytes), 3.0 * kMegabit, 0.15 * 3.0 * kMegabit);
  EXPECT_LT(arrived.longest_gap, 500ms);
}

TEST_F(Limited, AnUploadFlowsAtItsRate) {
  proxies_[0].limits.upload_bytes_per_second = 10 * kMegabit;
  publish();
  std::promise<Arrived> arrived;
  Server target([&](Stream& stream) {
    read_for(stream, 300ms);
    arrived.set_value(read_for(stream, 2s));
  });
  auto stream = tunnel(target.port());
  const int small = 16 << 10;
  setsockopt(stream.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  auto result = arrived.get_future();
  while (result.wait_for(0s) != std::future_status::ready) stream.send(std::string(8 << 10, 'x'));
  EXPECT_NEAR(static_cast<double>(result.get().bytes), 20.0 * kMegabit, 0.15 * 20.0 * kMegabit);
}

TEST_F(Limited, AHighRateIsReached) {
  proxies_[0].limits.download_bytes_per_second = 1000 * kMegabit;
  publish();
  Server target(source);
  auto stream = tunnel(target.port());
  stream.send("x");
  const auto arrived = read_for(stream, 2s);
  EXPECT_GT(arrived.bytes, 60 * kMegabit) << "half of a gigabit on the busiest machine";
  EXPECT_LT(arrived.bytes, 2500 * kMegabit);
}

// The engine has two workers, and the kernel decides which of them gets a connection.
TEST_F(Limited, ConnectionsOfAProxyShareItsRateAndOtherProxiesDoNotNotice) {
  proxies_[0].limits.download_bytes_per_second = 4 * kMegabit;
  publish();
  Server target(source);
  std::vector<Stream> streams;
  for (int i = 0; i < 8; ++i) streams.push_back(tunnel(target.port()));
  auto other = tunnel(target.port(), 1);
  std::vector<std::future<Arrived>> results;
  for (auto& stream : streams) {
    results.push_back(std::async(std::launch::async, [&] {
      stream.send("x");
      read_for(stream, 1s);
      return read_for(stream, 4s);
    }));
  }
  other.send("x");
  EXPECT_GT(read_for(other, 3s).bytes, 20 * kMegabit) << "no limit";
  std::vector<std::size_t> shares;
  for (auto& result : results) shares.push_back(result.get().bytes);
  std::size_t sum = 0;
  for (const auto share : shares) sum += share;
  EXPECT_NEAR(static_cast<double>(sum), 16.0 * kMegabit, 0.15 * 16.0 * kMegabit);
  for (const auto share : shares) {
    EXPECT_NEAR(static_cast<double>(share), static_cast<double>(sum) / 8,
                0.4 * static_cast<double>(sum) / 8);
  }
}

TEST_F(Limited, ARateChangesUnderARunningTunnel) {
  Server target(source);
  auto stream = tunnel(target.port());
  stream.send("x");
  EXPECT_GT(read_for(stream, 300ms).bytes, 2 * kMegabit);
  proxies_[0].limits.download_bytes_per_second = kMegabit;
  publish();
  while (read_for(stream, 300ms).bytes > 4 * kMegabit) {  // What sockets and pipes still held.
  }
  const auto slow = read_for(stream, 1s).bytes;
  EXPECT_LT(slow, 4 * kMegabit);
  EXPECT_GT(slow, kMegabit / 4);
  proxies_[0].limits.download_bytes_per_second = 0;
  publish();
  EXPECT_GT(read_for(stream, 2s).bytes, 20 * kMegabit);
}

// engines.md 9.13: what is read ahead is swallowed, not limited.
TEST_F(Limited, ASlowTunnelDoesNotSwallowMegabytes) {
  proxies_[0].limits.upload_bytes_per_second = kMegabit;
  publish();
  std::atomic<std::size_t> arrived = 0;
  Server target([&](Stream& stream) {
    for (char some = 0; recv(stream.fd(), &some, 1, 0) == 1;) ++arrived;
  });
  auto stream = tunnel(target.port());
  const int small = 16 << 10;
  setsockopt(stream.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
  std::size_t sent = 0;
  const auto end = Time::now() + 2s;
  while (Time::now() < end) {
    const auto size =
        send(stream.fd(), std::string(4096, 'x').data(), 4096, MSG_NOSIGNAL | MSG_DONTWAIT);
    size > 0 ? sent += static_cast<std::size_t>(size) : (std::this_thread::sleep_for(1ms), 0U);
  }
  EXPECT_GT(arrived, kMegabit);
  EXPECT_LT(sent, arrived + 4 * kMegabit);
}

TEST_F(Limited, HttpMessagesFlowAtTheRateToo) {
  proxies_[0].limits.download_bytes_per_second = 8 * kMegabit;
  publish();
  Server target([](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + std::string(3'000'000, 'y'));
  });
  auto stream = client();
  const auto host = "127.0.0.1:" + std::to_string(target.port());
  const auto start = Time::now();
  stream.send("GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n" + basic() + "\r\n");
  stream.read_until("\r\n\r\n");
  EXPECT_EQ(stream.read(3'000'000), std::string(3'000'000, 'y'));
  EXPECT_GT(Time::now() - start, 2500ms);
  EXPECT_LT(Time::now() - start, 8s);
}

TEST_F(Limited, AQuotaEndsTunnelsAndRefusesRequests) {
  proxies_[0].limits.quota = Quota{.bytes = 20'000'000, .baseline = 0};
  publish();
  Server target(source);
  std::vector<std::future<int>> ends;
  for (int i = 0; i < 4; ++i) {
    ends.push_back(std::async(std::launch::async, [&, stream = tunnel(target.port())]() mutable {
      stream.send("x");
      stream.read_to_end();
      return stream.last_error();
    }));
  }
  for (auto& end : ends) EXPECT_EQ(end.get(), ECONNRESET) << "nobody takes the cut for an end";
  EXPECT_GE(incoming() + outgoing(), 20'000'000U);
  EXPECT_LE(incoming() + outgoing(), 20'000'000U + 4 * 256'000U);
  EXPECT_EQ(status_of(connect_request(target.port())), "HTTP/1.1 403 Forbidden");
  EXPECT_NE(answer_.find("The traffic quota of this proxy is used up: limit quota."),
            std::string::npos);
  auto socks = client();
  socks.send(socks5_hello() + socks5_connect(target.port()));
  EXPECT_EQ(socks.read(14).substr(4, 2), "\x05\x02"s);
  tunnel(target.port(), 1);
  proxies_[0].limits.quota->baseline = incoming() + outgoing();  // The next period.
  publish();
  tunnel(target.port());
}

TEST_F(Limited, AnUploadStopsAtTheQuotaToo) {
  proxies_[0].limits.quota = Quota{.bytes = 5'000'000, .baseline = 0};
  publish();
  Server target(sink);
  auto stream = tunnel(target.port());
  while (stream.send(std::string(64 << 10, 'x'))) {
  }
  EXPECT_GE(outgoing(), 5'000'000U);
  EXPECT_LE(outgoing(), 5'256'000U);
}

TEST_F(Limited, ATunnelThatIsSilentIsEndedWhenOthersUseUpTheQuota) {
  Server target(source);
  auto silent = tunnel(target.port());
  proxies_[0].limits.quota = Quota{.bytes = 1'000'000, .baseline = 0};
  publish();
  auto busy = tunnel(target.port());
  busy.send("x");
  busy.read_to_end();
  EXPECT_EQ(silent.read_to_end(), "");
  EXPECT_EQ(silent.last_error(), ECONNRESET);
}

TEST_F(Limited, DeniedPortsAndOurOwnAreNotReached) {
  destinations_.denied_ports = {{25, 25}};
  destinations_.own_ports = {proxies_[0].port, proxies_[1].port};
  publish();
  for (const std::uint16_t port : {std::uint16_t{25}, proxies_[0].port, proxies_[1].port}) {
    EXPECT_EQ(status_of(connect_request(port)), "HTTP/1.1 403 Forbidden") << port;
    auto socks = client();
    socks.send(socks5_hello() + socks5_connect(port));
    EXPECT_EQ(socks.read(14).substr(4, 2), "\x05\x02"s) << port;
  }
  Server target(sink);
  proxies_[0].limits.destinations = {{false, std::nullopt, {target.port(), target.port()}}};
  publish();
  EXPECT_EQ(status_of(connect_request(target.port())), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(target.connections(), 0);
  tunnel(target.port(), 1);
}

}  // namespace
}  // namespace airlane::test
