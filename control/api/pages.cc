#include "control/api/pages.h"

#include "control/api/request_line.h"

namespace airlane::api {
namespace {

std::string_view reason(int status) {
  static constexpr std::pair<int, std::string_view> kReasons[] = {
      {200, "OK"},
      {400, "Bad Request"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {409, "Conflict"},
      {415, "Unsupported Media Type"},
      {429, "Too Many Requests"},
      {500, "Internal Server Error"},
      {503, "Service Unavailable"},
  };
  for (const auto& [known, phrase] : kReasons) {
    if (known == status) return phrase;
  }
  return "";
}

std::string posting_form(std::string_view path, std::string_view button, const Call& call) {
  return "<form method=\"post\" action=\"" + std::string(path) +
         "\"><input type=\"hidden\" name=\"csrf_token\" value=\"" + escape_html(call.form_token) +
         "\"><button>" + std::string(button) + "</button></form>";
}

std::string top(const Call& call) {
  std::string html = "<header>\n<a class=\"home\" href=\"/api/proxy/?format=api\">Airlane</a>\n";
  if (call.has_session) {
    html += "<span>" + escape_html(call.user_name) + "</span>\n";
    html += posting_form("/api/logout/", "Log out", call) + "\n";
  } else {
    html += "<a href=\"/api/login/?format=api\">Log in</a>\n";
  }
  return html + "</header>\n";
}

std::string links() {
  std::string html = "<nav>\n";
  for (const Route& route : routes()) {
    if (!route.in_index) continue;
    html += "<a href=\"" + std::string(route.path) + "?format=api\">" + escape_html(route.name) +
            "</a>\n";
  }
  return html + "</nav>\n";
}

// The headers of the answer that speak about it; those that every page has only say how to show it.
bool is_worth_showing(std::string_view name) {
  for (const std::string_view shown : {"Allow", "Content-Type", "Vary", "Retry-After", "Link"}) {
    if (name == shown) return true;
  }
  return false;
}

std::string answer_text(const Shown& answer) {
  std::string text = "HTTP " + std::to_string(answer.status);
  text.append(" ").append(reason(answer.status)).append("\n");
  for (const auto& [name, value] : answer.fields) {
    if (is_worth_showing(name)) text.append(name).append(": ").append(value).append("\n");
  }
  return text + "\n" + answer.body;
}

}  // namespace

std::string page(const Call& call, const Shown* answer) {
  const Route& route = *call.route;
  const std::string title = escape_html(route.name);
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      title + " - Airlane</title>\n<link rel=\"stylesheet\" href=\"" +
      std::string(kStylesheetPath) + "\">\n</head>\n<body>\n" + top(call) + links() +
      "<main>\n<h1>" + title + "</h1>\n";
  if (answer) {
    html += "<section class=\"answer\">\n<h2>" + escape_html(shown_request_line(call.request())) +
            "</h2>\n<pre>" + escape_html(answer_text(*answer)) + "</pre>\n</section>\n";
  }
  html += options_form(call, route) + documentation(route);
  for (const Route& other : routes()) {
    if (other.path != route.path || other.method == route.method) continue;
    html += "<h2>" + escape_html(other.name) + "</h2>\n" + options_form(call, other) +
            documentation(other);
  }
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace airlane::api
