// airlane-bench-usage: what the traffic of many proxies costs the store, and how long a report
// takes.
//
//   fill      days of traffic in every minute, as db/aging.h would have left it
//   reports   of random proxies over random spans, one after the other
//   busy      the same while all proxies move bytes and are folded once a second
//   backup    a copy of the database while all of that goes on
//   pack      an hour of minutes into hours
//
// Prints one JSON object per line. Asserts its answers: what was counted is what is reported.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "control/backups.h"
#include "control/usage.h"
#include "db/database.h"
#include "db/minutes.h"
#include "db/transaction.h"

namespace airlane::bench {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
constexpr std::int64_t kHour = 3600;

struct Options {
  std::string folder;
  std::int64_t proxies = 10'000;
  std::int64_t days = 35;
  int reports = 2'000;
  int seconds = 70;
};

void check(bool good, const std::string& what) {
  if (good) return;
  std::cerr << "airlane-bench-usage: " << what << '\n';
  std::exit(1);
}
template <class T>
T must(Outcome<T> outcome) {
  check(outcome.has_value(), outcome ? std::string() : outcome.error().text);
  return *std::move(outcome);
}

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// A page or two of a phone, most of it downwards: what is moved in one minute.
Traffic some_minute(std::mt19937_64& random) {
  const auto bits = random();
  return {(bits & 0x3ff'ffff) + 1'000, (bits >> 32 & 0x1f'ffff) + 200};
}

std::int64_t file_size(const Options& options) {
  std::int64_t size = 0;
  for (const auto& file : std::filesystem::directory_iterator(options.folder)) {
    if (file.path().filename().string().starts_with("airlane.db")) {
      size += static_cast<std::int64_t>(file.file_size());
    }
  }
  return size;
}

// Bytes that this process has sent to the disk.
std::int64_t written() {
  std::ifstream io("/proc/self/io");
  std::string name;
  std::int64_t value = 0;
  while (io >> name >> value) {
    if (name == "write_bytes:") return value;
  }
  return 0;
}

Json percentiles(std::vector<double> all) {
  std::sort(all.begin(), all.end());
  const auto at = [&](double part) {
    return all[std::min(all.size() - 1, static_cast<std::size_t>(part * double(all.size())))];
  };
  return {{"p50_ms", at(0.5)}, {"p99_ms", at(0.99)}, {"max_ms", all.back()}};
}

Outcome<Done> fill_hour(Database& database, std::int64_t hour, std::int64_t proxies,
                        std::mt19937_64& random) {
  auto transaction = must(Transaction::begin(database));
  for (std::int64_t proxy = 1; proxy <= proxies; ++proxy) {
    Minutes minutes{};
    Traffic sum;
    for (auto& minute : minutes) sum += minute = some_minute(random);
    const auto bytes = packed(minutes);
    must(database.execute("INSERT INTO traffic_hours VALUES (?1, ?2, ?3, ?4)", proxy, hour,
                          static_cast<std::int64_t>(sum.incoming),
                          static_cast<std::int64_t>(sum.outgoing)));
    must(database.execute("INSERT INTO traffic_minutes VALUES (?1, ?2, ?3)", hour, proxy,
                          Blob{bytes}));
  }
  return transaction.commit();
}

void fill(const Options& options) {
  std::mt19937_64 random(1);
  const auto began = Clock::now();
  auto database = must(Database::open(options.folder + "/airlane.db"));
  must(database->execute("PRAGMA synchronous = OFF"));
  const auto now = unix_seconds(wall_now()) / kHour;
  const auto last = must(database->select_one<std::int64_t>(
      "SELECT hour FROM traffic_minutes ORDER BY hour DESC LIMIT 1",
      [](const Statement& row) { return row.integer(0); }));
  for (auto hour = std::max(now - options.days * 24, last.value_or(0) + 1); hour < now; ++hour) {
    must(fill_hour(*database, hour, options.proxies, random));
  }
  database.reset();
  std::cout << Json{{"phase", "fill"},
                    {"proxies", options.proxies},
                    {"days", options.days},
                    {"seconds", milliseconds(Clock::now() - began) / 1000},
                    {"bytes", file_size(options)},
                    {"bytes_per_proxy_and_day",
                     double(file_size(options)) / double(options.proxies * options.days)}}
            << std::endl;
}

// The server's own, from counters to reports.
class Plant {
 public:
  explicit Plant(const Options& options) : options_(options) {
    store_ = must(Store::open(options.folder + "/airlane.db"));
    counters_ = std::make_unique<CounterFile>(must(CounterFile::create(
        options.folder + "/counters",
        {.workers = 2, .rows = static_cast<std::uint32_t>(options.proxies + 1)})));
    for (std::int64_t proxy = 1; proxy <= options.proxies; ++proxy) {
      rows_.push_back({static_cast<std::uint32_t>(proxy), proxy});
    }
    usage_ = std::make_unique<Usage>(loop_, *store_, *counters_, [this] { return rows_; });
    backups_ = std::make_unique<Backups>(loop_, *store_);
  }

  // Milliseconds of the reports that were made while the database was copied.
  std::vector<double> reports_during_backup(const std::string& path) {
    bool done = false;
    backups_->make(path, [&](const Outcome<Backups::Made>& made) {
      must(made);
      done = true;
    });
    std::vector<double> took;
    while (!done) {
      const auto more = reports(1, std::chrono::milliseconds(5));
      took.push_back(more.front());
    }
    return took;
  }

  void fold_each_second() { must(usage_->start()); }
  void stop() { usage_->stop(); }
  CounterFile& counters() { return *counters_; }

  // The CPU time of the store's thread so far.
  double store_seconds() {
    timespec time{};
    must(store_->wait([&](Database&) -> Outcome<Done> {
      clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
      return Done{};
    }));
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
  }

  Usage::Sum report(std::int64_t proxy, WallSeconds from, WallSeconds till) {
    Usage::Sum answer;
    usage_->report(proxy, from, till, [&](const Outcome<Usage::Sum>& sum) {
      answer = must(sum);
      loop_.stop();
    });
    loop_.run_forever();
    return answer;
  }

  // Milliseconds of `count` reports: half of them the default, the last 30 days.
  std::vector<double> reports(int count, std::chrono::milliseconds pause) {
    std::vector<double> took;
    for (int i = 0; i < count; ++i) {
      const auto proxy = between(1, options_.proxies);
      const auto now = unix_seconds(wall_now());
      const auto first = now - std::min<std::int64_t>(options_.days, 30) * 86400;
      auto from = first;
      auto till = now;
      if (i % 2 == 1) {
        from = between(first, now);
        till = between(from, now);
      }
      const auto began = Clock::now();
      report(proxy, from_unix(from), from_unix(till));
      took.push_back(milliseconds(Clock::now() - began));
      if (pause.count() != 0) std::this_thread::sleep_for(pause);
    }
    return took;
  }

 private:
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return std::uniform_int_distribution<std::int64_t>(least, most)(random_);
  }

  const Options& options_;
  std::mt19937_64 random_{2};
  Loop loop_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<CounterFile> counters_;
  std::vector<CountedRow> rows_;
  std::unique_ptr<Usage> usage_;
  std::unique_ptr<Backups> backups_;
};

// All proxies move bytes in both workers.
class Movement {
 public:
  Movement(CounterFile& counters, std::int64_t proxies)
      : thread_([this, &counters, proxies] {
          for (; !ended_; ++rounds_) {
            for (std::uint32_t row = 1; row <= proxies; ++row) {
              for (std::uint32_t worker = 0; worker < 2; ++worker) {
                counters.slot(row, worker).add_incoming(12'345);
                counters.slot(row, worker).add_outgoing(678);
              }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
          }
        }) {}
  Movement(Movement&&) = delete;

  // How often each proxy has moved as much in each worker.
  std::uint64_t end() {
    ended_ = true;
    thread_.join();
    return rounds_;
  }

 private:
  std::atomic<bool> ended_ = false;
  std::uint64_t rounds_ = 0;
  std::thread thread_;  // Last: it uses both.
};

void forget_cache(const Options& options) {
  for (const auto& file : std::filesystem::directory_iterator(options.folder)) {
    const UniqueFd fd(open(file.path().c_str(), O_RDONLY | O_CLOEXEC));
    fsync(fd.get());
    posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
}

void measure_reports(const Options& options, bool cold) {
  if (cold) forget_cache(options);
  Plant plant(options);
  if (!cold) plant.reports(options.reports, {});
  Json line{{"phase", cold ? "reports, nothing in memory" : "reports"},
            {"reports", options.reports}};
  line.update(percentiles(plant.reports(options.reports, {})));
  std::cout << line << std::endl;
}

void measure_busy(const Options& options) {
  Plant plant(options);
  Movement movement(plant.counters(), options.proxies);
  const auto from = std::chrono::floor<std::chrono::minutes>(wall_now());
  plant.fold_each_second();
  plant.reports(20, std::chrono::milliseconds(100));  // The first fold is of everything.
  const auto bytes = written();
  const auto cpu = plant.store_seconds();
  const auto began = Clock::now();
  std::vector<double> took;
  while (Clock::now() - began < std::chrono::seconds(options.seconds)) {
    const auto more = plant.reports(20, std::chrono::milliseconds(17));
    took.insert(took.end(), more.begin(), more.end());
  }
  const auto seconds = milliseconds(Clock::now() - began) / 1000;
  const auto used = plant.store_seconds() - cpu;
  const auto sent = written() - bytes;
  const auto rounds = movement.end();
  const auto sum = plant.report(options.proxies, from, wall_now() + std::chrono::seconds(1));
  check(sum.incoming == rounds * 2 * 12'345 && sum.outgoing == rounds * 2 * 678, "wrong count");
  plant.stop();
  Json line{{"phase", "busy"}, {"active_proxies", options.proxies}, {"reports", took.size()}};
  line.update(percentiles(took));
  line["store_cpu"] = used / seconds;
  line["written_per_minute"] = double(sent) / seconds * 60;
  std::cout << line << std::endl;
}

void measure_backup(const Options& options) {
  const auto path = options.folder + "/backup.db";
  std::filesystem::remove(path);
  Plant plant(options);
  Movement movement(plant.counters(), options.proxies);
  plant.fold_each_second();
  plant.reports(20, std::chrono::milliseconds(100));
  const auto began = Clock::now();
  const auto took = plant.reports_during_backup(path);
  const auto seconds = milliseconds(Clock::now() - began) / 1000;
  movement.end();
  plant.stop();
  Json line{{"phase", "backup"}, {"seconds", seconds}, {"reports", took.size()}};
  line.update(percentiles(took));
  line["bytes"] = std::filesystem::file_size(path);
  std::cout << line << std::endl;
  std::filesystem::remove(path);
}

void measure_pack(const Options& options) {
  auto database = must(Database::open(options.folder + "/airlane.db"));
  must(database->execute("DELETE FROM traffic_recent"));
  std::mt19937_64 random(3);
  const auto hour = unix_seconds(wall_now()) / kHour + 365L * 24;  // Nothing else is there.
  {
    auto transaction = must(Transaction::begin(*database));
    for (auto minute = hour * 60; minute < (hour + 1) * 60; ++minute) {
      for (std::int64_t proxy = 1; proxy <= options.proxies; ++proxy) {
        const auto moved = some_minute(random);
        must(database->execute("INSERT INTO traffic_recent VALUES (?1, ?2, ?3, ?4)", minute, proxy,
                               static_cast<std::int64_t>(moved.incoming),
                               static_cast<std::int64_t>(moved.outgoing)));
      }
    }
    must(transaction.commit());
  }
  // Nothing else is old.
  Aging aging({.minutes = std::chrono::days(4'000), .hours = std::chrono::days(4'000)});
  const auto now = from_unix((hour + 1) * kHour);
  const auto bytes = written();
  std::vector<double> steps;
  for (bool more = true; more;) {
    const auto began = Clock::now();
    more = must(aging.step(*database, now));
    steps.push_back(milliseconds(Clock::now() - began));
  }
  Json line{{"phase", "pack"}, {"minutes", options.proxies * 60}, {"steps", steps.size()}};
  line.update(percentiles(steps));
  line["written"] = written() - bytes;
  std::cout << line << std::endl;
  must(database->execute("DELETE FROM traffic_minutes WHERE hour = ?1", hour));
  must(database->execute("DELETE FROM traffic_hours WHERE hour = ?1", hour));
}

}  // namespace
}  // namespace airlane::bench

int main(int argc, char** argv) try {
  using namespace airlane::bench;
  Options options;
  CLI::App app("Measures the traffic side of the store.", "airlane-bench-usage");
  app.add_option("--folder", options.folder, "For the database; one that is there is filled up")
      ->required();
  app.add_option("--proxies", options.proxies, "How many");
  app.add_option("--days", options.days, "Of minutes");
  app.add_option("--reports", options.reports, "To be timed");
  app.add_option("--seconds", options.seconds, "For the busy phase");
  CLI11_PARSE(app, argc, argv);
  fill(options);
  measure_reports(options, true);
  measure_reports(options, false);
  measure_busy(options);
  measure_backup(options);
  measure_pack(options);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "airlane-bench-usage: %s\n", error.what());
  return 1;
}
