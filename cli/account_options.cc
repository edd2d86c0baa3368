#include "cli/account_options.h"

#include <CLI/CLI.hpp>

#include "cli/completion.h"

namespace airlane::cli {

void add_account_options(CLI::App& command, AccountOptions& options, const std::string& start,
                         const std::string& end) {
  auto* argument = command.add_option("--password", options.password,
                                      "Shows in `ps`; --password-stdin does not");
  argument->type_name("P");
  command.add_flag("--password-stdin", options.password_stdin, "Read it from standard input")
      ->excludes(argument);
  command.add_option("--whitelist", options.whitelist, "A source network, repeatable; or none")
      ->type_name("CIDR")
      ->allow_extra_args(false);
  auto* mode =
      command.add_option("--whitelist-mode", options.whitelist_mode, "bypass, restrict or only");
  mode->type_name("M");
  suggest(*mode, {"bypass", "restrict", "only"});
  command.add_option("--from", options.from, start + ", 2026-01-31T00:00:00Z or none")
      ->type_name("T");
  command.add_option("--till", options.till, end + ", likewise")->type_name("T");
}

bool take_password(Invocation& here, AccountOptions& options) {
  if (!options.password_stdin) return true;
  options.password = here.read_password();
  return options.password.has_value();
}

void put(Json& body, const AccountOptions& options) {
  put(body, "password", options.password);
  put_list(body, "src_whitelist", options.whitelist);
  put(body, "src_whitelist_mode", options.whitelist_mode);
  put_or_null(body, "in_use_from", options.from);
  put_or_null(body, "in_use_till", options.till);
}

}  // namespace airlane::cli
