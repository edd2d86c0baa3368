#include <cstring>
#include <memory>

#include "bench/client.h"
#include "bench/net.h"
#include "bench/origin.h"

namespace airlane::bench {
namespace {

constexpr int kTurns = 4;  // Chunks before another stream gets its turn.

struct Total {
  std::uint64_t bytes = 0;
  std::uint64_t wrong_reads = 0;
};

class Download : public Client {
 public:
  Download(Load& load, Total& total) : Client(load), total_(total) {}

 private:
  void opened() override {
    position_ = 0;
    send_all("D");
  }
  void serve(std::uint32_t events) override {
    if (events != 0 && !(events & kReadable)) return;
    auto& buffer = load_.buffer;
    const bool check = load_.options.check;
    for (int turn = 0; turn < kTurns; ++turn) {
      const auto n = read_some(fd_.get(), buffer.data(), buffer.size(), check ? 0 : MSG_TRUNC);
      if (n == kWouldBlock) return;
      if (n <= 0) return fail("go on with a download");
      const auto size = static_cast<std::size_t>(n);
      if (check && !load_.pattern.matches(position_, buffer.data(), size)) ++total_.wrong_reads;
      position_ += size;
      total_.bytes += size;
      if (size < buffer.size()) return;
    }
    load_.poller.again(*this);
  }

  Total& total_;
  std::uint64_t position_ = 0;
};

class Upload : public Client {
 public:
  explicit Upload(Load& load) : Client(load) {}

 private:
  void opened() override {
    position_ = 0;
    send_all("U");
    if (is_open()) serve(EPOLLOUT);
  }
  void serve(std::uint32_t events) override {
    if (events & kHangup) return fail("go on with an upload");
    for (int turn = 0; turn < kTurns; ++turn) {
      const auto n = write_some(fd_.get(), load_.pattern.at(position_), Pattern::kChunk);
      if (n == kWouldBlock) return;
      if (n == kBroken) return fail("go on with an upload");
      position_ += static_cast<std::uint64_t>(n);
    }
    load_.poller.again(*this);
  }

  std::uint64_t position_ = 0;
};

// Asks the origin, through the proxy, what has arrived: what was sent may still be in queues.
class SinkReporter : public Client {
 public:
  explicit SinkReporter(Load& load) : Client(load) {}

  SinkTotals ask() {
    waiting_ = true;
    send_all("S");
    const auto waits = [this] { return waiting_; };
    if (!load_.poller.run_while(waits, load_.start_deadline())) die("the origin does not answer");
    return totals_;
  }

 private:
  void opened() override {}
  void serve(std::uint32_t) override {
    SinkTotals answer;
    const auto n = read_some(fd_.get(), &answer, sizeof answer);
    if (n == kWouldBlock || !waiting_) return;
    if (n != sizeof answer) die("a report of the origin was cut short");
    totals_ = answer;
    waiting_ = false;
  }

  bool waiting_ = false;
  SinkTotals totals_;
};

Findings findings_of(const Load& load, std::uint64_t bytes, std::uint64_t wrong) {
  Findings found;
  found.done = static_cast<double>(bytes) / 1e9;
  found.value = found.done / load.window.seconds();
  found.unit = "GB/s";
  found.cpu_unit = "s/GB";
  found.more["wrong_reads"] = static_cast<double>(wrong);
  return found;
}

Findings run_down(Load& load) {
  Total total;
  std::vector<std::unique_ptr<Download>> streams;
  for (unsigned i = 0; i < load.options.n; ++i) {
    streams.push_back(std::make_unique<Download>(load, total));
  }
  open_all(load, streams);
  std::uint64_t before = 0;
  std::uint64_t bytes = 0;
  load.measure([&] { before = total.bytes; }, [&] { bytes = total.bytes - before; });
  return findings_of(load, bytes, total.wrong_reads);
}

Findings run_up(Load& load) {
  std::vector<std::unique_ptr<SinkReporter>> reporters;
  reporters.push_back(std::make_unique<SinkReporter>(load));
  open_all(load, reporters);
  std::vector<std::unique_ptr<Upload>> streams;
  for (unsigned i = 0; i < load.options.n; ++i) streams.push_back(std::make_unique<Upload>(load));
  open_all(load, streams);
  SinkTotals before, after;
  load.measure([&] { before = reporters[0]->ask(); }, [&] { after = reporters[0]->ask(); });
  return findings_of(load, after.bytes - before.bytes, after.wrong_reads);
}

}  // namespace

Findings run_bulk(Load& load, bool up) { return up ? run_up(load) : run_down(load); }

}  // namespace airlane::bench
