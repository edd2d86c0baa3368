#include "netlink/picture.h"

#include <algorithm>

#include "netlink/egress_table.h"
#include "netlink/routes.h"

namespace airlane {
namespace {

bool carries(const Link& link) { return link.up && link.running; }

bool ours(std::uint32_t table) {
  return table >= kFirstTable && table - kFirstTable < kMostEgresses;
}

}  // namespace

void Picture::reset(const std::vector<Link>& links,
                    const std::vector<InterfaceAddress>& addresses) {
  links_.clear();
  for (const auto& link : links) links_.emplace(link.index, link);
  addresses_.clear();
  std::copy_if(addresses.begin(), addresses.end(), std::back_inserter(addresses_),
               [](const InterfaceAddress& one) { return one.global; });
}

void Picture::apply(nlmsghdr& message, std::vector<Change>& changes) {
  switch (message.nlmsg_type) {
    case RTM_NEWLINK:
      if (const auto link = decode_link(message)) apply_link(*link, changes);
      return;
    case RTM_DELLINK:
      if (const auto link = decode_link(message)) apply_gone(*link, changes);
      return;
    case RTM_NEWADDR:
    case RTM_DELADDR:
      if (const auto address = decode_address(message)) {
        apply_address(*address, message.nlmsg_type == RTM_NEWADDR, changes);
      }
      return;
    case RTM_NEWROUTE:
    case RTM_DELROUTE:
      return apply_route(message, message.nlmsg_type == RTM_NEWROUTE, changes);
    default:
      return;
  }
}

void Picture::apply_link(const Link& link, std::vector<Change>& changes) {
  const auto known = links_.find(link.index);
  if (known == links_.end()) {
    links_.emplace(link.index, link);
    changes.push_back({Change::Kind::kLink, link.name, false, 0, {}});
    return;
  }
  if (known->second == link) return;
  const auto before = std::exchange(known->second, link);
  if (before.name != link.name) {
    changes.push_back({Change::Kind::kGone, before.name, true, 0, {}});
    changes.push_back({Change::Kind::kLink, link.name, false, 0, {}});
    return;
  }
  changes.push_back({Change::Kind::kLink, link.name, carries(before) && !carries(link), 0, {}});
}

void Picture::apply_gone(const Link& link, std::vector<Change>& changes) {
  const auto known = links_.find(link.index);
  if (known == links_.end()) return;
  changes.push_back({Change::Kind::kGone, known->second.name, true, 0, {}});
  links_.erase(known);
  std::erase_if(addresses_,
                [&](const InterfaceAddress& one) { return one.link_index == link.index; });
}

// An address under duplicate detection is not there yet; that it passed comes as another message.
void Picture::apply_address(const InterfaceAddress& address, bool added,
                            std::vector<Change>& changes) {
  const auto* name = name_of(address.link_index);
  if (name == nullptr) return;
  const auto known =
      std::find_if(addresses_.begin(), addresses_.end(), [&](const InterfaceAddress& one) {
        return one.link_index == address.link_index && one.prefix == address.prefix &&
               one.ip.same_ip(address.ip);
      });
  const bool there = added && address.global;
  if (there == (known != addresses_.end())) return;
  if (there) {
    addresses_.push_back(address);
  } else {
    addresses_.erase(known);
  }
  changes.push_back({Change::Kind::kAddress, *name, !there, 0, address.ip});
}

void Picture::apply_route(nlmsghdr& message, bool added, std::vector<Change>& changes) {
  const auto route = decode_route(message);
  if (!route || !route->is_default() || route->link_index == 0) return;
  const auto* name = name_of(route->link_index);
  if (name == nullptr) return;
  changes.push_back({Change::Kind::kRoute, *name, !added && ours(route->table), route->table, {}});
}

const std::string* Picture::name_of(int link_index) const {
  const auto known = links_.find(link_index);
  return known == links_.end() ? nullptr : &known->second.name;
}

}  // namespace airlane
