#include "proxy/resolvers.h"

#include <algorithm>
#include <set>
#include <utility>

namespace airlane {
namespace {

std::set<std::uint32_t> marks_of(const World& world) {
  std::set<std::uint32_t> marks{0};
  for (const auto& [port, proxy] : world.ports) marks.insert(proxy->looks.mark);
  return marks;
}

}  // namespace

Result<Resolver*> Resolvers::through(const Egress& egress, const Looks& looks) {
  auto& entry = entries_[{egress.dongle, looks.mark}];
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
                                   [](const auto& entry) { return entry.first.second != 0; });
  const auto marks = dressed ? marks_of(world) : std::set<std::uint32_t>{0};
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    const auto [dongle, mark] = entry->first;
    const auto egress = world.egresses.find(dongle);
    const auto* const resolver = entry->second.resolver.get();  // Null where none could be made.
    const bool is_needed = marks.contains(mark) || (resolver && resolver->asking() > 0);
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
