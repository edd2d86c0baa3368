// What may come next on a command line that is being typed, for the completion of shells.
//
//   airlane completion bash    prints the script that a shell reads once
//   airlane __complete LINE    answers it at each TAB: a candidate per line, or a tab and "files"
//                              where the shell shall complete the name of a file
//
// Found in the tree of commands itself, so that no script has to be made anew for another version;
// the names of dongles, users and proxies are asked of the server, which has a second.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/invocation.h"

namespace airlane::cli {

inline constexpr std::string_view kComplete = "__complete";

void add_completion_command(CLI::App& app, Invocation& here);

// `line` goes from its first word to the cursor, as it was typed.
void complete(CLI::App& app, Invocation& here, const std::string& line);

// One of those that are meant: shown by completion, judged by the server.
void suggest(CLI::Option& option, const std::vector<std::string>& words);

// Words as a shell splits them, without their quotes; the last is what the cursor is in.
std::vector<std::string> split(std::string_view line);

}  // namespace airlane::cli
