// The API of a Huawei HiLink modem: what it answers, and what it asks of its radio. Sessions and
// single-use tokens, XML both ways, errors as numbers with HTTP 200, and POSTs that replace.
//
//   GET  /                           a page with two tokens; sets the cookie
//   GET  /api/webserver/SesTokInfo   a session and a token      no cookie needed
//   GET  /api/webserver/token        a token, in a new session if there is none
//   GET  /api/...                    needs the cookie                               else 125002
//   POST /api/...                    cookie and an unused token                     else 125003
//
// Settings::lie makes it a bad one, whatever is asked of it:
//   drip      the right answer, a byte a second
//   flood     100 MB that are no answer
//   garbage   XML that ends in the middle of a word, well framed
//   cut       half of what was promised, then the end
//   code      an error of which nobody has heard
//
// With a password most calls answer 100003 until user/login has succeeded. No socket, no loop: a
// test drives it with requests and a clock.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "sim/hilink_sessions.h"
#include "sim/http_message.h"
#include "sim/settings.h"

namespace airlane::sim {

// What the API sees of the modem, and what it can make it do.
class Radio {
 public:
  enum class Connection : int { kConnecting = 900, kConnected = 901, kDisconnected = 902 };

  virtual ~Radio() = default;
  [[nodiscard]] virtual Connection connection() const = 0;
  [[nodiscard]] virtual bool data_enabled() const = 0;
  [[nodiscard]] virtual std::string external_ip() const = 0;  // Empty while disconnected.
  virtual void enable_data(bool on) = 0;
  virtual void reattach() = 0;   // As after a change of network mode.
  virtual void reboot() = 0;     // Soon: the answer to the request leaves first.
  virtual void power_off() = 0;  // Likewise.
};

class Hilink {
 public:
  // `number` tells one modem from another: it is in the IMEI and the serial number.
  Hilink(int number, Radio& radio, Settings& settings)
      : number_(number), radio_(radio), settings_(settings) {}

  Reply answer(const HttpRequest& request, Monotonic::time_point now);
  // What a reboot forgets: sessions, tokens, the lock-out.
  void forget();

 private:
  friend struct HilinkCalls;
  using Session = HilinkSessions::Session;
  // The inside of <response>, or the number of an <error>.
  using Answer = Result<std::string, int>;

  struct Call {
    const HttpRequest& request;
    Session* session;
    std::string_view token;  // Already spent.
    Monotonic::time_point now;
  };
  struct Endpoint {
    std::string_view path;  // Below /api/.
    bool open;              // Also without a login.
    Answer (*get)(Hilink&, const Call&);
    Answer (*post)(Hilink&, const Call&);
  };
  static const Endpoint kEndpoints[];
  static const std::size_t kEndpointCount;

  Reply honest(const HttpRequest& request, Monotonic::time_point now);
  Reply api(const HttpRequest& request, Monotonic::time_point now);
  Reply front_page(const HttpRequest& request);
  Reply session_token(bool new_session, const HttpRequest& request);
  Reply finish(const Answer& answer, const Endpoint& endpoint, Session* session, bool post);
  [[nodiscard]] int refusal(const Endpoint& endpoint, const HttpRequest& request, Session* session);
  Answer log_in(const Call& call);
  [[nodiscard]] bool needs_login() const { return !settings_.password.empty(); }

  int number_;
  Radio& radio_;
  Settings& settings_;
  HilinkSessions sessions_;
  std::string network_mode_ = "00";
  std::string network_band_ = "3FFFFFFF";
  std::string lte_band_ = "7FFFFFFFFFFFFFFF";
  int wrong_passwords_ = 0;
  Monotonic::time_point locked_until_;
};

// <NAME>text</NAME> out of a request's body; empty if it is not there.
std::string_view xml_text(std::string_view body, std::string_view name);
std::string xml(std::string_view name, std::string_view text);

}  // namespace airlane::sim
