// Where a proxy's bytes went, and whether that is counted.
#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <optional>
#include <ostream>

#include "cli/resource.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

struct TopOptions {
  std::string id, day, limit;
  std::optional<std::string> keep;
  bool forget = false;
};

// "default" is null; what is no number goes to the server, which says what is wrong with it.
Json kept_of(const std::string& text) {
  if (text == "default") return {};
  constexpr std::size_t kDigitsMost = 9;
  const bool is_number = !text.empty() && text.size() <= kDigitsMost &&
                         text.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? Json(std::stoul(text)) : Json(text);
}

void show_top(std::ostream& out, const Json& answer) {
  static constexpr std::array<Column, 5> kTop{{{"HOST", "host"},
                                               {"PORT", "port"},
                                               {"INCOMING", "incoming"},
                                               {"OUTGOING", "outgoing"},
                                               {"CONNECTIONS", "connections"}}};
  if (answer.contains("info")) out << printable(cell(answer, "info")) << '\n';
  auto rows = answer.value("destinations", Json::array());
  auto other = answer.value("other", Json::object());
  other["host"] = "(other)";
  rows.push_back(std::move(other));
  print_table(out, rows, kTop);
}

Call call_of(const TopOptions& options) {
  const auto proxy = path_to(kProxy, options.id);
  if (options.keep) {
    return {"PATCH", proxy, {{"top_destinations", kept_of(*options.keep)}}};
  }
  if (options.forget) {
    return {"DELETE",
            proxy + "/top",
            {},
            sentence("the destinations of proxy " + options.id + " are forgotten")};
  }
  std::string query;
  if (!options.day.empty()) query += "&day=" + escaped(options.day);
  if (!options.limit.empty()) query += "&limit=" + escaped(options.limit);
  if (!query.empty()) query.front() = '?';
  return {"GET", proxy + "/top" + query, {}, show_top};
}

}  // namespace

void add_top_command(CLI::App& proxy, Invocation& here) {
  const auto options = std::make_shared<TopOptions>();
  auto& command = client_command(proxy, "top", "Show the destinations of a proxy's bytes", here);
  add_argument(command, kProxy, options->id);
  auto* const day =
      command.add_option("--day", options->day, "2026-01-31, in UTC; today if left out");
  day->type_name("D");
  auto* const limit =
      command.add_option("--limit", options->limit, "So many at most; 20 if left out");
  limit->type_name("N");
  auto* const keep =
      command.add_option("--keep", options->keep, "Tell so many apart from now on; or default");
  keep->type_name("N")->excludes(day)->excludes(limit);
  command.add_flag("--forget", options->forget, "Delete what is known of all days")
      ->excludes(day)
      ->excludes(limit)
      ->excludes(keep);
  command.footer("airlane proxy top 7 --day 2026-01-31");
  command.callback([&here, options] {
    here.action = [&here, options] { return here.perform(call_of(*options)); };
  });
}

}  // namespace airlane::cli
