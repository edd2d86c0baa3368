// One Resolver per dongle that a worker serves, made when it is first needed and made anew when the
// dongle's generation or name servers change. Owned by a worker; its thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "proxy/resolver.h"
#include "proxy/world.h"

namespace airlane {

class Resolvers {
 public:
  explicit Resolvers(Reactor& reactor) : reactor_(reactor) {}

  Result<Resolver*> through(const Egress& egress);
  // Drops the resolvers of dongles that changed or are gone: their open questions fail.
  void adopt(const World& world);

 private:
  struct Entry {
    std::uint64_t generation = 0;
    std::vector<Address> servers;
    std::unique_ptr<Resolver> resolver;

    [[nodiscard]] bool serves(const Egress& egress) const {
      return generation == egress.generation && servers == egress.dns_servers;
    }
  };

  Reactor& reactor_;
  std::unordered_map<std::int64_t, Entry> entries_;
};

}  // namespace airlane
