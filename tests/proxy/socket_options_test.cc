#include "proxy/socket_options.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <future>

#include "tests/support/loopback.h"

namespace airlane::test {
namespace {

int option(int fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  getsockopt(fd, IPPROTO_TCP, name, &value, &size);
  return value;
}

TEST(SocketOptions, ForLongAskASilentPeerAndNeverGiveUpOneThatAnswers) {
  Server server([](Stream& stream) { stream.read_to_end(); });
  auto stream = Stream::connect(server.port());
  ASSERT_TRUE(prepare_for_long(stream.fd()));
  EXPECT_EQ(option(stream.fd(), TCP_KEEPIDLE), 30);
  EXPECT_EQ(option(stream.fd(), TCP_KEEPINTVL), 10);
  EXPECT_EQ(option(stream.fd(), TCP_KEEPCNT), 3);
  // It would end who answers every probe of a closed window, too.
  EXPECT_EQ(option(stream.fd(), TCP_USER_TIMEOUT), 0);
  EXPECT_FALSE(is_dead(stream.fd()));
}

TEST(SocketOptions, APeerThatDoesNotReadIsNotDead) {
  std::promise<void> done;
  Server server([&](Stream&) { done.get_future().wait(); });
  auto stream = Stream::connect(server.port());
  const timeval moment{0, 300'000};
  setsockopt(stream.fd(), SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof moment);
  while (stream.send(std::string(64 << 10, 'x'))) {
  }
  EXPECT_FALSE(is_dead(stream.fd()));
  done.set_value();
}

TEST(SocketOptions, WhatIsNoSocketIsNotDead) { EXPECT_FALSE(is_dead(-1)); }

}  // namespace
}  // namespace airlane::test
