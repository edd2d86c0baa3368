#include "proxy/protocol/http_rewrite.h"

#include <algorithm>
#include <array>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::string_view kClose = "Connection: close\r\n";
constexpr std::string_view kUpgrade = "Connection: upgrade\r\n";
constexpr std::string_view kProxyPrefix = "Proxy-";
constexpr std::size_t kAddedMost = 320;  // Host and Connection of our own.

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

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
    case FieldId::kTrailer:
    case FieldId::kTransferEncoding:
      return false;
  }
  return false;
}

// Whether Connection may name this field: what frames and steers the message is not up for removal.
bool is_removable(FieldId id) {
  return id != FieldId::kContentLength && id != FieldId::kTransferEncoding &&
         id != FieldId::kHost && id != FieldId::kExpect;
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

std::string_view reason_phrase(int status) {
  struct Reason {
    int status;
    std::string_view phrase;
  };
  constexpr std::array kReasons{Reason{400, "Bad Request"},
                                Reason{403, "Forbidden"},
                                Reason{407, "Proxy Authentication Required"},
                                Reason{431, "Request Header Fields Too Large"},
                                Reason{500, "Internal Server Error"},
                                Reason{501, "Not Implemented"},
                                Reason{502, "Bad Gateway"},
                                Reason{503, "Service Unavailable"},
                                Reason{504, "Gateway Timeout"}};
  const auto* found = std::find_if(kReasons.begin(), kReasons.end(),
                                   [status](const Reason& r) { return r.status == status; });
  return found == kReasons.end() ? "Error" : found->phrase;
}

}  // namespace

std::string upstream_request(const RequestHead& request, bool pass_upgrade) {
  pass_upgrade = pass_upgrade && request.upgrade;
  const auto host = request.target.to_host_header();
  const NamedByConnection named(request.fields);
  std::string head;
  head.reserve(request.method.size() + request.path.size() + size_of(request.fields) + kAddedMost);
  add_request_line(head, request);
  const bool has_host =
      std::any_of(request.fields.begin(), request.fields.end(),
                  [](const HeadField& field) { return field.id == FieldId::kHost; });
  if (!has_host) add_field(head, "Host", host);
  for (const auto& field : request.fields) {
    if (field.id == FieldId::kHost) {
      add_field(head, field.name, host);
    } else if (goes_to_target(field, request, pass_upgrade) &&
               (field.id == FieldId::kUpgrade || !named.contains(field))) {
      add_field(head, field.name, field.value);
    }
  }
  if (pass_upgrade) head += kUpgrade;
  if (!request.keep_alive && !pass_upgrade) head += kClose;
  return head += "\r\n";
}

bool must_dechunk(const ResponseHead& response, int client_minor_version) noexcept {
  return client_minor_version == 0 && response.framing == BodyFraming::kChunked;
}

std::string client_response(const ResponseHead& response, const ClientSide& client) {
  // A HEAD answers with the fields of a body that does not follow; HTTP/1.0 knows no coding there.
  const bool dechunk = client.dechunk || client.minor_version == 0;
  const NamedByConnection named(response.fields);
  std::string head;
  head.reserve(response.reason.size() + size_of(response.fields) + kAddedMost);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(response.reason).append("\r\n");
  for (const auto& field : response.fields) {
    if (goes_to_client(field, response, dechunk) &&
        (field.id == FieldId::kUpgrade || !named.contains(field))) {
      add_field(head, field.name, field.value);
    }
  }
  if (response.status == 101) head += kUpgrade;
  if (!client.keep_alive && response.status >= 200) head += kClose;
  return head += "\r\n";
}

std::string error_response(Errc code, bool head_request) {
  const auto status = http_status(code);
  const auto text = std::string(explanation(code)) + "\n";
  std::string response = "HTTP/1.1 " + std::to_string(status) + " ";
  response.append(reason_phrase(status)).append("\r\nProxy-Status: airlane; error=");
  response.append(proxy_status(code)).append("\r\n");
  if (status == 407) {
    add_field(response, "Proxy-Authenticate", R"(Basic realm="airlane", charset="UTF-8")");
  }
  add_field(response, "Content-Type", "text/plain; charset=utf-8");
  add_field(response, "Content-Length", std::to_string(text.size()));
  response.append(kClose).append("\r\n");
  if (!head_request) response += text;
  return response;
}

std::string_view connect_established() noexcept {
  return "HTTP/1.1 200 Connection established\r\n\r\n";
}

}  // namespace airlane
