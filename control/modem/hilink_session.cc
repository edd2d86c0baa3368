#include "control/modem/hilink_session.h"

#include <strings.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "base/log.h"
#include "base/tls/crypto.h"

namespace airlane {
namespace {

constexpr std::size_t kBodyMost = 1 << 20;
constexpr std::size_t kCookiesMost = 8;
constexpr std::size_t kTokensMost = 16;
constexpr int kLoginStateTries = 5;
constexpr int kBusyTries = 3;
constexpr int kNotSupported = 100002;
constexpr int kBusy = 100004;

struct Meaning {
  int code;
  const char* text;
};
constexpr Meaning kMeanings[] = {
    {kNotSupported, "it does not support this"},
    {100003, "it wants a login: set option \"password\""},
    {kBusy, "it is busy"},
    {100005, "it did not understand the request"},
    {108001, "the user name is wrong"},
    {108002, "the password is wrong"},
    {108003, "somebody else is logged in"},
    {108006, "the user name or the password is wrong"},
    {108007, "there were too many wrong passwords, it is locked"},
    {112008, "it refuses without a SIM card"},
    {115002, "it wants its password changed first"},
    {125001, "it refused the token"},
    {125002, "it lost the session"},
    {125003, "it refused the session's token"},
};

bool is_session_lost(int code) { return code >= 125001 && code <= 125003; }

HilinkRefusal refusal(int code) {
  std::string text = "The modem refused: ";
  const auto known = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                  [code](const Meaning& meaning) { return meaning.code == code; });
  text += known != std::end(kMeanings) ? known->text : "it gave no reason that we know";
  return {code, {Failure::Kind::kUnavailable, text + " (" + std::to_string(code) + ")."}};
}

HilinkRefusal no_answer(const std::string& why) {
  return {0, {Failure::Kind::kUnavailable, "The modem did not answer: " + why + "."}};
}

// The values of <meta name="csrf_token" content="...">, of which a page has up to two.
std::deque<std::string> csrf_tokens(std::string_view page) {
  static constexpr std::string_view kName = "name=\"csrf_token\"";
  static constexpr std::string_view kContent = "content=\"";
  std::deque<std::string> tokens;
  while (tokens.size() < kTokensMost) {
    const auto name = page.find(kName);
    if (name == page.npos) break;
    page.remove_prefix(name + kName.size());
    page.remove_prefix(std::min(page.find_first_not_of(" \t\r\n"), page.size()));
    if (!page.starts_with(kContent)) continue;
    page.remove_prefix(kContent.size());
    const auto token = page.substr(0, page.find('"'));
    if (!token.empty()) tokens.emplace_back(token);
  }
  return tokens;
}

// What the modem wants to see instead of the password.
std::string login_proof(const HilinkAccess& access, const std::string& type,
                        const std::string& token) {
  if (type != "4") return base64_encode(access.password);
  const auto inner = base64_encode(sha256_hex(access.password));
  return base64_encode(sha256_hex(access.username + inner + token));
}

}  // namespace

HilinkResult<Fields> HilinkSession::get(const std::string& path) {
  auto document = call(path, nullptr);
  if (!document) return document.error();
  return std::move(document->fields);
}

HilinkResult<Done> HilinkSession::post(const std::string& path, const Fields& fields) {
  const auto document = call(path, &fields);
  if (!document) return document.error();
  return Done{};
}

HilinkResult<HilinkDocument> HilinkSession::call(const std::string& path, const Fields* fields) {
  bool reopened = false;
  for (int busy = 1;;) {
    const auto out_of_tokens = [&] { return fields && uses_tokens_ && tokens_.empty(); };
    if (!is_open_ || out_of_tokens()) {
      if (auto opened = open(); !opened) return opened.error();
      if (out_of_tokens()) return no_answer("it gave us no token");
    }
    auto answer = exchange(path, fields);
    if (answer) return answer;
    const int code = answer.error().code;
    if (is_session_lost(code) && !std::exchange(reopened, true)) {
      is_open_ = false;
      shows_token_when_reading_ = true;
    } else if (code != kBusy || busy++ == kBusyTries || !pause(stop_, access_.pace)) {
      return answer;
    }
  }
}

// One request and its answer, as it comes.
HilinkResult<HilinkDocument> HilinkSession::exchange(const std::string& path,
                                                     const Fields* fields) {
  http::Request request{.url = access_.url + "/api/" + path};
  if (fields != nullptr) {
    request.method = "POST";
    request.body = write_hilink_request(*fields);
    request.headers.emplace_back("Content-Type", "application/xml");
  }
  // A token pays for one write; reading needs the cookie only, on most firmwares.
  if (!tokens_.empty() && (fields != nullptr || shows_token_when_reading_)) {
    request.headers.emplace_back("__RequestVerificationToken", tokens_.front());
    if (fields != nullptr) tokens_.pop_front();
  }
  const bool had_written = has_written_;
  has_written_ = had_written || (fields != nullptr && path != "user/login");
  const auto response = send(std::move(request));
  if (!response) return response.error();
  // What a firmware lacks is a redirection to its home page, or not there at all.
  if (response->status / 100 == 3 || response->status == 404) return refusal(kNotSupported);
  if (response->status != 200) return no_answer("HTTP " + std::to_string(response->status));
  auto document = parse_hilink(response->body);
  if (!document) return no_answer("what it sent is not XML");
  if (document->root == "error") {
    has_written_ = had_written;  // It told us that it did not.
    keep_tokens(*response, false);
    return refusal(std::atoi(field_of(document->fields, "code").c_str()));
  }
  if (document->root != "response") return no_answer("it does not speak HiLink");
  keep_tokens(*response, path == "user/login");
  return *std::move(document);
}

