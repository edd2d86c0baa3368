// How long a client may take to say what it wants.
#include <thread>

#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

using Time = std::chrono::steady_clock;

class Slow : public EngineTest {
 protected:
  Slow() {
    timeouts_.detect = timeouts_.authenticate = 200ms;
    timeouts_.connect = 300ms;
  }
};

TEST_F(Slow, AClientThatDoesNotFinishIsLeft) {
  for (const auto& beginning : {""s, "\x05"s, "\x05\x01"s, "GET http://h"s}) {
    auto stream = client();
    stream.send(beginning);
    EXPECT_EQ(stream.read_to_end(), "");
    EXPECT_EQ(stream.last_error(), 0);
  }
}

class Dripping : public EngineTest {
 protected:
  Dripping() { timeouts_.detect = timeouts_.authenticate = 700ms; }
};

TEST_F(Dripping, TheTimeForARequestEndsHoweverItDrips) {
  auto stream = client();
  const auto start = Time::now();
  const auto request = "GET http://h.test/ HTTP/1.1\r\n" + std::string(100, 'x');
  std::size_t sent = 0;
  while (sent < request.size() && stream.send(request.substr(sent++, 1))) {
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_LT(sent, request.size());
  EXPECT_LT(Time::now() - start, 6s);
}

class Silent : public EngineTest {
 protected:
  Silent() { timeouts_.detect = timeouts_.authenticate = 2s; }
};

// A browser opens connections in store.
TEST_F(Silent, TheTimeForARequestBeginsWithItsFirstByte) {
  auto stream = client();
  std::this_thread::sleep_for(1200ms);
  stream.send("GET http://h.test/ ");
  std::this_thread::sleep_for(1200ms);
  stream.send("HTTP/1.1\r\nHost: h.test\r\n\r\n");
  EXPECT_EQ(stream.read_until("\r\n"), "HTTP/1.1 407 Proxy Authentication Required\r\n");
}

}  // namespace
}  // namespace airlane::test
