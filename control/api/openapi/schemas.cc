#include "control/api/openapi/schemas.h"

#include <limits>

namespace airlane::api {
namespace {

using Kind = Field::Kind;

Json texts() { return {{"type", "array"}, {"items", {{"type", "string"}}}}; }

Json text_schema(const Field& field) {
  Json schema{{"type", "string"}};
  if (field.choices.empty()) return schema;
  Json choices = Json::array();
  for (const auto choice : field.choices) choices.push_back(choice);
  schema["enum"] = std::move(choices);
  return schema;
}

Json whole_schema(const Field& field) {
  Json schema{{"type", "integer"}, {"minimum", field.least}};
  if (field.most != std::numeric_limits<std::int64_t>::max()) schema["maximum"] = field.most;
  return schema;
}

Json plain_schema(const Field& field) {
  switch (field.kind) {
    case Kind::kText:
      return text_schema(field);
    case Kind::kFlag:
      return {{"type", "boolean"}};
    case Kind::kWhole:
      return whole_schema(field);
    case Kind::kNumber:
      return {{"type", "number"}};
    case Kind::kTime:
      return {{"type", "string"}, {"format", "date-time"}};
    case Kind::kTexts:
      return texts();
    case Kind::kTextMap:
      return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
    case Kind::kObject:
      return {{"type", "object"}};
    case Kind::kObjects:
      return {{"type", "array"}, {"items", {{"type", "object"}}}};
  }
  return {};
}

// What may be null is so in its type and, where there are choices, in those.
void allow_null(Json& schema) {
  if (schema.contains("$ref")) {
    schema = {{"anyOf", Json::array({schema, {{"type", "null"}}})}};
    return;
  }
  schema["type"] = Json::array({schema["type"], "null"});
  if (schema.contains("enum")) schema["enum"].push_back(nullptr);
}

std::string name_of(const Shape& shape, std::uint8_t use) {
  std::string name(shape.name);
  if (use == Field::kPosted) return name + "New";
  return use == Field::kPatched ? name + "Change" : name;
}

Json ref_to(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

bool is_required(const Field& field, std::uint8_t use) {
  if (use == Field::kTold) return !field.optional;
  return use == Field::kPosted && field.required;
}

}  // namespace

Json schema_of(const Field& field) {
  Json schema = plain_schema(field);
  if (field.nullable) allow_null(schema);
  if (!field.fallback.empty()) {
    if (auto fallback = parse_json(field.fallback)) schema["default"] = *std::move(fallback);
  }
  return schema;
}

Json Schemas::property(const Field& field, std::uint8_t use) {
  Json schema = plain_schema(field);
  if (field.kind == Kind::kObject) schema = ref(*field.shape, use);
  if (field.kind == Kind::kObjects) schema["items"] = ref(*field.shape, use);
  if (field.nullable) allow_null(schema);
  if (use == Field::kPosted && !field.fallback.empty()) {
    if (auto fallback = parse_json(field.fallback)) schema["default"] = *std::move(fallback);
  }
  if (!field.meaning.empty()) schema["description"] = field.meaning;
  return schema;
}

Json Schemas::object(const Shape& shape, std::uint8_t use) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Field& field : shape.fields) {
    if ((field.use & use) == 0) continue;
    properties[std::string(field.name)] = property(field, use);
    if (is_required(field, use)) required.push_back(field.name);
  }
  Json schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  schema["additionalProperties"] = false;
  return schema;
}

Json Schemas::ref(const Shape& shape, std::uint8_t use) {
  const std::string name = name_of(shape, use);
  if (!all_.contains(name)) {
    Json schema = object(shape, use);  // First: it may add others.
    all_[name] = std::move(schema);
  }
  return ref_to(name);
}

Json Schemas::page_ref(const Shape& shape, std::string_view rows) {
  const std::string name = std::string(shape.name) + "Page";
  const Json row = ref(shape, Field::kTold);
  all_[name] = {
      {"type", "object"},
      {"properties",
       {{rows, {{"type", "array"}, {"items", row}}},
        {"count",
         {{"type", "integer"},
          {"minimum", 0},
          {"description", "How many there are on all pages."}}},
        {"next",
         {{"type", Json::array({"integer", "null"})},
          {"description", "What to give as `after` for the next page; null on the last one."}}}}},
      {"required", Json::array({rows, "count", "next"})},
      {"additionalProperties", false}};
  return ref_to(name);
}

}  // namespace airlane::api
