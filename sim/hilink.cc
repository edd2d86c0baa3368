#include "sim/hilink.h"

#include <algorithm>
#include <utility>

#include "base/tls/crypto.h"

namespace airlane::sim {
namespace {

constexpr int kNotSupported = 100002;
constexpr int kNoRights = 100003;
constexpr int kBusy = 100004;
constexpr int kWrongPassword = 108006;
constexpr int kLockedOut = 108007;
constexpr int kNoSession = 125002;
constexpr int kBadToken = 125003;

constexpr int kTries = 3;
constexpr std::chrono::seconds kLockOut{60};
constexpr std::string_view kTokenField = "__RequestVerificationToken";
constexpr std::string_view kXmlHead = R"(<?xml version="1.0" encoding="UTF-8"?>)";

Reply xml_reply(std::string body) {
  Reply reply;
  reply.fields.emplace_back("Content-Type", "text/xml; charset=UTF-8");
  reply.body = std::string(kXmlHead) + std::move(body);
  return reply;
}

Reply error_reply(int code) {
  return xml_reply("<error>" + xml("code", std::to_string(code)) + xml("message", "") + "</error>");
}

void set_cookie(Reply& reply, const HilinkSessions::Session& session) {
  reply.fields.emplace_back("Set-Cookie", session.cookie + "; path=/; HttpOnly");
}

void bend(Reply& reply, std::string_view lie) {
  if (lie == "drip") reply.drip = std::chrono::seconds(1);
  if (lie == "flood") reply.pattern_bytes = 100'000'000;
  if (lie == "garbage") reply.body = std::string(kXmlHead) + "<response><dataswitch>1</data";
  if (lie == "cut") {
    reply.promised = 2 * reply.body.size();
    reply.ending = Reply::Ending::kCut;
  }
  if (lie == "code") reply = error_reply(4711);
}

}  // namespace

std::string_view xml_text(std::string_view body, std::string_view name) {
  const auto opening = "<" + std::string(name) + ">";
  const auto start = body.find(opening);
  if (start == body.npos) return {};
  body.remove_prefix(start + opening.size());
  const auto end = body.find("</" + std::string(name) + ">");
  return end == body.npos ? std::string_view() : body.substr(0, end);
}

std::string xml(std::string_view name, std::string_view text) {
  const std::string tag(name);
  return "<" + tag + ">" + std::string(text) + "</" + tag + ">";
}

Reply Hilink::answer(const HttpRequest& request, Monotonic::time_point now) {
  if (settings_.hang) {
    Reply reply;
    reply.ending = Reply::Ending::kHang;
    return reply;
  }
  auto reply = honest(request, now);
  if (!settings_.lie.empty()) bend(reply, settings_.lie);
  return reply;
}

Reply Hilink::honest(const HttpRequest& request, Monotonic::time_point now) {
  const auto path = request.path();
  if (path == "/" || path == "/html/home.html" || path == "/html/index.html") {
    return front_page(request);
  }
  if (path.starts_with("/api/")) return api(request, now);
  Reply elsewhere;
  elsewhere.status = 302;
  elsewhere.fields.emplace_back("Location", "/html/home.html");
  return elsewhere;
}

void Hilink::forget() {
  sessions_.clear();
  wrong_passwords_ = 0;
  locked_until_ = {};
}

Reply Hilink::front_page(const HttpRequest& request) {
  auto* session = sessions_.find(request.field("Cookie"));
  const bool fresh = session == nullptr;
  if (fresh) session = &sessions_.open();
  std::string page = "<!DOCTYPE html>\n<html><head><title>Mobile WiFi</title>\n";
  for (int i = 0; i < 2; ++i) {
    page += "<meta name=\"csrf_token\" content=\"" + HilinkSessions::issue(*session) + "\"/>\n";
  }
  Reply reply;
  reply.fields.emplace_back("Content-Type", "text/html; charset=utf-8");
  if (fresh) set_cookie(reply, *session);
  reply.body = page + "</head><body>E3372</body></html>\n";
  return reply;
}

Reply Hilink::session_token(bool new_session, const HttpRequest& request) {
  auto* session = new_session ? nullptr : sessions_.find(request.field("Cookie"));
  const bool fresh = session == nullptr;
  if (fresh) session = &sessions_.open();
  const auto token = HilinkSessions::issue(*session);
  const auto inside =
      new_session ? xml("SesInfo", session->cookie) + xml("TokInfo", token) : xml("token", token);
  auto reply = xml_reply(xml("response", inside));
  if (fresh) set_cookie(reply, *session);
  return reply;
}

Reply Hilink::api(const HttpRequest& request, Monotonic::time_point now) {
  const auto path = request.path().substr(std::string_view("/api/").size());
  if (path == "webserver/SesTokInfo") return session_token(true, request);
  if (path == "webserver/token") return session_token(false, request);
  auto* session = sessions_.find(request.field("Cookie"));
  const bool post = request.method == "POST";
  const auto token = request.field(kTokenField);
  if (session == nullptr) return error_reply(kNoSession);
  if (post && HilinkSessions::spend(session, token) != HilinkSessions::Check::kOk) {
    return error_reply(kBadToken);
  }
  const auto* end = kEndpoints + kEndpointCount;
  const auto* endpoint = std::ranges::find(kEndpoints, end, path, &Endpoint::path);
  static constexpr Endpoint kUnknown{"", true, nullptr, nullptr};
  if (endpoint == end) endpoint = &kUnknown;
  if (const int code = refusal(*endpoint, request, session); code != 0) {
    return finish(code, *endpoint, session, post);
  }
  const Call call{request, session, token, now};
  return finish((post ? endpoint->post : endpoint->get)(*this, call), *endpoint, session, post);
}

int Hilink::refusal(const Endpoint& endpoint, const HttpRequest& request, Session* session) {
  const bool post = request.method == "POST";
  if ((post ? endpoint.post : endpoint.get) == nullptr) return kNotSupported;
  if (settings_.busy != 0) {
    if (settings_.busy > 0) --settings_.busy;
    return kBusy;
  }
  const bool open = endpoint.open && (!post || endpoint.path == "user/login");
  return needs_login() && !session->logged_in && !open ? kNoRights : 0;
}

// Every answer to a POST brings the next token; a login brings two, in a session of their own.
Reply Hilink::finish(const Answer& answer, const Endpoint& endpoint, Session* session, bool post) {
  auto reply = answer ? xml_reply(xml("response", *answer)) : error_reply(answer.error());
  if (!post) return reply;
  if (answer && endpoint.path == "user/login") {
    sessions_.clear();
    auto& fresh = sessions_.open();
    fresh.logged_in = true;
    set_cookie(reply, fresh);
    reply.fields.emplace_back(std::string(kTokenField) + "one", HilinkSessions::issue(fresh));
    reply.fields.emplace_back(std::string(kTokenField) + "two", HilinkSessions::issue(fresh));
  } else {
    reply.fields.emplace_back(kTokenField, HilinkSessions::issue(*session));
  }
  return reply;
}

// password_type 4: base64(hex(sha256(user + base64(hex(sha256(password))) + token))).
Hilink::Answer Hilink::log_in(const Call& call) {
  if (call.now < locked_until_) return kLockedOut;
  const auto& body = call.request.body;
  const auto inner = base64_encode(sha256_hex(settings_.password));
  const auto proof = base64_encode(sha256_hex("admin" + inner + std::string(call.token)));
  const bool right = xml_text(body, "Username") == "admin" &&
                     xml_text(body, "password_type") == "4" && xml_text(body, "Password") == proof;
  if (right || !needs_login()) {
    wrong_passwords_ = 0;
    return std::string("OK");
  }
  if (++wrong_passwords_ < kTries) return kWrongPassword;
  wrong_passwords_ = 0;
  locked_until_ = call.now + kLockOut;
  return kLockedOut;
}

}  // namespace airlane::sim
