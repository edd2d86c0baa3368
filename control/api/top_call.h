// Where a proxy's bytes went, as the REST API and the admin API tell it: what is asked for and the
// answer to it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "control/api/call.h"

namespace airlane::api {

inline constexpr std::int64_t kTopLimit = 20;
inline constexpr std::int64_t kTopLimitMost = 1000;

struct TopQuestion {
  std::int64_t first = 0;  // Days; see day_of in proxy/target_record.h.
  std::int64_t last = 0;
  std::size_t limit = 0;
};
struct WrongTopOption {
  std::string_view option;
  std::string sentence;
};

// By the options `day`, or `from` and `till`, and `limit`; today where there is none of them.
Result<TopQuestion, WrongTopOption> top_question(const Context& context, const Call& call);

// Whatever is not among the destinations is in "other", so that all of it is what was counted.
// Where none are told apart (now), a sentence says so.
Json top_json(const TopQuestion& question, const TargetSummary& summary, bool is_on,
              std::int64_t proxy);

}  // namespace airlane::api
