// What was ordered of the dongles, rotations and reboots, and what became of it. Functions on the
// database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace airlane {

class Database;

struct JobRecord {
  std::int64_t id = 0;  // Given by whoever begins it; never given again.
  std::int64_t proxy = 0;
  std::int64_t user = 0;  // Who owned the proxy when it began.
  std::int64_t dongle = 0;
  std::string action;             // "rotate" or "reboot".
  std::string cause;              // One word: who wanted it.
  std::string state = "running";  // Then "done" or "failed".
  std::string until;              // Which address was wanted; empty: any.
  std::optional<bool> reached;    // Was it such a one? Absent while nobody knows.
  std::optional<std::string> old_ip;
  std::optional<std::string> new_ip;
  WallSeconds started{};
  std::optional<std::chrono::milliseconds> took;  // Absent: nobody saw its end.
  std::int64_t attempts = 0;
  std::string error;  // A sentence; empty: none.

  bool operator==(const JobRecord&) const = default;
};

// Which jobs; what is absent does not matter.
struct JobFilter {
  std::optional<std::int64_t> proxy{};
  std::optional<std::int64_t> user{};
  std::optional<std::int64_t> dongle{};
  std::optional<std::string> state{};
  std::optional<std::int64_t> before{};  // Older than this job.
  std::int64_t limit = 0;                // The newest so many.
};

namespace jobs {

// New, or in the place of what was known of it. Of its dongle's jobs the newest `most` are kept.
Outcome<Done> put(Database& database, const JobRecord& job, std::int64_t most);
// Whatever runs has failed, for this reason.
Outcome<Done> fail_running(Database& database, const std::string& error);
// The highest id that was ever given; 0: none was.
Outcome<std::int64_t> last_id(Database& database);

Outcome<std::optional<JobRecord>> find(Database& database, std::int64_t id);
Outcome<std::vector<JobRecord>> list(Database& database, const JobFilter& filter);

}  // namespace jobs
}  // namespace airlane
