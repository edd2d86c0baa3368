#include "bench/histogram.h"

#include <gtest/gtest.h>

namespace airlane::bench {
namespace {

TEST(Histogram, IsZeroWithoutSamples) {
  const Histogram histogram;
  EXPECT_EQ(histogram.quantile(0.5), 0U);
  EXPECT_EQ(histogram.count(), 0U);
}

TEST(Histogram, IsExactForSmallValues) {
  Histogram histogram;
  for (std::uint64_t value = 1; value <= 100; ++value) histogram.add(value);
  EXPECT_EQ(histogram.quantile(0.01), 1U);
  EXPECT_EQ(histogram.quantile(0.5), 50U);
  EXPECT_EQ(histogram.quantile(0.99), 99U);
  EXPECT_EQ(histogram.quantile(1), 100U);
}

TEST(Histogram, IsNeverTooLowAndAtMostOnePerCentTooHigh) {
  for (std::uint64_t value = 1; value < std::uint64_t{1} << 62; value += value / 4 + 1) {
    Histogram histogram;
    histogram.add(value);
    histogram.add(~std::uint64_t{0});  // So that the maximum does not correct the answer.
    const auto seen = histogram.quantile(0.5);
    EXPECT_GE(seen, value);
    EXPECT_LE(static_cast<double>(seen), static_cast<double>(value) * 1.01);
  }
}

TEST(Histogram, FindsTheTail) {
  Histogram histogram;
  for (int i = 0; i < 9990; ++i) histogram.add(1000);
  for (int i = 0; i < 10; ++i) histogram.add(5'000'000);
  EXPECT_LT(histogram.quantile(0.99), 1010U);
  EXPECT_LT(histogram.quantile(0.999), 1010U);
  EXPECT_EQ(histogram.quantile(0.9995), 5'000'000U);
  EXPECT_EQ(histogram.max(), 5'000'000U);
}

}  // namespace
}  // namespace airlane::bench
