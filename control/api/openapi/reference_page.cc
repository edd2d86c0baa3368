// The document as a page for people: no script, the stylesheet of all pages, everything escaped.
#include <algorithm>

#include "control/api/openapi/openapi.h"
#include "control/api/pages.h"

namespace airlane::api {
namespace {

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

const Json& resolved(const Json& document, const Json& json) {
  const std::string ref = text_at(json, "$ref");
  return ref.empty() ? json : document.at(Json::json_pointer(ref.substr(1)));
}

// "integer, or null", "Proxy", "list of Proxy", "Quota, or null"
std::string type_of(const Json& schema) {
  if (const std::string ref = text_at(schema, "$ref"); !ref.empty()) {
    return ref.substr(ref.rfind('/') + 1);
  }
  if (schema.contains("anyOf")) {
    return type_of(schema["anyOf"][0]) + ", or " + type_of(schema["anyOf"][1]);
  }
  const auto type = schema.find("type");
  if (type == schema.end()) return "value";
  if (type->is_array()) return (*type)[0].get<std::string>() + ", or null";
  if (*type == "array") return "list of " + type_of(schema["items"]);
  return type->get<std::string>();
}

std::string choices_of(const Json& schema) {
  std::string html;
  if (!schema.contains("enum")) return html;
  for (const Json& choice : schema["enum"]) {
    html += (html.empty() ? ": " : ", ") + ("<code>" + escape_html(compact(choice)) + "</code>");
  }
  return html;
}

std::string entry(const std::string& name, const Json& schema, bool required,
                  const std::string& meaning) {
  std::string html = "<dt><code>" + escape_html(name) + "</code> " + escape_html(type_of(schema)) +
                     choices_of(schema);
  if (required) html += ", required";
  if (schema.contains("default")) {
    html += ", default <code>" + escape_html(compact(schema["default"])) + "</code>";
  }
  return html + "</dt>\n<dd>" + marked_up(meaning) + "</dd>\n";
}

bool is_required(const Json& schema, const std::string& name) {
  const auto required = schema.find("required");
  if (required == schema.end()) return false;
  return std::find(required->begin(), required->end(), Json(name)) != required->end();
}

std::string properties(const Json& schema) {
  std::string html = "<dl>\n";
  for (const auto& [name, property] : schema["properties"].items()) {
    html += entry(name, property, is_required(schema, name), text_at(property, "description"));
  }
  return html + "</dl>\n";
}

std::string parameters(const Json& operation) {
  if (!operation.contains("parameters") || operation["parameters"].empty()) return {};
  std::string html = "<h3>Options</h3>\n<dl>\n";
  for (const Json& one : operation["parameters"]) {
    html += entry(text_at(one, "name"), one["schema"], one["required"] == true,
                  text_at(one, "description"));
  }
  return html + "</dl>\n";
}

std::string body(const Json& document, const Json& operation) {
  if (!operation.contains("requestBody")) return {};
  const Json& first = *operation["requestBody"]["content"].begin();
  return "<h3>Body</h3>\n" + properties(resolved(document, first["schema"]));
}

std::string responses(const Json& document, const Json& operation) {
  std::string html = "<details>\n<summary>Answers</summary>\n<dl>\n";
  for (const auto& [status, response] : operation["responses"].items()) {
    const Json& full = resolved(document, response);
    html += "<dt><code>" + escape_html(status) + "</code>";
    if (full.contains("content")) {
      html += " " + escape_html(type_of((*full["content"].begin())["schema"]));
    }
    html += "</dt>\n<dd>" + marked_up(text_at(full, "description")) + "</dd>\n";
  }
  return html + "</dl>\n</details>\n";
}

std::string operation_section(const Json& document, const std::string& path,
                              const std::string& method, const Json& operation) {
  std::string upper = method;
  for (char& c : upper) c = static_cast<char>(c & ~0x20);
  return "<section class=\"operation\" id=\"" + escape_html(text_at(operation, "operationId")) +
         "\">\n<h2>" + upper + " " + escape_html(path) + "</h2>\n<p><strong>" +
         escape_html(text_at(operation, "summary")) + "</strong></p>\n<p>" +
         marked_up(text_at(operation, "description")) + "</p>\n" + parameters(operation) +
         body(document, operation) + responses(document, operation) + "</section>\n";
}

std::string schemas(const Json& document) {
  std::string html = "<h1>Objects</h1>\n";
  for (const auto& [name, schema] : document["components"]["schemas"].items()) {
    html += "<details id=\"schema-" + escape_html(name) + "\">\n<summary><code>" +
            escape_html(name) + "</code></summary>\n" + properties(schema) + "</details>\n";
  }
  return html;
}

}  // namespace

std::string reference_page(const Json& document) {
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>API reference - Airlane</title>\n<link rel=\"stylesheet\" href=\"" +
      std::string(kStylesheetPath) +
      "\">\n</head>\n<body>\n<header>\n<a class=\"home\" href=\"/api/proxy/?format=api\">Airlane"
      "</a>\n<a href=\"" +
      std::string(kDocumentPath) +
      "\">openapi.json</a>\n</header>\n<main>\n<h1>API reference</h1>\n" + "<p>" +
      marked_up(text_at(document["info"], "description")) + "</p>\n";
  for (const auto& [path, methods] : document["paths"].items()) {
    for (const auto& [method, operation] : methods.items()) {
      html += operation_section(document, path, method, operation);
    }
  }
  return html + schemas(document) + "</main>\n</body>\n</html>\n";
}

}  // namespace airlane::api
