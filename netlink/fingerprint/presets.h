// Signatures with names, for those who want to look like something and not know how it looks.
#pragma once

#include <span>
#include <string_view>

#include "netlink/fingerprint/signature.h"

namespace airlane {

struct Preset {
  std::string_view name;
  std::string_view signature;
};

std::span<const Preset> presets();

// A preset's name, in any case, or a signature.
Outcome<Signature> read_fingerprint(std::string_view text);

}  // namespace airlane
