#include "control/backups.h"

#include <utility>

#include "base/log.h"
#include "control/then.h"
#include "db/backup.h"

namespace airlane {
namespace {

constexpr int kPages = 256;  // A mebibyte. Small enough for others to wait for.

}  // namespace

// Owned by Backups, and borrowed by works of the store.
struct Backups::Run {
  std::string path;
  Then then;
  std::unique_ptr<Backup> copy{};  // On the store's thread only.
  bool copying = false;            // There is one. Read after the store has answered.
  std::int64_t bytes = 0;
};

Backups::~Backups() {
  if (running_) end(running_);
}

void Backups::make(const std::string& path, Then then) {
  if (!path.starts_with('/') || path.ends_with('/') || path.find('\0') != std::string::npos) {
    return answer_later<Made>(control_, then,
                              {Failure::Kind::kInvalid,
                               "The file of a backup must be named by its whole path, from / on."});
  }
  if (running_) {
    return answer_later<Made>(
        control_, then,
        {Failure::Kind::kConflict, "A backup is being made already; wait until that one is done."});
  }
  running_ = std::make_shared<Run>(Run{path, std::move(then)});
  take_step(running_);
}

void Backups::take_step(const std::shared_ptr<Run>& run) {
  const auto step = [run](Database& database) -> Outcome<bool> {
    if (!run->copy) {
      auto begun = Backup::begin(database, run->path);
      if (!begun) return begun.error();
      run->copy = *std::move(begun);
      run->copying = true;
    }
    auto more = run->copy->step(kPages);
    if (more && *more) return true;
    run->bytes = run->copy->bytes();
    run->copy.reset();
    run->copying = false;
    return more;
  };
  const auto then = [this, alive = std::weak_ptr<Run>(run)](const Outcome<bool>& more) {
    const auto still = alive.lock();
    if (!still || still != running_) return;
    if (more && *more) return take_step(still);
    if (still->copying) end(still);  // The store's queue was too full for a step.
    running_.reset();
    if (!more) return still->then(more.error());
    log::info("backup: wrote " + still->path);
    still->then(Made{still->path, still->bytes});
  };
  store_.read(step, then, control_);
}

// On the store's thread, where the copy belongs. Waits for it.
void Backups::end(const std::shared_ptr<Run>& run) {
  const auto forget = [run](Database&) -> Outcome<Done> {
    run->copy.reset();
    return Done{};
  };
  store_.flush();
  store_.read(
      forget, [](const Outcome<Done>&) {}, control_);
  store_.flush();
}

}  // namespace airlane
