// What the admin API manages, as the command line names one of it.
//
// Pure data, and the parts of commands that follow from it.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "cli/invocation.h"

namespace airlane::cli {

struct Resource {
  const char* what;      // "proxy"
  const char* list;      // In paths and answers of the API: "proxies".
  const char* argument;  // "ID"
  const char* meaning;   // "The proxy's number"
};
inline constexpr Resource kUser{"user", "users", "NAME", "The user's name"};
inline constexpr Resource kDongle{"dongle", "dongles", "NAME", "The dongle's name"};
inline constexpr Resource kProxy{"proxy", "proxies", "ID", "The proxy's number"};
inline constexpr Resource kCredential{"credential", "credentials", "ID", "The credential's number"};
inline constexpr Resource kKey{"key", "keys", "ID", "The key's number"};
inline constexpr Resource kSchedule{"schedule", "schedules", "ID", "The proxy's number"};
inline constexpr Resource kJob{"job", "jobs", "ID", "The job's number"};

// The argument that says which one; it must be there.
void add_argument(CLI::App& command, const Resource& of, std::string& one);
// Below /api/admin/.
std::string path_to(const Resource& of, const std::string& one);

// A subcommand that is one call, and whose only argument says about which one.
using CallAbout = std::function<Call(const std::string& one)>;
CLI::App& add_command(CLI::App& parent, const char* name, const char* sentence, const Resource& of,
                      Invocation& here, CallAbout call);
// For a change of one that is to be made only as long as nobody else has changed it.
CLI::Option* add_if_match(CLI::App& command, std::string& etag);
// `show`: all that the server tells, as JSON; by --etag what `add_if_match` wants before it.
void add_show_command(CLI::App& parent, const char* sentence, const Resource& of, Invocation& here);
// `remove`.
void add_remove_command(CLI::App& parent, const char* sentence, const Resource& of,
                        Invocation& here);

}  // namespace airlane::cli
