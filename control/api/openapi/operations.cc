#include "control/api/openapi/operations.h"

#include <algorithm>
#include <cctype>

#include "control/api/admin/fields.h"
#include "control/api/openapi/route_answers.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

constexpr std::string_view kJsonType = "application/json";

Json response_ref(std::string_view name) {
  return {{"$ref", "#/components/responses/" + std::string(name)}};
}

Json schema_ref(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string(name)}};
}

Json content(std::string_view type, Json schema) {
  return {{type, {{"schema", std::move(schema)}}}};
}

Json parameter(std::string_view name, std::string_view in, bool required, std::string_view meaning,
               Json schema) {
  Json json{{"name", name}, {"in", in}, {"required", required}};
  if (!meaning.empty()) json["description"] = meaning;
  json["schema"] = std::move(schema);
  return json;
}

Json header(std::string_view name, std::string_view meaning) {
  return parameter(name, "header", false, meaning, {{"type", "string"}});
}

// What changes something needs the form token with a session.
Json by_session(bool changes) {
  Json session{{"session", Json::array()}};
  if (changes) session["form_token"] = Json::array();
  return session;
}

// Any of them will do.
Json security(bool changes) {
  return Json::array({{{"key", Json::array()}},
                      {{"key_header", Json::array()}},
                      {{"bearer", Json::array()}},
                      by_session(changes)});
}

Json options_of(const Endpoint& endpoint) {
  Json all = Json::array();
  for (const auto name : parameters_of(endpoint.path)) {
    const Json schema =
        name == "id" ? Json{{"type", "integer"}, {"minimum", 0}} : Json{{"type", "string"}};
    all.push_back(parameter(name, "path", true, "", schema));
  }
  for (const Field& field : endpoint.query) {
    all.push_back(parameter(field.name, "query", false, field.meaning, schema_of(field)));
  }
  if (!endpoint.rows.empty()) {
    for (const Field& field : page_fields()) {
      all.push_back(parameter(field.name, "query", false, field.meaning, schema_of(field)));
    }
  }
  if (endpoint.method == "GET" && endpoint.answer) {
    all.push_back(
        header("If-None-Match", "An ETag that was given before: 304 when it still fits."));
  }
  if (endpoint.method == "PATCH" || (endpoint.method == "DELETE" && !endpoint.untagged)) {
    all.push_back(header("If-Match",
                         "An ETag that was given before: 412 when somebody else has "
                         "changed it since."));
  }
  return all;
}

// What an order answers is no state of anything that could be asked for again.
bool tells_a_state(const Endpoint& endpoint) {
  return endpoint.answer && (endpoint.method != "POST" || endpoint.body == endpoint.answer);
}

Json headers_of(const Endpoint& endpoint) {
  if (!tells_a_state(endpoint)) return Json::object();
  return {{"ETag",
           {{"description", "Names this state of it; strong."}, {"schema", {{"type", "string"}}}}}};
}

Json good_answer(const Endpoint& endpoint, Schemas& schemas) {
  Json schema{{"type", "string"}};
  if (!endpoint.rows.empty()) {
    schema = schemas.page_ref(*endpoint.answer, endpoint.rows);
  } else if (endpoint.answer) {
    schema = schemas.ref(*endpoint.answer, Field::kTold);
  } else if (endpoint.type == kJsonType) {
    schema = schema_ref("Success");
  }
  Json answer{{"description", endpoint.name}, {"content", content(endpoint.type, schema)}};
  if (Json headers = headers_of(endpoint); !headers.empty()) answer["headers"] = headers;
  return answer;
}

Json answers_of(const Endpoint& endpoint, Schemas& schemas) {
  const bool changes = endpoint.method != "GET";
  Json all{{std::to_string(endpoint.status), good_answer(endpoint, schemas)}};
  if (!changes && endpoint.answer) all["304"] = response_ref("NotModified");
  if (endpoint.body) all["400"] = response_ref("Malformed");
  all["403"] = response_ref("Denied");
  if (!parameters_of(endpoint.path).empty()) all["404"] = response_ref("NotFound");
  if (changes) all["409"] = response_ref("Conflict");
  if (endpoint.method == "PATCH" || endpoint.method == "DELETE")
    all["412"] = response_ref("Changed");
  all["422"] = response_ref("Invalid");
  all["429"] = response_ref("Throttled");
  all["500"] = response_ref("Failed");
  if (changes) all["503"] = response_ref("Unavailable");
  return all;
}

