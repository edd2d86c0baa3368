#include <CLI/CLI.hpp>
#include <array>
#include <memory>

#include "cli/account_options.h"
#include "cli/bounds.h"
#include "cli/resource.h"
#include "cli/table.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::array<Column, 9> kColumns{{{"ID", "id"},
                                          {"PROXY", "proxy"},
                                          {"NAME", "name"},
                                          {"ENABLED", "enabled"},
                                          {"WHITELIST", "src_whitelist"},
                                          {"MODE", "src_whitelist_mode"},
                                          {"FROM", "in_use_from"},
                                          {"TILL", "in_use_till"},
                                          {"QUOTA", "quota", quota_in_words}}};

struct CredentialOptions {
  std::string id, etag;     // Of `set`.
  std::uint64_t proxy = 0;  // Of `add`.
  Text name;
  AccountOptions account;
  bool enable = false;
  bool disable = false;
};

Json body_of(const CredentialOptions& options) {
  Json body = Json::object();
  if (options.proxy != 0) body["proxy"] = options.proxy;
  put(body, "name", options.name);
  if (options.enable) body["enabled"] = true;
  if (options.disable) body["enabled"] = false;
  put(body, options.account);
  return body;
}

void add_options(CLI::App& command, CredentialOptions& options) {
  add_account_options(command, options.account, "Start", "End");
  auto* off = command.add_flag("--disable", options.disable, "Nobody comes in by it");
  command.add_flag("--enable", options.enable, "Somebody does again")->excludes(off);
}

int send(Invocation& here, CredentialOptions& options, Call call) {
  if (!take_password(here, options.account)) return kUsage;
  call.body = body_of(options);
  call.show = record();
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
    if (!is_password_given(options->account)) {
      throw CLI::RequiredError("--password-stdin or --password");
    }
    here.action = [&here, options] { return send(here, *options, {"POST", "credentials"}); };
  });
}

void add_set(CLI::App& credential, Invocation& here) {
  const auto options = std::make_shared<CredentialOptions>();
  auto& command =
      client_command(credential, "set", "Change a credential and print it as JSON", here);
  add_argument(command, kCredential, options->id);
  command.add_option("--name", options->name, "Another name")->type_name("N");
  add_options(command, *options);
  add_if_match(command, options->etag);
  command.callback([&here, options] {
    if (body_of(*options).empty() && !options->account.password_stdin) {
      throw CLI::RequiredError("Something to change");
    }
    here.action = [&here, options] {
      return send(here, *options,
                  {.method = "PATCH",
                   .path = path_to(kCredential, options->id),
                   .expected = options->etag});
    };
  });
}

void add_list(CLI::App& credential, Invocation& here) {
  const auto proxy = std::make_shared<Text>();
  auto& command =
      client_command(credential, "list", "List the credentials; passwords only with --json", here);
  command.add_option("PROXY", *proxy, "Of one proxy")->type_name("")->check(objection_to_name);
  command.callback([&here, proxy] {
    here.action = [&here, proxy] {
      return here.perform({"GET",
                           "credentials" + query_of({{"proxy", *proxy}}),
                           {},
                           listing("credentials", kColumns)});
    };
  });
}

}  // namespace

void add_credential_commands(CLI::App& app, Invocation& here) {
  auto& credential = *app.add_subcommand("credential", "More log-ins of a proxy");
  add_add(credential, here);
  add_list(credential, here);
  add_show_command(credential, "Show a credential as JSON, with its password", kCredential, here);
  add_set(credential, here);
  add_limit_command(credential, here, kCredential);
  add_quota_command(credential, here, kCredential);
  add_remove_command(credential, "Remove a credential", kCredential, here);
}

}  // namespace airlane::cli
