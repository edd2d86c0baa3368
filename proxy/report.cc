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

// Whether a stage is one that ends with a connection to the target.
bool is_made(std::size_t stage) {
  return name_of(stage) == Connect::kName || name_of(stage) == Bind::kName;
}

// Whoever has come to a client that waited for anybody is its target.
void note_connected(TargetAccount& targets, const Flow& flow) {
  if (flow.errand == Errand::kBind && names_nobody(flow.handshake->target)) {
    const auto& peer = flow.handshake->candidates.front();
    targets.begin(peer.ip(), peer.port());
  }
  targets.connected();
}

std::optional<Address> peer_of(int fd) {
  sockaddr_storage storage;
  socklen_t size = sizeof storage;
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (getpeername(fd, address, &size) != 0) return std::nullopt;
  return Address::from_sockaddr(address);
}

void note_stage(AccessRecord& record, std::size_t before, std::size_t now, const Flow& flow) {
  clock_stage(record, before, flow.bench.reactor.now());
  if (name_of(now) == Resolve::kName) record.address.reset();
  // Asked of the kernel, because whoever connected may have had the choice of several.
  if (flow.upstream && !record.address) record.address = peer_of(flow.upstream.fd());
}

void note_request(AccessRecord& record, const Flow& flow) {
  ++record.requests;
  const auto& target = flow.handshake->target;
  record.target = target.host.empty() ? std::string() : target.to_string();
  record.address.reset();
  if (flow.egress) record.interface = flow.egress->interface;
  record.credential = flow.credential ? std::string_view(flow.credential->account->username) : "";
}

// The account of the connection, made when it has none.
TargetAccount& account_of(Flow& flow) {
  auto& own = flow.counters.particulars();
  if (!own.targets) {
    own.targets = std::make_unique<TargetAccount>(TargetAccount::Moved{own.incoming, own.outgoing});
  }
  return *own.targets;
}

void begin_target(Flow& flow) {
  auto& account = account_of(flow);
  if (flow.errand == Errand::kAssociate) return account.begin_datagrams();
  account.begin(flow.handshake->target.host, flow.handshake->target.port);
}

}  // namespace

void Report::begin(Flow& flow, std::uint16_t port) {
  auto& particulars = flow.counters.particulars();
  particulars.record = std::make_unique<AccessRecord>();
  auto& record = *particulars.record;
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
  if (auto* const own = flow.counters.own.get()) {
    if (own->record) note_stage(*own->record, stage_, stage, flow);
    if (own->targets && is_made(stage_) && name_of(stage) == Relay::kName) {
      note_connected(*own->targets, flow);
    }
  }
  stage_ = static_cast<std::uint8_t>(stage);
  if (!is_last(stage)) reached_ = std::max(reached_, stage_);
}

void Report::request(Flow& flow) {
  if (auto* const record = flow.counters.record()) note_request(*record, flow);
  if (flow.proxy->targets_kept > 0) begin_target(flow);
}

void Report::tell_targets(const Flow& flow, TargetReports* reports, unsigned worker) {
  auto* const targets = flow.counters.targets();
  if (!targets || !reports) return;
  const auto& own = *flow.counters.own;
  targets->tell({own.incoming, own.outgoing}, flow.proxy->id, flow.proxy->targets_kept, *reports,
                worker);
}

// Whom a tunnel leads to that has begun before is not known any more.
void Report::follow(Flow& flow) {
  if (flow.proxy->targets_kept == 0 || flow.counters.targets()) return;
  auto& account = account_of(flow);
  if (flow.errand == Errand::kAssociate) account.begin_datagrams();
}

void Report::fail(const Error& error, const Flow& flow) {
  if (error_) return;
  error_ = error.code;
  reached_ = stage_;
  if (auto* const record = flow.counters.record()) note(*record, error);
}

void Report::end(const Flow& flow, Tally& tally, AccessLog* log, unsigned worker) const {
  if (flow.bridge && flow.bridge->inside == Inside::kStream) {
    Tally::add(tally.streams_ended[reached_][column_of(error_)]);
  } else {
    Tally::add(tally.ended[reached_][column_of(error_)]);
    Tally::add(tally.protocols[static_cast<std::size_t>(flow.protocol)]);
  }
  auto* const record = flow.counters.record();
  if (!record || !log) return;
  record->incoming = flow.counters.own->incoming;
  record->outgoing = flow.counters.own->outgoing;
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
