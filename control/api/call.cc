#include "control/api/call.h"

#include <algorithm>
#include <exception>

#include "control/api/csrf.h"
#include "control/api/manners.h"
#include "control/api/pages.h"
#include "control/api/routes.h"

namespace airlane::api {
namespace {

constexpr std::string_view kJsonType = "application/json";
constexpr std::string_view kPageType = "text/html; charset=utf-8";

}  // namespace

const std::string* Call::option(std::string_view name) const {
  const std::string* const value = request_->parameter(name);
  return value && !value->empty() ? value : nullptr;
}

// Pages differ by the cookie for everybody, JSON only where somebody has to be known.
HttpFields Call::fields(HttpFields extra, std::string_view type) const {
  const bool by_cookie = !route || route->needs_user || type == kPageType;
  HttpFields all{
      {"Content-Type", std::string(type)},
      {"Vary", by_cookie ? "Accept, Cookie" : "Accept"},
  };
  for (auto& field : manners(request_->secure)) all.push_back(std::move(field));
  if (route) all.emplace_back("Allow", allowed_methods(*route));
  all.insert(all.end(), std::make_move_iterator(extra.begin()),
             std::make_move_iterator(extra.end()));
  return all;
}

void Call::page_of(int status, HttpFields extra, std::string_view type,
                   const std::string& body) const {
  const Shown shown{.status = status, .fields = fields(extra, type), .body = body};
  if (route->method == "POST" || has_session) {
    for (auto& cookie : form_cookie(*this)) extra.push_back(std::move(cookie));
  }
  reply_.send(status, fields(std::move(extra), kPageType), page(*this, &shown));
}

void Call::json(int status, const Json& body, HttpFields extra) const {
  if (format == Format::kPage && route) {
    return page_of(status, std::move(extra), kJsonType, pretty(body));
  }
  reply_.send(status, fields(std::move(extra), kJsonType), compact(body));
}

void Call::json_text(int status, const std::string& body, HttpFields extra) const {
  if (format == Format::kPage && route) {
    return json(status, parse_json(body).value_or(nullptr), std::move(extra));
  }
  reply_.send(status, fields(std::move(extra), kJsonType), body);
}

void Call::detail(int status, std::string_view sentence, HttpFields extra) const {
  json(status, Json{{"detail", sentence}}, std::move(extra));
}

void Call::text(int status, std::string_view body, std::string_view type) const {
  if (format == Format::kPage && route) return page_of(status, {}, type, std::string(body));
  reply_.send(status, fields({}, type), body);
}

void Call::not_modified(HttpFields extra) const {
  reply_.send(304, fields(std::move(extra), kJsonType), "");
}

void Call::nothing() const { reply_.send(200, fields({}, kJsonType), ""); }

void Call::form() const {
  reply_.send(200, fields(form_cookie(*this), kPageType), page(*this, nullptr));
}

void Call::stylesheet(std::string_view css) const {
  auto all = manners(request_->secure);
  for (auto& [name, value] : all) {
    if (name == "Cache-Control") value = "public, max-age=3600";
  }
  all.emplace_back("Content-Type", "text/css; charset=utf-8");
  reply_.send(200, all, css);
}

void Call::redirect(int status, const std::string& location, HttpFields extra) const {
  extra.emplace_back("Location", location);
  reply_.send(status, fields(std::move(extra), "text/plain; charset=utf-8"), "");
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
