#include "base/event/reactor.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/event/alarm.h"
#include "base/event/reactor_thread.h"
#include "base/event/watch.h"

namespace airlane::test {
namespace {

TEST(Reactor, RunsWhatOtherThreadsPostInOrder) {
  Reactor reactor;
  std::vector<int> seen;
  std::thread poster([&] {
    for (int i = 0; i < 1000; ++i) reactor.post([&seen, i] { seen.push_back(i); });
    reactor.post([&reactor] { reactor.stop(); });
  });
  reactor.run();
  poster.join();
  ASSERT_EQ(seen.size(), 1000u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
}

TEST(ReactorThread, FinishesWhatWasPostedBeforeItStops) {
  int done = 0;
  {
    ReactorThread thread("test");
    thread.start();
    for (int i = 0; i < 100; ++i) thread.post([&done] { ++done; });
  }
  EXPECT_EQ(done, 100);
}

class WatchTest : public ::testing::Test {
 public:
  void turn() {
    if (--left_ == 0) return reactor_.stop();
    reactor_.defer(Callback<void()>::to<&WatchTest::turn>(*this));
  }

 protected:
  struct Pair {
    Pair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0); }
    ~Pair() { close(ends[0]), close(ends[1]); }
    int ends[2];
  };
  // Notes what it is told; may do something more then.
  struct Listener {
    explicit Listener(Reactor& reactor)
        : watch(reactor, Callback<void(Readiness)>::to<&Listener::on_ready>(*this)) {}
    void on_ready(Readiness ready) {
      seen.push_back(ready);
      if (then) then();
    }
    Watch watch;
    std::vector<Readiness> seen;
    std::function<void()> then;
  };

  void turns(int count = 3) {
    left_ = count;
    reactor_.defer(Callback<void()>::to<&WatchTest::turn>(*this));
    reactor_.run();
  }

  Reactor reactor_;
  int left_ = 0;
};

TEST_F(WatchTest, ForChangesTellsEachChangeOnce) {
  Pair pair;
  Listener listener(reactor_);
  ASSERT_TRUE(listener.watch.add(pair.ends[0], Watch::For::kChanges));
  turns();
  ASSERT_EQ(listener.seen.size(), 1u) << "writable from the start";
  EXPECT_FALSE(listener.seen[0].readable());
  EXPECT_TRUE(listener.seen[0].writable());
  ASSERT_EQ(write(pair.ends[1], "x", 1), 1);
  turns();
  ASSERT_EQ(listener.seen.size(), 2u) << "the unread byte is no news in the next turn";
  EXPECT_TRUE(listener.seen[1].readable());
  EXPECT_FALSE(listener.seen[1].ended());
}

TEST_F(WatchTest, ForChangesTellsTheEndTogetherWithTheLastBytes) {
  Pair pair;
  Listener listener(reactor_);
  ASSERT_EQ(write(pair.ends[1], "x", 1), 1);
  shutdown(pair.ends[1], SHUT_WR);
  ASSERT_TRUE(listener.watch.add(pair.ends[0], Watch::For::kChanges));
  turns();
  ASSERT_EQ(listener.seen.size(), 1u);
  EXPECT_TRUE(listener.seen[0].readable());
  EXPECT_TRUE(listener.seen[0].ended());
  EXPECT_FALSE(listener.seen[0].failed());
}

TEST_F(WatchTest, ForReadingTellsAsLongAsThereIsSomething) {
  Pair pair;
  Listener listener(reactor_);
  ASSERT_TRUE(listener.watch.add(pair.ends[0], Watch::For::kReading));
  ASSERT_EQ(write(pair.ends[1], "x", 1), 1);
  turns(4);
  EXPECT_GE(listener.seen.size(), 3u);
}

TEST_F(WatchTest, ForgetsTheEventsOfAWatchThatIsDestroyedInTheSameTurn) {
  Pair one;
  Pair two;
  std::optional<Listener> first(std::in_place, reactor_);
  std::optional<Listener> second(std::in_place, reactor_);
  int called = 0;
  first->then = [&] { ++called, second.reset(); };
  second->then = [&] { ++called, first->watch.remove(); };
  ASSERT_TRUE(first->watch.add(one.ends[0], Watch::For::kReading));
  ASSERT_TRUE(second->watch.add(two.ends[0], Watch::For::kReading));
  ASSERT_EQ(write(one.ends[1], "x", 1), 1);
  ASSERT_EQ(write(two.ends[1], "x", 1), 1);
  turns(1);
  EXPECT_EQ(called, 1) << "whoever comes first takes the other's event away";
}

class AlarmTest : public ::testing::Test {
 public:
  void stop() { reactor_.stop(); }

 protected:
  struct Ringer {
    Ringer(Reactor& reactor, std::vector<int>& heard, int number)
        : log(heard), mine(number), alarm(reactor, Callback<void()>::to<&Ringer::ring>(*this)) {}
    void ring() { log.push_back(mine); }
    std::vector<int>& log;
    int mine;
    Alarm alarm;
  };
  Reactor reactor_;
  std::vector<int> heard_;
};

TEST_F(AlarmTest, RingsInTheOrderOfTheLastStart) {
  Ringer one(reactor_, heard_, 1);
  Ringer two(reactor_, heard_, 2);
  Ringer three(reactor_, heard_, 3);
  Ringer never(reactor_, heard_, 4);
  Alarm end(reactor_, Callback<void()>::to<&AlarmTest::stop>(*this));
  one.alarm.start(std::chrono::milliseconds(1));
  two.alarm.start(std::chrono::milliseconds(20));
  three.alarm.start(std::chrono::hours(1));
  never.alarm.start(std::chrono::milliseconds(2));
  one.alarm.start(std::chrono::milliseconds(30));    // Later than before,
  three.alarm.start(std::chrono::milliseconds(10));  // and sooner.
  never.alarm.cancel();
  end.start(std::chrono::milliseconds(60));
  reactor_.run();
  EXPECT_EQ(heard_, (std::vector{3, 2, 1}));
  EXPECT_FALSE(one.alarm.running());
}

TEST_F(AlarmTest, KeepsAThousandInOrderWhileSomeAreDestroyed) {
  std::vector<std::unique_ptr<Ringer>> ringers;
  for (int i = 0; i < 1000; ++i) {
    ringers.push_back(std::make_unique<Ringer>(reactor_, heard_, i * 7 % 1000));
    ringers.back()->alarm.start(std::chrono::microseconds(i * 7 % 1000));
  }
  for (std::size_t i = 0; i < ringers.size(); i += 3) ringers[i].reset();
  Alarm end(reactor_, Callback<void()>::to<&AlarmTest::stop>(*this));
  end.start(std::chrono::milliseconds(5));
  reactor_.run();
  EXPECT_EQ(heard_.size(), 666u);
  EXPECT_TRUE(std::is_sorted(heard_.begin(), heard_.end()));
}

}  // namespace
}  // namespace airlane::test
