// One prepared statement in use: bind its values, step through its rows, read their columns.
//
// Comes from Database::prepare and goes back to the database's cache, reset, when it is destroyed;
// so it must not outlive the database, and lives on the database's thread. Bound text is borrowed
// until then. Most callers want Database::execute and Database::select instead.
#pragma once

#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/handle.h"
#include "base/result.h"

namespace airlane {

class Database;

// The text of a statement. Only a literal converts to it: no value can be pasted into one.
class Sql {
 public:
  template <std::size_t N>
  consteval Sql(const char (&literal)[N]) : text_(literal, N - 1) {}
  [[nodiscard]] std::string_view text() const noexcept { return text_; }

 private:
  std::string_view text_;
};

// Bytes that are no text, to bind.
struct Blob {
  std::string_view bytes;
};

class Statement {
 public:
  using Prepared = Handle<sqlite3_stmt, sqlite3_finalize>;

  Statement(Database& database, Sql sql, Prepared prepared)
      : database_(&database), sql_(sql), prepared_(std::move(prepared)) {}
  Statement(Statement&& other) noexcept = default;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Gives ?1, ?2, ... their values; exactly as many as the text has. A number must fit 63 bits by
  // its type, an empty optional is NULL.
  template <class... Values>
  void bind(const Values&... values) {
    begin_binding(sizeof...(values));
    int index = 0;
    (bind_at(++index, values), ...);
  }

  // True: there is a row, and the columns below belong to it. False: it ran to its end.
  Outcome<bool> step();

  // Columns count from 0. NULL reads as 0, "" or, where there is one, an empty optional.
  [[nodiscard]] bool is_null(int column) const noexcept;
  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  template <class T>
  [[nodiscard]] T number(int column) const noexcept {
    return static_cast<T>(integer(column));
  }
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] std::string blob(int column) const;
  [[nodiscard]] WallSeconds time(int column) const noexcept { return from_unix(integer(column)); }
  [[nodiscard]] std::optional<std::string> optional_text(int column) const;
  [[nodiscard]] std::optional<std::int64_t> optional_integer(int column) const noexcept;
  [[nodiscard]] std::optional<WallSeconds> optional_time(int column) const noexcept;

 private:
  void begin_binding(std::size_t count) noexcept;
  void bind_integer(int index, std::int64_t value) noexcept;
  void bind_at(int index, std::string_view value) noexcept;
  void bind_at(int index, Blob value) noexcept;
  void bind_at(int index, WallSeconds value) noexcept { bind_integer(index, unix_seconds(value)); }
  template <std::integral T>
  void bind_at(int index, T value) noexcept {
    static_assert(std::signed_integral<T> || sizeof(T) < sizeof(std::int64_t));
    bind_integer(index, static_cast<std::int64_t>(value));
  }
  template <class T>
  void bind_at(int index, const std::optional<T>& value) noexcept {
    if (value) bind_at(index, *value);  // Unbound is NULL.
  }

  Database* database_;
  Sql sql_;
  Prepared prepared_;  // Empty after a move.
};

}  // namespace airlane
