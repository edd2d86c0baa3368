// Whom the datagrams of one association came from and went to, until it is told.
//
// Datagrams know addresses only, so a name that the client has used is remembered with its address,
// and an address counts for the name by which it was met. Bounded: what finds no place in here is
// left to whoever adds up (target_account.h). Owned by a TargetAccount; the worker's thread only.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"

namespace airlane {

class DatagramTargets {
 public:
  static constexpr std::size_t kMost = 64;
  static constexpr std::size_t kNames = 8;

  struct Entry {
    Address address;
    std::string host;  // The name, or the address as text.
    std::uint64_t incoming = 0;
    std::uint64_t outgoing = 0;
    bool is_new = true;
  };

  void named(std::string_view name, const Address& address);
  void received(const Address& from, std::uint64_t bytes) {
    if (auto* const entry = find(from)) entry->incoming += bytes;
  }
  void sent(const Address& to, std::uint64_t bytes) {
    if (auto* const entry = find(to)) entry->outgoing += bytes;
  }

  // Gives every entry that has moved something to `take`, and forgets how much.
  template <class Take>
  void tell(const Take& take);

 private:
  struct Name {
    std::string name;
    Address address;
  };

  Entry* find(const Address& address);  // Made when there is none; null when there is no place.

  std::vector<Entry> entries_;
  std::size_t last_ = 0;  // The one that was found.
  std::vector<Name> names_;
  std::size_t next_name_ = 0;
};

template <class Take>
void DatagramTargets::tell(const Take& take) {
  const auto is_idle = [](const Entry& entry) { return entry.incoming + entry.outgoing == 0; };
  if (entries_.size() == kMost) std::erase_if(entries_, is_idle);  // Others need their places.
  for (auto& entry : entries_) {
    if (is_idle(entry)) continue;
    take(entry);
    entry.incoming = entry.outgoing = 0;
    entry.is_new = false;
  }
  last_ = 0;
}

}  // namespace airlane
