// "60-90": a random moment 60 to 90 minutes after something; "15" and "90s" are exact. Numbers are
// minutes unless followed by s, m, h or d; in "1-2h" the unit is that of both. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace airlane {

struct Interval {
  std::chrono::seconds least{};
  std::chrono::seconds most{};

  // kInvalid, with a sentence that begins "at character 4: ". From 5 seconds to 366 days.
  static Outcome<Interval> parse(std::string_view text);

  // One of its seconds, each as likely as the others when `random` is.
  [[nodiscard]] std::chrono::seconds draw(std::uint64_t random) const;

  bool operator==(const Interval&) const = default;
};

}  // namespace airlane
