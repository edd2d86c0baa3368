// What the endpoints of the REST API answer when all went well: the shapes that routes.h has no
// place for. A route without a line in route_answers.cc fails a test. Pure data.
#pragma once

#include "control/api/admin/table.h"
#include "control/api/routes.h"

namespace airlane::api {

struct RouteAnswer {
  std::string_view path{};
  std::string_view method = "GET";
  const Shape* shape = nullptr;
  bool is_list = false;  // Of such objects, without anything around it.
};

// Null when there is no such line.
const RouteAnswer* answer_of(const Route& route);

}  // namespace airlane::api
