// The traffic of one hour, minute by minute, as the few bytes that are stored of it.
//
//   8 bytes   a bit for each minute in which anything moved, little-endian, minute 0 the lowest
//   then      for each of these: incoming, outgoing, as LEB128 (seven bits a byte, lowest first)
//
// Eight bytes for a quiet hour with one page in it, some 450 for an hour at full speed. Pure
// functions; any thread.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "db/traffic.h"

namespace airlane {

using Minutes = std::array<Traffic, 60>;

std::string packed(const Minutes& minutes);
// Nothing when the bytes are not ours.
std::optional<Minutes> unpacked(std::string_view bytes);

}  // namespace airlane
