// Whether a client may use a proxy: the rules, without any protocol. Asked in the order rental
// window, source whitelist, credentials, so that a stranger learns nothing about a password.
#pragma once

#include <memory>
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

// What the client must show to an account; kDenied when nothing could help.
Result<Admission> admit_source(const Account& account, const Address& source, WallSeconds now);

// In a time that depends on the lengths only. An empty user name or password never matches.
bool credentials_match(const Account& account, std::string_view username,
                       std::string_view password);

// An extra credential of the proxy, or null: the proxy's own user name.
using Credential = std::shared_ptr<const Account>;

// The same of a port with all its accounts. The rental of the proxy holds for all of them; else one
// that lets the client in is enough, the proxy's own first.
struct Door {
  Admission admission;
  Credential credential{};  // With kOpen: whose client it is.
};
Result<Door> admit(const ProxyPort& proxy, const Address& source, WallSeconds now);

// Whose user name and password these are: every account is compared, whichever it is. One whose
// whitelist keeps this client out is taken for none, so that a stranger learns nothing.
// kUnauthenticated when it is nobody's; kDenied when its rental is over or has not begun.
Result<Credential> account_of(const ProxyPort& proxy, const Address& source, WallSeconds now,
                              std::string_view username, std::string_view password);

}  // namespace airlane
