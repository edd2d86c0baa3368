// Files by which a process that drains its connections tells the one with the database which
// targets they led to.
//
// Each is written once, under a name that no other ever has, and appears whole or not at all. It is
// read by whoever has the database, in the transaction that notes its name; so it counts once,
// whatever crashes when, and is removed afterwards. Text, a line per target, "airlane-targets-1"
// first. Functions of whatever thread may wait for the disk.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/target_summary.h"

namespace airlane {

class Database;

// What one proxy had on one day, or a part of it.
struct TargetPage {
  std::int64_t proxy = 0;
  std::int64_t day = 0;
  std::uint32_t kept = 0;
  TargetSummary summary{};
};

namespace target_files {

// That make a file which is added in some milliseconds.
inline constexpr std::size_t kPagesMost = 16;

Outcome<Done> write(const std::string& folder, std::span<const TargetPage> pages);
// kInvalid when it is none.
Outcome<std::vector<TargetPage>> read(const std::string& path);

// On the database's thread: adds one that is new in the folder, and removes what was added before.
// True when there may be more. One that is damaged is logged and set aside.
Outcome<bool> fold(Database& database, const std::string& folder);

}  // namespace target_files
}  // namespace airlane
