#include "control/kernel.h"

#include <map>
#include <utility>

#include "base/log.h"
#include "netlink/addresses.h"
#include "netlink/links.h"
#include "netlink/rp_filter.h"
#include "netlink/rtnl_socket.h"

namespace airlane {
namespace {

class NetlinkKernel final : public Kernel {
 public:
  NetlinkKernel(Loop& loop, RtnlSocket socket) : loop_(loop), socket_(std::move(socket)) {}

  Outcome<Done> watch(Watch::OnChange on_change, Watch::OnOverrun on_overrun) override {
    auto watch = Watch::open(loop_, socket_, on_change, on_overrun);
    if (!watch) return watch.error();
    watch_ = *std::move(watch);
    return Done{};
  }

  Outcome<EgressState> install(const EgressPlan& plan) override {
    return airlane::install(socket_, plan);
  }

  Outcome<Done> remove(const EgressPlan& plan) override { return airlane::remove(socket_, plan); }

  Outcome<Done> remove_leftovers(std::span<const EgressPlan> keep) override {
    return airlane::remove_leftovers(socket_, keep);
  }

  Outcome<std::vector<HostAddress>> addresses() override {
    const auto links = read_links(socket_);
    if (!links) return links.error();
    const auto found = read_addresses(socket_);
    if (!found) return found.error();
    std::map<int, std::string> names;
    for (const auto& link : *links) names[link.index] = link.name;
    std::vector<HostAddress> all;
    for (const auto& address : *found) all.push_back({names[address.link_index], address.ip});
    return all;
  }

 private:
  Loop& loop_;
  RtnlSocket socket_;
  std::unique_ptr<Watch> watch_;  // Goes before the socket whose changes it knows.
};

}  // namespace

Outcome<std::unique_ptr<Kernel>> open_kernel(Loop& loop) {
  auto socket = RtnlSocket::open();
  if (!socket) return socket.error();
  if (const auto warning = rp_filter_warning(); !warning.empty()) log::warning(warning);
  return std::unique_ptr<Kernel>(std::make_unique<NetlinkKernel>(loop, *std::move(socket)));
}

}  // namespace airlane
