#include "control/api/admin/answers.h"

#include "base/tls/crypto.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

std::string_view code_of(Failure::Kind kind) {
  switch (kind) {
    case Failure::Kind::kInvalid:
      return "invalid";
    case Failure::Kind::kNotFound:
      return "not_found";
    case Failure::Kind::kConflict:
      return "conflict";
    case Failure::Kind::kUnavailable:
      return "unavailable";
    case Failure::Kind::kInternal:
      return "internal";
  }
  return "internal";
}

// What was understood and makes no sense is not what could not be read.
int status_of(Failure::Kind kind) {
  return kind == Failure::Kind::kInvalid ? 422 : http_status(kind);
}

std::int64_t whole_option(const AdminCall& call, std::string_view name, std::int64_t otherwise) {
  const std::string* const text = call.option(name);
  return text ? parse_whole(*text).value_or(otherwise) : otherwise;
}

}  // namespace

std::optional<std::int64_t> AdminCall::id(std::size_t index) const {
  return parse_whole(value(index));
}

void admin_error(const Call& call, int status, std::string_view code, std::string_view message,
                 std::string_view field, HttpFields extra) {
  Json error{{"code", code}, {"message", message}};
  if (!field.empty()) error["field"] = field;
  call.json(status, {{"error", std::move(error)}}, std::move(extra));
}

void admin_failure(const Call& call, const Failure& failure) {
  admin_error(call, status_of(failure.kind), code_of(failure.kind), failure.text);
}

void admin_not_found(const Call& call, std::string_view sentence) {
  admin_error(call, 404, "not_found", sentence);
}

void admin_invalid(const Call& call, const std::vector<WrongField>& wrong) {
  Json fields = Json::array();
  for (const auto& [field, message] : wrong) {
    fields.push_back({{"field", field}, {"message", message}});
  }
  call.json(422, {{"error",
                   {{"code", "invalid"},
                    {"message", wrong.front().message},
                    {"field", wrong.front().field},
                    {"fields", std::move(fields)}}}});
}

void answer_one(const AdminCall& call, const Json& row) { call.json(call.endpoint().status, row); }

void answer_success(const AdminCall& call) {
  call.json(call.endpoint().status, {{"success", true}});
}

Page::Page(const AdminCall& call)
    : call_(call),
      limit_(static_cast<std::size_t>(whole_option(call, "limit", kRowsMost))),
      after_(whole_option(call, "after", 0)) {}

bool Page::takes(std::int64_t id) {
  ++count_;
  if (id <= after_) return false;
  if (taken_ == limit_) {
    has_more_ = true;
    return false;
  }
  ++taken_;
  last_ = id;
  return true;
}

void Page::answer() const {
  call_.json(200, {{call_.endpoint().rows, rows_},
                   {"count", count_},
                   {"next", has_more_ ? Json(last_) : Json(nullptr)}});
}

}  // namespace airlane::api
