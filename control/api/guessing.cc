#include "control/api/guessing.h"

#include <algorithm>

namespace airlane::api {
namespace {

constexpr std::size_t kNameMost = 64;  // No user has a longer one.

std::string source_key(const Address& source) {
  const auto* const bytes = reinterpret_cast<const char*>(source.bytes());
  return std::string(bytes, std::min<std::size_t>(source.size(), 8));
}

std::string pair_key(const Address& source, std::string_view name) {
  return source_key(source) + "/" + std::string(name.substr(0, kNameMost));
}

}  // namespace

Monotonic::duration Guessing::wait(const Address& source, std::string_view name,
                                   Monotonic::time_point now) const {
  Monotonic::duration longest{};
  for (const auto& key : {pair_key(source, name), source_key(source)}) {
    const auto entry = entries_.find(key);
    if (entry == entries_.end() || entry->second.failures < entry->second.most) continue;
    longest = std::max(longest, entry->second.over() - now);
  }
  return longest;
}

void Guessing::attempt(const Address& source, std::string_view name, Monotonic::time_point now) {
  count(pair_key(source, name), kFailuresMost, now);
  count(source_key(source), kFailuresOfSource, now);
}

void Guessing::count(std::string key, unsigned most, Monotonic::time_point now) {
  if (entries_.size() >= kEntriesMost && !entries_.contains(key)) make_room(now);
  const Entry fresh{most, 0, now, now};
  Entry& entry = entries_.try_emplace(std::move(key), fresh).first->second;
  if (entry.over() <= now) entry = fresh;
  ++entry.failures;
  entry.last = now;
}

void Guessing::take_back(const Address& source, std::string_view name) {
  take_back(pair_key(source, name));
  take_back(source_key(source));
}

void Guessing::take_back(const std::string& key) {
  const auto entry = entries_.find(key);
  if (entry != entries_.end() && --entry->second.failures == 0) entries_.erase(entry);
}

void Guessing::succeeded(const Address& source, std::string_view name) {
  take_back(source_key(source));
  entries_.erase(pair_key(source, name));
}

// What is outdated goes; if nothing is, whoever comes first in the table is forgotten.
void Guessing::make_room(Monotonic::time_point now) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.over() <= now; });
  if (entries_.size() >= kEntriesMost) entries_.erase(entries_.begin());
}

}  // namespace airlane::api
