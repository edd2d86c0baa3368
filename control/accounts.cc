#include "control/accounts.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/tls/crypto.h"
#include "control/checks.h"
#include "db/sessions.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kSessionLength = std::chrono::weeks(2);
constexpr std::size_t kSessionsMost = 64;       // Of one user.
constexpr std::size_t kHashesWaitingMost = 32;  // Three seconds of work.
constexpr std::size_t kApiKeyBytes = 32;
constexpr std::size_t kTokenBytes = 32;

Failure wrong_pair() { return {Failure::Kind::kInvalid, "Invalid username/password."}; }

Failure no_such_user(std::string_view name) {
  return {Failure::Kind::kNotFound, "There is no user " + log::printable(name) + "."};
}

Failure too_busy() {
  return {Failure::Kind::kUnavailable, "Too many log-ins are waiting; try again in a few seconds."};
}

struct Stored {
  std::vector<UserRecord> users;
  std::vector<SessionRecord> sessions;
};

Outcome<Stored> read_all(Database& database) {
  if (auto cleaned = sessions::remove_expired(database, wall_now()); !cleaned) {
    return cleaned.error();
  }
  auto users = users::all(database);
  if (!users) return users.error();
  auto sessions = sessions::all(database);
  if (!sessions) return sessions.error();
  return Stored{*std::move(users), *std::move(sessions)};
}

void log_failure(const Outcome<Done>& done) {
  if (!done) log::warning("accounts: " + done.error().text);
}

}  // namespace

// The dummy is hashed here, before anything is served: a tenth of a second, once.
Accounts::Accounts(Loop& control, Store& store)
    : control_(control),
      store_(store),
      dummy_hash_(hash_password(random_hex(kTokenBytes))),
      changes_(control),
      hasher_("hasher") {
  hasher_.start();
}

Accounts::~Accounts() = default;

Outcome<Done> Accounts::load() {
  auto stored = store_.wait(read_all);
  if (!stored) return stored.error();
  for (auto& user : stored->users) users_.emplace(user.id, std::move(user));
  for (const auto& session : stored->sessions) {
    sessions_[session.token_hash] = {session.user, session.expires};
  }
  return Done{};
}

void Accounts::add_user(std::string name, std::string password, bool admin,
                        const Then<UserRecord>& then) {
  if (auto good = check_name("user", name); !good) return fail(then, good.error());
  if (auto good = check_password(password); !good) return fail(then, good.error());
  if (by_name(name) != nullptr) {
    return fail(then, {Failure::Kind::kConflict, "There is already a user " + name + "."});
  }
  UserRecord user;
  user.name = std::move(name);
  user.api_key = random_hex(kApiKeyBytes);
  user.admin = admin;
  user.created = wall_now();
  auto store = [this, user, then](std::string password_hash) mutable {
    user.password_hash = std::move(password_hash);
    const auto work = [user](Database& database) { return users::insert(database, user); };
    const auto written = [this, user, then](Outcome<std::int64_t> id) mutable {
      if (!id) return then(id.error());
      user.id = *id;
      then(users_.insert_or_assign(*id, user).first->second);
    };
    store_.write(work, written, control_);
  };
  auto work = [password = std::move(password)] { return hash_password(password); };
  if (!hash<std::string>(work, store)) fail(then, too_busy());
}

template <class T>
void Accounts::change(Then<T> then, std::function<void(Then<T>)> work) {
  const bool accepted = changes_.add([then, work = std::move(work)](const Changes::Finish& finish) {
    work([then, finish](Outcome<T> outcome) {
      finish();
      then(std::move(outcome));
    });
  });
  if (!accepted) {
    fail(then, {Failure::Kind::kUnavailable, "Too many changes are waiting; try again."});
  }
}

void Accounts::remove_user(std::string_view name, bool owns_proxies, Consent<UserRecord> may,
                           const Then<Done>& then) {
  const auto work = [this, name = std::string(name), owns_proxies,
                     may = std::move(may)](const Then<Done>& done) {
    const auto* user = by_name(name);
    if (user == nullptr) return done(no_such_user(name));
    if (!may(*user)) return done(withdrawn());
    if (owns_proxies) {
      return done(Failure{Failure::Kind::kConflict,
                          "User " + user->name + " still owns proxies; remove them first."});
    }
    const auto id = user->id;
    const auto removal = [id](Database& database) { return users::remove(database, id); };
    const auto written = [this, id, done](const Outcome<Done>& removed) {
      if (!removed) return done(removed);
      users_.erase(id);
      forget_sessions(id);
      done(Done{});
    };
    store_.write(removal, written, control_);
  };
  change<Done>(then, work);
}

void Accounts::forget_sessions(std::int64_t user) {
  std::erase_if(sessions_, [user](const auto& entry) { return entry.second.user == user; });
}

// The password is hashed before the change has its turn, so that nobody's change waits for it.
void Accounts::change_user(std::string_view name, std::optional<std::string> password,
                           Edit<UserRecord> edit, const Then<UserRecord>& then) {
  const auto begin = [this, name = std::string(name), edit = std::move(edit),
                      then](const std::string& password_hash) {
    change<UserRecord>(then, [this, name, edit, password_hash](const Then<UserRecord>& done) {
      update(name, password_hash, edit, done);
    });
  };
  if (!password) return begin({});
  if (auto good = check_password(*password); !good) return fail(then, good.error());
  auto work = [password = *std::move(password)] { return hash_password(password); };
  if (!hash<std::string>(work, begin)) fail(then, too_busy());
}

