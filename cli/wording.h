// What the server says of a field, for somebody who has typed options. Pure functions.
//
// The server speaks to programs: it calls a field by its name in JSON, and what takes a value away
// is null. The command line has an option in the field's place, and a word in that of null.
#pragma once

#include <string>
#include <string_view>

namespace airlane::cli {

// "--till must be a time, or none.", of "in_use_till" and `The field "in_use_till" must be a time,
// or null.` What has no option of another name stays as it is, after its name.
std::string in_words_of_options(std::string_view field, std::string_view message);

}  // namespace airlane::cli
