// The addresses of a target as they become known, and the order in which to try them (RFC 8305).
//
// Both families are asked for at once, and who asks need not wait for the slower one: an address of
// IPv6 is good enough to begin with, one of IPv4 after 50 ms. What comes later is sorted in among
// those that were not yet tried. Works on the Handshake and keeps nothing itself.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "proxy/flow.h"

namespace airlane {

// For each target, whatever its name server says.
inline constexpr std::size_t kCandidatesMost = 8;

// Asks for the target's name: for IPv6 too, and first, when the dongle has it.
Status ask_for_candidates(Flow& flow);

// Takes what the name servers have answered since into the candidates that follow after `tried`.
// An error when an answer has no address for us; of two the more useful one.
std::optional<Error> take_candidates(Flow& flow, std::size_t tried);

// Whether an answer is still to come.
inline bool awaits_v6(const Flow& flow) { return flow.handshake->ask_v6.has_value(); }
inline bool awaits_v4(const Flow& flow) { return flow.handshake->ask_v4.has_value(); }

// Adds those that the customer may reach and the dongle can; kProhibited, kRuledOut or kUnreachable
// when that is none of them. What lies inside is told by the addresses that will be connected to: a
// name cannot point there, not even on the second try (DNS rebinding).
Status add_candidates(Flow& flow, std::span<const Address> addresses, std::size_t tried);

// The families in turn, each in its own order (section 4), beginning with `first`.
void interleave(std::vector<Address>& addresses, std::size_t from, bool v6_first);

// Which of two errors tells the client more: the one that came nearer to the target.
Error more_useful(const Error& one, const Error& other) noexcept;

}  // namespace airlane
