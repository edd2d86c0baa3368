#include "proxy/datagram_targets.h"

#include <algorithm>

namespace airlane {

void DatagramTargets::named(std::string_view name, const Address& address) {
  if (name.ends_with('.')) name.remove_suffix(1);  // As of a tunnel: protocol/target.h.
  const auto same = std::find_if(names_.begin(), names_.end(),
                                 [&](const Name& one) { return one.address.same_ip(address); });
  if (same != names_.end()) {
    if (same->name != name) same->name = name;
  } else if (names_.size() < kNames) {
    names_.push_back({std::string(name), address});
  } else {
    names_[next_name_] = {std::string(name), address};
    next_name_ = (next_name_ + 1) % kNames;
  }
}

DatagramTargets::Entry* DatagramTargets::find(const Address& address) {
  if (last_ < entries_.size() && entries_[last_].address == address) return &entries_[last_];
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.address == address; });
  if (found == entries_.end()) {
    if (entries_.size() == kMost) return nullptr;
    const auto known = std::find_if(names_.begin(), names_.end(),
                                    [&](const Name& one) { return one.address.same_ip(address); });
    entries_.push_back({address, known == names_.end() ? address.ip() : known->name});
    last_ = entries_.size() - 1;
  } else {
    last_ = static_cast<std::size_t>(found - entries_.begin());
  }
  return &entries_[last_];
}

}  // namespace airlane
