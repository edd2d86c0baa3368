// Named keys of the API, in step with the store: made, found, revoked.
//
// A key is 256 random bits and is told once; what is kept is its SHA-256, by which it is found, so
// that the time of a look-up says nothing about any key. Whether one is still valid is for the
// caller to decide by `expires`: it may be told apart from one that never was.
//
// When a key was used last is remembered here at once, and written once in kWriteUses for all keys
// that were used meanwhile: a call costs no write, and a kill -9 costs that minute's times.
//
// Owned by the control plane. Control thread only; every `then` is called on the control thread,
// never inside the call that took it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "control/scopes.h"
#include "db/api_keys.h"
#include "db/store.h"

namespace airlane {

class ApiKeys {
 public:
  static constexpr std::size_t kMost = 64;  // Of one user.
  static constexpr std::chrono::seconds kWriteUses{60};

  template <class T>
  using Then = std::function<void(Outcome<T>)>;

  struct Wanted {
    std::int64_t user = 0;
    std::string name;
    Scopes scopes{};
    std::optional<WallSeconds> expires{};
  };
  struct Made {
    ApiKeyRecord record;
    std::string key;  // This once.
  };

  ApiKeys(Loop& control, Store& store);
  ApiKeys(ApiKeys&&) = delete;
  ~ApiKeys();  // What was not written yet is given to the store.

  // Reads them; once, before the loop runs.
  Outcome<Done> load();

  // kInvalid for a name that is none or an end that is past, kConflict for one that the user has
  // already, or one key too many.
  void make(const Wanted& wanted, const Then<Made>& then);
  void revoke(std::int64_t id, const Then<Done>& then);
  void forget_user(std::int64_t user);  // Who was removed from the store, keys and all.

  void take_in(const std::vector<ApiKeyRecord>& keys);  // By an import; stored already.

  // Null when it is none. Valid until the next turn of the loop.
  [[nodiscard]] const ApiKeyRecord* find(std::string_view key) const;
  void note_use(std::int64_t id, WallSeconds now);
  [[nodiscard]] const std::map<std::int64_t, ApiKeyRecord>& all() const { return keys_; }

 private:
  void fail(Then<Made> then, Failure failure);
  [[nodiscard]] Outcome<Done> check(const Wanted& wanted) const;
  void drop(std::int64_t id);
  void write_uses();

  Loop& control_;
  Store& store_;
  std::map<std::int64_t, ApiKeyRecord> keys_;
  std::unordered_map<std::string, std::int64_t> ids_;  // By the hash.
  std::set<std::int64_t> used_;                        // Since the last write.
  Timer writing_;
};

}  // namespace airlane
