// One Resolver per dongle that a worker serves, made when it is first needed and made anew when the
// dongle's generation or name servers change: what one external address was told is nothing for
// the next one. Proxies with a fingerprint have one each, whose questions have their TTL. Owned by
// a worker; its thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/event/alarm.h"
#include "proxy/resolver.h"
#include "proxy/world.h"

namespace airlane {

class Resolvers {
 public:
  // `names_most` for each dongle; see Resolver::make.
  Resolvers(Reactor& reactor, std::size_t names_most)
      : reactor_(reactor),
        names_most_(names_most),
        end_of_turn_(reactor, Callback<void()>::to<&Resolvers::drop_retired>(*this)) {}

  // Good until the loop turns.
  Result<Resolver*> through(const Egress& egress, const Looks& looks = {});
  // Drops the resolvers of dongles that changed or are gone: their open questions fail. Those of
  // looks that nobody has any more go when they have no questions.
  void adopt(const World& world);

 private:
  using Key = std::pair<std::int64_t, Looks>;  // Of the dongle and its proxies.
  struct Entry {
    std::uint64_t generation = 0;
    std::vector<Address> servers;
    std::unique_ptr<Resolver> resolver;

    [[nodiscard]] bool serves(const Egress& egress) const {
      return generation == egress.generation && servers == egress.dns_servers;
    }
  };

  void retire(Entry& entry);
  void drop_retired();

  Reactor& reactor_;
  const std::size_t names_most_;
  std::map<Key, Entry> entries_;
  std::vector<std::unique_ptr<Resolver>> retired_;
  Alarm end_of_turn_;
};

}  // namespace airlane
