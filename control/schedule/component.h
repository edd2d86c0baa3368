// One component of a calendar expression, such as its hours: "8,12..18/2". Pure values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace airlane {

// `start`, and with a repeat also start + repeat, start + 2 * repeat... up to and with `stop`, or
// as far as the component goes.
struct Steps {
  std::int64_t start = 0;
  std::optional<std::int64_t> stop;
  std::int64_t repeat = 0;

  auto operator<=>(const Steps&) const = default;
};

class Component {
 public:
  Component() = default;  // "*"
  explicit Component(std::vector<Steps> list) : list_(std::move(list)) {}

  [[nodiscard]] bool is_any() const noexcept { return list_.empty(); }
  [[nodiscard]] const std::vector<Steps>& list() const noexcept { return list_; }

  // The smallest that matches and is not below `value`. Where the component ends, the caller knows.
  [[nodiscard]] std::optional<std::int64_t> first_from(std::int64_t value) const;
  // Days that are counted from the end of a month, as days of a month of so many.
  [[nodiscard]] Component mirrored(std::int64_t days) const;

 private:
  std::vector<Steps> list_;
};

}  // namespace airlane
