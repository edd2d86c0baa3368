// The world changes as fast as it can, and those whom it does not concern notice nothing.
#include <atomic>
#include <thread>

#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

constexpr int kChanges = 2000;
constexpr int kClients = 4;

class LiveReloadTest : public EngineTest {
 protected:
  Server echo_{[](Stream& stream) {
    for (auto byte = stream.read(1); !byte.empty(); byte = stream.read(1)) stream.send(byte);
  }};
};

TEST_F(LiveReloadTest, ThousandsOfChangesBreakNoConnectionOfOthers) {
  auto long_lived = tunnel(echo_.port());
  std::atomic<bool> stop = false;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < kClients; ++i) {
    clients.emplace_back([&] {
      while (!stop) {
        auto stream = client();
        stream.send(connect_request(echo_.port()) + "x");
        const auto answer = stream.read_until("\r\n\r\n");
        (answer.starts_with("HTTP/1.1 200") && stream.read(1) == "x" ? good : bad)++;
      }
    });
  }
  const auto port = proxies_[1].port;
  for (int change = 0; change < kChanges; ++change) {
    proxies_[1].password = std::to_string(change);
    proxies_[1].port = change % 4 == 3 ? 0 : port;  // It comes and goes.
    if (change % 8 == 7) ++egresses_[1].generation;
    publish();
  }
  stop = true;
  for (auto& thread : clients) thread.join();
  EXPECT_EQ(bad, 0);
  EXPECT_GT(good, 0);
  long_lived.send("a");
  EXPECT_EQ(long_lived.read(1), "a");
}

TEST_F(LiveReloadTest, WhoIsRemovedWhileEverythingChangesIsGoneAtOnce) {
  auto removed = tunnel(echo_.port(), 1);
  auto kept = tunnel(echo_.port(), 0);
  proxies_[1].port = 0;
  publish();
  EXPECT_EQ(removed.read(1), "");
  EXPECT_EQ(removed.last_error(), ECONNRESET);
  kept.send("a");
  EXPECT_EQ(kept.read(1), "a");
}

}  // namespace
}  // namespace airlane::test
