#include "server/doors.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/event/http_listen.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

class DoorsTest : public ::testing::Test {
 protected:
  DoorsTest() {
    config_.listen = {Address::v4("\x7f\0\0\1", 0)};
    config_.socket = folder_.file("control.sock");
  }
  Doors open(std::vector<UniqueFd> inherited = {}) {
    auto doors = Doors::open(config_, std::move(inherited));
    if (!doors) ADD_FAILURE() << doors.error().text;
    return *std::move(doors);
  }
  // As a successor gets them.
  static std::vector<UniqueFd> sockets_of(const Doors& doors) {
    std::vector<UniqueFd> sockets;
    auto copies = doors.copies();
    if (!copies) ADD_FAILURE() << copies.error().text;
    for (auto& door : *copies) sockets.push_back(std::move(door.fd));
    return sockets;
  }
  static bool exists(const std::string& path) {
    struct stat status {};
    return lstat(path.c_str(), &status) == 0;
  }
  static bool answers(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }

  Folder folder_;
  Config::Control config_;
};

TEST_F(DoorsTest, AreOpenedAndTheFileGoesWithThem) {
  {
    const auto doors = open();
    EXPECT_EQ(doors.fds().size(), 2U);
    EXPECT_TRUE(answers(config_.socket));
  }
  EXPECT_FALSE(exists(config_.socket));
}

TEST_F(DoorsTest, AreTheSameSocketsForASuccessor) {
  auto first = open();
  const auto port = local_address(first.fds()[0]).port();
  auto second = open(sockets_of(first));
  EXPECT_EQ(local_address(second.fds()[0]).port(), port);
  second.settle();
  first.leave();
  first = Doors();
  EXPECT_TRUE(answers(config_.socket));
  second = Doors();
  EXPECT_FALSE(exists(config_.socket));
}

TEST_F(DoorsTest, StayTheOwnersWhenASuccessorFails) {
  const auto first = open();
  { const auto second = open(sockets_of(first)); }
  EXPECT_TRUE(answers(config_.socket));
}

TEST_F(DoorsTest, ThatNobodyWantsAnyMoreAreClosedInTheEnd) {
  auto first = open();
  const auto old = std::exchange(config_.socket, folder_.file("other.sock"));
  auto second = open(sockets_of(first));
  EXPECT_TRUE(answers(old));
  EXPECT_TRUE(answers(config_.socket));
  first.leave();
  second.settle();
  EXPECT_FALSE(exists(old));
  EXPECT_TRUE(answers(config_.socket));
}

TEST_F(DoorsTest, SayWhichOneCannotBeOpened) {
  const auto first = open();
  config_.listen = {local_address(first.fds()[0])};
  const auto second = Doors::open(config_);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().text.find(config_.listen[0].to_string()), std::string::npos);
}

}  // namespace
}  // namespace airlane::test
