// Answers as a person reads them: aligned columns, one line per row. Pure functions.
#pragma once

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "cli/invocation.h"

namespace airlane::cli {

struct Column {
  std::string_view title;
  std::string_view key;                               // Of the objects that are listed.
  std::string (*write)(const Json& value) = nullptr;  // Of one that is there; null: as `cell` does.
};

// A title line and a line per object. Columns are as wide as their widest cell, two blanks apart.
void print_table(std::ostream& out, const Json& objects, std::span<const Column> columns);

// For an answer that holds its objects under `list`, and for one that is a single object.
Show listing(std::string_view list, std::span<const Column> columns);
Show single(std::span<const Column> columns);
// For an answer that is what was made or changed: as JSON, without its password.
Show record();
Show sentence(std::string text);

// A field as text: "-" when null, absent or empty, "yes" and "no", lists with commas.
std::string cell(const Json& object, std::string_view key);

// Without the control characters that would move a terminal's cursor; UTF-8 stays.
std::string printable(std::string_view text);

}  // namespace airlane::cli
