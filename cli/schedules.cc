// When proxies rotate by themselves. It is set by `proxy schedule`.
#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "cli/resource.h"
#include "cli/table.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::array<Column, 5> kColumns{{{"PROXY", "proxy"},
                                          {"INTERVAL", "ext_ip_upd_interval"},
                                          {"CALENDAR", "ext_ip_upd_calendar"},
                                          {"LAST ROTATION", "last_rotation_at"},
                                          {"NEXT ROTATION", "next_rotation_at"}}};

struct Filter {
  bool planned = false;
  bool unplanned = false;
};

void add_list(CLI::App& schedule, Invocation& here) {
  const auto filter = std::make_shared<Filter>();
  auto& command = client_command(schedule, "list", "List the schedules of all proxies", here);
  auto* planned = command.add_flag("--planned", filter->planned, "Only those that have one");
  command.add_flag("--unplanned", filter->unplanned, "Only those that have none")
      ->excludes(planned);
  command.callback([&here, filter] {
    here.action = [&here, filter] {
      Text wanted;
      if (filter->planned) wanted = "true";
      if (filter->unplanned) wanted = "false";
      return here.perform({"GET",
                           "schedules" + query_of({{"planned", wanted}}),
                           {},
                           listing("schedules", kColumns)});
    };
  });
}

}  // namespace

void add_schedule_commands(CLI::App& app, Invocation& here) {
  auto& schedule = *app.add_subcommand("schedule", "What rotates by itself");
  add_list(schedule, here);
  add_show_command(schedule, "Show a proxy's schedule as JSON", kSchedule, here);
  schedule.footer("`airlane proxy schedule` sets one.");
}

}  // namespace airlane::cli
