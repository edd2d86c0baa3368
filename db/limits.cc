#include "db/limits.h"

#include "db/database.h"

namespace airlane::limits {
namespace {

LimitsRecord read(const Statement& row) {
  return {.connections = row.optional_integer(0),
          .connections_per_source = row.optional_integer(1),
          .new_per_second = row.optional_integer(2),
          .upload = row.optional_integer(3),
          .download = row.optional_integer(4),
          .destinations = split(row.text(5))};
}

}  // namespace

Outcome<LimitsRecord> find(Database& database, std::int64_t proxy) {
  auto limits = database.select_one<LimitsRecord>(
      "SELECT connections, connections_per_source, new_per_second, upload, download, destinations "
      "FROM proxy_limits WHERE proxy = ?1",
      read, proxy);
  if (!limits) return limits.error();
  return (*std::move(limits)).value_or(LimitsRecord());
}

Outcome<Done> put(Database& database, std::int64_t proxy, const LimitsRecord& limits) {
  if (limits == LimitsRecord()) {
    return database.execute("DELETE FROM proxy_limits WHERE proxy = ?1", proxy);
  }
  return database.execute("INSERT OR REPLACE INTO proxy_limits VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                          proxy, limits.connections, limits.connections_per_source,
                          limits.new_per_second, limits.upload, limits.download,
                          joined(limits.destinations));
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) (text += line) += '\n';
  return text;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

}  // namespace airlane::limits
