#include "control/api/admin/answers.h"

#include <algorithm>
#include <functional>

#include "base/tls/crypto.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

constexpr std::size_t kHashDigits = 32;

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

std::string short_hash(const Json& value) {
  return sha256_hex(compact(value)).substr(0, kHashDigits);
}

// What a PATCH can change of the row; of its objects likewise.
Json changeable(const Shape& shape, const Json& row) {
  Json part = Json::object();
  for (const Field& field : shape.fields) {
    const auto value = row.find(std::string(field.name));
    if (value == row.end() || (field.use & (Field::kPosted | Field::kPatched)) == 0) continue;
    const bool is_object = field.kind == Field::Kind::kObject && value->is_object();
    part[std::string(field.name)] = is_object ? changeable(*field.shape, *value) : *value;
  }
  return part;
}

std::string etag_of(const Shape& shape, const Json& row) {
  return '"' + short_hash(changeable(shape, row)) + '-' + short_hash(row) + '"';
}

// Whether one of the tags in the field fits. Weak ones come with a "W/" before them.
bool has_tag(std::string_view field, const std::function<bool(std::string_view)>& fits) {
  while (!field.empty()) {
    const auto end = std::min(field.find(','), field.size());
    auto tag = field.substr(0, end);
    field.remove_prefix(std::min(end + 1, field.size()));
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (fits(tag)) return true;
  }
  return false;
}

bool is_known(const AdminCall& call, const std::string& etag) {
  const std::string* const known = call.request().header("If-None-Match");
  if (!known) return false;
  if (*known == "*") return true;
  return has_tag(*known, [&](std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag == etag;
  });
}

void answer_tagged(const AdminCall& call, int status, const Json& body, const std::string& etag) {
  const bool is_read = call.endpoint().method == "GET";
  if (is_read && is_known(call, etag)) return call.not_modified({{"ETag", etag}});
  call.json(status, body, {{"ETag", etag}});
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

namespace {

void answer_wrong(const Call& call, int status, std::string_view code,
                  const std::vector<WrongField>& wrong) {
  Json fields = Json::array();
  for (const auto& [field, message] : wrong) {
    fields.push_back({{"field", field}, {"message", message}});
  }
  call.json(status, {{"error",
                      {{"code", code},
                       {"message", wrong.front().message},
                       {"field", wrong.front().field},
                       {"fields", std::move(fields)}}}});
}

}  // namespace

void admin_invalid(const Call& call, const std::vector<WrongField>& wrong) {
  answer_wrong(call, 422, "invalid", wrong);
}

void admin_conflict(const Call& call, const std::vector<WrongField>& wrong) {
  answer_wrong(call, 409, "conflict", wrong);
}

bool is_expected_or_answered(const AdminCall& call, const Shape& shape, const Json& row) {
  const std::string* const wanted = call.request().header("If-Match");
  if (!wanted || *wanted == "*") return true;
  const std::string now = etag_of(shape, row);
  const auto fits = [&](std::string_view tag) {
    return tag.substr(0, tag.find('-')) == now.substr(0, now.find('-'));
  };
  if (has_tag(*wanted, fits)) return true;
  admin_error(call, 412, "changed",
              "It is not what If-Match says any more: ask for it again, and then change that.", {},
              {{"ETag", now}});
  return false;
}

void answer_one(const AdminCall& call, const Json& row) {
  const Endpoint& endpoint = call.endpoint();
  answer_tagged(call, endpoint.status, row, etag_of(*endpoint.answer, row));
}

void answer_text(const AdminCall& call, const std::string& row) {
  const std::string etag = '"' + sha256_hex(row).substr(0, kHashDigits) + '"';
  if (is_known(call, etag)) return call.not_modified({{"ETag", etag}});
  call.json_text(call.endpoint().status, row, {{"ETag", etag}});
}

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
  const Json body{{call_.endpoint().rows, rows_},
                  {"count", count_},
                  {"next", has_more_ ? Json(last_) : Json(nullptr)}};
  answer_tagged(call_, 200, body, '"' + short_hash(body) + '"');
}

}  // namespace airlane::api
