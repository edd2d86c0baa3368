// A request on its way through evhttp: what came as a value, and the duty to answer it. For the
// server's own files. The loop's thread only.
#pragma once

#include <event2/http.h>

#include <string_view>

#include "base/event/http_server.h"

namespace airlane {

HttpRequest request_of(evhttp_request& from);

// A request that is not answered yet. evhttp owns it, unless its connection broke meanwhile: then
// evhttp leaves it to us (`orphan`).
struct HttpReply::Pending {
  explicit Pending(evhttp_request* asked) : request(asked) {}
  Pending(Pending&&) = delete;
  ~Pending() {
    if (request) send(500, {{"Content-Type", "text/plain; charset=utf-8"}}, "Internal error\n");
    if (orphan) evhttp_request_free(orphan);
  }

  void send(int status, const HttpFields& headers, std::string_view body);
  // 400, with `fields` besides its own, and the end of the connection.
  void refuse(std::string_view sentence, HttpFields fields);
  void lose_connection() {
    if (!request) return;
    if (!evhttp_request_get_connection(request)) orphan = request;
    request = nullptr;
    gone = true;
  }

  evhttp_request* request;  // Null when answered or gone.
  evhttp_request* orphan = nullptr;
  bool gone = false;
  bool speaking = false;  // What is written now is written by us.
};

}  // namespace airlane
