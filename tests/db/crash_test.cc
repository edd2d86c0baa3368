// kill -9 while traffic is being folded, and while it grows old.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "base/unique_fd.h"
#include "db/aging.h"
#include "db/fold.h"
#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

constexpr std::uint64_t kEpoch = 1;
constexpr std::uint64_t kStep = 1000;
constexpr int kRounds = 20;

const Retention kRetention{.minutes = std::chrono::hours(2), .hours = std::chrono::days(1)};

// Folds growing totals for ever, lets them age, and writes a byte for each fold that is on the
// disk.
[[noreturn]] void fold_for_ever(const Scratch& scratch, int acknowledge) {
  const auto database = open(scratch);
  std::array<FoldItem, 4> items;
  for (std::uint32_t row = 0; row < items.size(); ++row) items[row] = {row, 0, row + 1, 0, 0};
  for (const auto& slot : must(folded_totals(*database, kEpoch))) {
    items[slot.row].incoming_total = slot.incoming;
    items[slot.row].outgoing_total = slot.outgoing;
  }
  Folder folder;
  Aging aging(kRetention);
  // Time goes on where it was: half an hour for each fold.
  auto second = static_cast<std::int64_t>(items[0].incoming_total / kStep) * 1800;
  for (;; second += 1800) {
    for (auto& item : items) {
      item.incoming_total += kStep;
      item.outgoing_total += kStep / 10;
    }
    if (!folder.fold(*database, kEpoch, from_unix(second), items)) _exit(1);
    for (int steps = 0; steps < 3; ++steps) {
      if (!aging.step(*database, from_unix(second))) _exit(1);
    }
    if (write(acknowledge, "x", 1) != 1) _exit(0);
  }
}

// Lets a child fold until it has acknowledged `folds` folds, and kills it. Answers how many it had
// acknowledged by its death.
std::uint64_t fold_and_kill(const Scratch& scratch, int folds) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) std::abort();
  const UniqueFd reading(ends[0]);
  UniqueFd writing(ends[1]);
  const pid_t child = fork();
  if (child == 0) fold_for_ever(scratch, writing.get());
  writing.reset();
  std::uint64_t acknowledged = 0;
  char byte = 0;
  while (folds-- > 0 && read(reading.get(), &byte, 1) == 1) ++acknowledged;
  kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status));
  while (read(reading.get(), &byte, 1) == 1) ++acknowledged;
  return acknowledged;
}

std::int64_t rows_of_days(Database& database) {
  return must(
             database.select_one<std::int64_t>("SELECT count(*) FROM traffic_days",
                                               [](const Statement& row) { return row.integer(0); }))
      .value();
}

TEST(Crash, LosesNoFoldAndCountsNoneTwice) {
  const Scratch scratch;
  open(scratch).reset();
  std::uint64_t acknowledged = 0;
  std::int64_t days = 0;
  for (int round = 0; round < kRounds; ++round) {
    acknowledged += fold_and_kill(scratch, round * 3 % 17 + 1);
    const auto database = open(scratch);
    const auto verdict = must(database->select_one<std::string>(
        "PRAGMA integrity_check", [](const Statement& row) { return row.text(0); }));
    ASSERT_EQ(verdict, "ok");
    const auto folded = must(folded_totals(*database, kEpoch));
    ASSERT_EQ(folded.size(), 4u);
    for (const auto& slot : folded) {
      EXPECT_EQ(must(traffic::sum(*database, slot.row + 1, from_unix(0), from_unix(1'000'000'000),
                                  from_unix(1'000'000'000))),
                (Traffic{slot.incoming, slot.outgoing}));
      // The last fold of a round may be on the disk without its acknowledgement.
      EXPECT_GE(slot.incoming, acknowledged * kStep);
      EXPECT_LE(slot.incoming, (acknowledged + static_cast<std::uint64_t>(round) + 1) * kStep);
    }
    days = rows_of_days(*database);
  }
  EXPECT_GT(days, 0) << "something grew as old as it can";
}

}  // namespace
}  // namespace airlane::test
