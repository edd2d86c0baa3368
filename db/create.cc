#include "db/create.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "base/file.h"
#include "base/unique_fd.h"
#include "db/database.h"
#include "db/migrations.h"

namespace airlane {

Outcome<Done> create_database(const std::string& path) {
  const std::string log = path + "-wal";
  if (access(log.c_str(), F_OK) == 0) {
    return Failure{Failure::Kind::kConflict,
                   log + " is there, but its database " + path +
                       " is not; restore a backup, or move the -wal file away to start anew."};
  }
  const std::string unfinished = path + ".new";
  for (const char* suffix : {"", "-journal"}) unlink((unfinished + suffix).c_str());
  if (!UniqueFd(open(unfinished.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600))) {
    return cannot("create", path, errno);
  }
  {
    sqlite3* handle = nullptr;
    constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(unfinished.c_str(), &handle, kFlags, nullptr);
    Database database(unfinished, handle, {});
    if (handle == nullptr) throw std::bad_alloc();
    if (code != SQLITE_OK) return database.failed(code);
    static_assert(kApplicationId == 1097429580);
    if (auto owned = database.execute("PRAGMA application_id = 1097429580"); !owned) return owned;
    if (auto migrated = migrate(database); !migrated) return migrated;
  }
  if (const auto error = publish_file(unfinished, path)) {
    return cannot("create", path, error.value());
  }
  return Done{};
}

Failure cannot(const char* verb, const std::string& path, int os_error) {
  return {Failure::Kind::kUnavailable, std::string("Cannot ") + verb + " " + path + ": " +
                                           std::system_category().message(os_error) +
                                           "; check its folder, permissions and free space."};
}

}  // namespace airlane