void Accounts::update(const std::string& name, const std::string& password_hash,
                      const Edit<UserRecord>& edit, const Then<UserRecord>& then) {
  const auto* before = by_name(name);
  if (before == nullptr) return then(no_such_user(name));
  UserRecord user = *before;
  if (!edit(user)) return then(withdrawn());
  const bool is_new_password = !password_hash.empty();
  if (is_new_password) user.password_hash = password_hash;
  const auto work = [user, is_new_password](Database& database) {
    auto updated = users::update(database, user);
    if (!updated || !is_new_password) return updated;
    return sessions::remove_of_user(database, user.id);
  };
  const auto written = [this, user, is_new_password, then](const Outcome<Done>& updated) {
    if (!updated) return then(updated.error());
    users_[user.id] = user;
    if (is_new_password) forget_sessions(user.id);
    then(user);
  };
  store_.write(work, written, control_);
}

void Accounts::take_in(const std::vector<UserRecord>& users) {
  for (const auto& user : users) users_.insert_or_assign(user.id, user);
}

void Accounts::log_in(const std::string& name, std::string password,
                      const Then<std::string>& then) {
  const auto* user = by_name(name);
  auto expected = user != nullptr ? user->password_hash : dummy_hash_;
  const auto id = user != nullptr ? user->id : 0;
  password.resize(std::min(password.size(), kPasswordMost + 1));  // Longer ones are wrong anyway.
  auto work = [password = std::move(password), expected = std::move(expected)] {
    return verify_password(password, expected);
  };
  auto verified = [this, id, then](bool right) {
    // Looked up again: the user may have been removed meanwhile.
    if (!right || by_id(id) == nullptr) return then(wrong_pair());
    open_session(id, then);
  };
  if (!hash<bool>(work, verified)) fail(then, too_busy());
}

void Accounts::open_session(std::int64_t user, const Then<std::string>& then) {
  drop_expired();
  make_room(user);
  auto token = random_hex(kTokenBytes);
  const SessionRecord session{.token_hash = sha256_hex(token),
                              .user = user,
                              .created = wall_now(),
                              .expires = wall_now() + kSessionLength};
  const auto work = [session](Database& database) { return sessions::insert(database, session); };
  const auto written = [this, session, token, then](const Outcome<Done>& stored) {
    if (!stored) return then(stored.error());
    if (by_id(session.user) == nullptr) return then(wrong_pair());
    sessions_[session.token_hash] = {session.user, session.expires};
    then(token);
  };
  store_.write(work, written, control_);
}

void Accounts::make_room(std::int64_t user) {
  std::size_t count = 0;
  auto first = sessions_.end();
  for (auto session = sessions_.begin(); session != sessions_.end(); ++session) {
    if (session->second.user != user) continue;
    ++count;
    if (first == sessions_.end() || session->second.expires < first->second.expires) {
      first = session;
    }
  }
  if (count < kSessionsMost) return;
  const auto hash = first->first;
  sessions_.erase(first);
  const auto work = [hash](Database& database) { return sessions::remove(database, hash); };
  store_.write(work, log_failure, control_);
}

void Accounts::drop_expired() {
  const auto now = wall_now();
  const auto gone =
      std::erase_if(sessions_, [now](const auto& entry) { return entry.second.expires <= now; });
  if (gone == 0) return;
  const auto work = [now](Database& database) { return sessions::remove_expired(database, now); };
  store_.write(work, log_failure, control_);
}

void Accounts::log_out(std::string_view token) {
  const auto hash = sha256_hex(token);
  if (sessions_.erase(hash) == 0) return;
  const auto work = [hash](Database& database) { return sessions::remove(database, hash); };
  store_.write(work, log_failure, control_);
}

const UserRecord* Accounts::by_session(std::string_view token) const {
  const auto session = sessions_.find(sha256_hex(token));
  if (session == sessions_.end() || session->second.expires <= wall_now()) return nullptr;
  return by_id(session->second.user);
}

// Every key is compared, each in constant time: how long it takes says nothing about any of them.
const UserRecord* Accounts::by_api_key(std::string_view key) const {
  const UserRecord* found = nullptr;
  for (const auto& [id, user] : users_) {
    if (equal_in_constant_time(user.api_key, key)) found = &user;
  }
  return found;
}

const UserRecord* Accounts::by_name(std::string_view name) const {
  const auto user = std::find_if(users_.begin(), users_.end(),
                                 [&](const auto& entry) { return entry.second.name == name; });
  return user == users_.end() ? nullptr : &user->second;
}

const UserRecord* Accounts::by_id(std::int64_t id) const {
  const auto user = users_.find(id);
  return user == users_.end() ? nullptr : &user->second;
}

template <class T>
void Accounts::fail(Then<T> then, Failure failure) {
  control_.post([then = std::move(then), failure = std::move(failure)] { then(failure); });
}

template <class T>
bool Accounts::hash(std::function<T()> work, std::function<void(T)> then) {
  if (hashes_waiting_ >= kHashesWaitingMost) return false;
  ++hashes_waiting_;
  hasher_.post([this, work = std::move(work), then = std::move(then)] {
    control_.post([this, then, answer = work()] {
      --hashes_waiting_;
      then(answer);
    });
  });
  return true;
}

}  // namespace airlane
