// What modems say: bounded whatever it is, and what was understood is understood again when we
// write it.
#include "control/modem/hilink_xml.h"

#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

bool is_plain(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

}  // namespace

void check(std::string_view data) {
  const auto read = parse_hilink(data);
  if (!read) return;
  require(!read->root.empty() && read->root.size() <= 64, "a root without a usable name");
  require(read->fields.size() <= 1000, "more fields than we want");
  Fields plain;
  for (const auto& field : read->fields) {
    require(!field.first.empty() && field.first.size() <= 64, "a field without a usable name");
    if (is_plain(field.first)) plain.push_back(field);
  }
  const auto again = parse_hilink(write_hilink_request(plain));
  require(again && again->root == "request", "not understood again");
  require(again->fields == plain, "other fields when written");
}

}  // namespace airlane::fuzz
