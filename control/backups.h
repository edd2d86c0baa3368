// Copies of the database while the server runs, one at a time.
//
// Each step is a work of the store like everybody's, so whoever else wants the database waits for
// one of them at most. Destruction ends the one that is being made; it leaves nothing behind, and
// nobody is answered. Owned by main, before the store goes; control thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/event/loop.h"
#include "base/result.h"
#include "db/store.h"

namespace airlane {

class Backups {
 public:
  struct Made {
    std::string path;
    std::int64_t bytes = 0;
  };
  using Then = std::function<void(Outcome<Made>)>;

  Backups(Loop& control, Store& store) : control_(control), store_(store) {}
  Backups(Backups&&) = delete;
  ~Backups();

  // `path` is absolute, on this machine. kConflict while another one runs, or when there is
  // something at `path`.
  void make(const std::string& path, Then then);

 private:
  struct Run;

  void take_step(const std::shared_ptr<Run>& run);
  void end(const std::shared_ptr<Run>& run);

  Loop& control_;
  Store& store_;
  std::shared_ptr<Run> running_;  // Null: none.
};

}  // namespace airlane
