#include "proxy/resolvers.h"

#include <utility>

namespace airlane {

Result<Resolver*> Resolvers::through(const Egress& egress) {
  auto& entry = entries_[egress.dongle];
  if (!entry.resolver || !entry.serves(egress)) {
    auto made = Resolver::make(reactor_, egress.interface, egress.dns_servers, names_most_);
    if (!made) return made.error();
    if (entry.resolver) retire(entry);
    entry = Entry{egress.generation, egress.dns_servers, *std::move(made)};
  }
  return entry.resolver.get();
}

void Resolvers::adopt(const World& world) {
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto egress = world.egresses.find(entry->first);
    if (egress != world.egresses.end() && entry->second.serves(*egress->second)) {
      ++entry;
    } else {
      retire(entry->second);
      entry = entries_.erase(entry);
    }
  }
  drop_retired();
}

// Whoever asks `through` may have been called by the resolver that is to go.
void Resolvers::retire(Entry& entry) {
  retired_.push_back(std::move(entry.resolver));
  end_of_turn_.start(std::chrono::nanoseconds(0));
}

// Destroying a resolver answers its questions, and so drives sessions, which may come back here.
void Resolvers::drop_retired() { std::exchange(retired_, {}).clear(); }

}  // namespace airlane
