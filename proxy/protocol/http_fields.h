// The field section of a head: its lines as views, in order and case, the ones that matter to a
// proxy recognised once, and the two questions that decide everything after it: how long is the
// body, and does the connection go on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proxy/protocol/http_body.h"

namespace airlane {

enum class FieldId : std::uint8_t {
  kOther,
  kConnection,
  kContentLength,
  kExpect,
  kHost,
  kKeepAlive,
  kProxyAuthenticate,
  kProxyAuthorization,
  kProxyConnection,
  kTe,
  kTrailer,
  kTransferEncoding,
  kUpgrade,
};
FieldId identify_field(std::string_view name) noexcept;

struct HeadField {
  std::string_view name;
  std::string_view value;  // Without the space around it.
  FieldId id = FieldId::kOther;
};
using HeadFields = std::vector<HeadField>;

inline constexpr std::size_t kFieldsMost = 100;

// Before the colon no space is allowed in a request; in a response it is dropped (RFC 9112, 5.1).
enum class SpaceBeforeColon : std::uint8_t { kRefuse, kDrop };

// The lines between start line and empty line, each with its CRLF.
Result<HeadFields> parse_fields(std::string_view lines, SpaceBeforeColon space);

// The one field with this id, nullptr if there is none; kMalformed if there are more.
Result<const HeadField*> find_single(const HeadFields& fields, FieldId id);

// What Content-Length and Transfer-Encoding say, and no more: an absence of both is kNone. Both at
// once, or anything that two readers could take for two lengths, is kMalformed; a coding besides
// chunked is kUnsupported.
struct DeclaredBody {
  BodyFraming framing = BodyFraming::kNone;
  std::uint64_t length = 0;
  bool declared = false;  // Whether either of the two fields was there.
};
Result<DeclaredBody> declared_body(const HeadFields& fields, int minor_version);

// Whether a Connection field (or Proxy-Connection, its unofficial twin) lists `option`.
bool has_connection_option(const HeadFields& fields, std::string_view option) noexcept;

}  // namespace airlane
