#include "proxy/protocol/http_answers.h"

#include <algorithm>
#include <array>

#include "proxy/protocol/http_syntax.h"

namespace airlane {
namespace {

constexpr std::string_view kClose = "Connection: close\r\n\r\n";

// Fields that may hold a secret, or that a program behind the client could not read by itself.
constexpr std::array<std::string_view, 4> kSecret{"Authorization", "Cookie", "Cookie2",
                                                  "Proxy-Authorization"};

void add_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

std::string_view reason_phrase(int status) {
  struct Reason {
    int status;
    std::string_view phrase;
  };
  constexpr std::array kReasons{Reason{400, "Bad Request"},
                                Reason{403, "Forbidden"},
                                Reason{407, "Proxy Authentication Required"},
                                Reason{414, "URI Too Long"},
                                Reason{429, "Too Many Requests"},
                                Reason{431, "Request Header Fields Too Large"},
                                Reason{500, "Internal Server Error"},
                                Reason{501, "Not Implemented"},
                                Reason{502, "Bad Gateway"},
                                Reason{503, "Service Unavailable"},
                                Reason{504, "Gateway Timeout"},
                                Reason{505, "HTTP Version Not Supported"}};
  const auto* found = std::find_if(kReasons.begin(), kReasons.end(),
                                   [status](const Reason& r) { return r.status == status; });
  return found == kReasons.end() ? "Error" : found->phrase;
}

// Of errors that a person can mend by looking at that part of what he sent, or had sent.
bool is_about_a_part(Errc code) {
  return code == Errc::kMalformed || code == Errc::kUnsupported || code == Errc::kTooLarge;
}

// Of those that say which of the proxy's limits it was: "limit connections".
bool is_about_a_limit(Errc code) {
  return code == Errc::kOverLimit || code == Errc::kOverQuota || code == Errc::kRuledOut;
}

// What the machine had no more of is nobody's business.
bool is_worth_details(const Error& error) {
  return is_about_a_part(error.code) || (is_about_a_limit(error.code) && error.os_error == 0);
}

std::string error_response(Errc code, std::string_view details, bool head_request) {
  const auto status = http_status(code);
  std::string text(explanation(code));
  if (!details.empty()) {
    text.pop_back();
    text.append(is_about_a_limit(code) ? ": " : ": cannot ").append(details).append(".");
  }
  text += '\n';
  std::string response = "HTTP/1.1 " + std::to_string(status) + " ";
  response.append(reason_phrase(status)).append("\r\nProxy-Status: airlane; error=");
  response.append(proxy_status(code));
  if (!details.empty()) response.append("; details=\"").append(details).append("\"");
  response.append("\r\n");
  if (status == 407) {
    add_field(response, "Proxy-Authenticate", R"(Basic realm="airlane", charset="UTF-8")");
  }
  add_field(response, "Content-Type", "text/plain; charset=utf-8");
  add_field(response, "Content-Length", std::to_string(text.size()));
  response.append(kClose);
  if (!head_request) response += text;
  return response;
}

// The request as it arrived, for message/http.
std::string received(const RequestHead& request) {
  std::string text;
  text.append(request.method).append(" http://").append(request.target.to_host_header());
  text.append(request.path).append(request.minor_version == 0 ? " HTTP/1.0" : " HTTP/1.1");
  text.append("\r\n");
  for (const auto& field : request.fields) {
    const bool secret = std::any_of(kSecret.begin(), kSecret.end(), [&](std::string_view name) {
      return http::equal_ignoring_case(name, field.name);
    });
    if (!secret) add_field(text, field.name, field.value);
  }
  return text += "\r\n";
}

}  // namespace

std::string error_response(const Error& error, bool head_request) {
  return error_response(error.code, is_worth_details(error) ? error.during : "", head_request);
}

std::string error_response(Errc code, bool head_request) {
  return error_response(code, {}, head_request);
}

bool is_for_proxy(const RequestHead& request) noexcept {
  using Form = RequestHead::Form;
  if (request.form == Form::kAsterisk) return true;
  return request.form == Form::kAbsolute && request.max_forwards && *request.max_forwards == 0;
}

std::string answer_for_proxy(const RequestHead& request) {
  std::string response = "HTTP/1.1 200 OK\r\n";
  if (request.method == "TRACE") {
    const auto text = received(request);
    add_field(response, "Content-Type", "message/http");
    add_field(response, "Content-Length", std::to_string(text.size()));
    return response.append(kClose).append(text);
  }
  add_field(response, "Allow", "CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE");
  add_field(response, "Content-Length", "0");
  return response.append(kClose);
}

std::string_view connect_established() noexcept {
  return "HTTP/1.1 200 Connection established\r\n\r\n";
}

}  // namespace airlane