HilinkResult<http::Response> HilinkSession::send(http::Request request) {
  const auto left = std::chrono::floor<std::chrono::milliseconds>(until_ - Monotonic::now());
  if (left.count() <= 0) return no_answer("there was no time left");
  request.interface = access_.interface;
  request.timeout = std::min(left, access_.call);
  request.body_most = kBodyMost;
  request.stop = stop_;
  if (!cookies_.empty()) request.headers.emplace_back("Cookie", cookies());
  auto response = http::fetch(request);
  if (!response) return no_answer(response.error().text);
  keep_cookies(*response);
  return *std::move(response);
}

HilinkResult<Done> HilinkSession::open() {
  for (bool again = false;;) {
    cookies_.clear();
    tokens_.clear();
    uses_tokens_ = true;
    auto done = find_tokens();
    if (done && !access_.password.empty()) done = log_in();
    is_open_ = done.has_value();
    if (is_open_ || !is_session_lost(done.error().code) || std::exchange(again, true)) return done;
    shows_token_when_reading_ = true;
  }
}

// Firmwares differ in where they keep tokens; those that have them nowhere need none.
HilinkResult<Done> HilinkSession::find_tokens() {
  const auto page = send({.url = access_.url + "/"});
  if (!page) return page.error();
  tokens_ = csrf_tokens(page->body);
  if (!tokens_.empty()) return Done{};
  auto asked = ask_for_session();
  if (!asked && asked.error().code != kNotSupported) return asked;
  if (!asked) {
    const auto token = exchange("webserver/token", nullptr);
    if (!token && token.error().code != kNotSupported) return token.error();
    if (token) tokens_ = {field_of(token->fields, "token")};
  }
  if (!tokens_.empty() && tokens_.front().empty()) tokens_.clear();
  uses_tokens_ = !tokens_.empty();
  return Done{};
}

HilinkResult<Done> HilinkSession::ask_for_session() {
  const auto session = exchange("webserver/SesTokInfo", nullptr);
  if (!session) return session.error();
  const auto cookie = field_of(session->fields, "SesInfo");
  const auto equals = cookie.find('=');
  if (equals != cookie.npos) {
    cookies_[cookie.substr(0, equals)] = cookie.substr(equals + 1);
  } else if (!cookie.empty()) {
    cookies_["SessionID"] = cookie;
  }
  tokens_ = {field_of(session->fields, "TokInfo")};
  return Done{};
}

HilinkResult<Done> HilinkSession::log_in() {
  const auto state = login_state();
  if (!state) return state.error();
  if (field_of(*state, "State") == "0") return Done{};
  const auto type = field_of(*state, "password_type");
  if (type != "0" && type != "3" && type != "4") {
    return HilinkRefusal{0,
                         {Failure::Kind::kUnavailable,
                          "The modem wants a kind of login that we do not speak (type " +
                              log::printable(type) + ")."}};
  }
  const auto token = tokens_.empty() ? std::string() : tokens_.front();
  const Fields login{{"Username", access_.username},
                     {"Password", login_proof(access_, type, token)},
                     {"password_type", type}};
  if (const auto done = exchange("user/login", &login); !done) return done.error();
  // Most firmwares hand out new tokens with the answer.
  if (uses_tokens_ && tokens_.empty()) return ask_for_session();
  return Done{};
}

// Asked right after a session was opened, some firmwares drop the connection.
HilinkResult<Fields> HilinkSession::login_state() {
  for (int attempt = 1;; ++attempt) {
    auto state = exchange("user/state-login", nullptr);
    if (state) return std::move(state->fields);
    const bool dropped = state.error().code == 0;
    if (!dropped || attempt == kLoginStateTries || !pause(stop_, access_.pace)) {
      return state.error();
    }
  }
}

void HilinkSession::keep_cookies(const http::Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (::strcasecmp(name.c_str(), "set-cookie") != 0) continue;
    const auto pair = value.substr(0, value.find(';'));
    const auto equals = pair.find('=');
    if (equals == pair.npos) continue;
    if (cookies_.size() < kCookiesMost) cookies_[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
}

void HilinkSession::keep_tokens(const http::Response& response, bool after_login) {
  if (after_login) tokens_.clear();
  const auto keep = [&](std::string_view header) {
    const auto token = response.header(header);
    if (token && !token->empty() && tokens_.size() < kTokensMost) tokens_.emplace_back(*token);
    return token.has_value();
  };
  if (keep("__RequestVerificationTokenone")) {
    keep("__RequestVerificationTokentwo");
  } else {
    keep("__RequestVerificationToken");
  }
}

std::string HilinkSession::cookies() const {
  std::string line;
  for (const auto& [name, value] : cookies_) {
    if (!line.empty()) line += "; ";
    line.append(name).append("=").append(value);
  }
  return line;
}

}  // namespace airlane
