#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <utility>

#include "cli/resource.h"
#include "cli/table.h"
#include "cli/values.h"
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
  Text api, admin;
  bool password_stdin = false;
  std::string etag;
};

int add(Invocation& here, const NewUser& user) {
  const auto password = here.read_password();
  if (!password) return kUsage;
  const Json body{{"name", user.name}, {"password", *password}, {"admin", user.admin}};
  return here.perform({"POST", "users", body, single(kColumns)});
}

int set(Invocation& here, const Change& change) {
  Json body = Json::object();
  if (change.password_stdin) {
    const auto password = here.read_password();
    if (!password) return kUsage;
    body["password"] = *password;
  }
  if (change.admin) body["admin"] = change.admin == "on";
  if (change.api) body["api"] = change.api == "on";
  return here.perform({.method = "PATCH",
                       .path = path_to(kUser, change.name),
                       .body = std::move(body),
                       .show = single(kColumns),
                       .expected = change.etag});
}

void add_switch(CLI::App& command, const char* name, Text& value, const char* what) {
  command.add_option(name, value, what)->type_name("on|off")->check(CLI::IsMember({"on", "off"}));
}

void add_set(CLI::App& user, Invocation& here) {
  const auto change = std::make_shared<Change>();
  auto& command = client_command(user, "set", "Change a user; what is not said stays", here);
  add_argument(command, kUser, change->name);
  add_switch(command, "--api", change->api, "Whether the REST API may be used");
  add_switch(command, "--admin", change->admin, "Whether everything may be managed");
  command.add_flag("--password-stdin", change->password_stdin,
                   "Read a new one; who is logged in is no longer");
  add_if_match(command, change->etag);
  command.callback([&here, change] {
    if (!change->api && !change->admin && !change->password_stdin) {
      throw CLI::RequiredError("Something to change");
    }
    here.action = [&here, change] { return set(here, *change); };
  });
}

void add_list(CLI::App& user, Invocation& here) {
  const auto admin = std::make_shared<Text>();
  auto& command = client_command(user, "list", "List the users", here);
  add_switch(command, "--admin", *admin, "Only those who manage everything, or do not");
  command.callback([&here, admin] {
    here.action = [&here, admin] {
      Text wanted;
      if (*admin) wanted = *admin == "on" ? "true" : "false";
      return here.perform(
          {"GET", "users" + query_of({{"admin", wanted}}), {}, listing("users", kColumns)});
    };
  });
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

  add_list(user, here);
  add_show_command(user, "Show a user as JSON", kUser, here);
  add_set(user, here);
  add_remove_command(user, "Remove a user who owns no proxy", kUser, here);
}

}  // namespace airlane::cli
