// The key file: found, made, refused.
#include "control/secret_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/support/temporary_folder.h"

namespace airlane::test {
namespace {

class SecretKeyTest : public testing::Test {
 protected:
  SecretKeyTest() { unsetenv("CREDENTIALS_DIRECTORY"); }
  ~SecretKeyTest() override { unsetenv("CREDENTIALS_DIRECTORY"); }
  static void write(const std::string& path, const std::string& text, mode_t mode = 0600) {
    std::ofstream(path) << text;
    chmod(path.c_str(), mode);
  }
  Config::Server server(const std::string& secret_key = {}) {
    return {.state = folder_.path("state"), .secret_key = secret_key};
  }
  static mode_t mode_of(const std::string& path) {
    struct stat file {};
    return stat(path.c_str(), &file) == 0 ? file.st_mode & 07777 : 0;
  }

  TemporaryFolder folder_;
};

TEST_F(SecretKeyTest, IsMadeBesideTheStateFolderForItsOwnerOnly) {
  const auto made = secret_key(server(), false);
  ASSERT_TRUE(made) << made.error().text;
  EXPECT_EQ(mode_of(folder_.path("state-secret")), 0700U);
  EXPECT_EQ(mode_of(folder_.path("state-secret/key")), 0600U);
  for (const bool sealed : {false, true}) {
    const auto again = secret_key(server(), sealed);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->hex(), made->hex());
  }
  EXPECT_FALSE(std::filesystem::exists(folder_.path("state-secret/key.new")));
}

TEST_F(SecretKeyTest, IsNeverMadeAnewWhereSomethingIsSealed) {
  const auto missing = secret_key(server(), true);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, Failure::Kind::kInvalid);
  EXPECT_NE(missing.error().text.find(folder_.path("state-secret/key") + " is not there; put it"),
            std::string::npos)
      << missing.error().text;
  EXPECT_FALSE(std::filesystem::exists(folder_.path("state-secret")));
}

TEST_F(SecretKeyTest, IsWhereTheConfigurationSaysOrSystemd) {
  write(folder_.path("airlane.key"), std::string(64, 'c') + "\n", 0400);
  setenv("CREDENTIALS_DIRECTORY", folder_.path("").c_str(), 1);
  EXPECT_EQ(secret_key(server(), true)->hex(), std::string(64, 'c'));
  write(folder_.path("own"), std::string(64, 'd'));
  EXPECT_EQ(secret_key(server(folder_.path("own")), true)->hex(), std::string(64, 'd'));
  setenv("CREDENTIALS_DIRECTORY", folder_.path("nothing").c_str(), 1);
  EXPECT_TRUE(secret_key(server(), false));
  EXPECT_EQ(mode_of(folder_.path("state-secret/key")), 0600U) << "no credential of that name";
}

TEST_F(SecretKeyTest, MayBeReadByNobodyElse) {
  const auto path = folder_.path("key");
  for (const mode_t mode : {0640U, 0604U, 0620U}) {
    write(path, std::string(64, 'e'), mode);
    const auto refused = secret_key(server(path), true);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().text.find("chmod 600"), std::string::npos);
  }
}

TEST_F(SecretKeyTest, IsSixtyFourDigitsAndNothingElse) {
  const auto path = folder_.path("key");
  for (const auto& text : {std::string(), std::string(63, 'a'), std::string(64, 'a') + "\nmore",
                           std::string(64, 'x'), std::string(1000, 'a')}) {
    write(path, text);
    for (const bool sealed : {false, true}) {
      const auto refused = secret_key(server(path), sealed);
      ASSERT_FALSE(refused) << text;
      EXPECT_NE(refused.error().text.find("openssl rand -hex 32"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace airlane::test
