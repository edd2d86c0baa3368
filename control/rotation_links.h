// Links that rotate one proxy for whoever has them, in step with the store: made, replaced,
// revoked.
//
// A token is 256 random bits and is told once; what is kept is its SHA-256, by which it is found,
// so that the time of a look-up says nothing about any token.
//
// Owned by main. Control thread only; every `then` is called on the control thread, never inside
// the call that took it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/event/loop.h"
#include "base/result.h"
#include "db/rotation_links.h"
#include "db/store.h"

namespace airlane {

class RotationLinks {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;

  RotationLinks(Loop& control, Store& store) : control_(control), store_(store) {}
  RotationLinks(RotationLinks&&) = delete;

  // Reads them; once, before the loop runs.
  Outcome<Done> load();

  // The new token; the one before it is worth nothing any more.
  void make(std::int64_t proxy, const Then<std::string>& then);
  void revoke(std::int64_t proxy, const Then<Done>& then);

  void take_in(const std::vector<RotationLinkRecord>& links);  // By an import; stored already.

  // The proxy may have been removed since.
  [[nodiscard]] std::optional<std::int64_t> proxy_of(std::string_view token) const;

 private:
  void forget(std::int64_t proxy);

  Loop& control_;
  Store& store_;
  std::unordered_map<std::string, std::int64_t> proxies_;  // By the SHA-256 of the token.
};

}  // namespace airlane
