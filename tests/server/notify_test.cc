#include "server/notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "base/unique_fd.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

class NotifyTest : public ::testing::Test {
 protected:
  ~NotifyTest() override { unsetenv("NOTIFY_SOCKET"); }

  // `name` as in the environment.
  void listen(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name.starts_with('@')) address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    supervisor_ = UniqueFd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ASSERT_EQ(bind(supervisor_.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
  }
  std::string heard() {
    std::array<char, 256> text{};
    const auto length = recv(supervisor_.get(), text.data(), text.size(), 0);
    return {text.data(), length > 0 ? static_cast<std::size_t>(length) : 0};
  }

  Folder folder_;
  UniqueFd supervisor_;
};

TEST_F(NotifyTest, ReachesASocketInTheFileSystem) {
  listen(folder_.file("notify"));
  notify("READY=1\nMAINPID=4711");
  EXPECT_EQ(heard(), "READY=1\nMAINPID=4711");
}

TEST_F(NotifyTest, ReachesAnAbstractSocket) {
  listen("@airlane-test-" + random_hex(8));
  notify("STOPPING=1");
  EXPECT_EQ(heard(), "STOPPING=1");
}

TEST_F(NotifyTest, IsNothingWithoutASupervisor) {
  notify("READY=1");
  setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
  notify("READY=1");
}

}  // namespace
}  // namespace airlane::test
