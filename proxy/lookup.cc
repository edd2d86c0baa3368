#include "proxy/lookup.h"

#include "base/event/alarm.h"
#include "base/event/reactor.h"
#include "proxy/resolver.h"

namespace airlane {
namespace {

Failure unavailable(const std::string& host, const std::string& why) {
  return {Failure::Kind::kUnavailable, "cannot resolve " + host + " through the dongle: " + why};
}

}  // namespace

Outcome<Address> resolve_through(const Egress& egress, const std::string& host,
                                 std::chrono::milliseconds limit, const std::stop_token& stop) {
  Reactor reactor;
  const auto end = Callback<void()>::to<&Reactor::stop>(reactor);
  auto resolver = Resolver::make(reactor, egress.interface, egress.dns_servers, 1);
  if (!resolver) return unavailable(host, describe(resolver.error()));
  Alarm deadline(reactor, end);
  deadline.start(limit);
  Resolver::Query query(end);
  (*resolver)->ask(query, host, AF_INET);
  const std::stop_callback stopped(stop,
                                   [&reactor] { reactor.post([&reactor] { reactor.stop(); }); });
  if (!query.answer()) reactor.run();
  if (!query.answer()) return unavailable(host, "its name servers did not answer in time");
  if (!*query.answer()) return unavailable(host, describe(query.answer()->error()));
  return query.answer()->operator*().front();
}

}  // namespace airlane
