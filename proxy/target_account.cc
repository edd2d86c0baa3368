#include "proxy/target_account.h"

#include "proxy/target_reports.h"

namespace airlane {

void TargetAccount::begin(std::string_view host, std::uint16_t port) {
  record_.set_host(host);
  record_.port = port;
  record_.connections = 0;
}

void TargetAccount::tell(const Moved& all, std::int64_t proxy, std::uint32_t kept,
                         TargetReports& to, unsigned worker) {
  record_.proxy = proxy;
  record_.day = day_of(wall_now());
  record_.kept = kept;
  record_.incoming = all.incoming - told_.incoming;
  record_.outgoing = all.outgoing - told_.outgoing;
  told_ = all;
  if (datagrams_) {
    datagrams_->tell([&](const DatagramTargets::Entry& entry) {
      TargetRecord one = record_;
      one.set_host(entry.host);
      one.port = entry.address.port();
      one.incoming = entry.incoming;
      one.outgoing = entry.outgoing;
      one.connections = entry.is_new ? 1 : 0;
      record_.incoming -= entry.incoming;  // What is left is of those that found no place.
      record_.outgoing -= entry.outgoing;
      if (kept > 0) to.add(worker, one);
    });
  }
  if (kept > 0 && record_.says_something()) to.add(worker, record_);
  record_.connections = 0;
}

}  // namespace airlane
