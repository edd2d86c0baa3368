#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "tests/support/full_disk.h"
#include "tests/support/temporary_folder.h"

namespace airlane {
namespace {

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  return names;
}

using test::FullDisk;
using test::TemporaryFolder;

class FileTest : public testing::Test {
 protected:
  TemporaryFolder folder_;
  const std::string path_ = folder_.path("key");
};

TEST_F(FileTest, ANewOneIsWholeAndForNobodyElse) {
  const std::string text(100'000, 'x');
  ASSERT_FALSE(write_new_file(path_, text));
  EXPECT_EQ(content_of(path_), text);
  struct stat file {};
  ASSERT_EQ(stat(path_.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
  EXPECT_EQ(names_in(folder_.path("")), std::vector<std::string>{"key"});
}

TEST_F(FileTest, ANewOneReplacesNothing) {
  ASSERT_FALSE(write_new_file(path_, "first"));
  EXPECT_EQ(write_new_file(path_, "second"), std::errc::file_exists);
  EXPECT_EQ(content_of(path_), "first");
  EXPECT_EQ(names_in(folder_.path("")), std::vector<std::string>{"key"});
}

TEST_F(FileTest, ALinkThatLeadsNowhereIsTakenToo) {
  std::filesystem::create_symlink("nowhere", path_);
  EXPECT_EQ(write_new_file(path_, "text"), std::errc::file_exists);
  EXPECT_FALSE(std::filesystem::exists(folder_.path("nowhere")));
}

TEST_F(FileTest, OneThatDoesNotFitIsNotThereAtAll) {
  {
    const FullDisk limit(1000);
    EXPECT_EQ(write_new_file(path_, std::string(1001, 'x')), std::errc::file_too_large);
    EXPECT_EQ(names_in(folder_.path("")), std::vector<std::string>{});
    EXPECT_FALSE(write_new_file(path_, std::string(1000, 'x')));
  }
  EXPECT_EQ(content_of(path_), std::string(1000, 'x'));
}

TEST_F(FileTest, AFolderThatIsNotThereIsSaid) {
  EXPECT_EQ(write_new_file(folder_.path("none/key"), "text"), std::errc::no_such_file_or_directory);
  EXPECT_EQ(sync_folder_of(folder_.path("none/key")), std::errc::no_such_file_or_directory);
}

TEST_F(FileTest, AnUnfinishedOneStaysWhereItsNameIsTaken) {
  ASSERT_FALSE(write_new_file(path_, "first"));
  ASSERT_FALSE(write_new_file(path_ + "2", "second"));
  EXPECT_EQ(publish_file(path_ + "2", path_), std::errc::file_exists);
  EXPECT_EQ(content_of(path_), "first");
  EXPECT_EQ(content_of(path_ + "2"), "second");
  ASSERT_FALSE(publish_file(path_ + "2", path_ + "3"));
  EXPECT_EQ(content_of(path_ + "3"), "second");
  EXPECT_FALSE(std::filesystem::exists(path_ + "2"));
}

TEST(WriteAll, GoesOnWhereTheKernelTookAPart) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const UniqueFd from(ends[0]);
  UniqueFd to(ends[1]);
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i);  // More than a pipe holds.
  std::thread writer([&] {
    EXPECT_FALSE(write_all(to.get(), text));
    to.reset();
  });
  std::string got;
  std::array<char, 4096> piece{};
  for (ssize_t size = 0; (size = read(from.get(), piece.data(), piece.size())) > 0;) {
    got.append(piece.data(), static_cast<std::size_t>(size));
  }
  writer.join();
  EXPECT_EQ(got, text);
}

}  // namespace
}  // namespace airlane
