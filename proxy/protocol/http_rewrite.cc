#include "proxy/protocol/http_rewrite.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <utility>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::string_view kProxyPrefix = "Proxy-";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::size_t kAddedMost = 400;  // Host, Via and Connection of our own.

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

void add_number(std::string& head, std::uint64_t number) {
  char digits[20];
  head.append(digits, std::to_chars(digits, std::end(digits), number).ptr);
}

// "received in this version, by us" (RFC 9110, section 7.6.3). Last, so behind every other's.
void add_via(std::string& head, std::string_view version, std::string_view name) {
  if (name.empty()) return;
  head.append("Via: ").append(version).append(" ").append(name).append("\r\n");
}

std::string_view version_of(int minor_version) { return minor_version == 0 ? "1.0" : "1.1"; }

std::size_t size_of(const HeadFields& fields) {
  std::size_t size = 0;
  for (const auto& field : fields) size += field.name.size() + field.value.size() + 4;
  return size;
}

bool is_hop_by_hop(FieldId id) {
  switch (id) {
    case FieldId::kConnection:
    case FieldId::kKeepAlive:
    case FieldId::kProxyAuthenticate:
    case FieldId::kProxyAuthorization:
    case FieldId::kProxyConnection:
    case FieldId::kTe:
    case FieldId::kUpgrade:
      return true;
    case FieldId::kOther:
    case FieldId::kContentLength:
    case FieldId::kExpect:
    case FieldId::kHost:
    case FieldId::kMaxForwards:
    case FieldId::kTrailer:
    case FieldId::kTransferEncoding:
      return false;
  }
  return false;
}

// Whether Connection may name this field: what frames and steers the message is not up for removal.
bool is_removable(FieldId id) {
  return id != FieldId::kContentLength && id != FieldId::kTransferEncoding &&
         id != FieldId::kHost && id != FieldId::kExpect && id != FieldId::kMaxForwards;
}

// Answers for each field whether Connection names it. Nearly always Connection says nothing but
// "keep-alive" or "close", and then no name needs to be looked up.
class NamedByConnection {
 public:
  explicit NamedByConnection(const HeadFields& fields) : fields_(fields) {
    for (const auto& field : fields) {
      if (field.id != FieldId::kConnection && field.id != FieldId::kProxyConnection) continue;
      auto list = field.value;
      for (std::string_view option; http::next_element(list, option);) {
        any_ |= !http::equal_ignoring_case(option, "keep-alive") &&
                !http::equal_ignoring_case(option, "close");
      }
    }
  }

  [[nodiscard]] bool contains(const HeadField& field) const {
    return any_ && is_removable(field.id) && has_connection_option(fields_, field.name);
  }

 private:
  const HeadFields& fields_;
  bool any_ = false;
};

void add_request_line(std::string& head, const RequestHead& request) {
  head.append(request.method).append(" ");
  if (request.path.starts_with('?')) head += '/';
  head.append(request.path).append(" HTTP/1.1\r\n");
}

bool goes_to_target(const HeadField& field, const RequestHead& request, bool pass_upgrade) {
  if (field.id == FieldId::kUpgrade) return pass_upgrade;
  // An HTTP/1.0 client would not understand the 100 (RFC 9110, section 10.1.1).
  if (field.id == FieldId::kExpect) return request.minor_version == 1;
  return !is_hop_by_hop(field.id);
}

bool goes_to_client(const HeadField& field, const ResponseHead& response, bool dechunk) {
  const bool has_proxy_prefix =
      http::equal_ignoring_case(field.name.substr(0, kProxyPrefix.size()), kProxyPrefix);
  const bool never_has_body = response.status < 200 || response.status == 204;
  switch (field.id) {
    case FieldId::kUpgrade:
      return response.status == 101;
    case FieldId::kContentLength:
      return !never_has_body;
    case FieldId::kTransferEncoding:
    case FieldId::kTrailer:
      return !never_has_body && !dechunk;
    default:
      return !is_hop_by_hop(field.id) && !has_proxy_prefix;
  }
}

// What holds for the connection to the target; nothing said means that it may be kept.
void add_connection(std::string& head, std::string_view name, const RequestHead& request,
                    bool upgrade) {
  const bool close = !request.keep_alive && !upgrade;
  if (!close && !upgrade && !request.takes_trailers) return;
  head.append(name).append(": ").append(close ? "close" : upgrade ? "Upgrade" : "TE");
  head.append(request.takes_trailers && (close || upgrade) ? ", TE\r\n" : "\r\n");
}

