// Fingerprints at work: the program in the kernel that gives the packets of a mark their looks.
//
// One per process and network namespace, owned and called by the control loop; every call is a few
// system calls, none waits. The data path sees nothing of it but what it does to its own sockets,
// before connect(2):
//   SO_MARK           a number of its own for each proxy, with or without a fingerprint;
//   TCP_WINDOW_CLAMP  recipe.window_clamp(), where that is not 0; and never SO_RCVBUF before.
//
// In this order nothing ever leaves with native looks:
//   auto fingerprints = Fingerprints::load(marks);  once; says why that is not possible here
//   fingerprints->set(mark, recipe);              change_ip with fp, and for all proxies at start
//   fingerprints->attach(interface_index);        a dongle has appeared, before its egress is up
//   fingerprints->set_ttl(interface_index, ttl);  of packets that no socket sends
//   fingerprints->forget(mark);                   fp=reset, or the proxy is gone
//   fingerprints->detach(interface_index);        a clean stop; or the dongle is gone
//
// What a mark looks like changes with the next packet: a connection that is being opened may have
// its repeated SYNs dropped when its scale no longer fits. Interfaces are known by index, which is
// a new one when a dongle is plugged in again; the kernel drops the program with the old one.
//
// The destructor leaves the program where it is attached: it works on, so that a successor, who
// sets all marks before it attaches, replaces it without a gap. Only `detach` removes it, and also
// what an earlier process has left behind.
//
// Needs CAP_BPF and CAP_PERFMON for load, CAP_NET_ADMIN for all the rest (and for SO_MARK), and
// Linux 5.8 with CONFIG_BPF_SYSCALL, CONFIG_NET_SCH_INGRESS, CONFIG_NET_CLS_BPF.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "netlink/fingerprint/recipe.h"

namespace airlane {

// What became of SYNs with a recipe, since the program was loaded.
struct FingerprintCounts {
  std::uint64_t rewritten = 0;
  // Dropped; the kernel repeats them, and in the end connect(2) times out.
  std::uint64_t malformed = 0;    // Not as Linux sends them: with data, IP options, in fragments.
  std::uint64_t not_offered = 0;  // The kernel does not do what the signature has (check_host).
  std::uint64_t other_scale = 0;  // The socket was not clamped to the scale.
  std::uint64_t too_wide = 0;     // The window's factor is too large for this MSS.
  std::uint64_t failed = 0;       // The kernel had no memory, or the like.
  std::uint64_t unknown = 0;      // Of one of our marks that was not set.
};

// Those that `set` may be called with. A SYN with one that is not set is dropped.
struct Marks {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
};

class Fingerprints {
 public:
  static Outcome<std::unique_ptr<Fingerprints>> load(Marks marks);
  ~Fingerprints();
  Fingerprints(Fingerprints&&) = delete;

  // How packets with this mark look from the next one on.
  Outcome<Done> set(std::uint32_t mark, const Recipe& recipe);
  Outcome<Done> forget(std::uint32_t mark);

  // Doing it again changes nothing: there is one program per interface, which replaces that of an
  // earlier process.
  Outcome<Done> attach(int interface);
  Outcome<Done> detach(int interface);
  // What an earlier process has left, by one that loads nothing. Needs CAP_NET_ADMIN only.
  static Outcome<Done> detach_leftover(int interface);

  // Of packets without a mark, which the kernel sends by itself; 0 leaves them as they are. Of an
  // interface that is attached.
  Outcome<Done> set_ttl(int interface, std::uint8_t ttl);

  [[nodiscard]] Outcome<FingerprintCounts> counts() const;

  // The descriptor of the program, borrowed: tests run it on packets of their own.
  [[nodiscard]] int program() const;

 private:
  struct Loaded;
  Fingerprints(std::unique_ptr<Loaded> loaded, Marks marks);

  std::unique_ptr<Loaded> loaded_;
  const Marks marks_;
};

}  // namespace airlane
