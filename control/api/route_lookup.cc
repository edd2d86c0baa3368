// Which row of the table a request is for, and what a row says of itself.
#include <charconv>
#include <optional>

#include "control/api/routes.h"

namespace airlane::api {
namespace {

constexpr std::string_view kNumber = "{id}";

// Where the route's path has its "{id}"; absent when the path is not one of the route's.
std::optional<std::int64_t> match(const Route& route, std::string_view path) {
  const auto before = route.path.substr(0, route.path.find(kNumber));
  if (before.size() == route.path.size()) {
    return path == route.path ? std::optional<std::int64_t>(0) : std::nullopt;
  }
  const auto after = route.path.substr(before.size() + kNumber.size());
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  path = path.substr(before.size(), path.size() - before.size() - after.size());
  if (path.find_first_not_of("0123456789") != path.npos) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

}  // namespace

const Route* route_at(std::string_view path, std::string_view method) {
  const Route* first = nullptr;
  for (const Route& route : routes()) {
    if (!match(route, path)) continue;
    if (route.method == method) return &route;
    if (!first) first = &route;
  }
  return first;
}

std::int64_t number_in(const Route& route, std::string_view path) {
  return match(route, path).value_or(0);
}

std::string allowed_methods(const Route& route) {
  const Route* const posted = route_at(route.path, "POST");
  const Route* const got = route_at(route.path, "GET");
  const bool both = posted && got && posted->method != got->method;
  if (both || route.also_posted) return "GET, POST, HEAD, OPTIONS";
  return route.method == "GET" ? "GET, HEAD, OPTIONS" : std::string(route.method) + ", OPTIONS";
}

std::string description(const Route& route) {
  std::string text(route.summary);
  if (!route.options.empty()) text += "\n\n## Request options:";
  for (const Option& option : route.options) {
    text += "\n\n - ";
    text += (option.required ? "***" : "*") + std::string(option.name);
    text += option.required ? "*** (required)" : "*";
    if (!option.fallback.empty()) text += " (default: `" + std::string(option.fallback) + "`)";
    text += "\n\n   " + std::string(option.meaning);
  }
  if (!route.examples.empty()) {
    text += "\n\n## Response examples:\n\n```\n" + std::string(route.examples) + "\n```";
  }
  return text;
}

}  // namespace airlane::api
