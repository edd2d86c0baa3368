// What the works of the load generator share: what was asked for, the loop, and the window in which
// the measurement is taken. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/histogram.h"
#include "bench/pattern.h"
#include "bench/poller.h"
#include "bench/processes.h"
#include "bench/route.h"

namespace airlane::bench {

struct LoadOptions {
  std::string work, proxy, target;
  unsigned n = 1;              // Streams, tunnels, connections or associations.
  double seconds = 2;          // Of the measurement.
  double warmup = 0.5;         // Before it, with everything already running.
  pid_t pid = 0;               // Of the proxy; 0: its cost is not measured.
  bool check = false;          // Compare every byte of the bulk works with the pattern.
  bool large = false;          // http: 100 KB instead of 1 KB.
  std::size_t datagram = 512;  // udp: payload bytes.
  unsigned stalled = 0;        // Further downloads that nobody reads, beside any work.
  double start_limit = 60;     // Seconds in which everything must be open.
};

// What a work found out. `per_unit` divides the processor time: seconds per GB, and so on.
struct Findings {
  double value = 0;
  std::string unit;
  double done = 0;  // Units of work in the window, for the cost of one.
  std::string cpu_unit;
  double cpu_scale = 1;  // From seconds per unit to cpu_unit.
  bool has_latencies = false;
  std::map<std::string, double> more;  // Further numbers, by name.
};

struct Window {
  Monotonic::time_point begin, end;
  double cpu_seconds = 0;
  double own_share = 0;  // Of the core, by the load generator itself.
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(end - begin).count();
  }
};

class Load {
 public:
  explicit Load(LoadOptions what);

  // Warms up, then measures; `at_begin` and `at_end` are called on the edges of the window.
  template <class AtBegin, class AtEnd>
  void measure(AtBegin at_begin, AtEnd at_end);

  // One failed connection. Too many of them end the program: there is no proxy to be measured.
  void count_failure(const char* during);
  [[nodiscard]] bool measuring() const { return measuring_; }
  void add_latency(Monotonic::time_point since);

  [[nodiscard]] Monotonic::time_point start_deadline() const;

  const LoadOptions options;
  const Route route;
  Poller poller;
  Pattern pattern;
  std::vector<char> buffer;  // Scratch for whoever is served.
  Processes proxy;
  Histogram latencies;  // Nanoseconds, of the window only.
  Window window;
  std::uint64_t failures = 0;
  std::function<void()> on_tick;  // About every 50 ms, while there is a measurement.

 private:
  static Monotonic::duration span(double seconds) {
    return std::chrono::duration_cast<Monotonic::duration>(std::chrono::duration<double>(seconds));
  }
  static double own_cpu_seconds();
  void run_ticking(Monotonic::time_point end);

  bool measuring_ = false;
};

template <class AtBegin, class AtEnd>
void Load::measure(AtBegin at_begin, AtEnd at_end) {
  run_ticking(Monotonic::now() + span(options.warmup));
  at_begin();
  const double cpu = proxy.cpu_seconds();
  const double own = own_cpu_seconds();
  window.begin = Monotonic::now();
  measuring_ = true;
  run_ticking(window.begin + span(options.seconds));
  measuring_ = false;
  window.end = Monotonic::now();
  window.own_share = (own_cpu_seconds() - own) / window.seconds();
  window.cpu_seconds = proxy.cpu_seconds() - cpu;
  at_end();
}

// The works; each runs to its end and says what it found.
Findings run_bulk(Load& load, bool up);
Findings run_connect(Load& load);
Findings run_ping(Load& load);
Findings run_idle(Load& load);
Findings run_stalled(Load& load);
Findings run_http(Load& load);
Findings run_udp(Load& load);

// The `load` subcommand: runs a work and prints one line of JSON.
int run_load(const LoadOptions& options);

}  // namespace airlane::bench
