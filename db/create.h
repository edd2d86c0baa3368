// A database that is not there yet: made whole or not at all.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace airlane {

inline constexpr std::int64_t kApplicationId = 0x4169724c;  // "AirL", in the header of the file.

// Makes PATH.new with the whole schema, then renames it to `path`, so that every file of that name
// is complete. Refuses when a write-ahead log without its database lies there: SQLite would apply
// it to the new one.
Outcome<Done> create_database(const std::string& path);

// "PATH cannot be opened: Permission denied."
Failure cannot(const char* verb, const std::string& path, int os_error);

}  // namespace airlane
