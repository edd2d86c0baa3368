#include "proxy/admission.h"

#include <algorithm>

#include "base/tls/crypto.h"

namespace airlane {

Result<Admission> admit_source(const ProxyPort& proxy, const Address& source, WallSeconds now) {
  if (proxy.in_use_from && now < *proxy.in_use_from) return Error{Errc::kDenied, "check rental"};
  if (proxy.in_use_till && now >= *proxy.in_use_till) return Error{Errc::kDenied, "check rental"};
  if (proxy.whitelist.empty()) return Admission::kPassword;
  const bool listed = std::any_of(proxy.whitelist.begin(), proxy.whitelist.end(),
                                  [&](const Cidr& network) { return network.contains(source); });
  switch (proxy.whitelist_mode) {
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

bool credentials_match(const ProxyPort& proxy, std::string_view username,
                       std::string_view password) {
  if (proxy.username.empty() || proxy.password.empty()) return false;
  // Both are always compared: a wrong name takes as long as a wrong password.
  const bool name = equal_in_constant_time(proxy.username, username);
  const bool word = equal_in_constant_time(proxy.password, password);
  return name && word;
}

}  // namespace airlane
