// Which targets the bytes of each proxy went to, as far as the workers have told and the database
// does not know yet.
//
// Looks into the workers' queues ten times a second where they are in use. It is written to the
// database by TopTargets, and belongs to the data path: a process that has handed over and drains
// its connections has no database, and puts what these still move into files (target_file.h) for
// the one that has. Bounded: when it knows as many targets as it may, further ones are added up
// without their names. Owned by the server; control thread only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "control/target_file.h"
#include "proxy/target_reports.h"

namespace airlane {

class TargetBook {
 public:
  struct Options {
    unsigned workers = 1;
    std::size_t queue = 4096;    // Records from each of them that may wait.
    std::size_t most = 100'000;  // Targets that it may know, of all proxies.
    std::string folder;          // Of the files.
  };

  TargetBook(Loop& control, const Options& options);
  TargetBook(TargetBook&&) = delete;

  TargetReports& reports() noexcept { return reports_; }  // For the engine.

  // Takes all pages out; more may come.
  std::vector<TargetPage> take();
  void put_back(const TargetPage& page);
  // What is known of one proxy's days; it stays.
  TargetSummary of(std::int64_t proxy, std::int64_t first, std::int64_t last);
  void forget(std::int64_t proxy);
  // So many targets that they should be written soon.
  [[nodiscard]] bool is_half_full() const noexcept { return targets_ > options_.most / 2; }

  // There is no database any more, or it is back.
  void leave();
  void stay() { into_file_.cancel(); }
  // There is no engine any more, and nobody else to take what is here: the last file.
  void end();

 private:
  using Pages = std::map<std::pair<std::int64_t, std::int64_t>, TargetPage>;  // By proxy and day.

  void look();
  void collect();
  void add(const TargetRecord& record);
  TargetPage& page_of(std::int64_t proxy, std::int64_t day, std::uint32_t kept);
  void write_file();
  void write_pages(const std::vector<TargetPage>& pages);

  const Options options_;
  TargetReports reports_;
  Pages pages_;
  std::size_t targets_ = 0;  // On all pages.
  Timer look_;
  Timer into_file_;
};

}  // namespace airlane
