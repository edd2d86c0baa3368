// The XML that HiLink modems speak: one root, a flat list of fields, no attributes that matter.
//
// Pure functions of bytes. What a modem says is untrusted: depth, number of fields and length of
// names are bounded, and what is not well-formed is refused, not guessed at.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace airlane {

using Fields = std::vector<std::pair<std::string, std::string>>;  // In the modem's order.

struct HilinkDocument {
  std::string root;  // "response", "error"
  std::string text;  // Of the root itself: "OK"
  Fields fields;     // Elements without children, at whatever depth, entities decoded.
};

std::optional<HilinkDocument> parse_hilink(std::string_view xml);

// <?xml ...?><request><name>value</name>...</request>
std::string write_hilink_request(const Fields& fields);

// The first field of that name, or "".
std::string field_of(const Fields& fields, std::string_view name);

}  // namespace airlane
