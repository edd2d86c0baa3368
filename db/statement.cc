#include "db/statement.h"

#include <cassert>

#include "db/database.h"

namespace airlane {

Statement::~Statement() {
  if (!prepared_) return;
  sqlite3_reset(prepared_.get());
  sqlite3_clear_bindings(prepared_.get());
  database_->put_back(sql_, std::move(prepared_));
}

Outcome<bool> Statement::step() {
  if (const auto* why = database_->undone_by()) return *why;
  const int code = sqlite3_step(prepared_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->failed(code);
}

bool Statement::is_null(int column) const noexcept {
  return sqlite3_column_type(prepared_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const noexcept {
  return sqlite3_column_int64(prepared_.get(), column);
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(prepared_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(prepared_.get(), column))};
}

std::string Statement::blob(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(prepared_.get(), column));
  if (bytes == nullptr) return {};
  return {bytes, static_cast<std::size_t>(sqlite3_column_bytes(prepared_.get(), column))};
}

std::optional<std::string> Statement::optional_text(int column) const {
  if (is_null(column)) return std::nullopt;
  return text(column);
}

std::optional<std::int64_t> Statement::optional_integer(int column) const noexcept {
  return is_null(column) ? std::nullopt : std::optional(integer(column));
}

std::optional<WallSeconds> Statement::optional_time(int column) const noexcept {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

void Statement::begin_binding([[maybe_unused]] std::size_t count) noexcept {
  assert(static_cast<std::size_t>(sqlite3_bind_parameter_count(prepared_.get())) == count);
  sqlite3_reset(prepared_.get());
  sqlite3_clear_bindings(prepared_.get());
}

void Statement::bind_integer(int index, std::int64_t value) noexcept {
  sqlite3_bind_int64(prepared_.get(), index, value);
}

void Statement::bind_at(int index, std::string_view value) noexcept {
  // An empty view may have no data, which SQLite would take for NULL.
  const char* bytes = value.empty() ? "" : value.data();
  sqlite3_bind_text64(prepared_.get(), index, bytes, value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void Statement::bind_at(int index, Blob value) noexcept {
  sqlite3_bind_blob64(prepared_.get(), index, value.bytes.data(), value.bytes.size(),
                      SQLITE_STATIC);
}

}  // namespace airlane
