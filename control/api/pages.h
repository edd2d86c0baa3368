// An answer as a page for people: what the endpoint is, a form for its options, what was asked and
// what came back. No script, one stylesheet (web/api.css), everything escaped.
#pragma once

#include <string>
#include <string_view>

#include "control/api/call.h"
#include "control/api/routes.h"

namespace airlane::api {

inline constexpr std::string_view kStylesheetPath = "/static/api.css";
std::string_view stylesheet();

struct Shown {
  int status = 200;
  HttpFields fields;  // As a client that wants JSON would get them.
  std::string body;   // Pretty.
};

// The call must have a route. Without an answer (null) only what it is and how to ask. Keys in the
// request line are masked.
std::string page(const Call& call, const Shown* answer);

// Its parts, in page_parts.cc.
std::string options_form(const Call& call, const Route& route);
std::string documentation(const Route& route);
std::string escape_html(std::string_view text);
std::string marked_up(std::string_view text);  // `code`, *option*, ***option***

}  // namespace airlane::api
