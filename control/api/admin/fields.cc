#include "control/api/admin/fields.h"

#include <algorithm>

#include "control/api/request_options.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr Field kPageFields[] = {
    {.name = "limit",
     .kind = Kind::kWhole,
     .fallback = "1000",
     .meaning = "How many rows to answer with at most.",
     .least = 1,
     .most = Page::kRowsMost},
    {.name = "after",
     .kind = Kind::kWhole,
     .meaning = "What `next` of the answer before said: go on behind that row."},
};

const Field* find(std::span<const Field> fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(),
                                  [&](const Field& field) { return field.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

bool are_texts(const Json& values) {
  return std::all_of(values.begin(), values.end(),
                     [](const Json& item) { return item.is_string(); });
}

bool is_whole(const Field& field, const Json& value) {
  if (!value.is_number_integer()) return false;
  // What is unsigned may be more than an int64_t can hold.
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return false;
  const auto number = value.get<std::int64_t>();
  return number >= field.least && number <= field.most;
}

bool is_choice(const Field& field, const Json& value) {
  if (!value.is_string()) return false;
  const auto& choices = field.choices;
  return choices.empty() ||
         std::find(choices.begin(), choices.end(), value.get<std::string>()) != choices.end();
}

bool has_kind(const Field& field, const Json& value) {
  switch (field.kind) {
    case Kind::kText:
      return is_choice(field, value);
    case Kind::kFlag:
      return value.is_boolean();
    case Kind::kWhole:
      return is_whole(field, value);
    case Kind::kNumber:
      return value.is_number();
    case Kind::kTime:
      return value.is_string() && parse_time(value.get<std::string>()).has_value();
    case Kind::kTexts:
      return value.is_array() && are_texts(value);
    case Kind::kTextMap:
      return value.is_object() && are_texts(value);
    case Kind::kObject:
      return value.is_object();
    case Kind::kObjects:
      return value.is_array() && std::all_of(value.begin(), value.end(),
                                             [](const Json& item) { return item.is_object(); });
  }
  return false;
}

class Check {
 public:
  Check(std::uint8_t use, std::vector<WrongField>& wrong) : use_(use), wrong_(wrong) {}

  void object(const Json& value, std::span<const Field> fields, const std::string& prefix) {
    for (const auto& [name, item] : value.items()) {
      const Field* const field = find(fields, name);
      const auto path = prefix + name;
      if (!field || (field->use & use_) == 0) {
        wrong_.push_back({path, "The field \"" + path + "\" is not known here."});
      } else {
        one(*field, item, path);
      }
    }
    if ((use_ & Field::kPosted) == 0) return;
    for (const Field& field : fields) {
      if ((field.use & use_) == 0 || !field.required) continue;
      const std::string name(field.name);
      if (!value.contains(name)) refuse(prefix + name, "given");
    }
  }

 private:
  void one(const Field& field, const Json& value, const std::string& name) {
    if (value.is_null() && field.nullable) return;
    if (!has_kind(field, value)) return refuse(name, must_be(field));
    if (field.kind == Kind::kObject) object(value, field.shape->fields, name + ".");
    if (field.kind != Kind::kObjects) return;
    for (std::size_t i = 0; i < value.size(); ++i) {
      object(value[i], field.shape->fields, name + "." + std::to_string(i) + ".");
    }
  }
  void refuse(const std::string& name, const std::string& must) {
    wrong_.push_back({name, "The field \"" + name + "\" must be " + must + "."});
  }

  std::uint8_t use_;
  std::vector<WrongField>& wrong_;
};

// As a body would have said it; what cannot be read stays a text, which is wrong then.
Json value_of(const Field& field, const std::string& text) {
  if (field.kind == Kind::kFlag) {
    if (const auto yes = parse_bool(text)) return *yes;
  }
  if (field.kind == Kind::kWhole) {
    if (const auto number = parse_whole(text)) return *number;
  }
  return text;
}

std::string one_of(std::span<const std::string_view> choices) {
  std::string text = "one of";
  for (const auto choice : choices) text += (text.size() > 6 ? ", " : " ") + std::string(choice);
  return text;
}

std::string whole_number_of(const Field& field) {
  if (field.most == std::numeric_limits<std::int64_t>::max()) {
    return "a whole number from " + std::to_string(field.least);
  }
  return "a whole number from " + std::to_string(field.least) + " to " + std::to_string(field.most);
}

std::string must_be_of(const Field& field) {
  switch (field.kind) {
    case Kind::kText:
      return field.choices.empty() ? "a text" : one_of(field.choices);
    case Kind::kFlag:
      return "true or false";
    case Kind::kWhole:
      return whole_number_of(field);
    case Kind::kNumber:
      return "a number";
    case Kind::kTime:
      return "a time such as \"2026-03-01T12:00:00Z\"";
    case Kind::kTexts:
      return "a list of texts";
    case Kind::kTextMap:
      return "an object of texts";
    case Kind::kObject:
      return "an object";
    case Kind::kObjects:
      return "a list of objects";
  }
  return {};
}

}  // namespace

std::string must_be(const Field& field) {
  return must_be_of(field) + (field.nullable ? ", or null" : "");
}

std::span<const Field> page_fields() { return kPageFields; }

void check_object(const Json& object, std::span<const Field> fields, std::uint8_t use,
                  std::vector<WrongField>& wrong) {
  Check(use, wrong).object(object, fields, "");
}

void check_query(const AdminCall& call, std::vector<WrongField>& wrong) {
  std::vector<Field> known(call.endpoint().query.begin(), call.endpoint().query.end());
  if (!call.endpoint().rows.empty()) {
    known.insert(known.end(), std::begin(kPageFields), std::end(kPageFields));
  }
  Json given = Json::object();
  for (const auto& [name, text] : call.request().query) {
    if (name == "key") continue;  // Who is calling is another question.
    const Field* const field = find(known, name);
    if (!field || !text.empty()) given[name] = field ? value_of(*field, text) : Json(text);
  }
  check_object(given, known, Field::kTold, wrong);
}

}  // namespace airlane::api
