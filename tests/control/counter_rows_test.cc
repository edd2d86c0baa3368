#include "control/counter_rows.h"

#include <gtest/gtest.h>

namespace airlane::test {

TEST(CounterRows, GivesOutTheLowestUnusedRow) {
  CounterRows rows(4);
  EXPECT_TRUE(rows.claim(0, 11));
  EXPECT_TRUE(rows.claim(2, 12));
  EXPECT_EQ(rows.take(), 1U);
  EXPECT_EQ(rows.take(), 3U);
  EXPECT_EQ(rows.take(), std::nullopt);
}

TEST(CounterRows, ClaimsNoRowTwiceAndNoneBeyondTheFile) {
  CounterRows rows(2);
  EXPECT_TRUE(rows.claim(1, 11));
  EXPECT_FALSE(rows.claim(1, 12));
  EXPECT_FALSE(rows.claim(2, 13));
}

TEST(CounterRows, ARowThatWasGivenBackRestsWhileAnotherIsUnused) {
  CounterRows rows(3);
  const auto first = *rows.take();
  rows.give_back(first);
  EXPECT_NE(rows.take(), first);
  EXPECT_NE(rows.take(), first);
  EXPECT_EQ(rows.take(), first);
}

TEST(CounterRows, TheLongestRestingRowIsGivenOutFirst) {
  CounterRows rows(2);
  (void)rows.take();
  (void)rows.take();
  rows.give_back(1);
  rows.give_back(0);
  EXPECT_EQ(rows.take(), 1U);
  EXPECT_EQ(rows.take(), 0U);
}

TEST(CounterRows, ARestingRowStillCountsForItsOldProxy) {
  CounterRows rows(2);
  const auto row = *rows.take();
  rows.own(row, 11);
  rows.give_back(row);
  EXPECT_EQ(rows.counted(), (std::vector<CountedRow>{{row, 11}}));
}

}  // namespace airlane::test
