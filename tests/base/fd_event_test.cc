#include "base/event/fd_event.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

namespace airlane::test {
namespace {

class FdEventTest : public ::testing::Test {
 public:
  void on_ready() {
    ++fired_;
    loop_.stop();
  }

 protected:
  void SetUp() override { ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends_), 0); }
  void TearDown() override { close(ends_[0]), close(ends_[1]); }

  Callback<void()> callback() { return Callback<void()>::to<&FdEventTest::on_ready>(*this); }

  Loop loop_;
  int ends_[2];
  int fired_ = 0;
};

TEST_F(FdEventTest, FiresWhenArmedAndTheOtherEndWrites) {
  FdEvent readable(loop_, ends_[0], FdEvent::When::kReadable, callback());
  readable.arm();
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  loop_.run();
  EXPECT_EQ(fired_, 1);
}

TEST_F(FdEventTest, NeverFiresOnceDestroyed) {
  std::optional<FdEvent> readable(std::in_place, loop_, ends_[0], FdEvent::When::kReadable,
                                  callback());
  readable->arm();
  ASSERT_EQ(write(ends_[1], "x", 1), 1);
  readable.reset();
  loop_.run();  // Returns at once: no registrations are left.
  EXPECT_EQ(fired_, 0);
}

TEST(Handle, IsAsSmallAsThePointerItReplaces) {
  static_assert(sizeof(Handle<event_base, event_base_free>) == sizeof(event_base*));
}

}  // namespace
}  // namespace airlane::test
