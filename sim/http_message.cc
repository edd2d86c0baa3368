#include "sim/http_message.h"

#include <algorithm>
#include <cctype>

namespace airlane::sim {
namespace {

char lower(char c) noexcept {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool contains_word(std::string_view list, std::string_view word) noexcept {
  while (!list.empty()) {
    auto item = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (same_word(item, word)) return true;
  }
  return false;
}

Reply with_type(std::string_view type, std::string body, int status) {
  Reply reply;
  reply.status = status;
  reply.fields.emplace_back("Content-Type", type);
  reply.body = std::move(body);
  return reply;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::string_view HttpRequest::field(std::string_view name) const noexcept {
  for (const auto& [field, value] : fields) {
    if (same_word(field, name)) return value;
  }
  return {};
}

std::string_view HttpRequest::path() const noexcept {
  std::string_view path = target;
  if (const auto scheme = path.find("://"); scheme != path.npos && !path.starts_with('/')) {
    const auto slash = path.find('/', scheme + 3);
    path = slash == path.npos ? "/" : path.substr(slash);
  }
  return path.substr(0, path.find('?'));
}

bool HttpRequest::wants_to_stay() const noexcept {
  const auto connection = field("Connection");
  if (version == "HTTP/1.1") return !contains_word(connection, "close");
  return contains_word(connection, "keep-alive");
}

Reply Reply::text(std::string body, int status) {
  return with_type("text/plain; charset=utf-8", std::move(body), status);
}

Reply Reply::json(std::string body, int status) {
  return with_type("application/json", std::move(body) + "\n", status);
}

std::string_view reason(int status) noexcept {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 409:
      return "Conflict";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace airlane::sim
