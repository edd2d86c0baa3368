// What a client may write for an option, and what it means. Pure functions of text: nothing here
// knows a clock, a proxy or an answer.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace airlane::api {

// true t yes y on 1, false f no n off 0; capitals do not matter.
std::optional<bool> parse_bool(std::string_view text);

// Unix time, or ISO 8601: a date (by month, by week or by day of the year), or a date and a time
// down to hours, minutes or seconds, with a zone or in UTC; in the extended
// ("2020-07-26T01:30:36+02:00") and the basic form ("20200726T013036Z"; a day of the year needs the
// extended one, for seven digits are Unix time). A space is taken for the T, and before the zone
// for a '+' that was not escaped. Fractions of seconds are cut off. From 1970 to 9999.
std::optional<WallSeconds> parse_time(std::string_view text);

// "90", "90s", "15m", "12h", "30d", "2w"; at most a century.
std::optional<std::chrono::seconds> parse_delta(std::string_view text);

struct Unit {
  std::string_view name;
  double bits;  // How many bits, or bits per second, one of them is.
};
const Unit* speed_unit(std::string_view name);  // Null when there is none; capitals matter.
const Unit* data_unit(std::string_view name);

// How a proxy is named: by its id, or by the host and port that its customer connects to.
struct ProxyName {
  std::optional<std::int64_t> id;
  std::string host;  // When there is no id.
  std::uint16_t port = 0;
};
std::optional<ProxyName> parse_proxy_name(std::string_view text);
std::optional<std::uint16_t> parse_port(std::string_view text);
std::optional<std::int64_t> parse_whole(std::string_view text);

}  // namespace airlane::api
