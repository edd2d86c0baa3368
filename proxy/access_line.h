// The format of the access log: one line per connection, `key=value` with single blanks between,
// always the same keys in the same order, "-" where there is no value. docs/operating.md is its
// reference: keys may be added at the end, and nothing else may change.
#pragma once

#include <cstddef>
#include <string>

#include "proxy/access_record.h"

namespace airlane {

inline constexpr std::size_t kAccessLineMost = 2048;  // With its line feed.

// What a client or a target may have chosen is escaped: anything but printable ASCII, and the
// backslash, becomes \xNN, so that no text ends a line, a field or a terminal's good manners.
void append_access_line(std::string& out, const AccessRecord& record);

}  // namespace airlane
