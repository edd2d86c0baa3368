#include "netlink/rules.h"

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include <cerrno>

#include "netlink/routes.h"
#include "netlink/rtnl_socket.h"

namespace airlane {
namespace {

NlMessage encode(const Rule& rule, int kind, int flags) {
  fib_rule_hdr header{};
  header.family = static_cast<std::uint8_t>(rule.family);
  header.action = FR_ACT_TO_TBL;
  auto message = make_message(kind, flags, header);
  add(*message, FRA_TABLE, rule.table);
  add(*message, FRA_PRIORITY, rule.priority);
  add(*message, FRA_OIFNAME, rule.interface);
  nla_put_u8(message.get(), FRA_PROTOCOL, kOurProtocol);
  return message;
}

std::optional<Rule> decode_ours(nlmsghdr& message, int family) {
  const auto header = header_of<fib_rule_hdr>(message);
  if (!header || header->family != family) return std::nullopt;
  const Attributes<fib_rule_hdr, FRA_PROTOCOL> attributes(message);
  if (!attributes.has(FRA_PROTOCOL) || nla_get_u8(attributes.at(FRA_PROTOCOL)) != kOurProtocol) {
    return std::nullopt;
  }
  Rule rule;
  rule.family = family;
  rule.table = attributes.number(FRA_TABLE).value_or(header->table);
  rule.priority = attributes.number(FRA_PRIORITY).value_or(0);
  rule.interface = attributes.text(FRA_OIFNAME);
  return rule;
}

std::string named(std::string_view verb, const Rule& rule) {
  return std::string(verb) + " the routing rule of " + rule.interface;
}

}  // namespace

Outcome<std::vector<Rule>> read_our_rules(RtnlSocket& socket, int family) {
  fib_rule_hdr header{};
  header.family = static_cast<std::uint8_t>(family);
  const auto request = make_message(RTM_GETRULE, NLM_F_DUMP, header);
  return socket.list<Rule>(*request, "list the routing rules",
                           [family](nlmsghdr& message) { return decode_ours(message, family); });
}

// Without NLM_F_EXCL the kernel adds the same rule again and again.
Outcome<Done> add_rule(RtnlSocket& socket, const Rule& rule) {
  const auto request = encode(rule, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL);
  return socket.change(*request, named("add", rule), {EEXIST});
}

Outcome<Done> delete_rule(RtnlSocket& socket, const Rule& rule) {
  const auto request = encode(rule, RTM_DELRULE, 0);
  return socket.change(*request, named("delete", rule), {ENOENT});
}

}  // namespace airlane
