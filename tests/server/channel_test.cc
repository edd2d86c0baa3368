#include "server/channel.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

ino_t inode(int fd) {
  struct stat status {};
  EXPECT_EQ(fstat(fd, &status), 0);
  return status.st_ino;
}

TEST(Channel, CarriesWordsAndWhatBelongsToThem) {
  auto ends = Channel::make_pair();
  ASSERT_TRUE(ends);
  ASSERT_TRUE(ends->first.send("hello 1 4711"));
  ASSERT_TRUE(ends->first.send("yours"));
  auto message = ends->second.receive(1s);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->word(), "hello");
  EXPECT_EQ(message->rest(), "1 4711");
  message = ends->second.receive(1s);
  EXPECT_EQ(message->word(), "yours");
  EXPECT_EQ(message->rest(), "");
}

TEST(Channel, CarriesAnyNumberOfDescriptorsInTheirOrder) {
  auto ends = Channel::make_pair();
  ASSERT_TRUE(ends);
  std::vector<UniqueFd> files;
  std::vector<int> fds;
  for (std::size_t i = 0; i < 2 * Channel::kFdsMost + 1; ++i) {
    std::array<int, 2> pair{};
    ASSERT_EQ(pipe2(pair.data(), O_CLOEXEC), 0);
    files.emplace_back(pair[0]);
    const UniqueFd writer(pair[1]);
    fds.push_back(pair[0]);
  }
  std::thread sender([&] { EXPECT_TRUE(ends->first.send_all("listeners", fds)); });
  std::size_t next = 0;
  for (int messages = 0; messages < 3; ++messages) {
    const auto message = ends->second.receive(10s);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->word(), "listeners");
    for (const auto& fd : message->fds) {
      ASSERT_LT(next, fds.size());
      EXPECT_EQ(inode(fd.get()), inode(fds[next++]));
      EXPECT_NE(fcntl(fd.get(), F_GETFD) & FD_CLOEXEC, 0);
    }
  }
  sender.join();
  EXPECT_EQ(next, fds.size());
}

TEST(Channel, DeliversTheLastWordsOfOneWhoDidNotListen) {
  auto ends = Channel::make_pair();
  ASSERT_TRUE(ends);
  ASSERT_TRUE(ends->first.send("prepare"));
  ASSERT_TRUE(ends->second.send("failed for a reason"));
  ends->second = Channel(UniqueFd());
  const auto message = ends->first.receive(1s);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->rest(), "for a reason");
  EXPECT_EQ(ends->first.receive(1s).error().kind, Failure::Kind::kNotFound);
}

TEST(Channel, SaysThatTheOtherEndIsGoneOrSilent) {
  auto ends = Channel::make_pair();
  ASSERT_TRUE(ends);
  auto message = ends->first.receive(10ms);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().kind, Failure::Kind::kUnavailable);
  ends->second = Channel(UniqueFd());
  message = ends->first.receive(10s);
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().kind, Failure::Kind::kNotFound);
  EXPECT_FALSE(ends->first.send("hello"));
}

}  // namespace
}  // namespace airlane::test
