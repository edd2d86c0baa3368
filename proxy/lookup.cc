#include "proxy/lookup.h"

#include "base/event/loop.h"
#include "base/event/timer.h"
#include "proxy/resolver.h"

namespace airlane {
namespace {

Failure unavailable(const std::string& host, const std::string& why) {
  return {Failure::Kind::kUnavailable, "cannot resolve " + host + " through the dongle: " + why};
}

}  // namespace

Outcome<Address> resolve_through(const Egress& egress, const std::string& host,
                                 std::chrono::milliseconds limit, const std::stop_token& stop) {
  Loop loop;
  const auto end = Callback<void()>::to<&Loop::stop>(loop);
  auto resolver = Resolver::make(loop, egress.interface, egress.dns_servers);
  if (!resolver) return unavailable(host, describe(resolver.error()));
  Timer deadline(loop, end);
  deadline.start(limit);
  Resolver::Query query(end);
  (*resolver)->ask(query, host, 0, false);
  const std::stop_callback stopped(stop, [&loop] { loop.post([&loop] { loop.stop(); }); });
  if (!query.answer()) loop.run_forever();
  if (!query.answer()) return unavailable(host, "its name servers did not answer in time");
  if (!*query.answer()) return unavailable(host, describe(query.answer()->error()));
  return query.answer()->operator*().front();
}

}  // namespace airlane
