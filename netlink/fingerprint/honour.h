// Which signatures can be put on the wire to the letter, and at what price.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "netlink/fingerprint/signature.h"

namespace airlane {

// The bytes that an option takes.
std::size_t size_of(const TcpOption& option);

// The field that cannot be honoured, and why; nothing if all can.
std::optional<Failure> why_not(const Signature& signature);

// Of a signature that can be: what is slow or may not get through. Whole sentences.
std::vector<std::string> warnings_for(const Signature& signature);

}  // namespace airlane
