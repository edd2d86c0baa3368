#include "control/api/router.h"

#include "base/log.h"
#include "control/api/accept.h"
#include "control/api/csrf.h"
#include "control/api/pages.h"
#include "control/api/request_line.h"
#include "control/api/rotation_link.h"
#include "control/api/routes.h"
#include "control/api/sessions.h"

namespace airlane::api {
namespace {

bool is_reading(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

Json metadata(const Route& route) {
  return {
      {"name", route.name},
      {"description", description(route)},
      {"renders", Json::array({"application/json", "text/html"})},
      {"parses", Json::array({"application/json", "application/x-www-form-urlencoded"})},
  };
}

bool is_allowed(const Route& route, std::string_view method) {
  return method == route.method || (route.method == "GET" && method == "HEAD") ||
         (route.also_posted && method == "POST");
}

bool is_form(const HttpRequest& request) {
  const std::string* const type = request.header("Content-Type");
  return type &&
         equal_ignoring_case(type->substr(0, type->find(';')), "application/x-www-form-urlencoded");
}

// True when it is answered: what was posted would be ignored, where all options are a form's.
bool refuse_body(const Call& call) {
  const HttpRequest& request = call.request();
  if (request.method != "POST" || request.body.empty() || is_form(request)) return false;
  const std::string* const type = request.header("Content-Type");
  if (!type || type->empty()) return false;
  call.detail(415, "Unsupported media type \"" + type->substr(0, type->find(';')) +
                       "\" in request. Send the options as a form, or in the address.");
  return true;
}

bool is_in(const Section& section, std::string_view path) {
  return section.path.ends_with('/') ? path.starts_with(section.path) : path == section.path;
}

// The form that `format` names; nothing when there is none of this name.
std::optional<Format> named_format(std::string_view name) {
  if (name == "json") return Format::kJson;
  if (name == "api") return Format::kPage;
  return std::nullopt;
}

// False when there is no form that the client takes; then it is answered. As in the contract's
// framework, a `format` chooses among the forms and Accept has to take the one that it chose.
bool choose_format(Call& call) {
  const std::string* const accepted = call.request().header("Accept");
  std::optional<Format> format;
  if (const std::string* const wanted = call.option("format")) {
    format = named_format(*wanted);
    if (!format) {
      call.detail(404, "Not found.");
      return false;
    }
    if (accepted && !takes(*accepted, *format)) format.reset();
  } else {
    format = accepted ? preferred_format(*accepted) : Format::kJson;
  }
  if (!format) {
    call.detail(406, "Could not satisfy the request Accept header.");
    return false;
  }
  call.format = *format;
  return true;
}

// As Django does it. What is not only read keeps its method, which 301 would not.
void redirect_to_slash(const Call& call) {
  const std::string& query = call.request().raw_query;
  const int status = is_reading(call.request().method) ? 301 : 308;
  call.redirect(status, call.request().path + "/" + (query.empty() ? "" : "?" + query));
}

}  // namespace

Router::Router(Backend& backend, Settings settings, std::span<const Section> sections)
    : context_{backend, std::move(settings)}, sections_(sections) {}

void Router::handle(HttpRequest request, HttpReply reply) {
  if (log::shows(log::Level::kDebug)) {
    log::debug("api: " + log::printable(shown_request_line(request)));
  }
  for (const Section& section : sections_) {
    // They read their bodies themselves, as JSON, whatever curl calls it.
    if (is_in(section, request.path)) {
      return section.enter(context_, Call(std::move(request), std::move(reply)));
    }
  }
  if (request.method == "POST" && is_form(request)) {
    // What was posted is options, too.
    for (auto& field : parse_form(request.body)) request.query.push_back(std::move(field));
  }
  route_call(Call(std::move(request), std::move(reply)));
}

void Router::route_call(Call call) {
  const HttpRequest& request = call.request();
  const std::string& path = request.path;
  if (path == kStylesheetPath && !request.credentials && is_reading(request.method)) {
    return call.stylesheet(stylesheet());
  }
  if (path == "/ip" && !request.credentials && is_reading(request.method)) {
    return call.text(200, request.peer.ip() + "\n");
  }
  if (path.starts_with(kLinkPrefix) && !request.credentials) return enter_link(std::move(call));
  if (const Route* const route = route_at(path, request.method))
    return enter(*route, std::move(call));
  const auto lacks_slash = [&](const Section& section) { return section.path == path + "/"; };
  if (route_at(path + "/") || std::any_of(sections_.begin(), sections_.end(), lacks_slash)) {
    return redirect_to_slash(call);
  }
  call.detail(404, "Not found.");
}

// The token is all that is asked for: neither a session nor a key is looked at. There is no page
// of it: who would rather have one, as every browser, gets JSON, too.
void Router::enter_link(Call call) {
  call.route = &link_route();
  if (!choose_format(call)) return;
  call.format = Format::kJson;
  const std::string& method = call.request().method;
  if (method == "OPTIONS") return call.json(200, metadata(*call.route));
  if (!is_allowed(*call.route, method)) {
    return call.detail(405, "Method \"" + method + "\" not allowed.");
  }
  if (refuse_body(call)) return;
  call.route->handle(context_, call);
}

void Router::enter(const Route& route, Call call) {
  call.route = &route;
  if (!choose_format(call)) return;
  recognise(context_, call);
  const std::string& method = call.request().method;
  if (call.format == Format::kPage || route.method == "POST") prepare_form(call);
  if (method == "OPTIONS") return call.json(200, metadata(route));
  if (!is_allowed(route, method)) {
    // Whoever opens the page of what is posted gets the form for it.
    if (call.format == Format::kPage && is_reading(method)) return call.form();
    return call.detail(405, "Method \"" + method + "\" not allowed.");
  }
  if (route.needs_user && (!identify(context_, call) || refuse_body(call))) return;
  const bool by_key = route.needs_user && !call.has_session;
  if (route.acts && !by_key && refuse_elsewhere(call)) return;
  const bool posted = route.method == "POST" && route.needs_user;
  if (posted && call.has_session && !has_form_token(call)) return;
  route.handle(context_, call);
}

}  // namespace airlane::api
