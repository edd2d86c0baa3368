// Whether a client may use a proxy: the rules, without any protocol. Asked in the order rental
// window, source whitelist, credentials, so that a stranger learns nothing about a password.
#pragma once

#include <string_view>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "proxy/world.h"

namespace airlane {

enum class Admission : std::uint8_t {
  kOpen,      // The source alone is enough.
  kPassword,  // The credentials decide.
};

// What the client must show; kDenied when nothing could help.
Result<Admission> admit_source(const ProxyPort& proxy, const Address& source, WallSeconds now);

// In a time that depends on the lengths only. An empty user name or password never matches.
bool credentials_match(const ProxyPort& proxy, std::string_view username,
                       std::string_view password);

}  // namespace airlane
