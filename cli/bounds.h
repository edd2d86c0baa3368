// `limit` and `quota`: the commands that proxies and credentials have in common.
#pragma once

#include <CLI/App.hpp>

#include "cli/invocation.h"
#include "cli/resource.h"

namespace airlane::cli {

void add_limit_command(CLI::App& parent, Invocation& here, const Resource& of);
void add_quota_command(CLI::App& parent, Invocation& here, const Resource& of);

}  // namespace airlane::cli
