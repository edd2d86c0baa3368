#include "control/transfers.h"

#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/log.h"
#include "control/accounts.h"
#include "control/api_keys.h"
#include "control/farm.h"
#include "control/rotation_links.h"
#include "control/then.h"
#include "db/store.h"

namespace airlane {
namespace {

void find_known_keys(const ApiKeys& keys, const Contents& contents, std::vector<Fault>& conflicts) {
  std::unordered_set<std::string_view> known;
  for (const auto& [id, key] : keys.all()) known.insert(key.key_hash);
  std::unordered_map<std::int64_t, std::size_t> places;  // Of users in the document.
  for (std::size_t i = 0; i < contents.users.size(); ++i) places[contents.users[i].id] = i;
  std::unordered_map<std::int64_t, std::size_t> counts;  // By user.
  for (const auto& key : contents.keys) {
    const auto place = counts[key.user]++;
    if (!known.contains(key.key_hash)) continue;
    conflicts.push_back({"users." + std::to_string(places[key.user]) + ".keys." +
                             std::to_string(place) + ".key_hash",
                         "The key " + key.name + " is there already."});
  }
}

}  // namespace

// One import, on its way.
struct Transfers::Run {
  bool dry_run = false;
  Then<Result> then;
  Draft draft{};
};

Transfers::Transfers(Loop& control, Store& store, Accounts& accounts, ApiKeys& keys,
                     RotationLinks& links, Farm& farm)
    : control_(control),
      store_(store),
      accounts_(accounts),
      keys_(keys),
      links_(links),
      farm_(farm),
      thread_("transfers") {
  thread_.start();
}

template <class T>
bool Transfers::begin_or_answer(const Then<T>& then) {
  if (!running_) return running_ = true;
  answer_later<T>(
      control_, then,
      {Failure::Kind::kConflict, "An export or import runs already; wait until that one is done."});
  return false;
}

void Transfers::export_all(bool with_traffic, Write write, const Then<std::string>& then) {
  if (!begin_or_answer<std::string>(then)) return;
  using All = std::shared_ptr<const Contents>;
  const auto work = [with_traffic](Database& database) -> Outcome<All> {
    auto all = contents::read(database, with_traffic);
    if (!all) return all.error();
    return std::make_shared<const Contents>(*std::move(all));
  };
  const auto found = [this, write = std::move(write), then](const Outcome<All>& all) {
    if (!all) {
      running_ = false;
      return then(all.error());
    }
    thread_.post([this, write, then, all = *all] {
      control_.post([this, then, text = write(*all)] {
        running_ = false;
        then(text);
      });
    });
  };
  store_.read(work, found, control_);
}

void Transfers::import_all(Read read, bool dry_run, const Then<Result>& then) {
  if (!begin_or_answer<Result>(then)) return;
  auto run = std::make_shared<Run>(Run{dry_run, then});
  thread_.post([this, run, read = std::move(read)] {
    run->draft = read();
    control_.post([this, run] { check(run); });
  });
}

void Transfers::check(const std::shared_ptr<Run>& run) {
  const auto& draft = run->draft;
  Result result{.is_readable = draft.is_readable, .faults = draft.faults};
  if (!draft.is_readable || !draft.faults.empty()) return end(run, result);
  result.users = draft.contents.users.size();
  result.keys = draft.contents.keys.size();
  result.dongles = draft.contents.dongles.size();
  result.proxies = draft.contents.proxies.size();
  result.credentials = draft.contents.credentials.size();
  Farm::Arrival arrival{
      .contents = std::make_shared<Contents>(std::move(run->draft.contents)),
      .others = [this](const Contents& contents) { return conflicts_of(contents); },
      .taken_in =
          [this](const Contents& contents) {
            accounts_.take_in(contents.users);
            keys_.take_in(contents.keys);
            links_.take_in(contents.links);
          },
      .dry_run = run->dry_run};
  farm_.take_in(std::move(arrival), [this, run, result](Outcome<std::vector<Fault>> conflicts) {
    if (!conflicts) return end(run, conflicts.error());
    auto told = result;
    told.conflicts = *std::move(conflicts);
    end(run, told);
  });
}

void Transfers::end(const std::shared_ptr<Run>& run, const Outcome<Result>& result) {
  running_ = false;
  const bool is_done = result && result->is_readable && result->faults.empty() &&
                       result->conflicts.empty() && !run->dry_run;
  if (is_done) {
    log::info("import: " + std::to_string(result->users) + " users, " +
              std::to_string(result->dongles) + " dongles, " + std::to_string(result->proxies) +
              " proxies");
  }
  run->then(result);
}

// Of what is not the farm's. What comes between this and the transaction fails that.
std::vector<Fault> Transfers::conflicts_of(const Contents& contents) const {
  std::vector<Fault> conflicts;
  std::unordered_set<std::string_view> names;
  std::unordered_map<std::string_view, std::string_view> keys;
  for (const auto& [id, user] : accounts_.users()) {
    names.insert(user.name);
    keys[user.api_key] = user.name;
  }
  for (std::size_t i = 0; i < contents.users.size(); ++i) {
    const auto& user = contents.users[i];
    const auto path = "users." + std::to_string(i) + ".";
    if (names.contains(user.name)) {
      conflicts.push_back({path + "name", "There is already a user " + user.name + "."});
    }
    if (const auto other = keys.find(user.api_key); other != keys.end()) {
      conflicts.push_back({path + "api_key", "The API key of the document's user " + user.name +
                                                 " is that of this server's user " +
                                                 std::string(other->second) + "."});
    }
  }
  find_known_keys(keys_, contents, conflicts);
  return conflicts;
}

}  // namespace airlane
