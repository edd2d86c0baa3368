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
constexpr std::size_t kPasswordLeast = 8;    // Characters.
constexpr std::size_t kPasswordMost = 1024;  // Bytes.

Failure wrong_pair() { return {Failure::Kind::kInvalid, "Invalid username/password."}; }

Failure too_busy() {
  return {Failure::Kind::kUnavailable, "Too many log-ins are waiting; try again in a few seconds."};
}

Outcome<Done> check_password(std::string_view password) {
  if (password.size() > kPasswordMost) {
    return Failure{Failure::Kind::kInvalid, "The password is longer than 1024 bytes."};
  }
  // In UTF-8 every character has one byte that is no continuation.
  const auto characters = std::count_if(password.begin(), password.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  });
  if (static_cast<std::size_t>(characters) >= kPasswordLeast) return Done{};
  return Failure{Failure::Kind::kInvalid,
                 "The password is too short: it must have at least 8 characters."};
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

void Accounts::remove_user(std::string_view name, bool owns_proxies, const Then<Done>& then) {
  const auto* user = by_name(name);
  if (user == nullptr) {
    return fail(then, {Failure::Kind::kNotFound, "There is no user " + log::printable(name) + "."});
  }
  if (owns_proxies) {
    return fail(then, {Failure::Kind::kConflict,
                       "User " + user->name + " still owns proxies; remove them first."});
  }
  const auto id = user->id;
  const auto work = [id](Database& database) { return users::remove(database, id); };
  const auto written = [this, id, then](const Outcome<Done>& removed) {
    if (!removed) return then(removed);
    users_.erase(id);
    std::erase_if(sessions_, [id](const auto& entry) { return entry.second.user == id; });
    then(Done{});
  };
  store_.write(work, written, control_);
}

void Accounts::switch_api(std::string_view name, bool on, const Then<UserRecord>& then) {
  const auto* user = by_name(name);
  if (user == nullptr) {
    return fail(then, {Failure::Kind::kNotFound, "There is no user " + log::printable(name) + "."});
  }
  const auto id = user->id;
  const auto work = [id, on](Database& database) { return users::switch_api(database, id, on); };
  const auto written = [this, id, on, then](const Outcome<Done>& switched) {
    if (!switched) return then(switched.error());
    const auto known = users_.find(id);
    if (known == users_.end()) {
      return then(Failure{Failure::Kind::kNotFound, "The user has been removed."});
    }
    known->second.api = on;
    then(known->second);
  };
  store_.write(work, written, control_);
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
