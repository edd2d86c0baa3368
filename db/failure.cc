#include "db/failure.h"

#include <system_error>

namespace airlane {
namespace {

using Kind = Failure::Kind;

// " (disk I/O error, code 778: No space left on device)"
std::string cause_of(sqlite3* handle, int code) {
  std::string text = std::string(" (") + sqlite3_errstr(code) + ", code " + std::to_string(code);
  const int os_error = handle != nullptr ? sqlite3_system_errno(handle) : 0;
  if (os_error != 0) text += ": " + std::system_category().message(os_error);
  return text + ")";
}

Failure constraint(sqlite3* handle, int code) {
  const bool clash = code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                     code == SQLITE_CONSTRAINT_FOREIGNKEY;
  return {clash ? Kind::kConflict : Kind::kInvalid,
          std::string("The database refused the change: ") + sqlite3_errmsg(handle) + "."};
}

}  // namespace

Failure sqlite_failure(sqlite3* handle, int code, const std::string& path) {
  switch (code & 0xff) {  // The rest of an extended code only says where it happened.
    case SQLITE_CONSTRAINT:
      return constraint(handle, code);
    case SQLITE_TOOBIG:
      return {Kind::kInvalid, "The value is too big for the database."};
    case SQLITE_FULL:
      return {Kind::kUnavailable,
              "The disk that holds " + path + " is full; free some space and try again."};
    case SQLITE_IOERR:
      return {Kind::kUnavailable, path + " could not be read or written" + cause_of(handle, code) +
                                      "; check the free space of its disk and the kernel log."};
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return {Kind::kUnavailable,
              path + " is read-only; make the file and its folder writable for the server."};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Kind::kUnavailable,
              path + " is in use by another process; stop that one and try again."};
    case SQLITE_CANTOPEN:
      return {Kind::kUnavailable, path + " cannot be opened" + cause_of(handle, code) +
                                      "; check that its folder exists and is writable."};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damaged(path, sqlite3_errstr(code));
    default:
      return {Kind::kInternal,
              path + ": " + (handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(code)) +
                  cause_of(handle, code) + "; this is a mistake of the program."};
  }
}

Failure damaged(const std::string& path, const std::string& how) {
  return {Kind::kInternal, path + " is damaged or not a database of Airlane (" + how +
                               "); it was kept as it is. Stop the server, move the file away and "
                               "restore a backup in its place."};
}

}  // namespace airlane
