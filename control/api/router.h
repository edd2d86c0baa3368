// From a request to the handler that answers it: routes, methods, formats, and who is calling.
//
//   found      in the table of routes.h, or /r/TOKEN/, /ip, the stylesheet, or in a section of
//              somebody else, who does the rest; else 404
//   method     GET, HEAD and OPTIONS, or POST and OPTIONS; else 405. OPTIONS describes the endpoint
//   format     the option `format`, else what the client accepts
//   caller     the session cookie, else an API key; 403 where the route needs one
//
// Owned by Api. Control thread only; every handler answers once, on this thread.
#pragma once

#include <span>

#include "control/api/call.h"
#include "control/api/section.h"

namespace airlane::api {

struct Route;

class Router {
 public:
  // The sections are borrowed for good.
  Router(Backend& backend, Settings settings, std::span<const Section> sections);
  Router(Router&&) = delete;  // Answers on their way refer to the context.

  void handle(HttpRequest request, HttpReply reply);

 private:
  void route_call(Call call);
  void enter(const Route& route, Call call);
  void enter_link(Call call);

  Context context_;
  std::span<const Section> sections_;
};

}  // namespace airlane::api
