// `limit` and `quota`: the commands that proxies and credentials have in common.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "cli/invocation.h"
#include "cli/resource.h"

namespace airlane::cli {

void add_limit_command(CLI::App& parent, Invocation& here, const Resource& of);
void add_quota_command(CLI::App& parent, Invocation& here, const Resource& of);

// As a cell of a table: "1.2GiB of 50GiB a month, then refused; anew 2026-12-01T00:00:00Z".
std::string quota_in_words(const Json& quota);

}  // namespace airlane::cli
