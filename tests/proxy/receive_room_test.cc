#include "proxy/receive_room.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <thread>

#include "base/unique_fd.h"

namespace airlane::test {
namespace {

// Two ends of a connection of no length.
class Room : public ::testing::Test {
 protected:
  void SetUp() override {
    UniqueFd listener(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof where;
    auto* const name = reinterpret_cast<sockaddr*>(&where);
    ASSERT_EQ(bind(listener.get(), name, size), 0);
    ASSERT_EQ(listen(listener.get(), 1), 0);
    ASSERT_EQ(getsockname(listener.get(), name, &size), 0);
    near_ = UniqueFd(socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(connect(near_.get(), name, size), 0);
    far_ = UniqueFd(accept(listener.get(), nullptr, nullptr));
  }

  [[nodiscard]] std::size_t room() const {
    int bytes = 0;
    socklen_t size = sizeof bytes;
    getsockopt(near_.get(), SOL_SOCKET, SO_RCVBUF, &bytes, &size);
    return static_cast<std::size_t>(bytes);
  }

  UniqueFd near_;
  UniqueFd far_;
  ReceiveRoom room_;
};

TEST_F(Room, IsSmallAtFirstAndStaysSoWhereTheWayHoldsLittle) {
  room_.moved(near_.get(), 1);
  EXPECT_EQ(room(), ReceiveRoom::kFirst);
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    room_.moved(near_.get(), std::size_t{64} << 20);
  }
  EXPECT_EQ(room(), ReceiveRoom::kFirst) << "five megabytes a second are less on the way at a time";
}

TEST_F(Room, DoublesWhileItIsFilled) {
  room_.moved(near_.get(), 1);
  EXPECT_EQ(room(), ReceiveRoom::kFirst);
  // Within no time, unless this thread has to wait for its core.
  for (int i = 0; i < 40; ++i) room_.moved(near_.get(), std::size_t{64} << 20);
  EXPECT_GT(room(), ReceiveRoom::kFirst);
  EXPECT_LE(room(), std::size_t{1} << 30);
}

}  // namespace
}  // namespace airlane::test
