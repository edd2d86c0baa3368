#include "control/kernel.h"

#include <net/if.h>

#include <array>
#include <map>
#include <utility>

#include "base/log.h"
#include "netlink/addresses.h"
#include "netlink/fingerprint/fingerprints.h"
#include "netlink/links.h"
#include "netlink/rp_filter.h"
#include "netlink/rtnl_socket.h"

namespace airlane {
namespace {

// 0 when there is none of that name. One that has it as another name beside its own is another's:
// no socket would be bound to it.
int index_of(const std::string& interface) {
  const auto index = if_nametoindex(interface.c_str());
  std::array<char, IF_NAMESIZE> name{};
  const bool is_its_own = index != 0 && if_indextoname(index, name.data()) == interface;
  return is_its_own ? static_cast<int>(index) : 0;
}

class NetlinkKernel final : public Kernel {
 public:
  NetlinkKernel(Loop& loop, RtnlSocket socket, Marks marks)
      : loop_(loop), socket_(std::move(socket)), marks_(marks) {}

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

  Outcome<Done> check_looks(const Recipe& recipe) override {
    if (auto good = check_host(recipe); !good) return good;
    return load_looks();
  }

  Outcome<Done> set_looks(std::uint32_t mark, const Recipe& recipe) override {
    if (auto loaded = load_looks(); !loaded) return loaded;
    return fingerprints_->set(mark, recipe);
  }

  Outcome<int> attach_looks(const std::string& interface, std::uint8_t ttl) override {
    if (auto loaded = load_looks(); !loaded) return loaded.error();
    const auto index = index_of(interface);
    if (index == 0) return 0;
    // The one before it, if it was plugged in again, is to be forgotten; not if it is another
    // dongle's, because the two have changed their names.
    const int before = std::exchange(dressed_[interface], index);
    if (before != 0 && before != index && !is_dressed_now(before)) {
      (void)fingerprints_->detach(before);
    }
    auto attached = fingerprints_->attach(index);
    if (attached) attached = fingerprints_->set_ttl(index, ttl);
    if (attached) return index;
    const bool is_gone = index_of(interface) != index;
    return is_gone ? Outcome<int>(0) : attached.error();
  }

  Outcome<Done> detach_looks(const std::string& interface) override {
    const auto index = index_of(interface);
    dressed_.erase(interface);
    if (index == 0) return Done{};
    return fingerprints_ ? fingerprints_->detach(index) : Fingerprints::detach_leftover(index);
  }

  Outcome<FingerprintCounts> count_looks() override {
    return fingerprints_ ? fingerprints_->counts() : FingerprintCounts{};
  }

 private:
  [[nodiscard]] bool is_dressed_now(int index) const {
    std::array<char, IF_NAMESIZE> name{};
    return if_indextoname(static_cast<unsigned>(index), name.data()) != nullptr &&
           dressed_.contains(name.data());
  }
  Outcome<Done> load_looks() {
    if (fingerprints_) return Done{};
    auto loaded = Fingerprints::load(marks_);
    if (!loaded) return loaded.error();
    fingerprints_ = *std::move(loaded);
    return Done{};
  }

  Loop& loop_;
  RtnlSocket socket_;
  const Marks marks_;
  std::unique_ptr<Watch> watch_;                // Goes before the socket whose changes it knows.
  std::unique_ptr<Fingerprints> fingerprints_;  // Null until somebody wants one.
  std::map<std::string, int> dressed_;          // Indices of interfaces by their names.
};

}  // namespace

Outcome<std::unique_ptr<Kernel>> open_kernel(Loop& loop, Marks marks) {
  auto socket = RtnlSocket::open();
  if (!socket) return socket.error();
  if (const auto warning = rp_filter_warning(); !warning.empty()) log::warning(warning);
  return std::unique_ptr<Kernel>(std::make_unique<NetlinkKernel>(loop, *std::move(socket), marks));
}

}  // namespace airlane
