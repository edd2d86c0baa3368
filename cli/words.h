// The words of a command line, and which options and commands of the tree they name. Pure
// functions.
//
// The parser gives an option that takes a value the next word, whatever that is, and also where the
// value after "=" is empty. So the words come by here before it sees them.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "base/result.h"

namespace airlane::cli {

// Of the command, or of those above it; null when there is none.
const CLI::Option* find_option(const CLI::App* command, const std::string& name);
// The command of this name right below; null when there is none.
const CLI::App* find_command(const CLI::App& parent, const std::string& name);
bool takes_value(const CLI::Option& option);

// As the parser is to read them: the value of "--x=" is an empty word of its own. Or a sentence:
// an option lacks its value, as nothing follows it or another option does.
Outcome<std::vector<std::string>> with_values(const CLI::App& program,
                                              const std::vector<std::string>& words);

}  // namespace airlane::cli
