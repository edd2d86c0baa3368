#include "netlink/fingerprint/clsact.h"

#include <bpf/libbpf.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "netlink/message.h"
#include "netlink/rtnl_socket.h"

namespace airlane {
namespace {

// First, so that nobody before us ends a packet's way through the programs. The handle tells ours
// from another's of the same priority.
constexpr std::uint32_t kPriority = 1;
constexpr std::uint32_t kHandle = 0xa1;

bpf_tc_hook hook_of(int interface, bpf_tc_attach_point where) {
  bpf_tc_hook hook{};
  hook.sz = sizeof hook;
  hook.ifindex = interface;
  hook.attach_point = where;
  return hook;
}

bpf_tc_opts place() {
  bpf_tc_opts options{};
  options.sz = sizeof options;
  options.handle = kHandle;
  options.priority = kPriority;
  return options;
}

Failure failure(const std::string& doing, int interface, int error) {
  std::string why = std::system_category().message(error) + ".";
  if (error == EPERM) why = "it needs CAP_NET_ADMIN; run as root or give the service that.";
  return {Failure::Kind::kUnavailable, "Cannot " + doing + " the interface with index " +
                                           std::to_string(interface) + ": " + why};
}

Failure not_supported(const char* setting, const char* module) {
  return {Failure::Kind::kUnavailable,
          std::string("This kernel cannot do fingerprints: it was built without ") + setting +
              ", or its module " + module + " is not installed."};
}

// Of what has the handle that clsact and its elder brother `ingress` share; empty: nothing.
Outcome<std::string> kind_of_hook(RtnlSocket& socket, int interface) {
  tcmsg header{};
  header.tcm_family = AF_UNSPEC;
  header.tcm_ifindex = interface;
  const auto message = make_message(RTM_GETQDISC, NLM_F_DUMP, header);
  const auto wanted = [interface](nlmsghdr& answer) -> std::optional<std::string> {
    const auto found = header_of<tcmsg>(answer);
    const bool is_it = found && found->tcm_ifindex == interface &&
                       TC_H_MAJ(found->tcm_handle) == TC_H_MAJ(TC_H_CLSACT);
    if (!is_it) return std::nullopt;
    return Attributes<tcmsg, TCA_KIND>(answer).text(TCA_KIND);
  };
  const auto kinds = socket.list<std::string>(*message, "list queueing disciplines", wanted);
  if (!kinds) return kinds.error();
  return kinds->empty() ? std::string() : kinds->front();
}

// With `ingress` in the place of clsact the kernel would take our program, and show it to what
// comes in.
Outcome<Done> check_hook(int interface) {
  auto socket = RtnlSocket::open();
  if (!socket) return socket.error();
  const auto kind = kind_of_hook(*socket, interface);
  if (!kind) return kind.error();
  if (*kind == "clsact") return Done{};
  return Failure{Failure::Kind::kUnavailable,
                 "The interface with index " + std::to_string(interface) +
                     " has the queueing "
                     "discipline `" +
                     *kind +
                     "` where fingerprints need `clsact`, which can do all "
                     "that it does: replace it (tc qdisc del dev NAME ingress)."};
}

// How many programs and filters others have at the interface's clsact, of both directions.
Outcome<std::size_t> count_filters(RtnlSocket& socket, int interface) {
  std::size_t count = 0;
  for (const auto direction : {TC_H_MIN_INGRESS, TC_H_MIN_EGRESS}) {
    tcmsg header{};
    header.tcm_family = AF_UNSPEC;
    header.tcm_ifindex = interface;
    header.tcm_parent = TC_H_MAKE(TC_H_CLSACT, direction);
    const auto message = make_message(RTM_GETTFILTER, NLM_F_DUMP, header);
    const auto found =
        socket.list<int>(*message, "list filters",
                         [](nlmsghdr& answer) -> std::optional<int> { return answer.nlmsg_type; },
                         {EINVAL, ENODEV, ENOENT});
    if (!found) return found.error();
    count += found->size();
  }
  return count;
}

}  // namespace

Outcome<Done> attach_egress(int interface, int program) {
  auto hook = hook_of(interface, BPF_TC_EGRESS);
  const int made = bpf_tc_hook_create(&hook);
  if (made == -ENOENT) return not_supported("CONFIG_NET_SCH_INGRESS", "sch_ingress");
  if (made < 0 && made != -EEXIST) return failure("give a fingerprint to", interface, -made);
  if (made == -EEXIST) {
    if (auto good = check_hook(interface); !good) return good;
  }
  auto options = place();
  options.prog_fd = program;
  options.flags = BPF_TC_F_REPLACE;
  const int attached = bpf_tc_attach(&hook, &options);
  if (attached == -ENOENT) return not_supported("CONFIG_NET_CLS_BPF", "cls_bpf");
  if (attached < 0) return failure("give a fingerprint to", interface, -attached);
  return Done{};
}

Outcome<Done> detach_egress(int interface) {
  const auto hook = hook_of(interface, BPF_TC_EGRESS);
  const auto options = place();
  const int detached = bpf_tc_detach(&hook, &options);
  // ENODEV: no interface; EINVAL: no clsact there at all; ENOENT: none of ours.
  if (detached == -ENODEV || detached == -EINVAL || detached == -ENOENT) return Done{};
  if (detached < 0) return failure("take the fingerprint from", interface, -detached);
  auto socket = RtnlSocket::open();
  if (!socket) return socket.error();
  const auto others = count_filters(*socket, interface);
  if (!others) return others.error();
  if (*others > 0) return Done{};
  auto whole = hook_of(interface, static_cast<bpf_tc_attach_point>(BPF_TC_INGRESS | BPF_TC_EGRESS));
  const int destroyed = bpf_tc_hook_destroy(&whole);
  if (destroyed < 0 && destroyed != -EINVAL && destroyed != -ENOENT && destroyed != -ENODEV) {
    return failure("take the fingerprint from", interface, -destroyed);
  }
  return Done{};
}

}  // namespace airlane
