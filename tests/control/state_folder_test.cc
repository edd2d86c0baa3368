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

TEST(StateFolder, ThatCannotBeMadeIsASentence) {
  const auto taken = take_state_folder("/proc/airlane/state");
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind, Failure::Kind::kUnavailable);
}

}  // namespace airlane::test
