// The control plane as others see it: the REST API and its sections, on the addresses of [control]
// listen and on its Unix socket. The sockets are somebody else's; see server/doors.h.
//
// Owned by main. Control thread only; must go before the loop, and before what it is given.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/event/loop.h"
#include "base/result.h"
#include "base/unique_fd.h"
#include "conf/config.h"

namespace airlane {

class Accounts;
class ApiKeys;
class Backups;
class Farm;
class Life;
class Metrics;
class RotationLinks;
class TopTargets;
class Transfers;
class Usage;

namespace api {
struct Section;
}

// Its members may connect to the admin socket.
inline constexpr const char* kAdminGroup = "airlane";

class Api {
 public:
  struct Door {  // A listening socket.
    UniqueFd fd;
    bool is_tls = false;
  };

  // What it answers from.
  struct Parts {
    Accounts& accounts;
    RotationLinks& links;
    ApiKeys& keys;
    Farm& farm;
    Usage& usage;
    TopTargets& top_targets;
    const Metrics& metrics;
    Life& life;
    Backups& backups;
    Transfers& transfers;
  };

  Api(Loop& control, const Config& config, const Parts& parts,
      std::span<const api::Section> sections);
  Api(Api&&) = delete;
  ~Api();

  // Answers whoever comes by these listening sockets; once. After a failure the object is of no
  // use.
  Outcome<Done> start(std::vector<Door> doors);
  void reload_certificates();
  // Nobody is answered any more. What was asked for goes on, and still needs this object when it
  // ends: it may go only when the parts that it was given do nothing more.
  void close();

 private:
  class Listening;
  std::unique_ptr<Listening> listening_;
};

}  // namespace airlane
