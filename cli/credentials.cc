#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <optional>

#include "cli/bounds.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

using Text = std::optional<std::string>;  // Absent: not on the command line.

constexpr std::array<Column, 9> kColumns{{{"ID", "id"},
                                          {"PROXY", "proxy"},
                                          {"NAME", "name"},
                                          {"ENABLED", "enabled"},
                                          {"WHITELIST", "src_whitelist"},
                                          {"MODE", "src_whitelist_mode"},
                                          {"FROM", "in_use_from"},
                                          {"TILL", "in_use_till"},
                                          {"QUOTA", "quota"}}};

struct CredentialOptions {
  std::string id;           // Of `set`.
  std::uint64_t proxy = 0;  // Of `add`.
  Text name, password, whitelist_mode, from, till;
  std::vector<std::string> whitelist;
  bool password_stdin = false;
  bool enable = false;
  bool disable = false;
};

void put(Json& body, const char* field, const Text& value) {
  if (value) body[field] = *value;
}

void put_or_null(Json& body, const char* field, const Text& value) {
  if (value) body[field] = *value == "none" ? Json() : Json(*value);
}

Json body_of(const CredentialOptions& options) {
  Json body = Json::object();
  if (options.proxy != 0) body["proxy"] = options.proxy;
  put(body, "name", options.name);
  put(body, "password", options.password);
  if (options.enable) body["enabled"] = true;
  if (options.disable) body["enabled"] = false;
  if (!options.whitelist.empty()) {
    const bool none = options.whitelist == std::vector<std::string>{"none"};
    body["src_whitelist"] = none ? Json::array() : Json(options.whitelist);
  }
  put(body, "src_whitelist_mode", options.whitelist_mode);
  put_or_null(body, "in_use_from", options.from);
  put_or_null(body, "in_use_till", options.till);
  return body;
}

void add_options(CLI::App& command, CredentialOptions& options) {
  auto* argument = command.add_option("--password", options.password,
                                      "Shows in `ps`; --password-stdin does not");
  argument->type_name("P");
  command.add_flag("--password-stdin", options.password_stdin, "Read it from standard input")
      ->excludes(argument);
  command.add_option("--whitelist", options.whitelist, "A source network, repeatable; or none")
      ->type_name("CIDR")
      ->allow_extra_args(false);
  command.add_option("--whitelist-mode", options.whitelist_mode, "bypass, restrict or only")
      ->type_name("M");
  command.add_option("--from", options.from, "Start, 2026-01-31T00:00:00Z or none")->type_name("T");
  command.add_option("--till", options.till, "End, likewise")->type_name("T");
  auto* off = command.add_flag("--disable", options.disable, "Nobody comes in by it");
  command.add_flag("--enable", options.enable, "Somebody does again")->excludes(off);
}

int send(Invocation& here, CredentialOptions& options, Call call) {
  if (options.password_stdin) {
    options.password = here.read_password();
    if (options.password->empty()) {
      return here.fail(kUsage, "there is no password on standard input");
    }
  }
  call.body = body_of(options);
  return here.perform(call);
}

void add_add(CLI::App& credential, Invocation& here) {
  const auto options = std::make_shared<CredentialOptions>();
  auto& command = client_command(credential, "add", "Add a credential and print it as JSON", here);
  command.add_option("PROXY", options->proxy, "The proxy's number")->required()->type_name("");
  command.add_option("NAME", options->name, "What its clients log in with")
      ->required()
      ->type_name("");
  add_options(command, *options);
  command.callback([&here, options] {
    if (!options->password && !options->password_stdin) {
      throw CLI::RequiredError("--password-stdin or --password");
    }
    here.action = [&here, options] { return send(here, *options, {"POST", "credentials"}); };
  });
}

void add_set(CLI::App& credential, Invocation& here) {
  const auto options = std::make_shared<CredentialOptions>();
  auto& command =
      client_command(credential, "set", "Change a credential and print it as JSON", here);
  command.add_option("ID", options->id, "The credential's number")->required()->type_name("");
  command.add_option("--name", options->name, "Another name")->type_name("N");
  add_options(command, *options);
  command.callback([&here, options] {
    if (body_of(*options).empty() && !options->password_stdin) {
      throw CLI::RequiredError("Something to change");
    }
    here.action = [&here, options] {
      return send(here, *options, {"PATCH", "credentials/" + escaped(options->id)});
    };
  });
}

void add_list(CLI::App& credential, Invocation& here) {
  const auto proxy = std::make_shared<Text>();
  auto& command =
      client_command(credential, "list", "List the credentials; passwords only with --json", here);
  command.add_option("PROXY", *proxy, "Of one proxy")->type_name("");
  command.callback([&here, proxy] {
    here.action = [&here, proxy] {
      const auto query = *proxy ? "?proxy=" + escaped(**proxy) : std::string();
      return here.perform({"GET", "credentials" + query, {}, listing("credentials", kColumns)});
    };
  });
}

void add_remove(CLI::App& credential, Invocation& here) {
  const auto id = std::make_shared<std::string>();
  auto& command = client_command(credential, "remove", "Remove a credential", here);
  command.add_option("ID", *id, "The credential's number")->required()->type_name("");
  command.callback([&here, id] {
    here.action = [&here, id] {
      return here.perform({"DELETE",
                           "credentials/" + escaped(*id),
                           {},
                           sentence("credential " + *id + " removed")});
    };
  });
}

}  // namespace

void add_credential_commands(CLI::App& app, Invocation& here) {
  auto& credential = *app.add_subcommand("credential", "More log-ins of a proxy");
  add_add(credential, here);
  add_list(credential, here);
  add_set(credential, here);
  add_limit_command(credential, here, kCredentialBounds);
  add_quota_command(credential, here, kCredentialBounds);
  add_remove(credential, here);
}

}  // namespace airlane::cli
