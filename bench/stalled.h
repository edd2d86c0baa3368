// Clients that ask for an endless download and never read it: what a phone out of reach looks like
// to a proxy. Beside another work they show whether the others suffer; alone, what they hold in
// memory.
#pragma once

#include <memory>
#include <vector>

#include "bench/client.h"

namespace airlane::bench {

class StalledReaders {
 public:
  StalledReaders(Load& load, unsigned count);

 private:
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace airlane::bench
