// Jobs on the disk: what is kept of them, in which order they are told, and what ends them.
#include "db/jobs.h"

#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

using Ids = std::vector<std::int64_t>;

class JobTable : public ::testing::Test {
 protected:
  static constexpr std::int64_t kMost = 100;

  JobRecord job(std::int64_t id, std::int64_t proxy, std::int64_t dongle) const {
    JobRecord made;
    made.id = id;
    made.proxy = proxy;
    made.user = 1;
    made.dongle = dongle;
    made.action = "rotate";
    made.cause = "api";
    made.started = from_unix(1'700'000'000);
    return made;
  }
  void put(const JobRecord& record, std::int64_t most = kMost) {
    must(jobs::put(*database_, record, most));
  }
  Ids ids(JobFilter filter) {
    if (filter.limit == 0) filter.limit = 1000;
    Ids found;
    for (const auto& one : must(jobs::list(*database_, filter))) found.push_back(one.id);
    return found;
  }

  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
  std::int64_t ten_ = must(dongles::insert(*database_, dongle("ten", "wwan0")));
  std::int64_t eleven_ = must(dongles::insert(*database_, dongle("eleven", "wwan1")));
};

TEST_F(JobTable, GivesBackWhatWasPutIntoItLast) {
  auto one = job(5, 3, ten_);
  put(one);
  EXPECT_EQ(must(jobs::find(*database_, 5)), one);
  one.state = "done";
  one.until = "";
  one.reached = false;
  one.old_ip = "198.51.100.7";
  one.new_ip = "198.51.100.9";
  one.took = std::chrono::milliseconds(11'204);
  one.attempts = 3;
  one.error = "It's \"so\".";
  put(one);
  EXPECT_EQ(must(jobs::find(*database_, 5)), one);
  EXPECT_EQ(must(jobs::find(*database_, 4)), std::nullopt);
}

TEST_F(JobTable, TellsTheNewestFirstAndThenThoseBefore) {
  for (std::int64_t id = 1; id <= 9; ++id) put(job(id, id % 2, ten_));
  EXPECT_EQ(ids({.limit = 3}), (Ids{9, 8, 7}));
  EXPECT_EQ(ids({.before = 7, .limit = 3}), (Ids{6, 5, 4}));
  EXPECT_EQ(ids({.proxy = 1}), (Ids{9, 7, 5, 3, 1}));
  EXPECT_EQ(ids({.proxy = 1, .before = 7, .limit = 2}), (Ids{5, 3}));
}

TEST_F(JobTable, FindsThoseThatFitEverythingThatIsAsked) {
  auto others = job(2, 3, ten_);
  others.user = 2;
  auto failed = job(3, 3, eleven_);
  failed.state = "failed";
  put(job(1, 3, ten_));
  put(others);
  put(failed);
  EXPECT_EQ(ids({.proxy = 3, .user = 1}), (Ids{3, 1}));
  EXPECT_EQ(ids({.proxy = 3, .dongle = ten_}), (Ids{2, 1}));
  EXPECT_EQ(ids({.proxy = 3, .state = "failed"}), Ids{3});
  EXPECT_EQ(ids({.user = 2}), Ids{2});
  EXPECT_EQ(ids({.dongle = eleven_}), Ids{3});
  EXPECT_EQ(ids({.state = "running"}), (Ids{2, 1}));
  EXPECT_EQ(ids({.user = 2, .state = "failed"}), Ids{});
}

TEST_F(JobTable, KeepsTheNewestOfEachDongle) {
  put(job(1, 3, eleven_));
  for (std::int64_t id = 2; id <= 40; ++id) put(job(id, 3, ten_), 4);
  EXPECT_EQ(ids({}), (Ids{40, 39, 38, 37, 1}));
  put(job(40, 3, ten_), 4);
  EXPECT_EQ(ids({}), (Ids{40, 39, 38, 37, 1})) << "what is written again pushes nobody out";
}

TEST_F(JobTable, ForgetsThemWithTheirDongleAndNeverItsIds) {
  put(job(7, 3, ten_));
  put(job(8, 3, eleven_));
  must(dongles::remove(*database_, ten_));
  must(dongles::remove(*database_, eleven_));
  EXPECT_EQ(ids({}), Ids{});
  EXPECT_EQ(must(jobs::last_id(*database_)), 8);
}

TEST_F(JobTable, HasGivenNoIdToBeginWith) { EXPECT_EQ(must(jobs::last_id(*database_)), 0); }

TEST_F(JobTable, FailsWhatRunsAndNothingElse) {
  auto done = job(1, 3, ten_);
  done.state = "done";
  put(done);
  auto running = job(2, 3, eleven_);
  put(running);
  must(jobs::fail_running(*database_, "It was cut short."));
  EXPECT_EQ(must(jobs::find(*database_, 1)), done);
  running.state = "failed";
  running.error = "It was cut short.";
  EXPECT_EQ(must(jobs::find(*database_, 2)), running);
}

}  // namespace
}  // namespace airlane::test
