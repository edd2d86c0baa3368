#include "base/event/http_refusal.h"

#include <charconv>
#include <string>
#include <string_view>

namespace airlane {
namespace {

constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

struct Refusal {
  int status;
  std::string_view reason;
  std::string_view sentence;
};

constexpr Refusal kRefusals[] = {
    {400, "Bad Request", "This is no HTTP request, or its head is larger than this server reads."},
    {405, "Method Not Allowed", "This method is not allowed here, at any path."},
    {408, "Request Timeout", "The request has not come whole in time."},
    {413, "Content Too Large",
     "The body is larger than this server reads, or its chunks are none."},
    {417, "Expectation Failed", "What the field Expect wants is not known here."},
    {500, "Internal Server Error", "Internal error."},
};

const Refusal& refusal_of(int status) {
  if (status == 501) status = 405;
  for (const auto& known : kRefusals) {
    if (known.status == status) return known;
  }
  return refusal_of(status >= 500 ? 500 : 400);
}

// "HTTP/1.1 400 ..."; 0 when there is none.
int status_in(evbuffer* output) {
  constexpr std::size_t kDigitsAt = 9;
  char line[kDigitsAt + 3] = "";
  if (evbuffer_copyout(output, line, sizeof(line)) != static_cast<ev_ssize_t>(sizeof(line))) {
    return 0;
  }
  int status = 0;
  std::from_chars(line + kDigitsAt, line + sizeof(line), status);
  return status;
}

void add(evbuffer* output, const Refusal& refusal, const HttpFields& fields) {
  const std::string body = refusal_body(refusal.sentence);
  std::string text =
      "HTTP/1.1 " + std::to_string(refusal.status) + " " + std::string(refusal.reason) + "\r\n";
  if (refusal.status == 405) text += "Allow: " + std::string(kMethods) + "\r\n";
  text += "Content-Type: application/json\r\n";
  for (const auto& [name, value] : fields) {
    text.append(name).append(": ").append(value).append("\r\n");
  }
  text += "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
  evbuffer_add(output, text.data(), text.size());
}

}  // namespace

std::string refusal_body(std::string_view sentence) {
  return "{\"detail\":\"" + std::string(sentence) + "\"}";
}

bool replace_refusal(evbuffer* output, const HttpFields& fields) {
  const int status = status_in(output);
  if (status < 400) return false;
  evbuffer_drain(output, evbuffer_get_length(output));
  add(output, refusal_of(status), fields);
  return true;
}

void add_timeout_refusal(evbuffer* output, const HttpFields& fields) {
  add(output, refusal_of(408), fields);
}

}  // namespace airlane
