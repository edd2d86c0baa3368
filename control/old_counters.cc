#include "control/old_counters.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/file.h"
#include "base/log.h"
#include "db/credentials.h"
#include "db/database.h"
#include "db/proxies.h"
#include "db/store.h"

namespace airlane {
namespace {

constexpr int kBase = 16;

// A file goes before what is known of it: one that is there and unknown would be counted again.
Outcome<Done> remove(Database& database, const std::string& path, std::uint64_t epoch) {
  unlink(path.c_str());
  if (const auto error = sync_folder_of(path)) {
    return Failure{Failure::Kind::kUnavailable, "Cannot remove " + path + ": " + error.message()};
  }
  return forget_epoch(database, epoch);
}

}  // namespace

Outcome<std::map<std::uint32_t, std::int64_t>> owners_of_rows(Database& database) {
  const auto proxies = proxies::all(database);
  if (!proxies) return proxies.error();
  const auto credentials = credentials::all(database);
  if (!credentials) return credentials.error();
  std::map<std::uint32_t, std::int64_t> owners;
  for (const auto& proxy : *proxies) owners[proxy.counter_row] = proxy.id;
  for (const auto& credential : *credentials) owners[credential.counter_row] = credential.owner();
  return owners;
}

std::string OldCounters::name(const std::string& path, std::uint64_t epoch) {
  std::string digits(16, '\0');
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), epoch, kBase).ptr;
  return path + "-" + std::string(digits.data(), end);
}

std::vector<std::uint64_t> OldCounters::epochs(const std::string& path) {
  const auto prefix = std::filesystem::path(path).filename().string() + "-";
  std::vector<std::uint64_t> epochs;
  std::error_code failed;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(path).parent_path(), failed)) {
    const auto file = entry.path().filename().string();
    if (!file.starts_with(prefix)) continue;
    std::uint64_t epoch = 0;
    const char* const last = file.data() + file.size();
    const auto [end, error] = std::from_chars(file.data() + prefix.size(), last, epoch, kBase);
    if (error == std::errc() && end == last && epoch != 0) epochs.push_back(epoch);
  }
  return epochs;
}

Outcome<OldCounters> OldCounters::open(const std::string& path, Store& store) {
  OldCounters old;
  const auto all = epochs(path);
  if (all.empty()) return old;
  const auto owners = store.wait(owners_of_rows);
  if (!owners) return owners.error();
  for (const auto epoch : all) {
    auto counters = CounterFile::open(name(path, epoch));
    if (counters) {
      old.files_.push_back({name(path, epoch), *std::move(counters), *owners});
    } else {
      log::error("Traffic of a process before this one is not counted: " + counters.error().text);
    }
  }
  return old;
}

std::vector<OldCounters::Batch> OldCounters::read() {
  std::vector<Batch> batches;
  for (auto& file : files_) {
    // First the lock, then the counters: nobody adds to them in between.
    file.ended = file.ended || file.counters.lock();
    Batch batch{file.counters.epoch(), file.folder, {}};
    for (const auto& [row, owner] : file.owners) {
      if (row < file.counters.shape().rows) add_row(file.counters, row, owner, batch.items);
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

std::vector<OldCounters::Batch> OldCounters::read_of(std::int64_t owner) {
  std::vector<Batch> batches;
  for (auto& file : files_) {
    Batch batch{file.counters.epoch(), file.folder, {}};
    for (const auto& [row, whose] : file.owners) {
      const bool is_its = whose == owner && row < file.counters.shape().rows;
      if (is_its) add_row(file.counters, row, owner, batch.items);
    }
    batches.push_back(std::move(batch));
  }
  return batches;
}

void OldCounters::remove_ended(Store& store) {
  for (const auto& file : files_) {
    if (!file.ended) continue;
    // Nobody has to know: what is not removed now is found, and found folded, at the next start.
    (void)store.wait([path = file.path, epoch = file.counters.epoch()](Database& database) {
      return remove(database, path, epoch);
    });
  }
  std::erase_if(files_, [](const File& file) { return file.ended; });
}

void add_row(CounterFile& counters, std::uint32_t row, std::int64_t owner,
             std::vector<FoldItem>& items) {
  for (std::uint32_t worker = 0; worker < counters.shape().workers; ++worker) {
    const auto& slot = counters.slot(row, worker);
    const auto incoming = slot.incoming.load(std::memory_order_relaxed);
    const auto outgoing = slot.outgoing.load(std::memory_order_relaxed);
    if (incoming != 0 || outgoing != 0) items.push_back({row, worker, owner, incoming, outgoing});
  }
}

}  // namespace airlane
