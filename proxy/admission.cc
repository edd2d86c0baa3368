#include "proxy/admission.h"

#include <algorithm>

#include "base/tls/crypto.h"

namespace airlane {

namespace {

Status check_rental(const Account& account, WallSeconds now) {
  const bool begun = !account.in_use_from || now >= *account.in_use_from;
  const bool over = account.in_use_till && now >= *account.in_use_till;
  if (begun && !over) return Done{};
  return Error{Errc::kDenied, account.id < 0 ? "check rental of the credential" : "check rental"};
}

Result<Admission> check_whitelist(const Account& account, const Address& source) {
  if (account.whitelist.empty()) return Admission::kPassword;
  const bool listed = std::any_of(account.whitelist.begin(), account.whitelist.end(),
                                  [&](const Cidr& network) { return network.contains(source); });
  switch (account.whitelist_mode) {
    case WhitelistMode::kBypass:
      return listed ? Admission::kOpen : Admission::kPassword;
    case WhitelistMode::kRestrict:
      if (listed) return Admission::kPassword;
      break;
    case WhitelistMode::kOnly:
      if (listed) return Admission::kOpen;
      break;
  }
  return Error{Errc::kDenied, "check source"};
}

}  // namespace

Result<Admission> admit_source(const Account& account, const Address& source, WallSeconds now) {
  if (const auto rented = check_rental(account, now); !rented) return rented.error();
  return check_whitelist(account, source);
}

bool credentials_match(const Account& account, std::string_view username,
                       std::string_view password) {
  if (account.username.empty() || account.password.empty()) return false;
  // Both are always compared: a wrong name takes as long as a wrong password.
  const bool name = equal_in_constant_time(account.username, username);
  const bool word = equal_in_constant_time(account.password, password);
  return name && word;
}

Result<Door> admit(const ProxyPort& proxy, const Address& source, WallSeconds now) {
  if (const auto rented = check_rental(proxy, now); !rented) return rented.error();
  const auto own = check_whitelist(proxy, source);
  if (own && *own == Admission::kOpen) return Door{Admission::kOpen};
  bool by_password = own.has_value();
  for (const auto& credential : proxy.credentials) {
    const auto door = check_whitelist(*credential, source);
    if (!door) continue;
    // One that is over opens no door, but tells who has its password why.
    if (*door == Admission::kOpen && check_rental(*credential, now)) {
      return Door{Admission::kOpen, credential};
    }
    by_password = true;
  }
  return by_password ? Result<Door>(Door{Admission::kPassword}) : own.error();
}

Result<Credential> account_of(const ProxyPort& proxy, const Address& source, WallSeconds now,
                              std::string_view username, std::string_view password) {
  const Error nobody{Errc::kUnauthenticated, "check credentials"};
  if (proxy.credentials.empty()) {
    return credentials_match(proxy, username, password) ? Result<Credential>(Credential()) : nobody;
  }
  const auto is = [&](const Account& account) {
    const bool known = credentials_match(account, username, password);
    return known && check_whitelist(account, source);
  };
  bool found = is(proxy);
  Credential match;
  for (const auto& credential : proxy.credentials) {
    if (!is(*credential)) continue;
    match = credential;
    found = true;
  }
  if (!found) return nobody;
  if (match) {
    if (const auto rented = check_rental(*match, now); !rented) return rented.error();
  }
  return match;
}

}  // namespace airlane
