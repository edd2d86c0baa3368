#include "sim/hilink_sessions.h"

#include <algorithm>

#include "base/tls/crypto.h"

namespace airlane::sim {
namespace {

constexpr std::size_t kTokenBytes = 16;
constexpr std::size_t kCookieBytes = 48;

}  // namespace

HilinkSessions::Session& HilinkSessions::open() {
  if (sessions_.size() == kSessionsMax) sessions_.pop_front();
  sessions_.push_back({"SessionID=" + random_hex(kCookieBytes), {}, false});
  return sessions_.back();
}

HilinkSessions::Session* HilinkSessions::find(std::string_view cookie_field) {
  while (!cookie_field.empty()) {
    auto cookie = cookie_field.substr(0, cookie_field.find(';'));
    cookie_field.remove_prefix(std::min(cookie_field.size(), cookie.size() + 1));
    while (cookie.starts_with(' ')) cookie.remove_prefix(1);
    const auto found = std::ranges::find(sessions_, cookie, &Session::cookie);
    if (found != sessions_.end()) return &*found;
  }
  return nullptr;
}

std::string HilinkSessions::issue(Session& session) {
  if (session.tokens.size() == kTokensMax) session.tokens.pop_front();
  return session.tokens.emplace_back(random_hex(kTokenBytes));
}

HilinkSessions::Check HilinkSessions::spend(Session* session, std::string_view token) {
  if (session == nullptr) return Check::kNoSession;
  const auto found = std::ranges::find(session->tokens, token);
  if (found == session->tokens.end()) return Check::kBadToken;
  session->tokens.erase(found);
  return Check::kOk;
}

}  // namespace airlane::sim
