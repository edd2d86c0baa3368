// A signature, compiled for the wire: what the program in the kernel does, what the socket and the
// host must do for it to stay true, and what the owner of a proxy should know before he uses it.
//
// A value without I/O. What cannot be honoured to the letter is refused with a sentence: nothing in
// a signature is ignored. Honoured are p0f's meanings: `id+` is an IP id *with* df, for example.
//
// Numbers that are given exactly go out exactly, and the kernel's own take the place of `*`. A
// random TTL (N-) goes out as N. Of ver 4 or 6, the SYNs of the other family stay native; their TTL
// is set on packets of both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "netlink/fingerprint/egress_layout.h"
#include "netlink/fingerprint/signature.h"

namespace airlane {

inline bool operator==(const egress_recipe& a, const egress_recipe& b) {
  return __builtin_memcmp(&a, &b, sizeof a) == 0;
}

struct Recipe {
  egress_recipe wire{};

  // The scale by which the kernel must count the socket's window, or nothing if any will do.
  std::optional<std::uint8_t> scale;

  // Options that the kernel must offer by itself (see check_host).
  bool needs_time = false;
  bool needs_sack = false;
  bool needs_scaling = false;
  bool needs_ecn = false;

  // Whole sentences, the most important one first.
  std::vector<std::string> warnings;

  // For TCP_WINDOW_CLAMP, to be set before connect(2); 0: leave it alone. A socket with a recipe
  // must never get SO_RCVBUF before it is connected, which would lower the scale. Without the
  // clamp the program drops the SYN, and connect(2) times out.
  [[nodiscard]] int window_clamp() const { return scale ? 65535 << *scale : 0; }
  // What the larger of tcp_rmem[2] and rmem_max must be for the kernel to choose that scale.
  [[nodiscard]] std::int64_t receive_memory() const { return scale ? INT64_C(32768) << *scale : 0; }

  bool operator==(const Recipe&) const = default;
};

Outcome<Recipe> make_recipe(const Signature& signature);

// Whether this host's kernel (its settings in this network namespace) makes SYNs from which the
// recipe can be made; the sentence says which setting to change. Reads /proc/sys.
Outcome<Done> check_host(const Recipe& recipe);

}  // namespace airlane
