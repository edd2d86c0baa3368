// The one table of what this API offers. It routes the requests, and it is what the index, OPTIONS
// and the pages say about every endpoint. To add an endpoint: a row in routes.cc.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

inline constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

struct Option {
  enum class Kind : std::uint8_t { kText, kFlag, kChoice, kSecret, kWhole };

  std::string_view name{};
  Kind kind = Kind::kText;
  bool required = false;
  std::string_view fallback{};  // What is meant when it is left out; empty: nothing.
  std::string_view meaning{};
  std::span<const std::string_view> choices{};  // Of kChoice.
  std::int64_t most = kAnyNumber;               // Of kWhole, which begins with 1.
};
constexpr Option whole(std::string_view name, std::int64_t most, std::string_view meaning,
                       std::string_view fallback = {}) {
  return {.name = name,
          .kind = Option::Kind::kWhole,
          .fallback = fallback,
          .meaning = meaning,
          .most = most};
}

struct Route {
  std::string_view path{};          // "{id}" in it stands for a number.
  std::string_view method = "GET";  // GET, which brings HEAD along, or POST.
  bool needs_user = true;
  bool in_index = true;
  bool also_posted = false;    // POST is as good as GET.
  bool acts = false;           // Does something: a page of another site may not cause it.
  bool needs_session = false;  // A key is not enough.
  Scope scope = Scope::kRead;  // Where somebody has to be known: what his key must allow.
  void (*handle)(Context&, const Call&) = nullptr;
  std::string_view name{};
  std::string_view summary{};
  std::span<const Option> options{};
  std::string_view examples{};  // Answers, one after the other, separated by an empty line.
};

std::span<const Route> routes();
// At a path there may be one that is asked by GET and one by POST. That for the method; else the
// first one there, null when there is none.
const Route* route_at(std::string_view path, std::string_view method = "GET");
// What stands in the path where the route has its "{id}".
std::int64_t number_in(const Route& route, std::string_view path);
// Of every /r/TOKEN/; in no list of endpoints.
const Route& link_route();

std::string allowed_methods(const Route& route);  // "GET, HEAD, OPTIONS"
// Markdown: the summary, the options and the examples.
std::string description(const Route& route);

}  // namespace airlane::api
