#include "control/api/request_options.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "base/event/http_message.h"

namespace airlane::api {
namespace {

constexpr Unit kSpeedUnits[] = {
    {"bps", 1},        {"Kbps", 1e3},     {"Mbps", 1e6},         {"Bps", 8},
    {"KBps", 8 * 1e3}, {"MBps", 8 * 1e6}, {"KiBps", 8 * 1024.0}, {"MiBps", 8 * 1048576.0},
};
constexpr Unit kDataUnits[] = {
    {"b", 1},
    {"B", 8},
    {"KB", 8 * 1e3},
    {"MB", 8 * 1e6},
    {"GB", 8 * 1e9},
    {"KiB", 8 * 1024.0},
    {"MiB", 8 * 1048576.0},
    {"GiB", 8 * 1073741824.0},
};

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

const Unit* find(std::span<const Unit> units, std::string_view name) {
  const auto found =
      std::find_if(units.begin(), units.end(), [&](const Unit& unit) { return unit.name == name; });
  return found == units.end() ? nullptr : &*found;
}

}  // namespace

std::optional<bool> parse_bool(std::string_view text) {
  static constexpr std::string_view kTrue[] = {"true", "t", "yes", "y", "on", "1"};
  static constexpr std::string_view kFalse[] = {"false", "f", "no", "n", "off", "0"};
  const auto same = [&](std::string_view word) { return equal_ignoring_case(word, text); };
  if (std::any_of(std::begin(kTrue), std::end(kTrue), same)) return true;
  if (std::any_of(std::begin(kFalse), std::end(kFalse), same)) return false;
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_delta(std::string_view text) {
  constexpr std::int64_t kCentury = 100LL * 366 * 86'400;
  std::int64_t unit = 1;
  if (!text.empty()) {
    static constexpr std::pair<char, std::int64_t> kSuffixes[] = {
        {'s', 1}, {'m', 60}, {'h', 3'600}, {'d', 86'400}, {'w', 7 * 86'400}};
    for (const auto& [suffix, seconds] : kSuffixes) {
      if (text.back() != suffix) continue;
      unit = seconds;
      text.remove_suffix(1);
      break;
    }
  }
  const auto count = whole_number<std::int64_t>(text);
  if (!count || *count < 0 || *count > kCentury / unit) return std::nullopt;
  return std::chrono::seconds(*count * unit);
}

const Unit* speed_unit(std::string_view name) { return find(kSpeedUnits, name); }
const Unit* data_unit(std::string_view name) { return find(kDataUnits, name); }

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const auto port = whole_number<std::uint16_t>(text);
  return port && *port != 0 ? port : std::nullopt;
}

std::optional<std::int64_t> parse_whole(std::string_view text) {
  return whole_number<std::int64_t>(text);
}

std::optional<ProxyName> parse_proxy_name(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == text.npos) {
    const auto id = whole_number<std::int64_t>(text);
    if (!id || *id < 0) return std::nullopt;
    return ProxyName{id, {}, 0};
  }
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);  // An IPv6 address.
  }
  const auto port = parse_port(text.substr(colon + 1));
  if (host.empty() || !port) return std::nullopt;
  return ProxyName{std::nullopt, std::string(host), *port};
}

}  // namespace airlane::api
