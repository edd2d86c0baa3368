#include "bench/net.h"
#include "bench/stalled.h"

namespace airlane::bench {
namespace {

class StalledReader : public Client {
 public:
  explicit StalledReader(Load& load) : Client(load) { receive_buffer_ = 32 * 1024; }

 private:
  // An origin with a small queue, so that what is held is the proxy's.
  void opened() override { send_all("d"); }
  void serve(std::uint32_t events) override {
    if (events & (EPOLLERR | EPOLLHUP)) fail("keep a stalled download");
  }
};

}  // namespace

StalledReaders::StalledReaders(Load& load, unsigned count) {
  for (unsigned i = 0; i < count; ++i) clients_.push_back(std::make_unique<StalledReader>(load));
  open_all(load, clients_);
  if (count == 0) return;
  // Until the queues on the way are full, the origin is busy with them.
  load.poller.run_until(Monotonic::now() + std::chrono::seconds(3));
}

Findings run_stalled(Load& load) {
  const auto user = load.proxy.memory();
  const auto kernel = kernel_memory();
  const StalledReaders readers(load, load.options.n);
  load.measure([] {}, [] {});  // Queues fill, and then nothing should happen any more.
  const auto user_then = load.proxy.memory();
  const auto kernel_then = kernel_memory();

  const double n = load.options.n;
  Findings found;
  found.value = (user_then.rss_kib - user.rss_kib) / n;
  found.unit = "KiB/reader";
  found.done = load.window.seconds();
  found.cpu_unit = "us/s";
  found.cpu_scale = 1e6;
  found.more["private_kib"] = (user_then.private_kib - user.private_kib) / n;
  found.more["tcp_kib"] = (kernel_then.tcp_kib - kernel.tcp_kib) / n;
  found.more["available_kib"] = (kernel.available_kib - kernel_then.available_kib) / n;
  return found;
}

}  // namespace airlane::bench
