// The control plane as others see it: the REST API on the addresses of [control] listen, and the
// same with the admin API on its Unix socket.
//
// Owned by main. Control thread only; must go before the loop, and before what it is given.
#pragma once

#include <memory>
#include <vector>

#include "base/address.h"
#include "base/event/loop.h"
#include "base/result.h"
#include "conf/config.h"

namespace airlane {

class Accounts;
class Farm;
class Metrics;
class Usage;

class Api {
 public:
  Api(Loop& control, const Config& config, Accounts& accounts, Farm& farm, Usage& usage,
      const Metrics& metrics);
  Api(Api&&) = delete;
  ~Api();

  // Listens; once. After a failure the object is of no use.
  Outcome<Done> start();

  // What it listens on, with the ports that the kernel chose where the configuration said 0.
  [[nodiscard]] const std::vector<Address>& addresses() const;

 private:
  class Listening;
  std::unique_ptr<Listening> listening_;
};

}  // namespace airlane
