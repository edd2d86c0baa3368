// Whether what was given has the form that a row of the table asks for: known names only, what is
// required, the right types. Finds everything that is wrong, not only the first. Pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "control/api/admin/answers.h"
#include "control/api/admin/table.h"

namespace airlane::api {

// Of the fields those count that `use` has to do with.
void check_object(const Json& object, std::span<const Field> fields, std::uint8_t use,
                  std::vector<WrongField>& wrong);
// Of the options of a URL, which are texts, and may be left empty.
void check_query(const AdminCall& call, std::vector<WrongField>& wrong);

// "a whole number from 1 to 65535 or null"
std::string must_be(const Field& field);

// `limit` and `after`: what every list takes.
std::span<const Field> page_fields();

}  // namespace airlane::api
