#include "conf/amount.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#include "base/log.h"

namespace airlane::conf {

Result<std::int64_t, std::string> read_amount(std::string_view text, const Units& units) {
  const auto& known = units.largest_first;
  const auto write_it = "; write it like " + std::string(units.examples);
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), amount);
  const auto name = text.substr(static_cast<std::size_t>(end - text.data()));
  if (error == std::errc::result_out_of_range) return quoted(text) + " is out of range";
  if (error != std::errc() || amount < 0) return quoted(text) + " is not an amount" + write_it;
  if (name.empty()) return without_unit(quoted(text), units);
  const auto* unit = std::find_if(known.begin(), known.end(),
                                  [&](const Unit& candidate) { return candidate.name == name; });
  if (unit == known.end()) return quoted(text) + " has an unknown unit" + write_it;
  if (amount > std::numeric_limits<std::int64_t>::max() / unit->factor) {
    return quoted(text) + " is out of range";
  }
  return amount * unit->factor;
}

std::string written_amount(std::int64_t amount, const Units& units) {
  if (amount == 0) return "0" + std::string(units.zero);
  const auto* unit = units.largest_first.begin();
  while (amount % unit->factor != 0) ++unit;  // The last factor is 1.
  return std::to_string(amount / unit->factor) + std::string(unit->name);
}

std::string without_unit(std::string_view given, const Units& units) {
  return std::string(given) + " has no unit; write it like " + std::string(units.examples);
}

std::string quoted(std::string_view text) { return '"' + log::printable(text) + '"'; }

}  // namespace airlane::conf
