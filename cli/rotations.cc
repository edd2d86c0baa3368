// Rotations and reboots, and what became of them.
#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <optional>
#include <ostream>

#include "cli/completion.h"
#include "cli/resource.h"
#include "cli/table.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

// A rotation may take 165 s, and the server answers when it is done.
constexpr std::chrono::seconds kRotationPatience{200};

constexpr std::array<Column, 12> kColumns{{{"ID", "id"},
                                           {"PROXY", "proxy"},
                                           {"DONGLE", "dongle"},
                                           {"ACTION", "action"},
                                           {"CAUSE", "cause"},
                                           {"STATE", "state"},
                                           {"STARTED", "started"},
                                           {"SECONDS", "seconds"},
                                           {"TRIES", "attempts"},
                                           {"OLD IP", "old_ip"},
                                           {"NEW IP", "new_ip"},
                                           {"ERROR", "error"}}};

struct RotateOptions {
  std::string id;
  Text until;
  std::optional<unsigned> tries, hours;
};

bool has_new_ip(const Json& answer) {
  return answer.is_object() && answer.contains("new_ip") && !answer["new_ip"].is_null();
}

void show_rotation(std::ostream& out, const Json& answer) {
  out << "proxy " << cell(answer, "id") << ": " << cell(answer, "old_ip") << " -> "
      << (has_new_ip(answer) ? cell(answer, "new_ip") : "not known") << '\n';
}

std::string lacking_address(const Json& answer) {
  if (!has_new_ip(answer)) {
    return "rotated, but the new external IP is not known: " + cell(answer, "reason");
  }
  if (cell(answer, "reached") != "no") return {};
  return "rotated, but not to what was wanted: " + cell(answer, "reason");
}

void show_reboot(std::ostream& out, const Json& answer) {
  out << "proxy " << cell(answer, "id") << ": " << cell(answer, "info") << '\n';
}

Json body_of(const RotateOptions& options) {
  Json body;  // Null where nothing is wanted.
  put(body, "until", options.until);
  if (options.tries) body["tries"] = *options.tries;
  if (options.hours) body["hours"] = *options.hours;
  return body;
}

void add_rotate(CLI::App& app, Invocation& here) {
  const auto options = std::make_shared<RotateOptions>();
  auto& command = client_command(app, "rotate", "Change the external IP", here);
  add_argument(command, kProxy, options->id);
  auto* until =
      command.add_option("--until", options->until, "Again, until it is different or unused");
  until->type_name("U");
  suggest(*until, {"different", "unused"});
  command.add_option("--tries", options->tries, "So often at most, 1 to 10; 3 if left out")
      ->type_name("N");
  command.add_option("--hours", options->hours, "Of unused: in the last so many; 24 if left out")
      ->type_name("N");
  command.callback([&here, options] {
    here.action = [&here, options] {
      return here.perform({.method = "POST",
                           .path = path_to(kProxy, options->id) + "/rotate",
                           .body = body_of(*options),
                           .show = show_rotation,
                           .patience = kRotationPatience,
                           .lacks = lacking_address});
    };
  });
}

void add_reboot(CLI::App& app, Invocation& here) {
  add_command(app, "reboot", "Reboot a dongle", kProxy, here, [](const std::string& id) {
    return Call{"POST", path_to(kProxy, id) + "/reboot", {}, show_reboot};
  });
}

void add_list(CLI::App& job, Invocation& here) {
  struct Filter {
    Text proxy, dongle, state, limit, before;
  };
  const auto filter = std::make_shared<Filter>();
  auto& command = client_command(job, "list", "List the newest first", here);
  command.add_option("--proxy", filter->proxy, "Only of this one")->type_name("ID");
  command.add_option("--dongle", filter->dongle, "Only of this one")->type_name("NAME");
  auto* state = command.add_option("--state", filter->state, "Only running, done or failed");
  state->type_name("S");
  suggest(*state, {"running", "done", "failed"});
  command.add_option("--limit", filter->limit, "So many at most, up to 500; 50 if left out")
      ->type_name("N");
  command.add_option("--before", filter->before, "Only older ones than this")->type_name("ID");
  command.callback([&here, filter] {
    here.action = [&here, filter] {
      const auto query = query_of({{"proxy", filter->proxy},
                                   {"dongle", filter->dongle},
                                   {"state", filter->state},
                                   {"limit", filter->limit},
                                   {"before", filter->before}});
      return here.perform({.method = "GET",
                           .path = "jobs" + query,
                           .show = listing("jobs", kColumns),
                           .one_page = true});
    };
  });
}

}  // namespace

void add_rotation_commands(CLI::App& app, Invocation& here) {
  add_rotate(app, here);
  add_reboot(app, here);
  auto& job = *app.add_subcommand("job", "What became of rotations");
  add_list(job, here);
  add_show_command(job, "Show one as JSON", kJob, here);
}

}  // namespace airlane::cli
