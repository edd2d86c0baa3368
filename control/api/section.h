// Paths of this API that somebody above it answers: the admin API, and the document of all of it.
// The router is given a list of them and knows nothing else of their folders.
#pragma once

#include <string_view>

#include "control/api/call.h"

namespace airlane::api {

struct Section {
  std::string_view path;  // With a '/' at the end it is everything below.
  void (*enter)(Context&, Call) = nullptr;
};

}  // namespace airlane::api
