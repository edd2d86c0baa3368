// One conversation with a HiLink modem: cookie, tokens, login, and what its error numbers mean.
//
// Short-lived: one per operation, because the modem forgets sessions when it likes. Every token is
// used once. When the modem says that it has lost the session (125001 to 125003), a new one is
// opened and the call is made once more.
//
// Blocks: the dongle's thread only. No call lasts longer than `call`, none begins after `until`.
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/http/client.h"
#include "base/result.h"
#include "control/modem/driver.h"
#include "control/modem/hilink_xml.h"

namespace airlane {

struct HilinkAccess {
  std::string url;  // "http://192.168.8.1"
  std::string interface;
  std::string username;
  std::string password;  // Empty: the modem wants no login.
  std::chrono::milliseconds call{10'000};
  std::chrono::milliseconds pace{500};  // Between two tries of the same thing.
};

struct HilinkRefusal {
  int code = 0;  // The modem's own number; 0 when it gave no proper answer.
  Failure failure;

  // Another try would bring it closer to locking itself.
  [[nodiscard]] bool is_about_password() const {
    return code == 108001 || code == 108002 || code == 108006 || code == 108007;
  }
};

template <class T>
using HilinkResult = Result<T, HilinkRefusal>;

class HilinkSession {
 public:
  HilinkSession(const HilinkAccess& access, Stop stop, Monotonic::time_point until)
      : access_(access), stop_(std::move(stop)), until_(until) {}

  // Paths without the leading "/api/": "monitoring/status".
  HilinkResult<Fields> get(const std::string& path);
  // Success means that the modem said so, which proves nothing: read back.
  HilinkResult<Done> post(const std::string& path, const Fields& fields);

  // Whether the modem may have acted on a post: it said OK, or nothing at all.
  [[nodiscard]] bool has_written() const { return has_written_; }

 private:
  HilinkResult<HilinkDocument> call(const std::string& path, const Fields* fields);
  HilinkResult<HilinkDocument> exchange(const std::string& path, const Fields* fields);
  HilinkResult<http::Response> send(http::Request request);
  HilinkResult<Done> open();
  HilinkResult<Done> find_tokens();
  HilinkResult<Done> ask_for_session();
  HilinkResult<Done> log_in();
  HilinkResult<Fields> login_state();
  void keep_cookies(const http::Response& response);
  void keep_tokens(const http::Response& response, bool after_login);
  [[nodiscard]] std::string cookies() const;

  const HilinkAccess& access_;
  Stop stop_;
  Monotonic::time_point until_;
  std::map<std::string, std::string> cookies_;
  std::deque<std::string> tokens_;
  bool is_open_ = false;
  bool uses_tokens_ = true;
  bool shows_token_when_reading_ = false;  // Once the modem has refused us without.
  bool has_written_ = false;
};

}  // namespace airlane
