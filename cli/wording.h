// What the server says of a field, for somebody who has typed options. A pure function.
//
// The server speaks to programs: it calls a field by its name in JSON, and what takes a value away
// is null. The command line has an option in the field's place, and a word in that of null.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <string_view>

namespace airlane::cli {

// "--till must be a time, or none.", of "in_use_till" and `The field "in_use_till" must be a time,
// or null.` A field that is called otherwise on the command line is found in a table, the others
// among the options and arguments of the command (null: of none). What is not there stays as it is,
// after its name.
std::string in_words_of_options(const CLI::App* command, std::string_view field,
                                std::string_view message);

}  // namespace airlane::cli