std::string tag_of(std::string_view path) {
  path.remove_prefix(1);
  return "admin: " + std::string(path.substr(0, path.find('/')));
}

// What a script would send for it.
Json schema_of(const Option& option) {
  Json schema{{"type", "string"}};
  if (option.kind == Option::Kind::kFlag) schema["type"] = "boolean";
  if (option.kind == Option::Kind::kChoice) {
    Json choices = Json::array();
    for (const auto choice : option.choices) choices.push_back(choice);
    schema["enum"] = std::move(choices);
  }
  const bool is_whole = option.kind == Option::Kind::kWhole;
  if (is_whole) {
    schema = {{"type", "integer"}, {"minimum", 1}};
    if (option.most != kAnyNumber) schema["maximum"] = option.most;
  }
  if (option.fallback.empty()) return schema;
  const bool is_flag = option.kind == Option::Kind::kFlag;
  schema["default"] = is_flag    ? Json(option.fallback == "true")
                      : is_whole ? Json(parse_whole(option.fallback).value_or(0))
                                 : Json(option.fallback);
  return schema;
}

Json body_of(const Route& route) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Option& option : route.options) {
    if (option.name == "key") continue;
    properties[std::string(option.name)] = schema_of(option);
    if (option.required) required.push_back(option.name);
  }
  Json schema{{"type", "object"}, {"properties", std::move(properties)}};
  if (!required.empty()) schema["required"] = std::move(required);
  Json content_of{{"application/x-www-form-urlencoded", {{"schema", schema}}}};
  if (!route.needs_user) content_of[std::string(kJsonType)] = {{"schema", schema}};
  return {{"required", schema.contains("required")}, {"content", std::move(content_of)}};
}

Json format_parameter() {
  return parameter("format", "query", false,
                   "The form of the answer: JSON, or a page for people. Without it what `Accept` "
                   "prefers.",
                   {{"type", "string"}, {"enum", Json::array({"json", "api"})}});
}

Json options_of(const Route& route, bool in_body) {
  Json all = Json::array();
  if (route.path == "/r/")
    all.push_back(parameter("token", "path", true, "", {{"type", "string"}}));
  for (const auto name : parameters_of(route.path)) {
    all.push_back(parameter(name, "path", true, "", {{"type", "integer"}, {"minimum", 0}}));
  }
  for (const Option& option : route.options) {
    if (in_body || option.name == "key") continue;
    all.push_back(
        parameter(option.name, "query", option.required, option.meaning, schema_of(option)));
  }
  if (route.path != "/r/") all.push_back(format_parameter());
  return all;
}

Json answers_of(const Route& route, Schemas& schemas) {
  const RouteAnswer* const told = answer_of(route);
  Json schema = told ? schemas.ref(*told->shape, Field::kTold) : Json{{"type", "object"}};
  if (told && told->is_list) schema = {{"type", "array"}, {"items", schema}};
  return {{"200", {{"description", route.name}, {"content", content(kJsonType, schema)}}},
          {"4XX", response_ref("Refused")},
          {"5XX", response_ref("NotDone")}};
}

Json error_response(std::string_view meaning, std::string_view schema) {
  return {{"description", meaning}, {"content", content(kJsonType, schema_ref(schema))}};
}

Json text_property() { return {{"type", "string"}}; }

}  // namespace

std::string operation_id(std::string_view method, std::string_view name) {
  std::string id;
  for (const char c : std::string(name) + " " + std::string(method)) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    } else if (!id.empty() && id.back() != '_') {
      id += '_';
    }
  }
  return id;
}

Json operation_of(const Endpoint& endpoint, Schemas& schemas) {
  const bool changes = endpoint.method != "GET";
  Json json{{"tags", Json::array({tag_of(endpoint.path)})},
            {"operationId", "admin_" + operation_id(endpoint.method, endpoint.name)},
            {"summary", endpoint.name},
            {"description", std::string(endpoint.summary) + "\n\nA key needs the scope `" +
                                std::string(name_of(endpoint.scope)) + "`."},
            {"security", security(changes)}};
  if (Json all = options_of(endpoint); !all.empty()) json["parameters"] = std::move(all);
  if (endpoint.body) {
    const Json schema = schemas.ref(*endpoint.body, use_of(endpoint.method));
    const auto& fields = endpoint.body->fields;
    const bool must = endpoint.method == "PATCH" ||
                      std::any_of(fields.begin(), fields.end(),
                                  [](const Field& field) { return field.required; });
    json["requestBody"] = {{"required", must}, {"content", content(kJsonType, schema)}};
  }
  json["responses"] = answers_of(endpoint, schemas);
  return json;
}

