#include "proxy/resolvers.h"

#include <algorithm>
#include <set>
#include <utility>

namespace airlane {
namespace {

std::set<Looks> looks_of(const World& world) {
  std::set<Looks> all{Looks{}};
  for (const auto& [port, proxy] : world.ports) all.insert(proxy->looks);
  return all;
}

}  // namespace

Result<Resolver*> Resolvers::through(const Egress& egress, const Looks& looks) {
  auto& entry = entries_[{egress.dongle, looks}];
  if (!entry.resolver || !entry.serves(egress)) {
    auto made = Resolver::make(reactor_, egress.interface, egress.dns_servers, names_most_, looks);
    if (!made) return made.error();
    if (entry.resolver) retire(entry);
    entry = Entry{egress.generation, egress.dns_servers, *std::move(made)};
  }
  return entry.resolver.get();
}

void Resolvers::adopt(const World& world) {
  const bool dressed = std::any_of(entries_.begin(), entries_.end(),
                                   [](const auto& entry) { return entry.first.second != Looks(); });
  const auto worn = dressed ? looks_of(world) : std::set<Looks>{Looks()};
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto& [dongle, looks] = entry->first;
    const auto egress = world.egresses.find(dongle);
    const auto* const resolver = entry->second.resolver.get();  // Null where none could be made.
    const bool is_needed = worn.contains(looks) || (resolver && resolver->asking() > 0);
    if (egress != world.egresses.end() && entry->second.serves(*egress->second) && is_needed) {
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
