#include "sim/farm.h"

#include <net/if.h>
#include <unistd.h>

#include "base/log.h"
#include "sim/command.h"
#include "sim/leftovers.h"

namespace airlane::sim {

Outcome<std::unique_ptr<Farm>> Farm::create(Loop& loop, const FarmOptions& options) {
  if (const auto ready = check_machine(); !ready) return ready.error();
  auto host = Namespace::current();
  if (!host) return host.error();
  if (const auto clear = clear_leftovers(*host, options.prefix, options.dongles); !clear) {
    return clear.error();
  }
  auto internet = Internet::create(loop, options.ipv6);
  if (!internet) return internet.error();
  std::unique_ptr<Farm> farm(new Farm(loop, std::move(*host), std::move(*internet), options));
  if (const auto made = farm->make_dongles(options); !made) return made.error();
  return farm;
}

Farm::Farm(Loop& loop, Namespace host, std::unique_ptr<Internet> internet,
           const FarmOptions& options)
    : host_(std::move(host)),
      internet_(std::move(internet)),
      pool_(options.seed),
      world_{loop, host_, internet_->space(), pool_, options.ipv6} {}

// The links of all dongles go into one batch per namespace: hundreds take seconds, not minutes.
Outcome<Done> Farm::make_dongles(const FarmOptions& options) {
  std::string in_host;
  std::string in_internet;
  for (int i = 0; i < options.dongles; ++i) {
    auto modem = Modem::create(world_, i, options.prefix + std::to_string(i), options.settings);
    if (!modem) return modem.error();
    const auto& wire = (*modem)->wire();
    in_host += plug_in_host(wire);
    in_internet += wire_in_internet(wire) + attach_in_internet(wire, (*modem)->last_ip());
    modems_.push_back(std::move(*modem));
  }
  wired_ = true;
  if (auto ran = host_.ip(in_host); !ran) return ran;
  if (auto ran = internet_->space().ip(in_internet); !ran) return ran;
  for (auto& modem : modems_) {
    if (auto started = modem->start(options.hilink); !started) return started;
  }
  return Done();
}

// The namespaces go with their descriptors; only the host ends would take a moment longer.
Farm::~Farm() {
  if (!wired_) return;
  const auto ran = host_.ip("link delete group " + std::to_string(getpid()) + "\n");
  if (!ran) log::warning(ran.error().text);
}

unsigned Farm::ifindex(const Modem& modem) const {
  const Inside inside(host_);
  return if_nametoindex(modem.wire().interface.c_str());
}

}  // namespace airlane::sim
