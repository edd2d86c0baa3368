// The hand from outside: HTTP on a Unix socket that plugs, rotates, reboots and spoils dongles
// while they run. docs/simulator.md lists the calls. Root only, by the socket's mode. One loop, one
// thread.
#pragma once

#include <string>

#include "sim/farm.h"
#include "sim/http_server.h"

namespace airlane::sim {

class Control {
 public:
  // `listener` from listen_unix(path); the file goes with this object.
  Control(Loop& loop, Farm& farm, UniqueFd listener, std::string path);
  ~Control();

 private:
  Reply answer(const HttpRequest& request);
  Reply command(Modem& modem, std::string_view verb, const HttpRequest& request);

  Farm& farm_;
  std::string path_;
  HttpServer server_;
};

}  // namespace airlane::sim
