#include "control/state_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/control/scratch.h"

namespace airlane::test {

TEST(StateFolder, IsMadeForItsOwnerOnly) {
  const Folder folder;
  const auto taken = take_state_folder(folder.file("var/airlane"));
  ASSERT_TRUE(taken) << taken.error().text;
  struct stat found {};
  ASSERT_EQ(stat(folder.file("var/airlane").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0700U);
}

TEST(StateFolder, HasOneServerAtATime) {
  const Folder folder;
  auto first = take_state_folder(folder.file("state"));
  ASSERT_TRUE(first);
  const auto second = take_state_folder(folder.file("state"));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, Failure::Kind::kConflict);
  EXPECT_NE(second.error().text.find("Process " + std::to_string(getpid())), std::string::npos);
  first->reset();
  EXPECT_TRUE(take_state_folder(folder.file("state")));
}

TEST(StateFolder, IsHandedOverWithItsLock) {
  const Folder folder;
  auto first = take_state_folder(folder.file("state"));
  ASSERT_TRUE(first);
  auto second = adopt_state_folder(folder.file("state"), UniqueFd(dup(first->get())));
  ASSERT_TRUE(second) << second.error().text;
  first->reset();
  EXPECT_FALSE(take_state_folder(folder.file("state")));
  second->reset();
  EXPECT_TRUE(take_state_folder(folder.file("state")));
}

TEST(StateFolder, IsNotHandedOverByTheLockOfAnother) {
  const Folder folder;
  auto first = take_state_folder(folder.file("state"));
  const auto other = take_state_folder(folder.file("other"));
  const auto adopted = adopt_state_folder(folder.file("other"), *std::move(first));
  ASSERT_FALSE(adopted);
  EXPECT_EQ(adopted.error().kind, Failure::Kind::kInvalid);
}

TEST(StateFolder, ThatCannotBeMadeIsASentence) {
  const auto taken = take_state_folder("/proc/airlane/state");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, Failure::Kind::kUnavailable);
}

}  // namespace airlane::test
