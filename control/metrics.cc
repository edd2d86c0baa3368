#include "control/metrics.h"

#include <initializer_list>
#include <utility>

#include "control/farm.h"
#include "proxy/target_reports.h"

namespace airlane {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// One metric: its two lines of explanation, then its samples.
class Family {
 public:
  Family(std::string& out, std::string_view name, std::string_view type, std::string_view help)
      : out_(out), name_("airlane_") {
    name_ += name;
    out_ += "# HELP " + name_ + ' ' + std::string(help) + '\n';
    out_ += "# TYPE " + name_ + ' ' + std::string(type) + '\n';
  }

  void sample(std::uint64_t value, Labels labels = {}) {
    out_ += name_;
    char separator = '{';
    for (const auto& [name, text] : labels) {
      out_ += separator + std::string(name) + "=\"" + label_value(text) + '"';
      separator = ',';
    }
    out_ += labels.size() > 0 ? "} " : " ";
    out_ += std::to_string(value) + '\n';
  }

 private:
  std::string& out_;
  std::string name_;
};

std::string_view or_none(std::string_view text) { return text.empty() ? "none" : text; }

void append_rows(Family& family, const std::vector<Statistics::Ended>& rows) {
  for (const auto& row : rows) {
    family.sample(row.count, {{"stage", row.stage}, {"error", or_none(row.error)}});
  }
}

void append_log(std::string& out, const AccessLog& log) {
  Family(out, "access_log_lines_total", "counter", "Lines of the access log that were written.")
      .sample(log.written());
  Family(out, "access_log_dropped_total", "counter",
         "Lines of the access log that were dropped, because its file took them too slowly.")
      .sample(log.dropped());
}

void append_targets(std::string& out, const TargetReports& targets) {
  Family(out, "destination_reports_crowded_out_total", "counter",
         "Reports of a destination's bytes that lost its name, because the control plane took them "
         "too slowly.")
      .sample(targets.crowded_out());
}

void append_dongles(std::string& out, const Farm& farm) {
  Family up(out, "dongle_up", "gauge", "1 while connections can leave by the dongle.");
  for (const auto* dongle : farm.dongles()) {
    up.sample(farm.is_up(dongle->id) ? 1 : 0, {{"dongle", dongle->name}});
  }
}

void append_rotations(std::string& out, const Farm& farm) {
  {
    Family ended(out, "rotations_total", "counter",
                 "Rotations that have ended, by what became of the external IP.");
    for (const auto* dongle : farm.dongles()) {
      const auto tally = farm.jobs().tally(dongle->id);
      const auto& name = dongle->name;
      ended.sample(tally.changed, {{"dongle", name}, {"result", "changed"}});
      ended.sample(tally.unchanged, {{"dongle", name}, {"result", "unchanged"}});
      ended.sample(tally.unknown, {{"dongle", name}, {"result", "unknown"}});
      ended.sample(tally.failed, {{"dongle", name}, {"result", "failed"}});
    }
  }
  Family took(out, "rotation_seconds_total", "counter", "How long they have taken together.");
  for (const auto* dongle : farm.dongles()) {
    const auto time = farm.jobs().tally(dongle->id).took;
    took.sample(static_cast<std::uint64_t>(time.count()) / 1000, {{"dongle", dongle->name}});
  }
}

void append_bytes(std::string& out, const Farm& farm, CounterFile& counters) {
  Family bytes(out, "proxy_bytes_total", "counter",
               "Payload bytes received from (incoming) and sent to (outgoing) targets.");
  const auto workers = counters.shape().workers;
  for (const auto* proxy : farm.proxies()) {
    std::uint64_t incoming = 0;
    std::uint64_t outgoing = 0;
    for (std::uint32_t worker = 0; worker < workers; ++worker) {
      const auto& slot = counters.slot(proxy->counter_row, worker);
      incoming += slot.incoming.load(std::memory_order_relaxed);
      outgoing += slot.outgoing.load(std::memory_order_relaxed);
    }
    const auto id = std::to_string(proxy->id);
    const auto port = std::to_string(proxy->port);
    bytes.sample(incoming, {{"proxy", id}, {"port", port}, {"direction", "incoming"}});
    bytes.sample(outgoing, {{"proxy", id}, {"port", port}, {"direction", "outgoing"}});
  }
}

void append_datagrams(std::string& out, const Statistics& statistics) {
  Family dropped(out, "datagrams_dropped_total", "counter",
                 "Datagrams of UDP ASSOCIATE that were not passed on, by what stopped them.");
  for (const auto& row : statistics.datagrams_dropped) {
    dropped.sample(row.count, {{"reason", row.reason}});
  }
}

// Nothing where the kernel will not say.
void append_fingerprints(std::string& out, const Farm& farm) {
  const auto counts = farm.fingerprint_counts();
  if (!counts) return;
  Family syns(out, "fingerprint_syns_total", "counter",
              "SYNs of proxies with a fingerprint, by what the program in the kernel did: "
              "rewritten, or dropped for a reason.");
  for (const auto& [outcome, count] : {std::pair{"rewritten", counts->rewritten},
                                       {"malformed", counts->malformed},
                                       {"not_offered", counts->not_offered},
                                       {"other_scale", counts->other_scale},
                                       {"too_wide", counts->too_wide},
                                       {"failed", counts->failed},
                                       {"unknown_mark", counts->unknown}}) {
    syns.sample(count, {{"outcome", outcome}});
  }
}

}  // namespace

std::string label_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

void append_metrics(std::string& out, const Statistics& statistics) {
  Family(out, "connections_accepted_total", "counter", "Client connections that were taken.")
      .sample(statistics.accepted);
  Family(out, "connections_turned_away_total", "counter",
         "Client connections closed unanswered: more than [proxy] connections.")
      .sample(statistics.turned_away);
  Family(out, "clients_blocked_total", "counter",
         "Times that a client was blocked at a proxy for bringing too many wrong passwords.")
      .sample(statistics.clients_blocked);
  Family(out, "connections_active", "gauge", "Client connections that are open.")
      .sample(statistics.active);
  {
    Family ended(out, "connections_ended_total", "counter",
                 "Client connections that have ended, by the stage that they reached and by what "
                 "stopped them there.");
    append_rows(ended, statistics.ended);
  }
  Family(out, "streams_total", "counter", "Streams that clients have begun by HTTP/2.")
      .sample(statistics.streams);
  {
    Family ended(out, "streams_ended_total", "counter",
                 "Streams of HTTP/2 that have ended, by stage and error like connections.");
    append_rows(ended, statistics.streams_ended);
  }
  Family spoken(out, "connections_spoken_total", "counter",
                "Client connections that have ended, by their protocol.");
  for (const auto& row : statistics.spoken) {
    spoken.sample(row.count, {{"protocol", or_none(row.protocol)}});
  }
  append_datagrams(out, statistics);
}

std::string Metrics::text() const {
  std::string out;
  append_metrics(out, engine_.statistics());
  if (log_) append_log(out, *log_);
  append_targets(out, targets_);
  append_dongles(out, farm_);
  append_rotations(out, farm_);
  append_bytes(out, farm_, counters_);
  append_fingerprints(out, farm_);
  return out;
}

}  // namespace airlane
