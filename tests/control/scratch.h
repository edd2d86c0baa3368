// What the tests of the control core stand on: a folder that vanishes, a store in it, and a loop
// that runs until an answer is there.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "base/tls/crypto.h"
#include "db/store.h"

namespace airlane::test {

class Folder {
 public:
  Folder() { std::filesystem::create_directory(path_); }
  Folder(Folder&&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("airlane-test-" + random_hex(8));
};

inline std::unique_ptr<Store> open_store(const Folder& folder) {
  auto store = Store::open(folder.file("airlane.db"));
  if (!store) ADD_FAILURE() << store.error().text;
  return *std::move(store);
}

// Runs the loop until `done` or for so long.
inline bool run_until(Loop& loop, const std::function<bool()>& done,
                      std::chrono::milliseconds most = std::chrono::seconds(10)) {
  struct Look {
    Look(Loop& l, const std::function<bool()>& d, std::chrono::milliseconds most)
        : loop(l), done(d), until(std::chrono::steady_clock::now() + most) {
      again();
    }
    void again() {
      if (done() || std::chrono::steady_clock::now() > until) return loop.stop();
      timer.start(std::chrono::milliseconds(1));
    }
    Loop& loop;
    const std::function<bool()>& done;
    std::chrono::steady_clock::time_point until;
    Timer timer{loop, Callback<void()>::to<&Look::again>(*this)};
  };
  if (done()) return true;
  Look look(loop, done, most);
  loop.run_forever();
  return done();
}

// The answer to a question that is answered later.
template <class T>
Outcome<T> answer(Loop& loop,
                  const std::function<void(std::function<void(Outcome<T>)>)>& question) {
  auto got = std::make_shared<std::optional<Outcome<T>>>();
  question([got](Outcome<T> outcome) {
    EXPECT_FALSE(*got) << "answered twice";
    *got = std::move(outcome);
  });
  EXPECT_FALSE(*got) << "answered inside of the call";
  if (!run_until(loop, [got] { return got->has_value(); })) {
    return Failure{Failure::Kind::kInternal, "There was no answer."};
  }
  return **got;
}

}  // namespace airlane::test
