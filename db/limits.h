// What a proxy or a credential may use, where that is its own and not the configuration's.
// Functions on the database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace airlane {

class Database;

// What a proxy may move in a day or a month, and what comes then.
struct QuotaRecord {
  std::int64_t bytes = 0;         // Both directions together.
  std::string period = "month";   // Or "day".
  std::string zone = "UTC";       // Whose midnight it is: or "+01:00", "Europe/Rome".
  std::string action = "refuse";  // Or "throttle".
  std::int64_t rate = 0;          // With "throttle": bytes per second in each direction.

  bool operator==(const QuotaRecord&) const = default;
};

struct LimitsRecord {
  using Number = std::optional<std::int64_t>;  // Absent: as the configuration says; 0: no limit.

  Number connections{};
  Number connections_per_source{};
  Number new_per_second{};
  Number upload{};  // Bytes per second.
  Number download{};
  std::vector<std::string> destinations{};  // Rules, see control/limits.h; without line breaks.

  bool operator==(const LimitsRecord&) const = default;
};

namespace limits {

Outcome<LimitsRecord> find(Database& database, std::int64_t proxy);
Outcome<Done> put(Database& database, std::int64_t proxy, const LimitsRecord& limits);

// A list in one column, a line each.
std::string joined(const std::vector<std::string>& lines);
std::vector<std::string> split(std::string_view text);

}  // namespace limits
}  // namespace airlane
