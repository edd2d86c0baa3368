#include "base/event/loop.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/event/loop_thread.h"
#include "base/event/timer.h"

namespace airlane::test {
namespace {

TEST(Loop, RunsWhatOtherThreadsPostInOrder) {
  Loop loop;
  std::vector<int> seen;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) loop.post([&seen, i] { seen.push_back(i); });
    loop.post([&loop] { loop.stop(); });
  });
  loop.run_forever();
  poster.join();
  ASSERT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(Loop, RunsATaskThatATaskPosts) {
  Loop loop;
  bool inner = false;
  loop.post([&] {
    loop.post([&] {
      inner = true;
      loop.stop();
    });
    EXPECT_FALSE(inner);
  });
  loop.run_forever();
  EXPECT_TRUE(inner);
}

TEST(LoopThread, FinishesWhatWasPostedBeforeItStops) {
  int done = 0;
  {
    LoopThread thread("test");
    thread.start();
    for (int i = 0; i < 100; ++i) thread.post([&done] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

class TimerTest : public ::testing::Test {
 public:
  void on_time() { ++fired_; }

 protected:
  Loop loop_;
  int fired_ = 0;
};

TEST_F(TimerTest, FiresOnceAndNotAfterCancel) {
  Timer timer(loop_, Callback<void()>::to<&TimerTest::on_time>(*this));
  Timer cancelled(loop_, Callback<void()>::to<&TimerTest::on_time>(*this));
  timer.start(std::chrono::milliseconds(1));
  cancelled.start(std::chrono::milliseconds(1));
  cancelled.cancel();
  loop_.run();  // Returns when nothing is left to wait for.
  EXPECT_EQ(fired_, 1);
}

}  // namespace
}  // namespace airlane::test
