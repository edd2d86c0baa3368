// Engines that end without breaking anything: draining, and two that share their listeners.
#include <fcntl.h>

#include <thread>

#include "proxy/accept.h"
#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

class HandoverTest : public EngineTest {
 protected:
  // Another process would get them by SCM_RIGHTS; for the sockets that is the same.
  std::vector<UniqueFd> copies() {
    std::vector<UniqueFd> all;
    for (const int fd : engine_->listeners()) all.emplace_back(fcntl(fd, F_DUPFD_CLOEXEC, 0));
    return all;
  }
  std::unique_ptr<Engine> successor(unsigned workers, std::vector<UniqueFd> inherited) {
    auto file = CounterFile::create(folder_.path("other"), {workers, 4});
    other_counters_ = std::make_unique<CounterFile>(*std::move(file));
    EngineOptions options;
    options.workers = workers;
    options.listen = loopback(0);
    auto engine = std::make_unique<Engine>(options, *other_counters_, std::move(inherited));
    engine->publish(published_);
    return engine;
  }
  void wait_for_connections(std::size_t count) {
    const auto until = Monotonic::now() + 10s;
    while (engine_->connections() != count && Monotonic::now() < until) {
      std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(engine_->connections(), count);
  }

  Server echo_{[](Stream& stream) {
    for (auto byte = stream.read(1); !byte.empty(); byte = stream.read(1)) stream.send(byte);
  }};
  std::unique_ptr<CounterFile> other_counters_;
};

TEST_F(HandoverTest, DrainingAcceptsNobodyAndKeepsItsTunnels) {
  auto stream = tunnel(echo_.port());
  EXPECT_EQ(engine_->connections(), 1U);
  engine_->drain();
  EXPECT_FALSE(client().connected());
  stream.send("a");
  EXPECT_EQ(stream.read(1), "a");
  publish();  // Opens nothing.
  EXPECT_FALSE(client().connected());
  EXPECT_TRUE(engine_->listeners().empty());
  { const auto ended = std::move(stream); }
  wait_for_connections(0);
}

TEST_F(HandoverTest, DrainingTellsHttpClientsToComeBackByAnotherConnection) {
  Server origin([](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) {
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  const auto host = "127.0.0.1:" + std::to_string(origin.port());
  const auto request =
      "GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n" + basic() + "\r\n";
  auto stream = client();
  stream.send(request);
  EXPECT_EQ(stream.read_until("\r\n\r\n").find("Connection: close"), std::string::npos);
  EXPECT_EQ(stream.read(2), "ok");
  engine_->drain();
  stream.send(request);
  EXPECT_NE(stream.read_until("\r\n\r\n").find("Connection: close"), std::string::npos);
  EXPECT_EQ(stream.read_to_end(), "ok");
  wait_for_connections(0);
}

TEST_F(HandoverTest, EveryWorkersListenerOfEveryPortIsListed) {
  EXPECT_EQ(engine_->listeners().size(), kWorkers * proxies_.size());
}

TEST_F(HandoverTest, NoConnectionIsLostWhenAnotherEngineTakesTheListeners) {
  auto old = tunnel(echo_.port());
  for (const unsigned workers : {1U, 3U}) {
    std::atomic<bool> stop = false;
    std::atomic<int> good = 0;
    std::atomic<int> bad = 0;
    std::thread clients([&] {
      while (!stop) {
        auto stream = client();
        stream.send(connect_request(echo_.port()) + "x");
        const auto answer = stream.read_until("\r\n\r\n");
        (answer.starts_with("HTTP/1.1 200") && stream.read(1) == "x" ? good : bad)++;
      }
    });
    while (good < 50 && bad == 0) std::this_thread::yield();
    auto next = successor(workers, copies());
    engine_->drain();
    const int before = good;
    while (good < before + 50 && bad == 0) std::this_thread::yield();
    stop = true;
    clients.join();
    EXPECT_EQ(bad, 0);
    EXPECT_GT(other_counters_->slot(0, 0).incoming.load(), 0U);
    old.send("a");
    EXPECT_EQ(old.read(1), "a");
    // Its own turn comes to an end, and the one after it finds every socket again.
    old = Stream(UniqueFd());
    wait_for_connections(0);
    EXPECT_EQ(next->listeners().size(), proxies_.size() * std::max(workers, kWorkers));
    engine_ = std::move(next);
    counters_.swap(other_counters_);
    old = tunnel(echo_.port());
  }
  old = Stream(UniqueFd());
  engine_.reset();
}

TEST_F(HandoverTest, WhatWaitsInAQueueIsServedByTheNextEngine) {
  auto inherited = copies();
  engine_.reset();  // Nobody accepts now, and nobody is refused.
  auto stream = client();
  ASSERT_TRUE(stream.connected());
  stream.send(connect_request(echo_.port()) + "y");
  engine_ = successor(1, std::move(inherited));
  EXPECT_TRUE(stream.read_until("\r\n\r\n").starts_with("HTTP/1.1 200"));
  EXPECT_EQ(stream.read(1), "y");
  stream = Stream(UniqueFd());
  engine_.reset();
}

TEST_F(HandoverTest, SocketsOfPortsThatAreGoneAreClosed) {
  const auto gone = std::exchange(proxies_[1].port, 0);
  publish();
  auto inherited = copies();
  const auto stranger = open_listener(loopback(gone), {});
  ASSERT_TRUE(stranger);
  inherited.emplace_back(fcntl(stranger->get(), F_DUPFD_CLOEXEC, 0));
  const auto next = successor(2, std::move(inherited));
  EXPECT_EQ(next->listeners().size(), 2U);
}

}  // namespace
}  // namespace airlane::test
