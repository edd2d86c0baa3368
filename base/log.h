// The log: one line per event on standard error, for journald or a terminal. The only door to
// spdlog. Any thread may log; the data path does so only for what an operator must act on.
//
// Untrusted text (names, heads, addresses typed by a client) goes through `printable` first, so
// that one event stays one line and no escape sequence reaches a terminal. Passwords and keys are
// never logged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace airlane::log {

enum class Level : std::uint8_t { kDebug, kInfo, kWarning, kError };

void set_level(Level level);
// For lines that are expensive to make.
bool shows(Level level);

void debug(std::string_view line);
void info(std::string_view line);
void warning(std::string_view line);
void error(std::string_view line);

// Control characters, backslash and non-ASCII bytes become \xNN; cut at 200 bytes.
std::string printable(std::string_view untrusted);

}  // namespace airlane::log
