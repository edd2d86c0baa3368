#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <ostream>

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

struct NewDongle {
  std::string name, interface, driver, gateway, isp;
  std::vector<std::string> dns, options;
};

Json body_of(const NewDongle& dongle) {
  Json body{{"name", dongle.name}, {"interface", dongle.interface}, {"driver", dongle.driver}};
  if (!dongle.gateway.empty()) body["gateway"] = dongle.gateway;
  if (!dongle.dns.empty()) body["dns"] = dongle.dns;
  if (!dongle.isp.empty()) body["isp"] = dongle.isp;
  for (const auto& option : dongle.options) {
    const auto equals = option.find('=');
    body["options"][option.substr(0, equals)] = option.substr(equals + 1);
  }
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
  return equals == std::string::npos || equals == 0 ? text + " is not of the form KEY=VALUE" : "";
}

void add_options(CLI::App& command, NewDongle& dongle) {
  command.add_option("NAME", dongle.name, "What to call it")->required()->type_name("");
  command.add_option("--interface", dongle.interface, "Its network interface")
      ->required()
      ->type_name("IF");
  auto* driver = command.add_option("--driver", dongle.driver, "none, hilink or command");
  driver->required()->type_name("D");
  suggest(*driver, {"none", "hilink", "command"});
  command.add_option("--gateway", dongle.gateway, "Its gateway, if it cannot be found out")
      ->type_name("A");
  command.add_option("--dns", dongle.dns, "A name server behind it; may be repeated")
      ->type_name("A")
      ->allow_extra_args(false);
  command.add_option("--isp", dongle.isp, "The carrier's name")->type_name("NAME");
  command.add_option("--option", dongle.options, "For the driver; may be repeated")
      ->type_name("K=V")
      ->allow_extra_args(false)
      ->check(objection_to_option);
  command.footer(
      "airlane dongle add ten --interface wwan0 --driver hilink --isp Wind\n"
      "airlane dongle add eleven --interface wwan1 --driver command \\\n"
      "  --option rotate=\"/usr/local/bin/redial wwan1\"");
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
      return here.perform(
          {"GET", path_to(kDongle, wanted->name) + "/history" + query, {}, show_history});
    };
  });
}

}  // namespace

void add_dongle_commands(CLI::App& app, Invocation& here) {
  auto& dongle = *app.add_subcommand("dongle", "The modems");

  const auto fresh = std::make_shared<NewDongle>();
  auto& adding = client_command(dongle, "add", "Add a dongle", here);
  add_options(adding, *fresh);
  adding.callback([&here, fresh] {
    here.action = [&here, fresh] {
      return here.perform({"POST", "dongles", body_of(*fresh), single(kColumns)});
    };
  });

  client_command(dongle, "list", "List the dongles", here).callback([&here] {
    here.action = [&here] {
      return here.perform({"GET", "dongles", {}, listing("dongles", kColumns)});
    };
  });

  add_show_command(dongle, "Show a dongle as JSON, with its driver's options", kDongle, here);
  add_history(dongle, here);
  add_remove_command(dongle, "Remove a dongle that no proxy uses", kDongle, here);
}

}  // namespace airlane::cli
