#include "control/api/admin/body.h"

#include <algorithm>
#include <cassert>

#include "control/api/admin/fields.h"
#include "control/api/request_options.h"

namespace airlane::api {

AdminBody::AdminBody(const AdminCall& call) : call_(call), body_(parse_json(call.request().body)) {
  if (body_ && !body_->is_object()) body_.reset();
  if (!body_) return;
  const Endpoint& endpoint = call.endpoint();
  const auto fields = endpoint.body ? endpoint.body->fields : std::span<const Field>();
  check_object(*body_, fields, use_of(endpoint.method), wrong_);
}

bool AdminBody::has(std::string_view name) const {
  return body_ && body_->contains(std::string(name));
}

bool AdminBody::is_wrong(std::string_view name) const {
  name = name.substr(0, name.find('.'));
  return std::any_of(wrong_.begin(), wrong_.end(), [&](const WrongField& wrong) {
    return std::string_view(wrong.field).substr(0, wrong.field.find('.')) == name;
  });
}

const Json* AdminBody::value(std::string_view name) {
  [[maybe_unused]] const auto& fields = call_.endpoint().body->fields;
  assert(std::any_of(fields.begin(), fields.end(),
                     [&](const Field& field) { return field.name == name; }));
  if (!body_ || is_wrong(name)) return nullptr;
  const auto found = body_->find(std::string(name));
  return found == body_->end() ? nullptr : &*found;
}

void AdminBody::text(std::string_view name, std::string& to) {
  if (const Json* const given = value(name)) to = given->get<std::string>();
}

void AdminBody::text_or_null(std::string_view name, std::optional<std::string>& to) {
  const Json* const given = value(name);
  if (!given) return;
  if (given->is_null()) return to.reset();
  to = given->get<std::string>();
}

void AdminBody::yes_or_no(std::string_view name, bool& to) {
  if (const Json* const given = value(name)) to = given->get<bool>();
}

void AdminBody::port(std::string_view name, std::uint16_t& to) {
  if (const Json* const given = value(name)) to = given->get<std::uint16_t>();
}

void AdminBody::number(std::string_view name, std::int64_t& to) {
  if (const Json* const given = value(name)) to = given->get<std::int64_t>();
}

void AdminBody::time_or_null(std::string_view name, std::optional<WallSeconds>& to) {
  const Json* const given = value(name);
  if (!given) return;
  if (given->is_null()) return to.reset();
  to = parse_time(given->get<std::string>());
}

void AdminBody::map(std::string_view name, std::map<std::string, std::string>& to) {
  const Json* const given = value(name);
  if (!given) return;
  to.clear();
  for (const auto& [key, item] : given->items()) to[key] = item.get<std::string>();
}

void AdminBody::list(std::string_view name, std::string_view what,
                     const std::function<void()>& clear,
                     const std::function<bool(const std::string&)>& take) {
  const Json* const given = value(name);
  if (!given) return;
  clear();
  for (const Json& item : *given) {
    const auto text = item.get<std::string>();
    if (take(text)) continue;
    return refuse(name, "The field \"" + std::string(name) + "\" has \"" + text +
                            "\" in it, which is not " + std::string(what) + ".");
  }
}

void AdminBody::wrong(std::string_view name, std::string_view must) {
  refuse(name, "The field \"" + std::string(name) + "\" must be " + std::string(must) + ".");
}

void AdminBody::refuse(std::string_view name, std::string_view sentence) {
  if (!is_wrong(name)) wrong_.push_back({std::string(name), std::string(sentence)});
}

void AdminBody::is_missing(std::string_view name, std::string_view text) {
  refuse(name, "There is no " + std::string(name) + " \"" + std::string(text) + "\".");
}

void AdminBody::expect(std::string_view name, const Outcome<Done>& good) {
  if (!good) refuse(name, good.error().text);
}

void AdminBody::refuse(const std::vector<Fault>& faults) {
  std::vector<WrongField> found;
  for (const auto& [field, sentence] : faults) {
    if (!is_wrong(field)) found.push_back({field, sentence});
  }
  wrong_.insert(wrong_.end(), found.begin(), found.end());
}

bool AdminBody::is_good_or_answered() const {
  if (!body_) {
    admin_error(call_, 400, "malformed", "The body must be a JSON object.");
    return false;
  }
  if (wrong_.empty()) return true;
  admin_invalid(call_, wrong_);
  return false;
}

}  // namespace airlane::api
