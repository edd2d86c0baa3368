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
  kMaxForwards,
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

// A head as HeadReader collects it: its start line, without CRLF, and its field lines, each with.
struct HeadLines {
  std::string_view start;
  std::string_view fields;
};
Result<HeadLines> split_head(std::string_view text);

// Replaces what is in `fields`, whose memory is used again. Zeros in front of a Content-Length are
// dropped, because there are readers that take them for the beginning of an octal number.
Status parse_fields(std::string_view lines, SpaceBeforeColon space, HeadFields& fields);

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
bool has_element(std::string_view list, std::string_view element) noexcept;

}  // namespace airlane
