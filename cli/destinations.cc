// Where a proxy's bytes went, and whether that is counted.
#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>

#include "cli/resource.h"
#include "cli/table.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

struct TopOptions {
  std::string id, etag;
  Text day, limit, keep;
  bool forget = false;
};

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
    return {.method = "PATCH",
            .path = proxy,
            .body = {{"top_destinations", count_of(*options.keep)}},
            .show = record(),
            .expected = options.etag};
  }
  if (options.forget) {
    return {"DELETE",
            proxy + "/top",
            {},
            sentence("the destinations of proxy " + options.id + " are forgotten")};
  }
  const auto query = query_of({{"day", options.day}, {"limit", options.limit}});
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
  keep->type_name("N")->check(objection_to_count)->excludes(day)->excludes(limit);
  command.add_flag("--forget", options->forget, "Delete what is known of all days")
      ->excludes(day)
      ->excludes(limit)
      ->excludes(keep);
  add_if_match(command, options->etag)->needs(keep);
  command.footer("airlane proxy top 7 --day 2026-01-31");
  command.callback([&here, options] {
    here.action = [&here, options] { return here.perform(call_of(*options)); };
  });
}

}  // namespace airlane::cli
