// The one table of what this API offers. It routes the requests, and it is what the index, OPTIONS
// and the pages say about every endpoint. To add an endpoint: a row in routes.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

struct Option {
  std::string_view name;
  bool required = false;
  std::string_view fallback;  // What is meant when it is left out; empty: nothing.
  std::string_view meaning;
};

struct Route {
  std::string_view path;
  std::string_view method;  // GET, which brings HEAD along, or POST.
  bool needs_user = true;
  bool in_index = true;
  void (*handle)(Context&, const Call&);
  std::string_view name;
  std::string_view summary;
  std::span<const Option> options;
  std::string_view examples;  // Answers, one after the other, separated by an empty line.
};

std::span<const Route> routes();
const Route* route_at(std::string_view path);

std::string allowed_methods(const Route& route);  // "GET, HEAD, OPTIONS"
// Markdown: the summary, the options and the examples.
std::string description(const Route& route);

}  // namespace airlane::api