Json operation_of(const Route& route, std::string_view method, Schemas& schemas) {
  const bool posts = method == "POST";
  Json json{{"tags", Json::array({"customers"})},
            {"operationId", operation_id(method, route.name)},
            {"summary", route.name},
            {"description", route.summary},
            {"security", route.needs_user ? security(posts) : Json::array()}};
  if (route.needs_session) json["security"] = Json::array({by_session(posts)});
  const bool in_body = route.method == "POST";
  json["parameters"] = options_of(route, in_body);
  if (in_body && !route.options.empty()) json["requestBody"] = body_of(route);
  json["responses"] = answers_of(route, schemas);
  return json;
}

Json common_responses() {
  constexpr std::string_view kError = "AdminError";
  const Json refused{{"anyOf", Json::array({schema_ref("Detail"), schema_ref("NotDone")})}};
  Json refused_content = content(kJsonType, refused);
  refused_content["text/plain; charset=utf-8"] = {{"schema", text_property()}};
  return {
      {"NotModified", {{"description", "It is what the ETag in If-None-Match says."}}},
      {"Malformed", error_response("The body is no JSON object.", kError)},
      {"Denied", error_response("The caller is not known, or may not do this.", kError)},
      {"NotFound", error_response("There is no such thing.", kError)},
      {"Conflict", error_response("It contradicts what is there.", kError)},
      {"Changed", error_response("It is not what If-Match says any more.", kError)},
      {"Invalid", error_response("Some fields are wrong: all of them are in `fields`.", kError)},
      {"Throttled", error_response("Too soon; `Retry-After` says when.", kError)},
      {"Failed", error_response("The server failed; its log says how.", kError)},
      {"Unavailable", error_response("The device or the machine cannot do it now.", kError)},
      {"Refused", {{"description", "It was not done, and why."}, {"content", refused_content}}},
      {"NotDone", error_response("It could not be done.", "NotDone")},
  };
}

Json security_schemes() {
  return {
      {"key", {{"type", "apiKey"}, {"in", "query"}, {"name", "key"}}},
      {"key_header", {{"type", "apiKey"}, {"in", "header"}, {"name", "X-API-Key"}}},
      {"bearer", {{"type", "http"}, {"scheme", "bearer"}}},
      {"session",
       {{"type", "apiKey"},
        {"in", "cookie"},
        {"name", "sessionid"},
        {"description", "Given by /api/login/."}}},
      {"form_token",
       {{"type", "apiKey"},
        {"in", "header"},
        {"name", "X-CSRFToken"},
        {"description", "The cookie `csrftoken`, with a session where something is changed."}}},
  };
}

Json error_schemas() {
  const Json wrong{{"type", "object"},
                   {"properties", {{"field", text_property()}, {"message", text_property()}}},
                   {"required", Json::array({"field", "message"})},
                   {"additionalProperties", false}};
  const Json error{{"type", "object"},
                   {"properties",
                    {{"code", text_property()},
                     {"message", text_property()},
                     {"field", text_property()},
                     {"fields", {{"type", "array"}, {"items", wrong}}}}},
                   {"required", Json::array({"code", "message"})},
                   {"additionalProperties", false}};
  const auto object = [](const char* name, Json schema) {
    return Json{{"type", "object"},
                {"properties", {{name, std::move(schema)}}},
                {"required", Json::array({name})}};
  };
  Json not_done = object("success", {{"const", false}});
  not_done["properties"]["error"] = text_property();
  not_done["properties"]["id"] = {{"type", "integer"}};
  return {{"AdminError", object("error", error)},
          {"Success", object("success", {{"const", true}})},
          {"Detail", object("detail", text_property())},
          {"NotDone", std::move(not_done)}};
}

}  // namespace airlane::api