// "example.com", "[2001:db8::1]:8080": Target::to_host_header, written in place.
void add_host(std::string& head, const Target& target) {
  const bool bracketed = target.literal && !target.literal->is_v4();
  if (bracketed) head += '[';
  head.append(target.host);
  if (bracketed) head += ']';
  if (target.port == kHttpPort) return;
  head += ':';
  add_number(head, target.port);
}

void add_host_field(std::string& head, std::string_view name, const Target& target) {
  head.append(name).append(": ");
  add_host(head, target);
  head.append("\r\n");
}

bool has_field(const RequestHead& request, FieldId id) {
  return std::any_of(request.fields.begin(), request.fields.end(),
                     [id](const HeadField& field) { return field.id == id; });
}

// One field of the client's, as the target gets it, or nothing.
void pass_to_target(std::string& out, const HeadField& field, const RequestHead& request,
                    bool upgrade, const NamedByConnection& named) {
  if (field.id == FieldId::kHost) {
    add_host_field(out, field.name, request.target);
  } else if (field.id == FieldId::kMaxForwards && request.max_forwards) {
    out.append(field.name).append(": ");
    add_number(out, std::max<std::uint64_t>(*request.max_forwards, 1) - 1);
    out.append("\r\n");
  } else if (goes_to_target(field, request, upgrade) &&
             (field.id == FieldId::kUpgrade || !named.contains(field))) {
    add_field(out, field.name, field.value);
  }
}

}  // namespace

void write_upstream_request(const RequestHead& request, const TargetSide& target,
                            std::string& out) {
  const bool upgrade = target.pass_upgrade && request.upgrade;
  const NamedByConnection named(request.fields);
  out.reserve(out.size() + request.method.size() + request.path.size() + size_of(request.fields) +
              request.target.host.size() + target.via.size() + kAddedMost);
  add_request_line(out, request);
  if (!has_field(request, FieldId::kHost)) add_host_field(out, "Host", request.target);
  bool said_connection = false;
  bool said_te = false;
  for (const auto& field : request.fields) {
    if (field.id == FieldId::kConnection && !std::exchange(said_connection, true)) {
      add_connection(out, field.name, request, upgrade);
    } else if (field.id == FieldId::kTe && request.takes_trailers &&
               !std::exchange(said_te, true)) {
      add_field(out, field.name, "trailers");
    } else {
      pass_to_target(out, field, request, upgrade, named);
    }
  }
  add_via(out, target.from_http2 ? "2.0" : version_of(request.minor_version), target.via);
  if (!said_connection) add_connection(out, "Connection", request, upgrade);
  out += "\r\n";
}

bool must_dechunk(const ResponseHead& response, int client_minor_version) noexcept {
  return client_minor_version == 0 && response.framing == BodyFraming::kChunked;
}

void write_client_response(const ResponseHead& response, const ClientSide& client,
                           std::string& out) {
  // A HEAD answers with the fields of a body that does not follow; HTTP/1.0 knows no coding there.
  const bool dechunk = client.dechunk || client.minor_version == 0;
  const NamedByConnection named(response.fields);
  out.reserve(out.size() + response.reason.size() + size_of(response.fields) + client.via.size() +
              kAddedMost);
  out.append("HTTP/1.1 ");
  add_number(out, static_cast<std::uint64_t>(response.status));
  out.append(" ").append(response.reason).append("\r\n");
  for (const auto& field : response.fields) {
    if (goes_to_client(field, response, dechunk) &&
        (field.id == FieldId::kUpgrade || !named.contains(field))) {
      add_field(out, field.name, field.value);
    }
  }
  add_via(out, version_of(response.minor_version), client.via);
  if (response.status == 101) out += "Connection: upgrade\r\n";
  if (!client.keep_alive && response.status >= 200) out += "Connection: close\r\n";
  out += "\r\n";
}

std::string upstream_request(const RequestHead& request, bool pass_upgrade) {
  std::string out;
  write_upstream_request(request, {.pass_upgrade = pass_upgrade}, out);
  return out;
}

std::string client_response(const ResponseHead& response, const ClientSide& client) {
  std::string out;
  write_client_response(response, client, out);
  return out;
}

}  // namespace airlane
