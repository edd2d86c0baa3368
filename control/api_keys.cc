#include "control/api_keys.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/tls/crypto.h"
#include "control/checks.h"

namespace airlane {
namespace {

constexpr std::size_t kKeyBytes = 32;

void log_failure(const Outcome<Done>& written) {
  if (!written) log::warning("keys: " + written.error().text);
}

}  // namespace

ApiKeys::ApiKeys(Loop& control, Store& store)
    : control_(control),
      store_(store),
      writing_(control, Callback<void()>::to<&ApiKeys::write_uses>(*this)) {}

ApiKeys::~ApiKeys() { write_uses(); }

Outcome<Done> ApiKeys::load() {
  auto stored = store_.wait(api_keys::all);
  if (!stored) return stored.error();
  for (auto& key : *stored) {
    ids_[key.key_hash] = key.id;
    keys_.emplace(key.id, std::move(key));
  }
  return Done{};
}

Outcome<Done> ApiKeys::check(const Wanted& wanted) const {
  if (auto good = check_name("key", wanted.name); !good) return good;
  if (wanted.expires && *wanted.expires <= wall_now()) {
    return Failure{Failure::Kind::kInvalid, "The key would have expired already."};
  }
  const auto count = std::count_if(keys_.begin(), keys_.end(), [&](const auto& entry) {
    return entry.second.user == wanted.user;
  });
  if (static_cast<std::size_t>(count) < kMost) return Done{};
  return Failure{Failure::Kind::kConflict,
                 "There are 64 keys already, with those that have expired; revoke one that is not "
                 "needed any more."};
}

void ApiKeys::make(const Wanted& wanted, const Then<Made>& then) {
  if (const auto good = check(wanted); !good) return fail(then, good.error());
  auto key = random_hex(kKeyBytes);
  const ApiKeyRecord record{.id = 0,
                            .user = wanted.user,
                            .name = wanted.name,
                            .key_hash = sha256_hex(key),
                            .scopes = wanted.scopes.to_string(),
                            .created = wall_now(),
                            .expires = wanted.expires,
                            .last_used = std::nullopt};
  const auto work = [record](Database& database) { return api_keys::insert(database, record); };
  const auto written = [this, record, key, then](const Outcome<std::int64_t>& id) {
    if (!id) return then(id.error());
    auto stored = record;
    stored.id = *id;
    ids_[stored.key_hash] = *id;
    keys_.insert_or_assign(*id, stored);
    then(Made{stored, key});
  };
  store_.write(work, written, control_);
}

void ApiKeys::revoke(std::int64_t id, const Then<Done>& then) {
  const auto work = [id](Database& database) { return api_keys::remove(database, id); };
  const auto written = [this, id, then](const Outcome<Done>& removed) {
    if (removed) drop(id);
    then(removed);
  };
  store_.write(work, written, control_);
}

void ApiKeys::drop(std::int64_t id) {
  const auto key = keys_.find(id);
  if (key == keys_.end()) return;
  ids_.erase(key->second.key_hash);
  keys_.erase(key);
  used_.erase(id);
}

void ApiKeys::take_in(const std::vector<ApiKeyRecord>& keys) {
  for (const auto& key : keys) {
    ids_[key.key_hash] = key.id;
    keys_.insert_or_assign(key.id, key);
  }
}

void ApiKeys::forget_user(std::int64_t user) {
  std::vector<std::int64_t> gone;
  for (const auto& [id, key] : keys_) {
    if (key.user == user) gone.push_back(id);
  }
  for (const auto id : gone) drop(id);
}

const ApiKeyRecord* ApiKeys::find(std::string_view key) const {
  const auto id = ids_.find(sha256_hex(key));
  return id == ids_.end() ? nullptr : &keys_.at(id->second);
}

void ApiKeys::note_use(std::int64_t id, WallSeconds now) {
  const auto key = keys_.find(id);
  if (key == keys_.end()) return;
  key->second.last_used = now;
  if (used_.empty()) writing_.start(kWriteUses);
  used_.insert(id);
}

void ApiKeys::write_uses() {
  writing_.cancel();
  if (used_.empty()) return;
  std::vector<std::pair<std::int64_t, WallSeconds>> uses;
  for (const auto id : std::exchange(used_, {})) uses.emplace_back(id, *keys_.at(id).last_used);
  const auto work = [uses](Database& database) -> Outcome<Done> {
    for (const auto& [id, at] : uses) {
      if (auto noted = api_keys::note_use(database, id, at); !noted) return noted;
    }
    return Done{};
  };
  store_.write(work, log_failure, control_);
}

void ApiKeys::fail(Then<Made> then, Failure failure) {
  control_.post([then = std::move(then), failure = std::move(failure)] { then(failure); });
}

}  // namespace airlane
