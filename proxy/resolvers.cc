#include "proxy/resolvers.h"

#include <utility>

namespace airlane {

Result<Resolver*> Resolvers::through(const Egress& egress) {
  auto& entry = entries_[egress.dongle];
  if (!entry.resolver || !entry.serves(egress)) {
    auto made = Resolver::make(reactor_, egress.interface, egress.dns_servers);
    if (!made) return made.error();
    entry = Entry{egress.generation, egress.dns_servers, *std::move(made)};
  }
  return entry.resolver.get();
}

void Resolvers::adopt(const World& world) {
  // Destroying a resolver answers its questions, and so drives sessions: take it out first.
  std::vector<Entry> gone;
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto egress = world.egresses.find(entry->first);
    if (egress != world.egresses.end() && entry->second.serves(*egress->second)) {
      ++entry;
    } else {
      gone.push_back(std::move(entry->second));
      entry = entries_.erase(entry);
    }
  }
}

}  // namespace airlane
