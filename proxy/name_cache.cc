#include "proxy/name_cache.h"

#include <sys/socket.h>

#include <utility>

namespace airlane {

NameKey::NameKey(std::string_view host, int family) noexcept {
  text_[size_++] = family == AF_INET6 ? '6' : '4';
  for (const char c : host) {
    fits_ = size_ + 1 < text_.size();
    if (!fits_) break;
    text_[size_++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
  text_[size_] = '\0';
}

int NameKey::family() const noexcept { return text_[0] == '6' ? AF_INET6 : AF_INET; }

std::shared_ptr<const NameAnswer> NameCache::find(const NameKey& key, Monotonic::time_point now) {
  const auto found = places_.find(key.text());
  if (found == places_.end()) return nullptr;
  const auto place = found->second;
  if (place->until <= now) {
    forget(place);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, place);
  return place->answer;
}

void NameCache::keep(const NameKey& key, std::shared_ptr<const NameAnswer> answer,
                     Monotonic::time_point until) {
  if (most_ == 0) return;
  if (const auto found = places_.find(key.text()); found != places_.end()) forget(found->second);
  if (entries_.size() >= most_) forget(std::prev(entries_.end()));
  entries_.push_front({std::string(key.text()), std::move(answer), until});
  places_.emplace(entries_.front().key, entries_.begin());
}

void NameCache::forget(Place place) {
  places_.erase(place->key);
  entries_.erase(place);
}

}  // namespace airlane
