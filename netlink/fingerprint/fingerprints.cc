#include "netlink/fingerprint/fingerprints.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/utsname.h>

#include <cerrno>
#include <new>
#include <optional>
#include <system_error>
#include <vector>

#include "base/handle.h"
#include "base/unique_fd.h"
#include "netlink/fingerprint/clsact.h"
#include "netlink/fingerprint/embedded_program.h"

namespace airlane {

// The maps' descriptors and the program's belong to the object.
struct Fingerprints::Loaded {
  Handle<bpf_object, bpf_object__close> object;
  int program = -1;
  int by_mark = -1;
  int by_interface = -1;
  int outcomes = -1;
};

namespace {

std::string message_of(int error) { return std::system_category().message(error); }

Failure unavailable(const std::string& text) { return {Failure::Kind::kUnavailable, text}; }

Failure cannot_load(int error) {
  if (error == EPERM || error == EACCES) {
    // EACCES is also what the verifier says to those who may not do arithmetic with pointers.
    return unavailable(
        "Fingerprints need CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN: run as root or "
        "give the service these capabilities (" +
        message_of(error) + ").");
  }
  utsname kernel{};
  ::uname(&kernel);
  return unavailable("This kernel, Linux " + std::string(kernel.release) +
                     ", does not take the program that fingerprints need (" + message_of(error) +
                     "): it takes Linux 5.8 or later with CONFIG_BPF_SYSCALL.");
}

Outcome<Done> answer(int result, const char* doing) {
  if (result == 0) return Done{};
  const int error = errno;
  if (error == E2BIG) return unavailable("There is no room for another fingerprint.");
  return Failure{Failure::Kind::kInternal,
                 std::string("Cannot ") + doing + ": " + message_of(error) + "."};
}

// Bytes in front of the IP header, by the type of the interface; nothing for a type that no dongle
// has, of which we do not know.
std::optional<std::uint8_t> header_size(unsigned short type) {
  constexpr unsigned short kRawIp = 519;  // ARPHRD_RAWIP, which glibc does not know.
  switch (type) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
      return 14;
    case ARPHRD_PPP:  // Its driver puts its header in front later.
    case ARPHRD_NONE:
    case kRawIp:
      return 0;
    default:
      return std::nullopt;
  }
}

Outcome<std::uint8_t> header_size_of(int interface) {
  ifreq request{};
  const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const bool known =
      socket && if_indextoname(static_cast<unsigned>(interface), request.ifr_name) != nullptr &&
      ::ioctl(socket.get(), SIOCGIFHWADDR, &request) == 0;
  if (!known) {
    return unavailable("There is no interface with index " + std::to_string(interface) + ".");
  }
  const auto type = request.ifr_hwaddr.sa_family;
  if (const auto size = header_size(type)) return *size;
  return unavailable("The interface " + std::string(request.ifr_name) + " is of the type " +
                     std::to_string(type) + ", for which there are no fingerprints.");
}

// What libbpf has to say comes back as an error number; its own words go nowhere.
int say_nothing(libbpf_print_level, const char*, va_list) noexcept { return 0; }

}  // namespace

Fingerprints::Fingerprints(std::unique_ptr<Loaded> loaded, Marks marks)
    : loaded_(std::move(loaded)), marks_(marks) {}
Fingerprints::~Fingerprints() = default;

Outcome<std::unique_ptr<Fingerprints>> Fingerprints::load(Marks marks) {
  libbpf_set_print(say_nothing);
  auto loaded = std::make_unique<Loaded>();
  const auto program = embedded_program();
  loaded->object.reset(bpf_object__open_mem(program.data(), program.size(), nullptr));
  if (!loaded->object) return cannot_load(errno);
  auto* const object = loaded->object.get();
  if (const int error = bpf_object__load(object); error != 0) return cannot_load(-error);
  loaded->program = bpf_program__fd(bpf_object__find_program_by_name(object, "airlane_egress"));
  loaded->by_mark = bpf_object__find_map_fd_by_name(object, "by_mark");
  loaded->by_interface = bpf_object__find_map_fd_by_name(object, "by_interface");
  loaded->outcomes = bpf_object__find_map_fd_by_name(object, "outcomes");
  return std::unique_ptr<Fingerprints>(new Fingerprints(std::move(loaded), marks));
}

int Fingerprints::program() const { return loaded_->program; }

Outcome<Done> Fingerprints::set(std::uint32_t mark, const Recipe& recipe) {
  if (mark - marks_.first >= marks_.count) {
    return Failure{Failure::Kind::kInternal,
                   "The mark " + std::to_string(mark) + " is none of those for fingerprints."};
  }
  return answer(bpf_map_update_elem(loaded_->by_mark, &mark, &recipe.wire, BPF_ANY),
                "set a fingerprint");
}

Outcome<Done> Fingerprints::forget(std::uint32_t mark) {
  const int result = bpf_map_delete_elem(loaded_->by_mark, &mark);
  if (result != 0 && errno == ENOENT) return Done{};
  return answer(result, "forget a fingerprint");
}

Outcome<Done> Fingerprints::attach(int interface) {
  const auto header = header_size_of(interface);
  if (!header) return header.error();
  egress_interface known{};
  const bool is_new = bpf_map_lookup_elem(loaded_->by_interface, &interface, &known) != 0;
  if (is_new || known.header != *header) {  // Some modems take theirs away while they run.
    known.header = *header;
    known.first_mark = marks_.first;
    known.marks = marks_.count;
    auto added = answer(bpf_map_update_elem(loaded_->by_interface, &interface, &known, BPF_ANY),
                        "give an interface fingerprints");
    if (!added) return added;
  }
  auto attached = attach_egress(interface, loaded_->program);
  // One that is attached already goes on.
  if (!attached && is_new) bpf_map_delete_elem(loaded_->by_interface, &interface);
  return attached;
}

Outcome<Done> Fingerprints::detach(int interface) {
  bpf_map_delete_elem(loaded_->by_interface, &interface);
  return detach_egress(interface);
}

Outcome<Done> Fingerprints::detach_leftover(int interface) {
  libbpf_set_print(say_nothing);
  return detach_egress(interface);
}

Outcome<Done> Fingerprints::set_ttl(int interface, std::uint8_t ttl) {
  egress_interface known{};
  if (bpf_map_lookup_elem(loaded_->by_interface, &interface, &known) != 0) {
    return unavailable("The interface with index " + std::to_string(interface) +
                       " has no fingerprints yet.");
  }
  known.ttl = ttl;
  return answer(bpf_map_update_elem(loaded_->by_interface, &interface, &known, BPF_EXIST),
                "set the TTL of an interface");
}

Outcome<FingerprintCounts> Fingerprints::counts() const {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus < 1) return Failure{Failure::Kind::kInternal, "Cannot count this host's processors."};
  std::vector<std::uint64_t> of_each(static_cast<std::size_t>(cpus));
  std::array<std::uint64_t, EGRESS_OUTCOMES> sums{};
  for (std::uint32_t i = 0; i < sums.size(); ++i) {
    auto read = answer(bpf_map_lookup_elem(loaded_->outcomes, &i, of_each.data()),
                       "count what fingerprints did");
    if (!read) return read.error();
    for (const auto count : of_each) sums[i] += count;
  }
  return FingerprintCounts{sums[EGRESS_REWRITTEN],   sums[EGRESS_MALFORMED],
                           sums[EGRESS_NOT_OFFERED], sums[EGRESS_OTHER_SCALE],
                           sums[EGRESS_TOO_WIDE],    sums[EGRESS_FAILED],
                           sums[EGRESS_UNKNOWN]};
}

}  // namespace airlane
