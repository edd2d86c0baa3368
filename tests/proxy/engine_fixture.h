// The whole data path in one process: an engine with two workers on loopback, one proxy per dongle,
// dongles that are the interface `lo`. Tests talk to it as clients and as targets do.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "base/tls/crypto.h"
#include "proxy/engine.h"
#include "tests/support/loopback.h"
#include "tests/support/temporary_folder.h"

namespace airlane::test {

class EngineTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t kWorkers = 2;

  void SetUp() override {
    auto file = CounterFile::create(folder_.path("counters"), {kWorkers, 4});
    ASSERT_TRUE(file);
    counters_ = std::make_unique<CounterFile>(*std::move(file));
    for (const std::uint32_t row : {0U, 1U}) {
      auto& proxy = proxies_[row];
      proxy.id = 100 + row;
      proxy.port = free_port();
      proxy.username = "user";
      proxy.password = "word";
      proxy.dongle = row;
      proxy.counter_row = row;
      auto& egress = egresses_[row];
      egress.dongle = row;
      egress.interface = "lo";
      egress.up = true;
      egress.generation = 1;
      egress.dns_servers = {loopback(9)};
    }
    destinations_.allow = {Cidr::of("127.0.0.0/8")};
    EngineOptions options;
    options.workers = kWorkers;
    options.listen = loopback(0);
    options.timeouts = timeouts_;
    configure(options);
    engine_ = std::make_unique<Engine>(options, *counters_);
    publish();
  }
  void TearDown() override { engine_.reset(); }
  virtual void configure(EngineOptions&) {}  // Before the engine starts.

  // Tells the engine what proxies_, egresses_ and destinations_ say, and waits until every worker
  // goes by it.
  void publish() {
    auto world = std::make_shared<World>();
    for (const auto& proxy : proxies_) {
      if (proxy.port == 0) continue;
      world->ports[proxy.port] = std::make_shared<ProxyPort>(proxy);
    }
    for (const auto& egress : egresses_) {
      world->egresses[egress.dongle] = std::make_shared<Egress>(egress);
    }
    world->destinations = std::make_shared<Destinations>(destinations_);
    world->tls = tls_;
    published_ = world;
    engine_->publish(world);
    std::promise<void> adopted;
    engine_->when_adopted([&] { adopted.set_value(); });
    adopted.get_future().wait();
  }

  Stream client(std::size_t proxy = 0) { return Stream::connect(proxies_[proxy].port); }

  std::string basic(const std::string& credentials = "user:word") const {
    return "Proxy-Authorization: Basic " + base64_encode(credentials) + "\r\n";
  }
  std::string connect_request(std::uint16_t port, const std::string& host = "127.0.0.1") const {
    const auto authority = host + ":" + std::to_string(port);
    return "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n" + basic() + "\r\n";
  }
  // A tunnel by CONNECT, its answer already read.
  Stream tunnel(std::uint16_t port, std::size_t proxy = 0) {
    auto stream = client(proxy);
    stream.send(connect_request(port));
    EXPECT_EQ(stream.read_until("\r\n\r\n"), "HTTP/1.1 200 Connection established\r\n\r\n");
    return stream;
  }
  static std::string socks5_hello(const std::string& user = "user",
                                  const std::string& password = "word") {
    return std::string("\x05\x01\x02\x01", 4) + static_cast<char>(user.size()) + user +
           static_cast<char>(password.size()) + password;
  }
  static std::string socks5_connect(std::uint16_t port, std::string_view ip = "\x7f\0\0\1") {
    const std::string_view four = ip.size() == 4 ? ip : std::string_view("\x7f\0\0\1", 4);
    return std::string("\x05\x01\x00\x01", 4) + std::string(four) +
           std::string{static_cast<char>(port >> 8), static_cast<char>(port & 255)};
  }

  // Over both workers.
  std::uint64_t incoming(std::uint32_t row = 0) {
    return counters_->slot(row, 0).incoming + counters_->slot(row, 1).incoming;
  }
  // A worker counts what the kernel has taken from it, which the target may see a moment earlier.
  bool outgoing_becomes(std::uint64_t bytes) {
    for (int i = 0; i < 1000 && outgoing() != bytes; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return outgoing() == bytes;
  }
  std::uint64_t outgoing(std::uint32_t row = 0) {
    return counters_->slot(row, 0).outgoing + counters_->slot(row, 1).outgoing;
  }

  TemporaryFolder folder_;
  StageTimeouts timeouts_;
  std::unique_ptr<CounterFile> counters_;
  std::array<ProxyPort, 2> proxies_;
  std::array<Egress, 2> egresses_;
  Destinations destinations_;
  std::shared_ptr<const TlsServerContext> tls_;
  std::shared_ptr<const World> published_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace airlane::test
