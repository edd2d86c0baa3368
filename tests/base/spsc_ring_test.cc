#include "base/spsc_ring.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <thread>

namespace airlane::test {
namespace {

bool push(SpscRing<int>& ring, int value) {
  int* const slot = ring.slot();
  if (!slot) return false;
  *slot = value;
  ring.commit();
  return true;
}

TEST(SpscRing, HandsOverInOrderUntilItIsFull) {
  SpscRing<int> ring(3);
  EXPECT_EQ(ring.capacity(), 4U);
  EXPECT_EQ(ring.front(), nullptr);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(push(ring, i));
  EXPECT_FALSE(push(ring, 4));
  for (int i = 0; i < 4; ++i) {
    ASSERT_NE(ring.front(), nullptr);
    EXPECT_EQ(*ring.front(), i);
    ring.pop();
  }
  EXPECT_EQ(ring.front(), nullptr);
}

TEST(SpscRing, HasRoomAgainForEveryOneThatIsTaken) {
  SpscRing<int> ring(2);
  push(ring, 0);
  push(ring, 1);
  for (int i = 2; i < 1000; ++i) {
    EXPECT_FALSE(push(ring, i));
    EXPECT_EQ(*ring.front(), i - 2);
    ring.pop();
    EXPECT_TRUE(push(ring, i));
  }
}

TEST(SpscRing, ShowsNothingThatWasNotCommitted) {
  SpscRing<int> ring(2);
  *ring.slot() = 7;
  EXPECT_EQ(ring.front(), nullptr);
  ring.commit();
  EXPECT_EQ(*ring.front(), 7);
}

// Each value is in two halves, which a reader that came too early would see apart.
TEST(SpscRing, CarriesWholeValuesBetweenThreads) {
  struct Pair {
    std::uint64_t value = 0;
    std::uint64_t complement = 0;
  };
  constexpr std::uint64_t kMany = 200'000;
  SpscRing<Pair> ring(64);
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < kMany;) {
      if (Pair* const slot = ring.slot()) {
        *slot = {i, ~i};
        ring.commit();
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < kMany;) {
    if (const Pair* const front = ring.front()) {
      wrong += front->value != i || front->complement != ~i ? 1 : 0;
      ring.pop();
      ++i;
    } else {
      std::this_thread::yield();
    }
  }
  producer.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(ring.front(), nullptr);
}

}  // namespace
}  // namespace airlane::test
