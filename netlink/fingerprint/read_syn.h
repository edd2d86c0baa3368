// A SYN from the wire, in p0f's notation: the other way round than recipe.h. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "netlink/fingerprint/signature.h"

namespace airlane {

// The IP packet, from the first byte of its header. Numbers as they are in it, and the window as a
// multiple where it is one of the MSS or MTU, as p0f prints what it has seen. Nothing when it is no
// SYN, or cut off.
std::optional<Signature> read_syn(std::span<const std::uint8_t> packet);

// Whether a SYN that was seen is one that the signature stands for: what it leaves open may be
// anything.
bool fits(const Signature& signature, const Signature& seen);

}  // namespace airlane
