#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>
#include <utility>

#include "cli/completion.h"
#include "cli/resource.h"
#include "cli/table.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::array<Column, 7> kColumns{{{"NAME", "name"},
                                          {"INTERFACE", "interface"},
                                          {"DRIVER", "driver"},
                                          {"GATEWAY", "gateway"},
                                          {"DNS", "dns"},
                                          {"ISP", "isp"},
                                          {"STATE", "state"}}};

constexpr std::array<Column, 5> kPeriods{
    {{"IP", "ip"}, {"FROM", "from"}, {"TILL", "till"}, {"SECONDS", "seconds"}, {"CAUSE", "cause"}}};

struct DongleOptions {
  std::string name, etag;
  Text interface, driver, gateway, isp;
  std::vector<std::string> dns, options;
};

// All options of the driver; the word "none" alone is none of them.
Json map_of(const std::vector<std::string>& options) {
  Json map = Json::object();
  if (options == std::vector<std::string>{"none"}) return map;
  for (const auto& option : options) {
    const auto equals = option.find('=');
    map[option.substr(0, equals)] = option.substr(equals + 1);
  }
  return map;
}

// Without its name, which stays.
Json body_of(const DongleOptions& dongle) {
  Json body = Json::object();
  put(body, "interface", dongle.interface);
  put(body, "driver", dongle.driver);
  put_or_null(body, "gateway", dongle.gateway);
  put_list(body, "dns", dongle.dns);
  put(body, "isp", dongle.isp);
  if (!dongle.options.empty()) body["options"] = map_of(dongle.options);
  return body;
}

void show_history(std::ostream& out, const Json& answer) {
  print_table(out, answer.value("addresses", Json::array()), kPeriods);
  const auto unique = answer.value("unique", Json::object());
  out << cell(unique, "addresses") << " different ones in " << cell(unique, "periods")
      << " periods of the last " << cell(unique, "days") << " days\n";
}

std::string objection_to_option(const std::string& text) {
  const auto equals = text.find('=');
  const bool good = text == "none" || (equals != std::string::npos && equals != 0);
  return good ? "" : text + " is not of the form KEY=VALUE";
}

void suggest_drivers(CLI::Option& option) { suggest(option, {"none", "hilink", "command"}); }

// `must` is for those that a new dongle cannot be without.
void add_options(CLI::App& command, DongleOptions& dongle, bool must) {
  command.add_option("--interface", dongle.interface, "Its network interface")
      ->required(must)
      ->type_name("IF");
  auto* driver = command.add_option("--driver", dongle.driver, "none, hilink or command");
  driver->required(must)->type_name("D");
  suggest_drivers(*driver);
  command.add_option("--gateway", dongle.gateway, "Its gateway; none: it is to be found out")
      ->type_name("A");
  command.add_option("--dns", dongle.dns, "A name server behind it, repeatable; or none")
      ->type_name("A")
      ->allow_extra_args(false);
  command.add_option("--isp", dongle.isp, "The carrier's name")->type_name("NAME");
  command
      .add_option("--option", dongle.options, "For the driver, repeatable: all of them; or none")
      ->type_name("K=V")
      ->allow_extra_args(false)
      ->check(objection_to_option);
}

void add_add(CLI::App& dongle, Invocation& here) {
  const auto fresh = std::make_shared<DongleOptions>();
  auto& command = client_command(dongle, "add", "Add a dongle", here);
  command.add_option("NAME", fresh->name, "What to call it")->required()->type_name("");
  add_options(command, *fresh, true);
  command.footer(
      "airlane dongle add ten --interface wwan0 --driver hilink --isp Wind\n"
      "airlane dongle add eleven --interface wwan1 --driver command \\\n"
      "  --option rotate=\"/usr/local/bin/redial wwan1\"");
  command.callback([&here, fresh] {
    here.action = [&here, fresh] {
      auto body = body_of(*fresh);
      body["name"] = fresh->name;
      return here.perform({"POST", "dongles", std::move(body), single(kColumns)});
    };
  });
}

void add_list(CLI::App& dongle, Invocation& here) {
  struct Filter {
    Text driver, isp, state;
  };
  const auto filter = std::make_shared<Filter>();
  auto& command = client_command(dongle, "list", "List the dongles", here);
  auto* driver = command.add_option("--driver", filter->driver, "Only none, hilink or command");
  driver->type_name("D");
  suggest_drivers(*driver);
  command.add_option("--isp", filter->isp, "Only of this carrier")->type_name("NAME");
  auto* state =
      command.add_option("--state", filter->state, "Only up, down, absent, rotating or rebooting");
  state->type_name("S");
  suggest(*state, {"up", "down", "absent", "rotating", "rebooting"});
  command.callback([&here, filter] {
    here.action = [&here, filter] {
      const auto query =
          query_of({{"driver", filter->driver}, {"isp", filter->isp}, {"state", filter->state}});
      return here.perform({"GET", "dongles" + query, {}, listing("dongles", kColumns)});
    };
  });
}

void add_set(CLI::App& dongle, Invocation& here) {
  const auto options = std::make_shared<DongleOptions>();
  auto& command = client_command(dongle, "set", "Change a dongle; what is not said stays", here);
  add_argument(command, kDongle, options->name);
  add_options(command, *options, false);
  add_if_match(command, options->etag);
  command.footer(
      "With another interface, gateway or name server its connections end.\n\n"
      "airlane dongle set ten --isp Iliad --gateway none --dns 192.0.2.1");
  command.callback([&here, options] {
    auto body = body_of(*options);
    if (body.empty()) throw CLI::RequiredError("Something to change");
    here.action = [&here, options, body = std::move(body)] {
      return here.perform({.method = "PATCH",
                           .path = path_to(kDongle, options->name),
                           .body = body,
                           .show = single(kColumns),
                           .expected = options->etag});
    };
  });
}

void add_history(CLI::App& dongle, Invocation& here) {
  struct Wanted {
    std::string name;
    Text limit, before;
  };
  const auto wanted = std::make_shared<Wanted>();
  auto& command = client_command(dongle, "history", "List the addresses of a dongle", here);
  add_argument(command, kDongle, wanted->name);
  command.add_option("--limit", wanted->limit, "So many at most, up to 500; 50 if left out")
      ->type_name("N");
  command.add_option("--before", wanted->before, "`next` of the answer before, from --json")
      ->type_name("N");
  command.callback([&here, wanted] {
    here.action = [&here, wanted] {
      const auto query =
          query_of({{"limit", wanted->limit.value_or("50")}, {"before", wanted->before}});
      return here.perform({.method = "GET",
                           .path = path_to(kDongle, wanted->name) + "/history" + query,
                           .show = show_history,
                           .one_page = true});
    };
  });
}

}  // namespace

void add_dongle_commands(CLI::App& app, Invocation& here) {
  auto& dongle = *app.add_subcommand("dongle", "The modems");
  add_add(dongle, here);
  add_list(dongle, here);
  add_show_command(dongle, "Show a dongle as JSON, with its driver's options", kDongle, here);
  add_set(dongle, here);
  add_history(dongle, here);
  add_remove_command(dongle, "Remove a dongle that no proxy uses", kDongle, here);
}

}  // namespace airlane::cli
