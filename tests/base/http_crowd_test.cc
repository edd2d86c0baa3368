// How many may come to the HTTP server at once.
#include <gtest/gtest.h>

#include <memory>
#include <semaphore>
#include <utility>
#include <vector>

#include "tests/base/http_server_fixture.h"

namespace airlane::test {
namespace {

TEST_F(HttpServerTest, HasRoomForSoManyConnectionsOnly) {
  start({.connections = 3, .connections_per_peer = 10});
  HttpClient first(address_);
  HttpClient second(address_);
  HttpClient third(address_);
  wait_for_connections(3);
  HttpClient fourth(address_);

  EXPECT_TRUE(fourth.is_closed_by_server());
  EXPECT_EQ(first.ask("GET", "/").status, 200);
  third.close();
  wait_for_connections(2);
  EXPECT_EQ(HttpClient(address_).ask("GET", "/").status, 200);
}

TEST_F(HttpServerTest, HasRoomForSoManyConnectionsOfOnePeer) {
  start({.connections_per_peer = 5, .idle_per_peer = 1});
  std::vector<std::unique_ptr<HttpClient>> waiting;
  for (std::size_t i = 1; i <= 3; ++i) {
    waiting.push_back(std::make_unique<HttpClient>(address_));
    waiting.back()->say("GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
    wait_for_replies(i);
  }
  HttpClient idle(address_);
  wait_for_connections(4);
  EXPECT_TRUE(HttpClient(address_).is_closed_by_server());
  EXPECT_EQ(idle.ask("GET", "/").status, 200);

  // They are idle now, all three.
  on_server([this] {
    for (const auto& reply : std::exchange(later_, {})) reply.send(200, {}, "");
  });
  for (const auto& client : waiting) EXPECT_EQ(client->hear().status, 200);
  idle.close();
  wait_for_connections(3);
  EXPECT_TRUE(HttpClient(address_).is_closed_by_server());
}

// Nothing of a new connection is looked at before the turn of the loop in which it came is over.
TEST_F(HttpServerTest, WhoHasLeftTakesNobodysRoom) {
  start({.idle_per_peer = 1});
  HttpClient leaving(address_);
  EXPECT_EQ(leaving.ask("GET", "/").status, 200);
  std::binary_semaphore held(0);
  std::binary_semaphore gate(0);
  thread_.post([&] {
    held.release();
    gate.acquire();
  });
  held.acquire();
  // In one turn: the server hears of the new one when the other has just left, and not of that.
  thread_.post([&leaving] { leaving.close(); });
  HttpClient coming(address_);
  coming.say("GET /come HTTP/1.1\r\nHost: t\r\n\r\n");
  gate.release();
  EXPECT_EQ(coming.hear().body, "GET /come");
}

}  // namespace
}  // namespace airlane::test
