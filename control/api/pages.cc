#include "control/api/pages.h"

#include "control/api/request_line.h"

namespace airlane::api {
namespace {

constexpr std::string_view kIndexPath = "/api/proxy/";

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

std::string link(std::string_view path, std::string_view text) {
  return "<a href=\"" + std::string(path) + "?format=api\">" + escape_html(text) + "</a>";
}

std::string links() {
  std::string html = "<nav>\n";
  for (const Route& route : routes()) {
    if (!route.in_index) continue;
    html += link(route.path, route.name) + "\n";
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

// The addresses in the answer of the index, so that one is a click away.
std::string with_links(std::string html) {
  for (const Route& route : routes()) {
    const std::string before = "&quot;url&quot;: &quot;";
    const auto at = html.find(before + std::string(route.path) + "&quot;");
    if (at == html.npos) continue;
    html.replace(at + before.size(), route.path.size(), link(route.path, route.path));
  }
  return html;
}

// What the index leaves out: its answer is that of the contract, which knows none of it.
std::string further_addresses() {
  constexpr std::string_view kReference = "/api/docs/";  // Of the folder openapi, above this one.
  std::string html = "<section class=\"documentation\">\n<h2>Also here</h2>\n<ul>\n";
  std::string_view last = kIndexPath;
  for (const Route& route : routes()) {
    const bool has_number = route.path.find('{') != route.path.npos;
    if (route.in_index || has_number || route.path == last) continue;
    last = route.path;
    html += "<li>" + link(route.path, route.path) + " " + escape_html(route.name) + "</li>\n";
  }
  return html + "<li><a href=\"" + std::string(kReference) + "\">" + std::string(kReference) +
         "</a> All of it, with every field</li>\n</ul>\n</section>\n";
}

}  // namespace

std::string page(const Call& call, const Shown* answer) {
  const Route& route = *call.route;
  const bool is_index = route.path == kIndexPath;
  const std::string title = escape_html(route.name);
  std::string html =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" +
      title + " - Airlane</title>\n<link rel=\"stylesheet\" href=\"" +
      std::string(kStylesheetPath) + "\">\n</head>\n<body>\n" + top(call) + links() +
      "<main>\n<h1>" + title + "</h1>\n";
  if (answer) {
    const auto text = escape_html(answer_text(*answer));
    html += "<section class=\"answer\">\n<h2>" + escape_html(shown_request_line(call.request())) +
            "</h2>\n<pre>" + (is_index ? with_links(text) : text) + "</pre>\n</section>\n";
  }
  if (is_index) html += further_addresses();
  html += options_form(call, route) + documentation(route);
  for (const Route& other : routes()) {
    if (other.path != route.path || other.method == route.method) continue;
    html += "<h2>" + escape_html(other.name) + "</h2>\n" + options_form(call, other) +
            documentation(other);
  }
  return html + "</main>\n</body>\n</html>\n";
}

}  // namespace airlane::api
