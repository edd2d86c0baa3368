// Named keys: made for scripts and programs, told once.
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

constexpr std::array<Column, 7> kColumns{{{"ID", "id"},
                                          {"USER", "user"},
                                          {"NAME", "name"},
                                          {"SCOPES", "scopes"},
                                          {"CREATED", "created_at"},
                                          {"EXPIRES", "expires_at"},
                                          {"LAST USED", "last_used_at"}}};

struct NewKey {
  std::string user, name;
  std::vector<std::string> scopes;
  Text expires;
};

Json body_of(const NewKey& key) {
  Json body{{"user", key.user}, {"name", key.name}, {"scopes", key.scopes}};
  put_or_null(body, "expires_at", key.expires);
  return body;
}

// A line of its own for the key, that a double click takes it.
void show_key(std::ostream& out, const Json& answer) {
  out << "key " << cell(answer, "id") << " of " << cell(answer, "user")
      << ", told this once and never again:\n"
      << cell(answer, "key") << '\n';
}

void add_add(CLI::App& key, Invocation& here) {
  const auto fresh = std::make_shared<NewKey>();
  auto& command = client_command(key, "add", "Make a key for a user; it is told only now", here);
  command.add_option("USER", fresh->user, "Whose it is")->required()->type_name("");
  command.add_option("NAME", fresh->name, "What to call it")->required()->type_name("");
  auto* scope = command.add_option("--scope", fresh->scopes,
                                   "read, rotate, reboot or admin; may be repeated");
  scope->required()->type_name("S")->allow_extra_args(false);
  suggest(*scope, {"read", "rotate", "reboot", "admin"});
  command.add_option("--expires", fresh->expires, "2026-12-31T00:00:00Z; never if left out")
      ->type_name("T");
  command.footer("airlane key add alice rotator --scope read --scope rotate");
  command.callback([&here, fresh] {
    here.action = [&here, fresh] {
      return here.perform({"POST", "keys", body_of(*fresh), show_key});
    };
  });
}

void add_list(CLI::App& key, Invocation& here) {
  const auto user = std::make_shared<Text>();
  auto& command = client_command(key, "list", "List the keys, without the keys themselves", here);
  command.add_option("--user", *user, "Only of this one")->type_name("NAME");
  command.callback([&here, user] {
    here.action = [&here, user] {
      return here.perform(
          {"GET", "keys" + query_of({{"user", *user}}), {}, listing("keys", kColumns)});
    };
  });
}

}  // namespace

void add_key_commands(CLI::App& app, Invocation& here) {
  auto& key = *app.add_subcommand("key", "Named API keys");
  add_add(key, here);
  add_list(key, here);
  add_command(key, "revoke", "Refuse a key from now on", kKey, here, [](const std::string& id) {
    return Call{"DELETE", path_to(kKey, id), {}, sentence("key " + id + " revoked")};
  });
}

}  // namespace airlane::cli
