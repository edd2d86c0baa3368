// What SQLite's result codes mean for whoever must react, as sentences that name the file and say
// what to do. Any thread.
#pragma once

#include <sqlite3.h>

#include <string>

#include "base/error.h"

namespace airlane {

// The failure of the last call on `handle`, which returned `code`.
//
//   kConflict     a UNIQUE or FOREIGN KEY constraint; the tables put a better sentence in its place
//   kInvalid      a CHECK or NOT NULL constraint, or a value that is too big
//   kUnavailable  the disk is full, failing or read-only, or another process has the file
//   kInternal     the file is damaged, or we made a mistake
Failure sqlite_failure(sqlite3* handle, int code, const std::string& path);

// The file holds something, but not a database of ours that can be trusted.
Failure damaged(const std::string& path, const std::string& how);

}  // namespace airlane
