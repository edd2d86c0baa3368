// The schema, as numbered steps that a database has or has not taken yet.
//
// The steps are db/migrations/NNNN_name.sql, put into the program at build time. `PRAGMA
// user_version` of a file is the number of its last step. Each step is a transaction of its own: a
// crash between two leaves a database that the next start carries on with.
#pragma once

#include <span>

#include "base/result.h"

namespace airlane {

class Database;

struct Migration {
  int version;
  const char* script;  // Sets user_version to `version` itself.
};

std::span<const Migration> migrations();  // Numbered from 1 without a gap.
int newest_schema();

// Takes the steps that `database` lacks. kConflict, and nothing is changed, when it was written by
// a newer program than this one.
Outcome<Done> migrate(Database& database);

}  // namespace airlane
