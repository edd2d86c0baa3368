#include "proxy/protocol/http_fields.h"

#include <array>
#include <iterator>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::string_view kCrLf = "\r\n";
constexpr std::size_t kFieldsUsual = 24;

struct KnownField {
  std::string_view name;
  FieldId id;
};
constexpr KnownField kKnownFields[] = {
    {"Connection", FieldId::kConnection},
    {"Content-Length", FieldId::kContentLength},
    {"Expect", FieldId::kExpect},
    {"Host", FieldId::kHost},
    {"Keep-Alive", FieldId::kKeepAlive},
    {"Max-Forwards", FieldId::kMaxForwards},
    {"Proxy-Authenticate", FieldId::kProxyAuthenticate},
    {"Proxy-Authorization", FieldId::kProxyAuthorization},
    {"Proxy-Connection", FieldId::kProxyConnection},
    {"TE", FieldId::kTe},
    {"Trailer", FieldId::kTrailer},
    {"Transfer-Encoding", FieldId::kTransferEncoding},
    {"Upgrade", FieldId::kUpgrade},
};

// Length and first letter tell all of them apart, and nearly everything else from them.
constexpr std::size_t kKeys = 1024;
constexpr std::size_t key_of(std::string_view name) {
  return (name.size() << 5 | (static_cast<std::uint8_t>(name[0]) & 31)) % kKeys;
}
constexpr auto kKnownByKey = [] {
  std::array<std::uint8_t, kKeys> table{};  // One more than the index into kKnownFields.
  std::uint8_t number = 0;
  for (const auto& field : kKnownFields) {
    auto& entry = table[key_of(field.name)];
    entry = entry == 0 ? ++number : throw "two fields with one key";
  }
  return table;
}();

Result<HeadField> parse_field(std::string_view line, SpaceBeforeColon space) {
  const Error malformed{Errc::kMalformed, "read field"};
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return malformed;
  auto name = line.substr(0, colon);
  if (space == SpaceBeforeColon::kDrop) {
    // Only behind the name: a line that starts with space is a folded one, and refused.
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
  }
  HeadField field{name, http::trim(line.substr(colon + 1))};
  if (!http::is_token(name) || !http::is_field_value(field.value)) return malformed;
  field.id = identify_field(name);
  if (field.id == FieldId::kContentLength) {
    while (field.value.size() > 1 && field.value.front() == '0') field.value.remove_prefix(1);
  }
  return field;
}

// "chunked" alone is understood. Another coding before it is valid HTTP that we do not speak; any
// other order, repetition or spelling is a disguise.
Status check_codings(const HeadFields& fields) {
  const Error malformed{Errc::kMalformed, "read Transfer-Encoding"};
  std::size_t codings = 0;
  bool chunked = false;
  for (const auto& field : fields) {
    if (field.id != FieldId::kTransferEncoding) continue;
    auto list = field.value;
    if (list.empty() || list.front() == ',' || list.back() == ',') return malformed;
    for (std::string_view coding; http::next_element(list, coding); ++codings) {
      if (chunked || !http::is_token(coding)) return malformed;
      chunked = http::equal_ignoring_case(coding, "chunked");
    }
  }
  if (!chunked) return malformed;
  if (codings > 1) return Error{Errc::kUnsupported, "read Transfer-Encoding"};
  return Done{};
}

}  // namespace

FieldId identify_field(std::string_view name) noexcept {
  const auto found = name.empty() ? 0 : kKnownByKey[key_of(name)];
  if (found == 0) return FieldId::kOther;
  const auto& known = kKnownFields[found - 1];
  return http::equal_ignoring_case(known.name, name) ? known.id : FieldId::kOther;
}

Result<HeadLines> split_head(std::string_view text) {
  const auto end = text.find(kCrLf);
  if (end == std::string_view::npos || !text.ends_with("\r\n\r\n")) {
    return Error{Errc::kMalformed, "read head"};
  }
  const auto fields_at = end + kCrLf.size();
  return HeadLines{text.substr(0, end),
                   text.substr(fields_at, text.size() - fields_at - kCrLf.size())};
}

Status parse_fields(std::string_view lines, SpaceBeforeColon space, HeadFields& fields) {
  fields.clear();
  fields.reserve(kFieldsUsual);
  while (!lines.empty()) {
    const auto end = lines.find(kCrLf);
    if (end == std::string_view::npos) return Error{Errc::kMalformed, "read field"};
    if (fields.size() == kFieldsMost) return Error{Errc::kTooLarge, "count fields"};
    const auto field = parse_field(lines.substr(0, end), space);
    if (!field) return field.error();
    fields.push_back(*field);
    lines.remove_prefix(end + kCrLf.size());
  }
  return Done{};
}

Result<const HeadField*> find_single(const HeadFields& fields, FieldId id) {
  const HeadField* found = nullptr;
  for (const auto& field : fields) {
    if (field.id != id) continue;
    if (found != nullptr) return Error{Errc::kMalformed, "read a field that may come only once"};
    found = &field;
  }
  return found;
}

Result<DeclaredBody> declared_body(const HeadFields& fields, int minor_version) {
  const Error malformed{Errc::kMalformed, "read message length"};
  const auto length = find_single(fields, FieldId::kContentLength);
  if (!length) return length.error();
  bool has_codings = false;
  for (const auto& field : fields) has_codings |= field.id == FieldId::kTransferEncoding;
  if (has_codings) {
    if (*length != nullptr || minor_version == 0) return malformed;
    if (const auto checked = check_codings(fields); !checked) return checked.error();
    return DeclaredBody{BodyFraming::kChunked, 0, true};
  }
  if (*length == nullptr) return DeclaredBody{};
  DeclaredBody body{BodyFraming::kLength, 0, true};
  if (!http::parse_length((*length)->value, body.length)) return malformed;
  return body;
}

bool has_connection_option(const HeadFields& fields, std::string_view option) noexcept {
  for (const auto& field : fields) {
    if (field.id != FieldId::kConnection && field.id != FieldId::kProxyConnection) continue;
    if (has_element(field.value, option)) return true;
  }
  return false;
}

bool has_element(std::string_view list, std::string_view element) noexcept {
  for (std::string_view each; http::next_element(list, each);) {
    if (http::equal_ignoring_case(each, element)) return true;
  }
  return false;
}

}  // namespace airlane
