// The access log against disks as they are: slow, full, moved away by logrotate, not there at all.
#include "proxy/access_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "proxy/access_line.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"

namespace airlane::test {
namespace {

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool wait_until(const std::function<bool()>& question) {
  const auto end = Monotonic::now() + std::chrono::seconds(10);
  while (Monotonic::now() < end) {
    if (question()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return question();
}

class AccessFileTest : public ::testing::Test {
 protected:
  std::size_t append(std::string_view lines) {
    const auto taken = file_.append(lines);
    return taken ? *taken : 0;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path("access.log");
  AccessFile file_{path_};
};

TEST_F(AccessFileTest, AppendsToWhatIsThere) {
  std::ofstream(path_) << "before\n";
  EXPECT_EQ(append("one\ntwo\n"), 8U);
  EXPECT_EQ(append("three\n"), 6U);
  EXPECT_EQ(content(path_), "before\none\ntwo\nthree\n");
}

TEST_F(AccessFileTest, IsForItsOwnerAndGroupOnly) {
  append("one\n");
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0137, 0U);
}

TEST_F(AccessFileTest, BeginsANewFileWhenItsOwnWasMovedAway) {
  append("one\n");
  std::filesystem::rename(path_, path_ + ".1");
  append("two\n");
  EXPECT_EQ(content(path_ + ".1"), "one\n");
  EXPECT_EQ(content(path_), "two\n");
}

TEST_F(AccessFileTest, GoesOnInTheFileThatWasPutInItsPlace) {
  append("one\n");
  std::ofstream(path_ + ".new") << "from logrotate\n";
  std::filesystem::rename(path_ + ".new", path_);
  append("two\n");
  EXPECT_EQ(content(path_), "from logrotate\ntwo\n");
}

TEST_F(AccessFileTest, GoesOnAtTheBeginningAfterCopytruncate) {
  append("one\ntwo\n");
  std::filesystem::resize_file(path_, 0);
  append("three\n");
  EXPECT_EQ(content(path_), "three\n");
}

TEST_F(AccessFileTest, HasWholeLinesOnlyWhenTheDiskIsFull) {
  append("one\n");
  {
    const FullDisk full(10);  // Room for "two\n" and half of "three\n".
    EXPECT_EQ(append("two\nthree\n"), 4U);
    EXPECT_EQ(append("three\n"), 0U);
    EXPECT_EQ(content(path_), "one\ntwo\n");
  }
  EXPECT_EQ(append("three\n"), 6U);
  EXPECT_EQ(content(path_), "one\ntwo\nthree\n");
}

TEST_F(AccessFileTest, SaysWhyItCannotBeOpened) {
  AccessFile missing(folder_.path("absent/access.log"));
  EXPECT_EQ(missing.open().error().os_error, ENOENT);
  std::filesystem::create_directory(path_);
  EXPECT_EQ(file_.open().error().os_error, EISDIR);
}

TEST_F(AccessFileTest, WritesToAFifoWholeLinesAndNeverWaits) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(file_.append("one\n").error().os_error, ENXIO) << "nobody reads";
  const UniqueFd reader(open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::string lines;
  while (lines.size() < (1U << 20)) lines += "line " + std::to_string(lines.size()) + "\n";
  const auto taken = append(lines);
  EXPECT_GT(taken, 0U);
  EXPECT_LT(taken, lines.size());
  EXPECT_EQ(lines[taken - 1], '\n');
  EXPECT_EQ(file_.append(lines).error().os_error, EAGAIN);
  std::string read(1 << 20, '\0');
  const auto size = ::read(reader.get(), read.data(), read.size());
  EXPECT_EQ(read.substr(0, static_cast<std::size_t>(size)), lines.substr(0, taken));
}

class AccessLogTest : public ::testing::Test {
 protected:
  void open(std::size_t queue = 64) {
    auto log = AccessLog::open({path_, 2, queue});
    ASSERT_TRUE(log) << log.error().text;
    log_ = *std::move(log);
  }
  bool add(unsigned worker, std::int64_t number) {
    AccessRecord record;
    record.proxy = number;
    return log_->add(worker, record);
  }
  [[nodiscard]] static std::string line(std::int64_t number) {
    AccessRecord record;
    record.proxy = number;
    std::string out;
    append_access_line(out, record);
    return out;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.path("access.log");
  std::unique_ptr<AccessLog> log_;
};

TEST_F(AccessLogTest, WritesWhatAWorkerAddsWithoutBeingAsked) {
  open();
  EXPECT_TRUE(add(0, 1));
  EXPECT_TRUE(wait_until([&] { return content(path_) == line(1); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // Now it sleeps.
  EXPECT_TRUE(add(1, 2));
  EXPECT_TRUE(wait_until([&] { return content(path_) == line(1) + line(2); }));
  EXPECT_EQ(log_->written(), 2U);
  EXPECT_EQ(log_->dropped(), 0U);
}

TEST_F(AccessLogTest, WritesWhatIsLeftAtTheEnd) {
  open();
  for (int i = 0; i < 50; ++i) add(0, i);
  log_.reset();
  const auto text = content(path_);
  EXPECT_EQ(count_lines(text), 50U);
  EXPECT_TRUE(text.ends_with(line(49)));
}

TEST_F(AccessLogTest, SaysWhyItCannotBegin) {
  const auto log = AccessLog::open({folder_.path("absent/access.log"), 1, 64});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, Failure::Kind::kInvalid);
  EXPECT_NE(log.error().text.find("absent/access.log: No such file"), std::string::npos)
      << log.error().text;
}

TEST_F(AccessLogTest, DropsAndCountsWhatASlowDiskDoesNotTake) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  open(16);
  constexpr std::uint64_t kMany = 10'000;
  std::uint64_t added = 0;
  for (std::uint64_t i = 0; i < kMany; ++i) added += add(0, static_cast<std::int64_t>(i)) ? 1U : 0U;
  EXPECT_LT(added, kMany);
  EXPECT_EQ(log_->dropped(), kMany - added);

  // Its reader comes: every line that was not dropped is there, in order and whole.
  const UniqueFd reader(::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  std::string text;
  std::string buffer(1 << 16, '\0');
  EXPECT_TRUE(wait_until([&] {
    const auto size = read(reader.get(), buffer.data(), buffer.size());
    if (size > 0) text.append(buffer, 0, static_cast<std::size_t>(size));
    return count_lines(text) >= added;
  }));
  EXPECT_EQ(count_lines(text), added);
  EXPECT_TRUE(text.starts_with(line(0) + line(1)));
  EXPECT_TRUE(wait_until([&] { return log_->written() == added; }));
  EXPECT_TRUE(add(0, 7)) << "there is room again";
}

TEST_F(AccessLogTest, KeepsItsLinesUntilTheDiskHasRoomAgain) {
  open();
  add(0, 1);
  ASSERT_TRUE(wait_until([&] { return content(path_) == line(1); }));
  {
    const FullDisk full(content(path_).size() + 10);
    add(0, 2);
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    EXPECT_EQ(content(path_), line(1));
  }
  EXPECT_TRUE(wait_until([&] { return content(path_) == line(1) + line(2); }));
  EXPECT_EQ(log_->dropped(), 0U);
}

TEST_F(AccessLogTest, EndsWithoutItsLastLinesRatherThanWaiting) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  open();
  add(0, 1);
  const auto start = Monotonic::now();
  log_.reset();
  EXPECT_LT(Monotonic::now() - start, std::chrono::seconds(8));
}

TEST_F(AccessLogTest, TakesTheLinesOfTwoWorkersAtOnce) {
  open(1024);
  constexpr int kEach = 20'000;
  std::uint64_t added = 0;
  std::atomic<std::uint64_t> added_by_other = 0;
  std::thread other([&] {
    for (int i = 0; i < kEach; ++i) added_by_other += add(1, i) ? 1U : 0U;
  });
  for (int i = 0; i < kEach; ++i) added += add(0, i) ? 1U : 0U;
  other.join();
  const auto dropped = log_->dropped();
  EXPECT_EQ(added + added_by_other + dropped, 2U * kEach);
  log_.reset();
  EXPECT_EQ(count_lines(content(path_)), added + added_by_other);
}

}  // namespace
}  // namespace airlane::test
