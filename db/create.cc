#include "db/create.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <new>
#include <system_error>

#include "base/unique_fd.h"
#include "db/database.h"
#include "db/migrations.h"

namespace airlane {
namespace {

// Renamed is renamed only when the folder is on the disk too.
Outcome<Done> sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  const UniqueFd fd(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) return cannot("create", path, errno);
  return Done{};
}

}  // namespace

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
  if (renameat2(AT_FDCWD, unfinished.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) != 0) {
    return cannot("create", path, errno);
  }
  return sync_folder_of(path);
}

Failure cannot(const char* verb, const std::string& path, int os_error) {
  return {Failure::Kind::kUnavailable, std::string("Cannot ") + verb + " " + path + ": " +
                                           std::system_category().message(os_error) +
                                           "; check its folder, permissions and free space."};
}

}  // namespace airlane
