// Secrets in the database are sealed: passwords of proxies and modems, and the keys that get_key
// tells. This makes sure of it when a database is opened: that its key is the one, and that one
// from before there were keys has no secret left that is not sealed, in a row or between them.
// Functions on the database's thread.
#pragma once

#include <functional>

#include "base/result.h"
#include "base/tls/sealing.h"

namespace airlane {

class Database;

// Asks for the key, and checks it or, where nothing is sealed yet, seals everything in one
// transaction. kInvalid for another key than the one that sealed.
Outcome<SealingKey> unlock(Database& database,
                           const std::function<Outcome<SealingKey>(bool sealed)>& ask);
// Takes what was there before out of the pages and out of the write-ahead log, where that was not
// done yet. Needs room for a copy on the disk; without it, it is said in the log and done next
// time.
Outcome<Done> purge(Database& database);

}  // namespace airlane
