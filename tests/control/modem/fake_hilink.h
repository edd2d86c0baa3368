// A HiLink stick on loopback, as strict as a real one: no session, no answer; every token pays for
// one write; a write replaces the whole setting; "OK" may be a lie.
//
// One test drives it and one driver talks to it; knobs may be turned at any time.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/tls/crypto.h"
#include "control/modem/hilink_xml.h"
#include "tests/base/http_server.h"

namespace airlane::test {

struct HilinkKnobs {
  bool tokens_in_page = true;  // Two in the page; otherwise one from SesTokInfo.
  bool new_tokens = true;      // Every write is answered with another token.
  bool reading_takes_token = false;
  bool ignores_writes = false;  // And still says OK.
  bool silent = false;          // Accepts and never answers.
  bool dies_on_reboot = false;  // Hangs up instead of saying OK, and then is silent.
  int sessions_to_lose = 0;     // So many calls find their session forgotten.
  int busy = 0;                 // So many calls are answered 100004.
  int drops_login_state = 0;    // So many times it hangs up when asked right after the session.
  std::string password = {};    // Empty: no login.
};

class FakeHilink {
 public:
  explicit FakeHilink(HilinkKnobs knobs = {}) : knobs_(std::move(knobs)) {}

  [[nodiscard]] std::string url() const { return server_.url(""); }
  void turn(void (*change)(HilinkKnobs&)) {
    const std::lock_guard lock(mutex_);
    change(knobs_);
  }
  // "POST dialup/mobile-dataswitch 0", in the order of arrival, only those that were obeyed.
  [[nodiscard]] std::vector<std::string> writes() const {
    const std::lock_guard lock(mutex_);
    return writes_;
  }
  [[nodiscard]] std::string value(const std::string& path, const std::string& field) const {
    const std::lock_guard lock(mutex_);
    return field_of(settings_.at(path), field);
  }
  [[nodiscard]] int logins() const {
    const std::lock_guard lock(mutex_);
    return logins_;
  }

 private:
  struct Session {
    std::deque<std::string> tokens;
    bool logged_in = false;
  };

  std::string handle(const std::string& request) {
    const std::lock_guard lock(mutex_);
    if (knobs_.silent) return kSilence;
    const auto path =
        request.substr(request.find(' ') + 1, request.find(" HTTP") - request.find(' ') - 1);
    if (path == "/") return home();
    if (!path.starts_with("/api/")) return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    const bool write = request.starts_with("POST");
    return api(path.substr(5), write, request);
  }

  std::string home() {
    if (!knobs_.tokens_in_page) return answer("<html>welcome</html>");
    const auto id = new_session(2);
    const auto& tokens = sessions_[id].tokens;
    return answer("<html><head><meta name=\"csrf_token\" content=\"" + tokens[0] +
                      "\"/>\n<meta name=\"csrf_token\"  content=\"" + tokens[1] +
                      "\"/></head></html>",
                  "Set-Cookie: SessionID=" + id + "; path=/; HttpOnly;\r\n");
  }

  std::string api(const std::string& path, bool write, const std::string& request) {
    if (path == "webserver/SesTokInfo" && !knobs_.tokens_in_page) {
      const auto id = new_session(1);
      return xml("<response><SesInfo>SessionID=" + id + "</SesInfo><TokInfo>" +
                 sessions_[id].tokens[0] + "</TokInfo></response>");
    }
    const auto found = sessions_.find(header(request, "Cookie: SessionID="));
    if (found == sessions_.end()) return error(125002);
    if (knobs_.sessions_to_lose > 0) {
      --knobs_.sessions_to_lose;
      sessions_.erase(found);
      return error(125003);
    }
    auto& session = found->second;
    const auto token = header(request, "__RequestVerificationToken: ");
    if (write || knobs_.reading_takes_token) {
      const auto at = std::find(session.tokens.begin(), session.tokens.end(), token);
      if (at == session.tokens.end()) return error(125003);
      session.tokens.erase(at);
    }
    if (knobs_.busy > 0) return --knobs_.busy, error(100004, session, write);
    const auto body = parse_hilink(request.substr(request.find("\r\n\r\n") + 4));
    if (write && !body) return error(100005, session, write);
    return act(path, session, write ? &body->fields : nullptr, token);
  }

