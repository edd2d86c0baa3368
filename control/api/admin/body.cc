#include "control/api/admin/body.h"

#include "control/api/admin/admin.h"
#include "control/api/request_options.h"

namespace airlane::api {

AdminBody::AdminBody(const Call& call) : call_(call), body_(parse_json(call.request().body)) {
  if (body_ && body_->is_object()) return;
  body_.reset();
  message_ = "The body must be a JSON object.";
}

const Json* AdminBody::take(std::string_view name) {
  taken_.emplace(name);
  if (!body_) return nullptr;
  const auto found = body_->find(std::string(name));
  return found == body_->end() ? nullptr : &*found;
}

void AdminBody::wrong(std::string_view name, std::string_view must) {
  if (!message_.empty()) return;
  wrong_field_ = name;
  message_ = "The field \"" + std::string(name) + "\" must be " + std::string(must) + ".";
}

void AdminBody::refuse(std::string_view name, std::string_view sentence) {
  if (!message_.empty()) return;
  wrong_field_ = name;
  message_ = sentence;
}

void AdminBody::is_missing(std::string_view name, std::string_view text) {
  if (!message_.empty()) return;
  wrong_field_ = name;
  message_ = "There is no " + std::string(name) + " \"" + std::string(text) + "\".";
}

void AdminBody::require(std::string_view name) {
  const Json* const value = take(name);
  if (!value || value->is_null()) wrong(name, "given");
}

void AdminBody::text(std::string_view name, std::string& to) {
  const Json* const value = take(name);
  if (!value) return;
  if (!value->is_string()) return wrong(name, "a text");
  to = value->get<std::string>();
}

void AdminBody::text_or_null(std::string_view name, std::optional<std::string>& to) {
  const Json* const value = take(name);
  if (!value) return;
  if (value->is_null()) return to.reset();
  if (!value->is_string()) return wrong(name, "a text or null");
  to = value->get<std::string>();
}

void AdminBody::yes_or_no(std::string_view name, bool& to) {
  const Json* const value = take(name);
  if (!value) return;
  if (!value->is_boolean()) return wrong(name, "true or false");
  to = value->get<bool>();
}

void AdminBody::port(std::string_view name, std::uint16_t& to) {
  const Json* const value = take(name);
  if (!value) return;
  const auto number = value->is_number_integer() ? value->get<std::int64_t>() : 0;
  if (number < 1 || number > 65'535) return wrong(name, "a number from 1 to 65535");
  to = static_cast<std::uint16_t>(number);
}

void AdminBody::time_or_null(std::string_view name, std::optional<WallSeconds>& to) {
  const Json* const value = take(name);
  if (!value) return;
  if (value->is_null()) return to.reset();
  const auto time = value->is_string() ? parse_time(value->get<std::string>()) : std::nullopt;
  if (!time) return wrong(name, "a time such as \"2026-03-01T12:00:00Z\", or null");
  to = *time;
}

void AdminBody::list(std::string_view name, const std::function<void()>& clear,
                     const std::function<bool(const std::string&)>& take_one) {
  const Json* const value = take(name);
  if (!value) return;
  if (!value->is_array()) return wrong(name, "a list of texts");
  clear();
  for (const Json& item : *value) {
    if (!item.is_string()) return wrong(name, "a list of texts");
    const auto text = item.get<std::string>();
    if (!take_one(text))
      return wrong(name, "a list of addresses or networks: \"" + text + "\" is neither");
  }
}

void AdminBody::map(std::string_view name, std::map<std::string, std::string>& to) {
  const Json* const value = take(name);
  if (!value) return;
  if (!value->is_object()) return wrong(name, "an object of texts");
  to.clear();
  for (const auto& [key, item] : value->items()) {
    if (!item.is_string()) return wrong(name, "an object of texts");
    to[key] = item.get<std::string>();
  }
}

void AdminBody::value(std::string_view name, const std::function<std::string(const Json&)>& take) {
  const Json* const value = this->take(name);
  if (!value) return;
  if (const auto must = take(*value); !must.empty()) wrong(name, must);
}

bool AdminBody::is_good_or_answered() {
  if (body_ && message_.empty()) {
    for (const auto& [key, value] : body_->items()) {
      if (taken_.contains(key)) continue;
      wrong_field_ = key;
      message_ = "The field \"" + key + "\" is not known here.";
      break;
    }
  }
  if (message_.empty()) return true;
  admin_error(call_, 400, "invalid", message_, wrong_field_);
  return false;
}

}  // namespace airlane::api
