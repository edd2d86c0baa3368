// Cookies and tokens of a HiLink modem: who may write, and how often. A token belongs to one
// session and is good for one POST. No clock, no socket.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace airlane::sim {

class HilinkSessions {
 public:
  enum class Check : std::uint8_t { kOk, kNoSession, kBadToken };

  struct Session {
    std::string cookie;              // "SessionID=..."
    std::deque<std::string> tokens;  // Unused.
    bool logged_in = false;
  };

  // The oldest session makes room: a modem keeps few.
  Session& open();
  // The one that a Cookie field names; null if none is known.
  Session* find(std::string_view cookie_field);
  // A fresh token of `session`; the oldest unused one makes room.
  static std::string issue(Session& session);
  // Takes the token out of the session: it will not be good again.
  static Check spend(Session* session, std::string_view token);
  // After a login: every other session and all old tokens are void.
  void clear() { sessions_.clear(); }

  static constexpr std::size_t kSessionsMax = 16;
  static constexpr std::size_t kTokensMax = 32;

 private:
  std::deque<Session> sessions_;
};

}  // namespace airlane::sim
