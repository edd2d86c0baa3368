// The counter files of processes that have handed over to a later one and still count in them, for
// the connections that they drain.
//
// Each is set aside, under the name of the current file and its epoch, when its successor makes a
// file of its own. It is folded along with the current one once a second, and goes when its lock
// is free: then nobody counts in it any more, however its process has ended. The names are all
// there is to remember, so a kill -9 of anybody at any moment loses no byte.
//
// Its rows belong to the proxies and credentials that had them when it was found: the successor may
// give them to others in its own file. A member of Usage, control thread only but where it says
// otherwise.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "db/fold.h"
#include "proxy/count.h"

namespace airlane {

class Database;
class Store;

// Whose bytes each row of a counter file holds, as the database has it.
Outcome<std::map<std::uint32_t, std::int64_t>> owners_of_rows(Database& database);

class OldCounters {
 public:
  // On the control thread or the database's.
  static std::string name(const std::string& path, std::uint64_t epoch);
  // The epochs of all files set aside beside `path`, by their names.
  static std::vector<std::uint64_t> epochs(const std::string& path);
  // Opens them all; one that is damaged is logged and stays where it is.
  static Outcome<OldCounters> open(const std::string& path, Store& store);

  struct Batch {
    std::uint64_t epoch = 0;
    std::shared_ptr<Folder> folder;  // On the database's thread only.
    std::vector<FoldItem> items;
  };
  // Reads the counters now. What has no lock any more is read for the last time.
  std::vector<Batch> read();
  // The same for what one owner counts, without a last time.
  std::vector<Batch> read_of(std::int64_t owner);
  // After the batches have been folded: removes the files that were read for the last time.
  void remove_ended(Store& store);
  // Whether any is left.
  [[nodiscard]] bool empty() const { return files_.empty(); }

 private:
  struct File {
    std::string path;
    CounterFile counters;
    std::map<std::uint32_t, std::int64_t> owners;  // Of its rows.
    std::shared_ptr<Folder> folder = std::make_shared<Folder>();
    bool ended = false;
  };

  std::vector<File> files_;
};

// The slots of a row that ever counted: few of them.
void add_row(CounterFile& counters, std::uint32_t row, std::int64_t owner,
             std::vector<FoldItem>& items);

}  // namespace airlane
