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

// Of a Tally's table.
std::size_t column_of(const std::optional<Errc>& error) {
  return error ? static_cast<std::size_t>(*error) + 1 : 0;
}

void note(AccessRecord& record, const Error& error) {
  record.error = metric_label(error.code);
  record.reason = error.during;
  record.os_error = error.os_error;
}

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
  record.started = flow.bench.reactor.now();
  record.port = port;
  if (flow.handshake->proxy_header) record.front = flow.source;
  if (flow.bridge) record.front = flow.bridge->origin->balancer;
  if (flow.bridge && flow.bridge->inside == Inside::kConnection) {
    record.begun = flow.bridge->origin->begun;
    record.started = flow.bridge->origin->started;
  }
  record.entered = record.started;
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
  record->credential = flow.credential ? std::string_view(flow.credential->account->username) : "";
}

void Report::fail(const Error& error, const Flow& flow) {
  if (error_) return;
  error_ = error.code;
  reached_ = stage_;
  if (auto* const record = flow.counters.record.get()) note(*record, error);
}

void Report::end(const Flow& flow, Tally& tally, AccessLog* log, unsigned worker) const {
  if (flow.bridge && flow.bridge->inside == Inside::kStream) {
    Tally::add(tally.streams_ended[reached_][column_of(error_)]);
  } else {
    Tally::add(tally.ended[reached_][column_of(error_)]);
    Tally::add(tally.protocols[static_cast<std::size_t>(flow.protocol)]);
  }
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

void Report::end_front(const Origin& client, const Error* why, Monotonic::time_point now,
                       Tally& tally, AccessLog* log, unsigned worker) {
  if (client.served == Inside::kConnection) return;
  constexpr std::size_t kFirst = 0;
  const auto error = why ? std::optional(why->code) : std::nullopt;
  Tally::add(tally.ended[kFirst][column_of(error)]);
  Tally::add(tally.protocols[static_cast<std::size_t>(Protocol::kTls)]);
  if (client.served || !log) return;
  AccessRecord record;
  record.begun = client.begun;
  record.started = client.started;
  record.proxy = client.proxy;
  record.port = client.port;
  record.client = client.source;
  record.front = client.balancer;
  record.protocol = label(Protocol::kTls);
  record.stage = name_of(kFirst);
  if (why) note(record, *why);
  record.total = std::chrono::duration_cast<AccessRecord::Time>(now - client.started);
  record.spent[AccessRecord::kDetect] = record.total;
  log->add(worker, record);
}

}  // namespace airlane
