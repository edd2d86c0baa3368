// The one table of what the admin API offers. It routes the requests, says which fields they may
// have, and is what the document of the API is made of.
//
// To add a resource:
//   1. control/api/admin/NAME.cc with what it does, the shape of its rows and, at its end, its
//      endpoints; users.cc is a short one to start from.
//   2. A line in resources.h, one in table.cc and one in CMakeLists.txt.
//   3. An example of each request in GOOD of tests/spec/openapi.py, which fails without.
//
// A request comes to its handler when its path, its caller, its query and its method are right. The
// handler reads the body by an AdminBody, which holds it against the row, and answers by answers.h.
// Pure data; any thread.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/scopes.h"

namespace airlane::api {

class AdminCall;
struct Context;
struct Shape;

struct Field {
  enum class Kind : std::uint8_t {
    kText,
    kFlag,
    kWhole,
    kNumber,   // Also a fraction; in answers only.
    kTime,     // RFC 3339; what parse_time() understands is taken, too.
    kTexts,    // A list.
    kTextMap,  // An object whose values are texts.
    kObject,
    kObjects,  // A list.
  };
  // Where it is to be found.
  enum Use : std::uint8_t { kTold = 1, kPosted = 2, kPatched = 4, kEverywhere = 7 };
  static constexpr std::uint8_t kOnce = kTold | kPosted;  // For good.
  static constexpr std::uint8_t kSecret = kPosted | kPatched;

  std::string_view name{};
  Kind kind = Kind::kText;
  std::uint8_t use = kEverywhere;
  bool required = false;  // When it is posted.
  bool optional = false;  // Not in every answer.
  bool nullable = false;
  std::string_view fallback{};  // JSON: what is meant when it is not posted; empty is nothing.
  std::string_view meaning{};   // Sentences, in Markdown.
  std::int64_t least = 0;       // Of kWhole.
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  std::span<const std::string_view> choices{};  // Of kText.
  const Shape* shape = nullptr;                 // Of kObject and kObjects.
};

// An object, in requests and answers.
struct Shape {
  std::string_view name{};  // "Proxy"
  std::span<const Field> fields{};
};

struct Endpoint {
  std::string_view method{};  // GET, which brings HEAD along, POST, PATCH or DELETE.
  std::string_view path{};    // Below /api/admin: "/proxies/{id}/rotate".
  void (*handle)(Context&, const AdminCall&) = nullptr;
  std::string_view name{};     // "Change a proxy"
  std::string_view summary{};  // Sentences, in Markdown.
  Scope scope = Scope::kAdmin;
  std::span<const Field> query{};  // A list has `limit` and `after` besides.
  const Shape* body = nullptr;     // Of the fields those that the method has use for.
  int status = 200;
  const Shape* answer = nullptr;
  std::string_view rows{};  // The answer is a list, in a field of this name.
  std::string_view type = "application/json";
  bool untagged = false;  // A DELETE of what has no ETag that an If-Match could be held against.
};

// All of them, by resource.
std::span<const Endpoint* const> endpoints();

struct Found {
  std::vector<const Endpoint*> endpoints{};  // One per method.
  std::vector<std::string> values{};         // What stands in the path for each "{...}", decoded.
};
// At a path below /api/admin that is still encoded; a slash at its end does not matter.
Found endpoints_at(std::string_view raw_path);
std::string allowed_methods(const Found& found);  // "GET, HEAD, OPTIONS"

// The names of the "{...}" of a path, in their order.
std::vector<std::string_view> parameters_of(std::string_view path);
// What a body of this method may have of a shape.
std::uint8_t use_of(std::string_view method);

}  // namespace airlane::api
