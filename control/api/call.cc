#include "control/api/call.h"

#include <algorithm>
#include <exception>

#include "control/api/pages.h"
#include "control/api/routes.h"

namespace airlane::api {

const std::string* Call::option(std::string_view name) const {
  const std::string* const value = request_->parameter(name);
  return value && !value->empty() ? value : nullptr;
}

HttpFields Call::fields(HttpFields extra, std::string_view type) const {
  HttpFields all{
      {"Content-Type", std::string(type)},
      {"Vary", "Accept, Cookie"},
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", "same-origin"},
      {"Content-Security-Policy",
       "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
  };
  if (route) all.emplace_back("Allow", allowed_methods(*route));
  all.insert(all.end(), std::make_move_iterator(extra.begin()),
             std::make_move_iterator(extra.end()));
  return all;
}

void Call::json(int status, const Json& body, HttpFields extra) const {
  if (format == Format::kPage && route) {
    const std::string html = page(*this, status, extra, body);
    return reply_.send(status, fields(std::move(extra), "text/html; charset=utf-8"), html);
  }
  reply_.send(status, fields(std::move(extra), "application/json"), compact(body));
}

void Call::detail(int status, std::string_view sentence, HttpFields extra) const {
  json(status, Json{{"detail", sentence}}, std::move(extra));
}

void Call::text(int status, std::string_view body, std::string_view type) const {
  reply_.send(status, fields({}, type), body);
}

void Call::nothing() const { reply_.send(200, fields({}, "application/json"), ""); }

void Call::redirect(int status, const std::string& location) const {
  reply_.send(status, fields({{"Location", location}}, "text/plain; charset=utf-8"), "");
}

int http_status(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::kInvalid:
      return 400;
    case Failure::Kind::kNotFound:
      return 404;
    case Failure::Kind::kConflict:
      return 409;
    case Failure::Kind::kUnavailable:
      return 503;
    case Failure::Kind::kInternal:
      return 500;
  }
  std::terminate();
}

std::int64_t whole_seconds(Monotonic::duration wait) {
  return std::max<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(wait).count(), 1);
}

std::string in_words(std::int64_t seconds) {
  return std::to_string(seconds) + (seconds == 1 ? " second" : " seconds");
}

}  // namespace airlane::api
