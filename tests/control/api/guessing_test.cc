#include "control/api/guessing.h"

#include <gtest/gtest.h>

namespace airlane::api {
namespace {

using namespace std::chrono_literals;

class GuessingTest : public testing::Test {
 protected:
  void guess(int times, const Address& from, std::string_view name = "alice") {
    for (int i = 0; i < times; ++i) guessing_.attempt(from, name, now_);
  }
  Monotonic::duration wait(const Address& from, std::string_view name = "alice") {
    return guessing_.wait(from, name, now_);
  }

  Guessing guessing_;
  Monotonic::time_point now_{1h};
  Address here_ = *Address::parse("192.0.2.1");
  Address there_ = *Address::parse("192.0.2.2");
};

TEST_F(GuessingTest, IsAllowedTenTimesAMinute) {
  guess(9, here_);
  EXPECT_EQ(wait(here_), 0s);
  guess(1, here_);
  EXPECT_EQ(wait(here_), 60s);
  now_ += 59s;
  EXPECT_EQ(wait(here_), 1s);
  now_ += 1s;
  EXPECT_EQ(wait(here_), 0s);
  guess(9, here_);
  EXPECT_EQ(wait(here_), 0s) << "counted from the beginning";
}

TEST_F(GuessingTest, IsForgottenAfterAMinute) {
  guess(9, here_);
  now_ += 60s;
  guess(9, here_);
  EXPECT_EQ(wait(here_), 0s);
}

TEST_F(GuessingTest, IsForgottenWithTheRightPassword) {
  guess(9, here_);
  guess(1, here_);
  guessing_.succeeded(here_, "alice");
  EXPECT_EQ(wait(here_), 0s);
  guess(9, here_);
  EXPECT_EQ(wait(here_), 0s);
}

TEST_F(GuessingTest, ShutsOutNobodyElse) {
  guess(10, here_);
  EXPECT_EQ(wait(here_, "bob"), 0s);
  EXPECT_EQ(wait(there_), 0s);
}

TEST_F(GuessingTest, OfManyNamesIsOfNoUseEither) {
  for (int i = 0; i < 50; ++i) guess(1, here_, "user" + std::to_string(i));
  EXPECT_EQ(wait(here_, "another"), 60s);
  EXPECT_EQ(wait(there_, "another"), 0s);
}

TEST_F(GuessingTest, FromANeighbourInIpv6IsTheSame) {
  guess(10, *Address::parse("2001:db8:1:2::3"));
  EXPECT_EQ(wait(*Address::parse("2001:db8:1:2:ffff::4")), 60s);
  EXPECT_EQ(wait(*Address::parse("2001:db8:1:3::3")), 0s);
}

TEST_F(GuessingTest, DoesNotCountWhatWasNotLookedAt) {
  for (int i = 0; i < 100; ++i) {
    guess(1, here_);
    guessing_.take_back(here_, "alice");
  }
  EXPECT_EQ(wait(here_), 0s);
  EXPECT_EQ(guessing_.size(), 0U);
}

TEST_F(GuessingTest, TakesBoundedMemory) {
  for (std::size_t i = 0; i < Guessing::kEntriesMost + 1000; ++i) {
    guess(1, here_, "user" + std::to_string(i));
  }
  EXPECT_LE(guessing_.size(), Guessing::kEntriesMost);
  now_ += 61s;
  guess(1, there_);
  EXPECT_LE(guessing_.size(), 2U) << "what is outdated has made room";
}

}  // namespace
}  // namespace airlane::api
