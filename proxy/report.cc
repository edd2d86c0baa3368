#include "proxy/report.h"

#include <sys/socket.h>

#include <algorithm>

#include "proxy/access_log.h"
#include "proxy/farewell.h"
#include "proxy/flow.h"
#include "proxy/session.h"
#include "proxy/tally.h"

namespace airlane {
namespace {

constexpr std::array kTimed{Detect::kName, Authenticate::kName, Resolve::kName, Connect::kName};

std::string_view name_of(std::size_t stage) { return Session::stage_names()[stage]; }

bool is_last(std::size_t stage) { return name_of(stage) == Farewell::kName; }

// Adds the time since the last change to the stage that was at work meanwhile.
void clock_stage(AccessRecord& record, std::size_t stage, Monotonic::time_point now) {
  const auto since = std::exchange(record.entered, now);
  if (is_last(stage)) return;
  const auto timing = std::find(kTimed.begin(), kTimed.end(), name_of(stage)) - kTimed.begin();
  auto& spent = record.spent[static_cast<std::size_t>(timing)];  // kRelay when it is none of them.
  spent = std::max(spent, AccessRecord::Time(0)) +
          std::chrono::duration_cast<AccessRecord::Time>(now - since);
}

std::optional<Address> peer_of(int fd) {
  sockaddr_storage storage;
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (getpeername(fd, address, &size) != 0) return std::nullopt;
  return Address::from_sockaddr(address);
}

}  // namespace

void Report::begin(Flow& flow, std::uint16_t port) {
  flow.counters.record = std::make_unique<AccessRecord>();
  auto& record = *flow.counters.record;
  record.begun = Wall::now();
  record.entered = record.started = flow.bench.reactor.now();
  record.port = port;
  if (flow.handshake->proxy_header) record.front = flow.source;
}

void Report::enter(std::size_t stage, const Flow& flow) {
  if (auto* const record = flow.counters.record.get()) {
    clock_stage(*record, stage_, flow.bench.reactor.now());
    if (name_of(stage) == Resolve::kName) record->address.reset();
    // Asked of the kernel, because whoever connected may have had the choice of several.
    if (flow.upstream && !record->address) record->address = peer_of(flow.upstream.fd());
  }
  stage_ = static_cast<std::uint8_t>(stage);
  if (!is_last(stage)) reached_ = std::max(reached_, stage_);
}

void Report::request(const Flow& flow) {
  auto* const record = flow.counters.record.get();
  if (!record) return;
  ++record->requests;
  const auto& target = flow.handshake->target;
  record->target = target.host.empty() ? std::string() : target.to_string();
  record->address.reset();
  if (flow.egress) record->interface = flow.egress->interface;
}

void Report::fail(const Error& error, const Flow& flow) {
  if (error_) return;
  error_ = error.code;
  reached_ = stage_;
  if (auto* const record = flow.counters.record.get()) {
    record->error = metric_label(error.code);
    record->reason = error.during;
    record->os_error = error.os_error;
  }
}

void Report::end(const Flow& flow, Tally& tally, AccessLog* log, unsigned worker) const {
  const std::size_t error = error_ ? static_cast<std::size_t>(*error_) + 1 : 0;
  Tally::add(tally.ended[reached_][error]);
  Tally::add(tally.protocols[static_cast<std::size_t>(flow.protocol)]);
  auto* const record = flow.counters.record.get();
  if (!record || !log) return;
  const auto now = flow.bench.reactor.now();
  clock_stage(*record, stage_, now);
  record->total = std::chrono::duration_cast<AccessRecord::Time>(now - record->started);
  if (flow.proxy) record->proxy = flow.proxy->id;
  record->client = flow.source;
  record->protocol = label(flow.protocol);
  record->stage = name_of(reached_);
  log->add(worker, *record);
}

}  // namespace airlane
