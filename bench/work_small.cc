// Work in small pieces: connections that live for one exchange, and exchanges on long-lived
// tunnels.
#include <cstring>
#include <memory>

#include "bench/client.h"
#include "bench/net.h"

namespace airlane::bench {
namespace {

constexpr std::size_t kMessage = 64;

// 'E', for the origin's echo, and something that no other message has.
std::string message_of(std::uint64_t number) {
  std::string message(kMessage, 'E');
  std::memcpy(message.data() + 1, &number, sizeof number);
  return message;
}

// Sends a message and waits until it is back, whole and unchanged.
class EchoClient : public Client {
 public:
  explicit EchoClient(Load& load) : Client(load) {}

 protected:
  virtual void echoed() = 0;

  void send_message() {
    message_ = message_of(++number_);
    received_.clear();
    send_all(message_);
  }
  void serve(std::uint32_t events) override {
    if (events != 0 && !(events & kReadable)) return;
    char bytes[kMessage];
    const auto n = read_some(fd_.get(), bytes, kMessage - received_.size());
    if (n == kWouldBlock) return;
    if (n <= 0) return fail("read an echo");
    received_.append(bytes, static_cast<std::size_t>(n));
    if (received_.size() < kMessage) {
      load_.poller.again(*this);  // The rest may have come with the same edge.
      return;
    }
    if (received_ != message_) die("an echo came back changed");
    echoed();
  }

 private:
  std::string message_, received_;
  std::uint64_t number_ = 0;
};

class Connector : public EchoClient {
 public:
  Connector(Load& load, std::uint64_t& done) : EchoClient(load), done_(done) {}

 private:
  void opened() override { send_message(); }
  void echoed() override {
    load_.add_latency(began());
    if (load_.measuring()) ++done_;
    close();
    open();
  }
  std::uint64_t& done_;
};

class Pinger : public EchoClient {
 public:
  Pinger(Load& load, std::uint64_t& done) : EchoClient(load), done_(done) {}

 private:
  void opened() override { ping(); }
  void ping() {
    sent_ = Monotonic::now();
    send_message();
  }
  void echoed() override {
    load_.add_latency(sent_);
    if (load_.measuring()) ++done_;
    ping();
  }
  std::uint64_t& done_;
  Monotonic::time_point sent_;
};

class Idler : public EchoClient {
 public:
  explicit Idler(Load& load) : EchoClient(load) {}
  [[nodiscard]] bool has_echoed() const { return echoed_; }

 private:
  void opened() override { send_message(); }
  void echoed() override { echoed_ = true; }
  bool echoed_ = false;
};

using Idlers = std::vector<std::unique_ptr<Idler>>;

Idlers open_idlers(Load& load) {
  Idlers idlers;
  for (unsigned i = 0; i < load.options.n; ++i) idlers.push_back(std::make_unique<Idler>(load));
  open_all(load, idlers);
  std::size_t echoed = 0;
  const auto waits = [&] {
    while (echoed < idlers.size() && idlers[echoed]->has_echoed()) ++echoed;
    return echoed < idlers.size();
  };
  if (!load.poller.run_while(waits, load.start_deadline())) die("an idle tunnel never echoed");
  return idlers;
}

}  // namespace

Findings run_connect(Load& load) {
  std::uint64_t done = 0;
  std::vector<std::unique_ptr<Connector>> connectors;
  for (unsigned i = 0; i < load.options.n; ++i) {
    connectors.push_back(std::make_unique<Connector>(load, done));
    connectors.back()->open();
  }
  load.measure([] {}, [] {});
  Findings found;
  found.done = static_cast<double>(done);
  found.value = found.done / load.window.seconds();
  found.unit = "connections/s";
  found.cpu_unit = "s/1000 connections";
  found.cpu_scale = 1000;
  found.has_latencies = true;
  return found;
}

Findings run_ping(Load& load) {
  std::uint64_t done = 0;
  std::vector<std::unique_ptr<Pinger>> pingers;
  for (unsigned i = 0; i < load.options.n; ++i)
    pingers.push_back(std::make_unique<Pinger>(load, done));
  open_all(load, pingers);
  load.measure([] {}, [] {});
  Findings found;
  found.done = static_cast<double>(done);
  found.value = found.done / load.window.seconds();
  found.unit = "round trips/s";
  found.cpu_unit = "us/round trip";
  found.cpu_scale = 1e6;
  found.has_latencies = true;
  return found;
}

// Twice: what is still held after the first crowd has gone must serve the second.
Findings run_idle(Load& load) {
  const auto user = load.proxy.memory();
  const auto kernel = kernel_memory();
  auto idlers = open_idlers(load);
  // What a proxy does once for those who stay has been done then.
  load.poller.run_until(Monotonic::now() + std::chrono::seconds(2));
  load.measure([] {}, [] {});
  const auto held = load.proxy.memory();
  const auto kernel_held = kernel_memory();
  idlers.clear();
  load.poller.run_until(Monotonic::now() + std::chrono::seconds(1));
  const auto closed = load.proxy.memory();
  idlers = open_idlers(load);
  load.poller.run_until(Monotonic::now() + std::chrono::milliseconds(500));
  const auto again = load.proxy.memory();

  const double n = load.options.n;
  Findings found;
  found.value = (held.rss_kib - user.rss_kib) / n;
  found.unit = "KiB/tunnel";
  found.done = load.window.seconds();
  found.cpu_unit = "us/s";
  found.cpu_scale = 1e6;
  found.more["private_kib"] = (held.private_kib - user.private_kib) / n;
  found.more["rss_kib"] = held.rss_kib;
  found.more["rss_kib_before"] = user.rss_kib;
  found.more["rss_kib_closed"] = closed.rss_kib;
  found.more["rss_kib_second"] = again.rss_kib;
  found.more["slab_kib"] = (kernel_held.slab_kib - kernel.slab_kib) / n;
  found.more["tcp_kib"] = (kernel_held.tcp_kib - kernel.tcp_kib) / n;
  found.more["available_kib"] = (kernel.available_kib - kernel_held.available_kib) / n;
  found.more["descriptors"] = static_cast<double>(held.descriptors - user.descriptors) / n;
  found.more["descriptors_left"] = static_cast<double>(closed.descriptors - user.descriptors);
  return found;
}

}  // namespace airlane::bench
