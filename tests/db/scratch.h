// A folder for one test's database, gone with the test, and the records that many tests begin with.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include "db/database.h"
#include "db/dongles.h"
#include "db/proxies.h"
#include "db/users.h"

namespace airlane::test {

class Scratch {
 public:
  Scratch() {
    std::string made = (std::filesystem::temp_directory_path() / "airlane_db_XXXXXX").string();
    if (mkdtemp(made.data()) == nullptr) std::abort();
    folder_ = made;
  }
  Scratch(Scratch&&) = delete;
  ~Scratch() { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path() const { return (folder_ / "airlane.db").string(); }
  [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }

 private:
  std::filesystem::path folder_;
};

// The value, or a failed test that says why there is none.
template <class T>
T must(Outcome<T> outcome) {
  if (!outcome) {
    ADD_FAILURE() << outcome.error().text;
    std::abort();
  }
  return *std::move(outcome);
}

inline std::unique_ptr<Database> open(const Scratch& scratch) {
  return must(Database::open(scratch.path(), {.busy_timeout = std::chrono::milliseconds(0)}));
}

inline std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

inline UserRecord user(const std::string& name) {
  return {.id = 0,
          .name = name,
          .password_hash = "scrypt$" + name,
          .api_key = "key-of-" + name,
          .admin = false,
          .created = from_unix(1'700'000'000)};
}

inline DongleRecord dongle(const std::string& name, const std::string& interface) {
  DongleRecord made;
  made.name = name;
  made.interface = interface;
  made.driver = "none";
  made.created = from_unix(1'700'000'000);
  return made;
}

inline ProxyRecord proxy(std::int64_t user, std::int64_t dongle, std::uint16_t port) {
  ProxyRecord made;
  made.user = user;
  made.dongle = dongle;
  made.port = port;
  made.username = "customer";
  made.password = "secret";
  made.counter_row = port;
  return made;
}

}  // namespace airlane::test
