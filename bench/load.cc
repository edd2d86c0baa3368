#include "bench/load.h"

#include <sys/resource.h>

#include <cstdio>
#include <iostream>
#include <nlohmann/json.hpp>

#include "bench/net.h"
#include "bench/stalled.h"

namespace airlane::bench {
namespace {

constexpr std::uint64_t kFailuresMax = 20'000;

Findings run(Load& load) {
  const auto& work = load.options.work;
  if (work == "down" || work == "up") return run_bulk(load, work == "up");
  if (work == "connect") return run_connect(load);
  if (work == "ping") return run_ping(load);
  if (work == "idle") return run_idle(load);
  if (work == "stalled") return run_stalled(load);
  if (work == "http") return run_http(load);
  if (work == "udp") return run_udp(load);
  die("unknown work " + work);
}

double micros(const Histogram& latencies, double share) {
  return static_cast<double>(latencies.quantile(share)) / 1000;
}

}  // namespace

Load::Load(LoadOptions what)
    : options(std::move(what)),
      route(Route::parse_or_die(options.proxy, options.target)),
      buffer(1 << 20),
      proxy(options.pid) {}

double Load::own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void Load::count_failure(const char* during) {
  if (++failures <= 3) std::cerr << "airlane-bench: could not " << during << '\n';
  if (failures > kFailuresMax) die("too many failures");
}

void Load::add_latency(Monotonic::time_point since) {
  if (!measuring_) return;
  const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Monotonic::now() - since);
  latencies.add(static_cast<std::uint64_t>(took.count()));
}

void Load::run_ticking(Monotonic::time_point end) {
  if (!on_tick) return poller.run_until(end);
  while (Monotonic::now() < end) {
    poller.run_until(std::min(end, Monotonic::now() + std::chrono::milliseconds(50)));
    on_tick();
  }
}

Monotonic::time_point Load::start_deadline() const {
  return Monotonic::now() + span(options.start_limit);
}

int run_load(const LoadOptions& options) {
  Load load(options);
  // The origin's own queues are kept small: they share the kernel's bound for TCP memory (tcp_mem)
  // with the proxy's here, which they would not with an origin on a machine of its own.
  const StalledReaders beside(load, options.stalled);
  const auto findings = run(load);
  nlohmann::json row = findings.more;
  row["work"] = options.work;
  row["n"] = options.n;
  row["value"] = findings.value;
  row["unit"] = findings.unit;
  row["seconds"] = load.window.seconds();
  row["failures"] = load.failures;
  row["load_share"] = load.window.own_share;
  if (options.pid != 0 && findings.done > 0) {
    row["cpu"] = load.window.cpu_seconds / findings.done * findings.cpu_scale;
    row["cpu_unit"] = findings.cpu_unit;
    row["cpu_share"] = load.window.cpu_seconds / load.window.seconds();
  }
  if (findings.has_latencies) {
    row["p50"] = micros(load.latencies, 0.5);
    row["p99"] = micros(load.latencies, 0.99);
    row["p99.9"] = micros(load.latencies, 0.999);
    row["max"] = static_cast<double>(load.latencies.max()) / 1000;
  }
  std::cout << row.dump() << std::endl;
  return 0;
}

}  // namespace airlane::bench
