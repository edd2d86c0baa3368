// The form and the documentation of an endpoint, made from its row in the table.
#include "control/api/pages.h"

namespace airlane::api {
namespace {

using Kind = Option::Kind;

constexpr std::string_view kYesOrNo[] = {"false", "true"};

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escape_html(value) + "\"";
}

// The value that was asked with last stays in the form, so that it can be asked again.
std::string value_of(const Call& call, const Option& option) {
  const std::string* const given = call.option(option.name);
  return given && option.kind != Kind::kSecret ? *given : std::string();
}

std::string select(const Call& call, const Option& option) {
  const auto choices =
      option.kind == Kind::kFlag ? std::span<const std::string_view>(kYesOrNo) : option.choices;
  const std::string given = value_of(call, option);
  const std::string_view chosen = given.empty() ? option.fallback : std::string_view(given);
  std::string html =
      "<select" + attribute("id", option.name) + attribute("name", option.name) + ">";
  for (const std::string_view choice : choices) {
    html += "<option" + std::string(choice == chosen ? " selected" : "") + ">" +
            escape_html(choice) + "</option>";
  }
  return html + "</select>";
}

std::string input(const Call& call, const Option& option) {
  const bool secret = option.kind == Kind::kSecret;
  std::string html = "<input" + attribute("id", option.name) + attribute("name", option.name) +
                     attribute("type", secret ? "password" : "text");
  if (secret) html += attribute("autocomplete", option.name == "key" ? "off" : "current-password");
  const std::string value = value_of(call, option);
  if (!value.empty()) html += attribute("value", value);
  if (!option.fallback.empty()) html += attribute("placeholder", option.fallback);
  return html + (option.required ? " required>" : ">");
}

std::string field(const Call& call, const Option& option) {
  const bool chosen = option.kind == Kind::kFlag || option.kind == Kind::kChoice;
  return "<p><label" + attribute("for", option.name) + ">" + escape_html(option.name) + "</label>" +
         (chosen ? select(call, option) : input(call, option)) + "</p>\n";
}

// Parts that an empty line separates, each in the same tags.
std::string parts(std::string_view text, std::string_view tag, bool marks) {
  std::string html;
  while (!text.empty()) {
    const auto end = std::min(text.find("\n\n"), text.size());
    const auto part = text.substr(0, end);
    html += "<" + std::string(tag) + ">" + (marks ? marked_up(part) : escape_html(part)) + "</" +
            std::string(tag) + ">\n";
    text.remove_prefix(std::min(end + 2, text.size()));
  }
  return html;
}

}  // namespace

// Without JavaScript: a GET endpoint is asked by the query that the form makes.
std::string options_form(const Call& call, const Route& route) {
  const bool gets = route.method == "GET";
  std::string html = "<form class=\"options\"" + attribute("method", gets ? "get" : "post") +
                     attribute("action", call.request().path) + ">\n";
  for (const Option& option : route.options) {
    if (option.name == "key" && call.has_session) continue;  // It would not be looked at.
    html += field(call, option);
  }
  if (gets) {
    html += "<input type=\"hidden\" name=\"format\" value=\"api\">\n";
  } else {
    html += "<input type=\"hidden\"" + attribute("name", "csrf_token") +
            attribute("value", call.form_token) + ">\n";
  }
  // What changes something says what; what only asks looks like what a script would send.
  return html + "<p><button>" + escape_html(gets ? route.method : route.name) +
         "</button></p>\n</form>\n";
}

// The marks that the texts of the table use: `code`, *option* and ***option***.
std::string marked_up(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const auto mark = text.find_first_of("`*");
    html += escape_html(text.substr(0, mark));
    if (mark == text.npos) break;
    const char kind = text[mark];
    const auto end = text.find(kind, mark + 1);
    if (end == text.npos) return html + escape_html(text.substr(mark));
    const std::string_view tag = kind == '`' ? "code" : "em";
    html.append("<").append(tag).append(">");
    html += escape_html(text.substr(mark + 1, end - mark - 1));
    html.append("</").append(tag).append(">");
    text.remove_prefix(end + 1);
  }
  return html;
}

std::string documentation(const Route& route) {
  std::string html = "<section class=\"documentation\">\n" + parts(route.summary, "p", true);
  if (!route.options.empty()) html += "<h2>Request options</h2>\n<dl>\n";
  for (const Option& option : route.options) {
    html += "<dt><code>" + escape_html(option.name) + "</code>";
    if (option.required) html += " required";
    if (!option.fallback.empty()) {
      html += " default <code>" + escape_html(option.fallback) + "</code>";
    }
    html += "</dt>\n<dd>" + marked_up(option.meaning) + "</dd>\n";
  }
  if (!route.options.empty()) html += "</dl>\n";
  if (!route.examples.empty()) {
    html += "<details>\n<summary>Response examples</summary>\n" +
            parts(route.examples, "pre", false) + "</details>\n";
  }
  return html + "</section>\n";
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#x27;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace airlane::api
