#include "db/backup.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <new>
#include <system_error>

#include "base/file.h"
#include "db/create.h"
#include "db/database.h"
#include "db/failure.h"

namespace airlane {
namespace {

// How often the whole may be begun anew, as SQLite does when something large is rolled back.
constexpr std::int64_t kRounds = 8;

Failure taken(const std::string& path) {
  return {Failure::Kind::kConflict,
          "There is something at " + path + " already: name a file that is not there."};
}

}  // namespace

Outcome<std::unique_ptr<Backup>> Backup::begin(Database& from, const std::string& path) {
  struct stat there {};
  if (lstat(path.c_str(), &there) == 0) return taken(path);
  std::unique_ptr<Backup> backup(new Backup(from, path));
  if (auto opened = backup->open_copy(); !opened) return opened.error();
  return backup;
}

Backup::~Backup() {
  backup_.reset();
  copy_.reset();
  if (!unfinished_.empty()) unlink(unfinished_.c_str());
}

Outcome<Done> Backup::open_copy() {
  auto name = path_ + ".XXXXXX";
  file_.reset(mkostemp(name.data(), O_CLOEXEC));  // With mode 0600.
  if (!file_) return cannot("create", path_, errno);
  unfinished_ = std::move(name);

  sqlite3* copy = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(unfinished_.c_str(), &copy, kFlags, nullptr);
  copy_.reset(copy);
  if (!copy_) throw std::bad_alloc();
  if (code != SQLITE_OK) return sqlite_failure(copy, code, path_);
  // Nobody sees it before it is whole, so it needs no journal, and we say when it must be on the
  // disk.
  constexpr const char* kPlain = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF";
  if (const int set = sqlite3_exec(copy, kPlain, nullptr, nullptr, nullptr); set != SQLITE_OK) {
    return sqlite_failure(copy, set, path_);
  }
  backup_.reset(sqlite3_backup_init(copy, "main", from_.handle_.get(), "main"));
  if (!backup_) return sqlite_failure(copy, sqlite3_errcode(copy), path_);
  return Done{};
}

Outcome<bool> Backup::step(int pages) {
  const int code = sqlite3_backup_step(backup_.get(), pages);
  if (code == SQLITE_DONE) {
    if (auto finished = finish(); !finished) return finished.error();
    return false;
  }
  if (code != SQLITE_OK) return sqlite_failure(copy_.get(), code, path_);
  // Piece by piece, or the last step would wait for the disk to take all of it.
  if (fdatasync(file_.get()) != 0) return cannot("write", path_, errno);
  const std::int64_t whole = sqlite3_backup_pagecount(backup_.get());
  if (++steps_ * pages > kRounds * std::max<std::int64_t>(whole, pages)) {
    return Failure{Failure::Kind::kUnavailable,
                   "The database changed faster than it could be copied; try again later."};
  }
  return true;
}

Outcome<Done> Backup::finish() {
  const int copied = sqlite3_backup_finish(backup_.release());
  if (copied != SQLITE_OK) return sqlite_failure(copy_.get(), copied, path_);
  copy_.reset();
  if (fsync(file_.get()) != 0) return cannot("write", path_, errno);
  struct stat whole {};
  if (fstat(file_.get(), &whole) != 0) return cannot("read", path_, errno);
  bytes_ = whole.st_size;
  return publish();
}

Outcome<Done> Backup::publish() {
  const auto error = publish_file(unfinished_, path_);
  if (error == std::errc::file_exists) return taken(path_);
  if (error) return cannot("create", path_, error.value());
  unfinished_.clear();
  return Done{};
}

}  // namespace airlane
