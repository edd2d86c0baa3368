// Who may log in, and who is logged in.
//
// Holds every user in memory, in step with the store: a change is written first and becomes visible
// when its transaction has committed. Passwords are hashed and checked on a thread of its own,
// because scrypt takes a tenth of a second. Sessions are 256 random bits; the store keeps their
// SHA-256, so a stolen database logs nobody in.
//
// Owned by main. Control thread only; every `then` is called on the control thread, never inside
// the call that took it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/event/loop.h"
#include "base/event/loop_thread.h"
#include "base/result.h"
#include "control/changes.h"
#include "db/store.h"
#include "db/users.h"

namespace airlane {

class Accounts {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;

  Accounts(Loop& control, Store& store);
  Accounts(Accounts&&) = delete;
  ~Accounts();

  // Reads users and sessions; once, before the loop runs.
  Outcome<Done> load();

  void add_user(std::string name, std::string password, bool admin, const Then<UserRecord>& then);
  // kConflict while `owns_proxies`: the caller knows, this class does not.
  void remove_user(std::string_view name, bool owns_proxies, Consent<UserRecord> may,
                   const Then<Done>& then);

  // With a password that is not absent his sessions end. Name, key and hash are not for `edit`.
  void change_user(std::string_view name, std::optional<std::string> password,
                   Edit<UserRecord> edit, const Then<UserRecord>& then);

  // Whom an import has brought into the store.
  void take_in(const std::vector<UserRecord>& users);

  // The session token for a right pair; kInvalid with "Invalid username/password." otherwise, after
  // the same time whether the name exists or not. kUnavailable when too many log-ins are waiting.
  void log_in(const std::string& name, std::string password, const Then<std::string>& then);
  void log_out(std::string_view token);

  // Null when there is none. Valid until the next turn of the loop.
  [[nodiscard]] const UserRecord* by_session(std::string_view token) const;
  [[nodiscard]] const UserRecord* by_api_key(std::string_view key) const;
  [[nodiscard]] const UserRecord* by_name(std::string_view name) const;
  [[nodiscard]] const UserRecord* by_id(std::int64_t id) const;
  [[nodiscard]] const std::map<std::int64_t, UserRecord>& users() const { return users_; }

 private:
  struct Session {
    std::int64_t user = 0;
    WallSeconds expires;
  };

  template <class T>
  void fail(Then<T> then, Failure failure);
  // Begins `work` in its turn, which ends with the call of what it is given.
  template <class T>
  void change(Then<T> then, std::function<void(Then<T>)> work);
  void update(const std::string& name, const std::string& password_hash,
              const Edit<UserRecord>& edit, const Then<UserRecord>& then);
  void forget_sessions(std::int64_t user);
  // Runs `work` on the hashing thread and `then` back here; false when too many are waiting.
  template <class T>
  bool hash(std::function<T()> work, std::function<void(T)> then);
  void open_session(std::int64_t user, const Then<std::string>& then);
  void make_room(std::int64_t user);  // The one that ends first makes room for another session.
  void drop_expired();

  Loop& control_;
  Store& store_;
  std::string dummy_hash_;  // What an unknown user's password is compared with.
  std::size_t hashes_waiting_ = 0;
  std::map<std::int64_t, UserRecord> users_;
  std::unordered_map<std::string, Session> sessions_;  // By the SHA-256 of the token.
  Changes changes_;
  LoopThread hasher_;  // Last: it ends before what its works were given.
};

}  // namespace airlane
