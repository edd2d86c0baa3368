#include "proxy/count.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace airlane::test {
namespace {

class CounterFileTest : public ::testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::string path_ = folder_.path("counters");
};

TEST_F(CounterFileTest, KeepsItsCountsAndItsEpochOverAReopening) {
  std::uint64_t epoch = 0;
  {
    auto file = CounterFile::create(path_, {2, 16});
    ASSERT_TRUE(file);
    epoch = file->epoch();
    file->slot(15, 1).add_incoming(7);
    file->slot(15, 1).add_incoming(3);
    file->slot(15, 1).add_outgoing(1);
  }
  auto file = CounterFile::open(path_);
  ASSERT_TRUE(file);
  EXPECT_EQ(file->shape(), (CounterFile::Shape{2, 16}));
  EXPECT_EQ(file->epoch(), epoch);
  EXPECT_EQ(file->slot(15, 1).incoming, 10u);
  EXPECT_EQ(file->slot(15, 1).outgoing, 1u);
  EXPECT_EQ(file->slot(15, 0).incoming, 0u);
}

TEST_F(CounterFileTest, LosesNothingWhenItsProcessIsKilled) {
  ASSERT_TRUE(CounterFile::create(path_, {1, 1}));
  int told[2];
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto file = CounterFile::open(path_);
    file->slot(0, 0).add_incoming(123'456'789);
    if (write(told[1], "x", 1) != 1) _exit(1);
    pause();
  }
  char byte = 0;
  ASSERT_EQ(read(told[0], &byte, 1), 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(CounterFile::open(path_)->slot(0, 0).incoming, 123'456'789u);
  close(told[0]), close(told[1]);
}

TEST_F(CounterFileTest, NewFilesHaveNewEpochs) {
  const auto first = CounterFile::create(path_, {1, 1})->epoch();
  EXPECT_NE(CounterFile::create(path_, {1, 1})->epoch(), first);
}

TEST_F(CounterFileTest, SaysThatThereIsNone) {
  const auto file = CounterFile::open(path_);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, Failure::Kind::kNotFound);
}

TEST_F(CounterFileTest, RefusesADamagedFileAndLeavesItAlone) {
  ASSERT_TRUE(CounterFile::create(path_, {1, 64}));
  std::filesystem::resize_file(path_, 4096 + 64);
  const auto cut = CounterFile::open(path_);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().kind, Failure::Kind::kInternal);
  EXPECT_TRUE(std::filesystem::exists(path_));
  std::ofstream(path_) << "something else";
  EXPECT_FALSE(CounterFile::open(path_));
}

TEST_F(CounterFileTest, HasItsBlocksFromTheStart) {
  ASSERT_TRUE(CounterFile::create(path_, {2, 1024}));
  struct stat status {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_GE(status.st_blocks * 512, 2 * 1024 * 64);
}

}  // namespace
}  // namespace airlane::test
