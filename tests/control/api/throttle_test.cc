#include "control/api/throttle.h"

#include <gtest/gtest.h>

namespace airlane::api {
namespace {

using namespace std::chrono_literals;

TEST(Throttle, LetsOneCallPassPerInterval) {
  Throttle throttle(5s);
  const Monotonic::time_point start(1h);
  EXPECT_EQ(throttle.wait(1, start), 0s);

  throttle.accept(1, start);

  EXPECT_EQ(throttle.wait(1, start), 5s);
  EXPECT_EQ(throttle.wait(1, start + 4999ms), 1ms);
  EXPECT_EQ(throttle.wait(1, start + 5s), 0s);
  EXPECT_EQ(throttle.wait(2, start), 0s) << "the other proxy has its own";
}

}  // namespace
}  // namespace airlane::api
