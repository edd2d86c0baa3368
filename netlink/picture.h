// What the kernel last said about links and addresses, and what is news against that.
//
// The kernel repeats itself: every statistics change of a link, every renewed lease and every
// router advertisement is a message. `apply` answers only with what differs. No I/O here; the
// socket is in watch.h.
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "netlink/addresses.h"
#include "netlink/links.h"

namespace airlane {

struct Change {
  enum class Kind : std::uint8_t {
    kLink,     // Appeared, went up or down, won or lost its carrier.
    kAddress,  // A global address came or went; `address` says which.
    kRoute,    // A default route came or went; `table` says of which table.
    kGone,     // The interface was deleted, or goes by another name now.
  };
  Kind kind = Kind::kLink;
  std::string interface;
  // Connections that leave by this interface are dead or about to be: close them. Without it
  // something was gained, or a table that is none of ours changed: have a look.
  bool lost = false;
  std::uint32_t table = 0;
  std::optional<Address> address;
};

class Picture {
 public:
  // Starts afresh: nothing of `links` and `addresses` is news.
  void reset(const std::vector<Link>& links, const std::vector<InterfaceAddress>& addresses);

  // One message of the groups that Watch listens to; what is news is appended to `changes`.
  void apply(nlmsghdr& message, std::vector<Change>& changes);

 private:
  void apply_link(const Link& link, std::vector<Change>& changes);
  void apply_gone(const Link& link, std::vector<Change>& changes);
  void apply_address(const InterfaceAddress& address, bool added, std::vector<Change>& changes);
  void apply_route(nlmsghdr& message, bool added, std::vector<Change>& changes);
  [[nodiscard]] const std::string* name_of(int link_index) const;

  std::map<int, Link> links_;  // By index: a deleted link's last message may be about its index.
  std::vector<InterfaceAddress> addresses_;  // The global ones.
};

}  // namespace airlane
