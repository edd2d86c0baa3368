#include "conf/suggest.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace airlane::test {
namespace {

constexpr std::array<std::string_view, 4> kKnown{"listen", "socket", "connect", "relay"};

TEST(Suggestion, IsTheWordWithTheFewestWrongLetters) {
  EXPECT_EQ(conf::nearest("lisen", kKnown), "listen");
  EXPECT_EQ(conf::nearest("sokcet", kKnown), "socket");
  EXPECT_EQ(conf::nearest("conect", kKnown), "connect");
}

TEST(Suggestion, IsNotMadeForAWordThatResemblesNothing) {
  EXPECT_EQ(conf::nearest("password", kKnown), std::nullopt);
  EXPECT_EQ(conf::nearest("", kKnown), std::nullopt);
  EXPECT_EQ(conf::nearest(std::string(100'000, 'x'), kKnown), std::nullopt);
}

}  // namespace
}  // namespace airlane::test
