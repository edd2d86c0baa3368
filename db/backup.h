// A copy of the database that is in use, made in steps between everybody else's works.
//
// What is written meanwhile by the database's own connection, the only one there is, goes into the
// copy too, so it is that of the moment in which it ends. It is made under a name of its own beside
// its place, is on the disk before it is renamed, replaces nothing, and is readable by its owner
// only. One that does not end, or fails, leaves nothing behind.
//
// On the database's thread, outside transactions. Must be gone before the database.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/handle.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

class Database;

class Backup {
 public:
  // kConflict when there is something at `path`.
  static Outcome<std::unique_ptr<Backup>> begin(Database& from, const std::string& path);
  Backup(Backup&&) = delete;
  ~Backup();

  // Copies up to so many pages. False when the copy is whole and at its place.
  Outcome<bool> step(int pages);

  [[nodiscard]] std::int64_t bytes() const noexcept { return bytes_; }  // Of the finished file.

 private:
  Backup(Database& from, std::string path) : from_(from), path_(std::move(path)) {}
  Outcome<Done> open_copy();
  Outcome<Done> finish();
  Outcome<Done> publish();

  Database& from_;
  const std::string path_;
  std::string unfinished_;  // The file's name until it is renamed; empty: it is.
  UniqueFd file_;
  Handle<sqlite3, sqlite3_close_v2> copy_;
  Handle<sqlite3_backup, sqlite3_backup_finish> backup_;  // Ends before copy_ does.
  std::int64_t steps_ = 0;
  std::int64_t bytes_ = 0;
};

}  // namespace airlane
