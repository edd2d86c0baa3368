// The options that proxies and credentials have in common: who may come in, from where and when.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "cli/invocation.h"
#include "cli/values.h"

namespace airlane::cli {

struct AccountOptions {
  Text password, whitelist_mode, from, till;
  std::vector<std::string> whitelist;
  bool password_stdin = false;
};

// `start` and `end` are what the help calls the two ends of its time.
void add_account_options(CLI::App& command, AccountOptions& options, const std::string& start,
                         const std::string& end);
inline bool is_password_given(const AccountOptions& options) {
  return options.password || options.password_stdin;
}
// Reads it where it is to come from standard input. False when there was none, which it has said.
bool take_password(Invocation& here, AccountOptions& options);

// In the words of the API.
void put(Json& body, const AccountOptions& options);

}  // namespace airlane::cli
