// `limit` and `quota`: the commands that proxies and credentials have in common.
#pragma once

#include <CLI/App.hpp>

#include "cli/invocation.h"

namespace airlane::cli {

// Of what.
struct Bounded {
  const char* what;      // "proxy"
  const char* resource;  // Of the admin API.
};
inline constexpr Bounded kProxyBounds{"proxy", "proxies"};
inline constexpr Bounded kCredentialBounds{"credential", "credentials"};

void add_limit_command(CLI::App& parent, Invocation& here, const Bounded& of);
void add_quota_command(CLI::App& parent, Invocation& here, const Bounded& of);

}  // namespace airlane::cli
