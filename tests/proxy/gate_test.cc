// Places: how many connections a proxy, and one client at it, may have.
#include "proxy/gate.h"

#include <gtest/gtest.h>

#include <optional>
#include <thread>
#include <vector>

#include "proxy/source_seats.h"

namespace airlane::test {
namespace {

const auto kStart = Monotonic::time_point() + std::chrono::hours(1);

TEST(Gate, LetsInAsManyAsTheProxyMayHave) {
  const auto gate = std::make_shared<Gate>();
  Limits limits;
  limits.connections = 3;
  std::vector<Seat> seats;
  for (int i = 0; i < 3; ++i) {
    auto seat = Seat::take(gate, limits, kStart);
    ASSERT_TRUE(seat);
    seats.push_back(*std::move(seat));
  }
  const auto fourth = Seat::take(gate, limits, kStart);
  ASSERT_FALSE(fourth);
  EXPECT_EQ(fourth.error().code, Errc::kOverLimit);
  EXPECT_EQ(gate->connections(), 3U) << "who was refused has no place";
  seats.pop_back();
  EXPECT_TRUE(Seat::take(gate, limits, kStart));
}

TEST(Gate, AReplacedSeatIsGivenBack) {
  const auto gate = std::make_shared<Gate>();
  Seat seat = *Seat::take(gate, {}, kStart);
  seat = *Seat::take(gate, {}, kStart);
  EXPECT_EQ(gate->connections(), 1U);
  seat = Seat();
  EXPECT_EQ(gate->connections(), 0U);
}

TEST(Gate, SeatsTakenBeforeThereWasALimitCount) {
  const auto gate = std::make_shared<Gate>();
  const auto early = Seat::take(gate, {}, kStart);
  Limits limits;
  limits.connections = 1;
  EXPECT_FALSE(Seat::take(gate, limits, kStart));
}

TEST(Gate, BeginsSoManyASecond) {
  const auto gate = std::make_shared<Gate>();
  Limits limits;
  limits.new_per_second = 5;
  int begun = 0;
  for (int i = 0; i < 20; ++i) begun += Seat::take(gate, limits, kStart) ? 1 : 0;
  EXPECT_EQ(begun, 5);
  EXPECT_FALSE(Seat::take(gate, limits, kStart + std::chrono::milliseconds(199)));
  EXPECT_TRUE(Seat::take(gate, limits, kStart + std::chrono::milliseconds(200)));
}

TEST(Gate, AFullProxyDoesNotUseUpItsBeginnings) {
  const auto gate = std::make_shared<Gate>();
  Limits limits;
  limits.connections = 1;
  limits.new_per_second = 2;
  std::optional seat(*Seat::take(gate, limits, kStart));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Seat::take(gate, limits, kStart));
  seat.reset();
  EXPECT_TRUE(Seat::take(gate, limits, kStart));
}

TEST(SourceSeats, CountEachClientForItself) {
  SourceSeats seats;
  auto first = seats.take(1);
  EXPECT_EQ(first.count, 1U);
  {
    const auto second = seats.take(1);
    EXPECT_EQ(second.count, 2U);
    const auto other = seats.take(2);
    EXPECT_EQ(other.count, 1U);
  }
  auto again = seats.take(1);
  EXPECT_EQ(again.count, 2U);
  again.seat = SourceSeat();
  first.seat = SourceSeat();
  EXPECT_EQ(seats.take(1).count, 1U);
}

TEST(SourceSeats, FreeTheirRoom) {
  SourceSeats seats;
  for (SourceKey key = 1; key < 4 * SourceSeats::kEntries; ++key) {
    ASSERT_EQ(seats.take(key << 20).count, 1U);  // All in one line of the table.
  }
}

TEST(SourceSeats, AFullLineLetsNewcomersInUncounted) {
  SourceSeats seats;
  std::vector<SourceSeats::Taken> taken;
  for (SourceKey key = 1; key <= 8; ++key) taken.push_back(seats.take(key << 20));
  const auto ninth = seats.take(9 << 20);
  EXPECT_EQ(ninth.count, 0U);
  EXPECT_EQ(seats.take(8 << 20).count, 2U) << "those it knows it still counts";
}

TEST(SourceSeats, AgreeBetweenThreads) {
  SourceSeats seats;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        const auto one = seats.take(5);
        const auto other = seats.take(6 << 20);
        EXPECT_LE(one.count, 4U);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(seats.take(5).count, 1U);
  EXPECT_EQ(seats.take(6 << 20).count, 1U);
}

}  // namespace
}  // namespace airlane::test