  std::string act(const std::string& path, Session& session, const Fields* body,
                  const std::string& token) {
    if (path == "user/state-login") {
      if (knobs_.drops_login_state-- > 0) return "HTTP/1.1";  // Cut off.
      return xml(std::string("<response><State>") + (session.logged_in ? "0" : "-1") +
                 "</State><password_type>4</password_type></response>");
    }
    if (path == "user/login") return log_in(session, *body, token);
    if (!knobs_.password.empty() && !session.logged_in) return error(100003, session, body);
    if (path == "device/control" && body != nullptr) {
      writes_.push_back("POST device/control " + field_of(*body, "Control"));
      if (knobs_.dies_on_reboot) return knobs_.silent = true, std::string();
      return ok(session);
    }
    const auto setting = settings_.find(path);
    if (setting == settings_.end()) return error(100002, session, body);
    if (body == nullptr) return xml("<response>" + inner(setting->second) + "</response>");
    if (!knobs_.ignores_writes) {
      setting->second = *body;  // Replaced, not merged.
      std::string line = "POST " + path;
      for (const auto& [name, value] : *body) line += " " + value;
      writes_.push_back(line);
    }
    return ok(session);
  }

  std::string log_in(Session& session, const Fields& body, const std::string& token) {
    ++logins_;
    const auto proof =
        base64_encode(sha256_hex("admin" + base64_encode(sha256_hex(knobs_.password)) + token));
    if (field_of(body, "Password") != proof) return error(108006, session, true);
    session.logged_in = true;
    session.tokens = {fresh(), fresh()};
    return xml("<response>OK</response>",
               "__RequestVerificationTokenone: " + session.tokens[0] +
                   "\r\n__RequestVerificationTokentwo: " + session.tokens[1] + "\r\n");
  }

  std::string fresh() { return "token" + std::to_string(++counter_); }

  std::string new_session(int tokens) {
    auto id = "session" + std::to_string(++counter_);
    for (int i = 0; i < tokens; ++i) sessions_[id].tokens.push_back(fresh());
    return id;
  }

  std::string ok(Session& session) { return xml("<response>OK</response>", next_token(session)); }

  std::string next_token(Session& session) {
    if (!knobs_.new_tokens) return "";
    session.tokens.push_back(fresh());
    return "__RequestVerificationToken: " + session.tokens.back() + "\r\n";
  }

  static std::string xml(const std::string& body, const std::string& headers = "") {
    return answer("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + body, headers);
  }
  static std::string error(int code) {
    return xml("<error>\n<code>" + std::to_string(code) + "</code>\n<message></message>\n</error>");
  }
  std::string error(int code, Session& session, bool write) {
    return xml("<error><code>" + std::to_string(code) + "</code><message/></error>",
               write ? next_token(session) : "");
  }
  static std::string inner(const Fields& fields) {
    const auto request = write_hilink_request(fields);
    const auto from = request.find("<request>") + 9;
    return request.substr(from, request.find("</request>") - from);
  }
  static std::string header(const std::string& request, const std::string& prefix) {
    const auto at = request.find("\r\n" + prefix);
    if (at == std::string::npos) return "";
    const auto from = at + 2 + prefix.size();
    return request.substr(from, request.find("\r\n", from) - from);
  }

  mutable std::mutex mutex_;
  HilinkKnobs knobs_;
  int counter_ = 0;
  int logins_ = 0;
  std::map<std::string, Session> sessions_;
  std::map<std::string, Fields> settings_{
      {"dialup/mobile-dataswitch", {{"dataswitch", "1"}}},
      {"net/net-mode",
       {{"NetworkMode", "03"}, {"NetworkBand", "3FFFFFFF"}, {"LTEBand", "7FFFFFFFFFFFFFFF"}}},
      {"net/current-plmn", {{"State", "0"}, {"FullName", "A&B Mobile"}, {"Rat", "7"}}},
      {"monitoring/status",
       {{"ConnectionStatus", "901"},
        {"SignalIcon", "4"},
        {"CurrentNetworkType", "19"},
        {"WanIPAddress", "10.64.1.2"}}},
  };
  std::vector<std::string> writes_;
  HttpServer server_{[this](const std::string& request) { return handle(request); }};
};

}  // namespace airlane::test
