#include "control/modem/options.h"

#include <charconv>
#include <cstdint>

namespace airlane {
namespace {

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::uint32_t count = 0;  // So small that no unit makes it overflow.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc()) return std::nullopt;
  const auto unit = text.substr(static_cast<std::size_t>(end - text.data()));
  if (unit == "ms") return std::chrono::milliseconds(count);
  if (unit == "s") return std::chrono::seconds(count);
  if (unit == "m") return std::chrono::minutes(count);
  return std::nullopt;
}

}  // namespace

std::string text_option(const DriverOptions& options, const std::string& name,
                        const std::string& otherwise) {
  const auto found = options.find(name);
  return found == options.end() ? otherwise : found->second;
}

Outcome<std::chrono::milliseconds> duration_option(const DriverOptions& options,
                                                   const std::string& name,
                                                   std::chrono::milliseconds otherwise,
                                                   std::chrono::milliseconds most) {
  const auto found = options.find(name);
  if (found == options.end()) return otherwise;
  const auto duration = parse_duration(found->second);
  if (duration && *duration <= most) return *duration;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(most).count();
  return Failure{Failure::Kind::kInvalid,
                 "Option \"" + name + "\" must be a time such as \"500ms\", \"2s\" or \"1m\", " +
                     "at most " + std::to_string(seconds) + " s."};
}

}  // namespace airlane
