#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "cli/resource.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::array<Column, 4> kColumns{
    {{"NAME", "name"}, {"ADMIN", "admin"}, {"API", "api"}, {"API KEY", "api_key"}}};

struct NewUser {
  std::string name;
  bool admin = false;
};

struct Change {
  std::string name;
  std::string api;
};

int add(Invocation& here, const NewUser& user) {
  const auto password = here.read_password();
  if (password.empty()) return here.fail(kUsage, "there is no password on standard input");
  const Json body{{"name", user.name}, {"password", password}, {"admin", user.admin}};
  return here.perform({"POST", "users", body, single(kColumns)});
}

}  // namespace

void add_user_commands(CLI::App& app, Invocation& here) {
  auto& user = *app.add_subcommand("user", "Who owns proxies");

  const auto fresh = std::make_shared<NewUser>();
  auto& adding = client_command(user, "add", "Add a user, with a new API key", here);
  adding.add_option("NAME", fresh->name, "The user's name")->required()->type_name("");
  adding.add_flag("--admin", fresh->admin, "May manage everything");
  adding.add_flag("--password-stdin")
      ->description("Read it from standard input; 8 characters at least")
      ->required();
  adding.footer("echo 'a long password' | airlane user add alice --password-stdin");
  adding.callback([&here, fresh] { here.action = [&here, fresh] { return add(here, *fresh); }; });

  client_command(user, "list", "List the users", here).callback([&here] {
    here.action = [&here] {
      return here.perform({"GET", "users", {}, listing("users", kColumns)});
    };
  });

  add_show_command(user, "Show a user as JSON", kUser, here);

  const auto changed = std::make_shared<Change>();
  auto& setting = client_command(user, "set", "Change a user", here);
  add_argument(setting, kUser, changed->name);
  setting.add_option("--api", changed->api, "Whether the REST API may be used: on or off")
      ->type_name("on|off")
      ->check(CLI::IsMember({"on", "off"}))
      ->required();
  setting.callback([&here, changed] {
    here.action = [&here, changed] {
      return here.perform({"PATCH", path_to(kUser, changed->name),
                           Json{{"api", changed->api == "on"}}, single(kColumns)});
    };
  });

  add_remove_command(user, "Remove a user who owns no proxy", kUser, here);
}

}  // namespace airlane::cli
