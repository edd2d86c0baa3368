#include "control/api/pages.h"

#include "control/api/routes.h"

namespace airlane::api {
namespace {

// What may be shown of the request: a page can end up on somebody's screen, so the key does not.
std::string request_line(const HttpRequest& request) {
  std::string line = request.method + " " + request.path;
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    line += separator;
    line.append(name).append("=").append(name == "key" ? "..." : value);
    separator = '&';
  }
  return line;
}

std::string options_form(const Route& route) {
  if (route.options.empty() && route.method == "GET") return {};
  const std::string method = route.method == "GET" ? "get" : "post";
  std::string form =
      "<form method=\"" + method + "\" action=\"" + std::string(route.path) + "\">\n";
  for (const Option& option : route.options) {
    if (option.name == "key") continue;  // Whoever sees this page is logged in, or has typed it.
    const std::string name = escape_html(option.name);
    const std::string type = option.name == "password" ? "password" : "text";
    form.append("<p><label>").append(name).append(" <input type=\"").append(type);
    form.append("\" name=\"").append(name).append("\" placeholder=\"");
    form.append(escape_html(option.fallback)).append("\"></label></p>\n");
  }
  if (route.method == "GET") form += "<input type=\"hidden\" name=\"format\" value=\"api\">\n";
  return form + "<p><button>" + std::string(route.method) + "</button></p>\n</form>\n";
}

}  // namespace

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

std::string page(const Call& call, int status, const HttpFields& extra, const Json& body) {
  const Route& route = *call.route;
  const std::string title = escape_html(route.name);
  std::string answer = "HTTP " + std::to_string(status) + "\nAllow: " + allowed_methods(route) +
                       "\nContent-Type: application/json\nVary: Accept, Cookie\n";
  for (const auto& [name, value] : extra) {
    if (name != "Set-Cookie") answer.append(name).append(": ").append(value).append("\n");
  }
  answer += "\n" + pretty(body);
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" + title +
         " - Airlane</title></head>\n<body>\n<p><a "
         "href=\"/api/proxy/?format=api\">Airlane</a></p>\n"
         "<h1>" +
         title + "</h1>\n<pre>" + escape_html(description(route)) + "</pre>\n" +
         options_form(route) + "<h2>" + escape_html(request_line(call.request())) + "</h2>\n<pre>" +
         escape_html(answer) + "</pre>\n</body>\n</html>\n";
}

}  // namespace airlane::api
