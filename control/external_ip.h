// What the internet sees behind a dongle: asked of an echo service, through that dongle only.
//
// ask_external_ip blocks: the dongle's thread. The cache belongs to whoever holds it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "control/modem/driver.h"

namespace airlane {

struct ExternalIpSettings {
  std::string interface;
  std::vector<std::string> urls;  // Each answers with the caller's address and nothing else.
  std::chrono::milliseconds timeout{10'000};  // Each, and at most a fair share of the whole.
};

// The IPv4 address of a host name, asked through the dongle. May block, within a bound of its own.
using ResolveHost = std::function<Outcome<Address>(
    const std::string& host, std::chrono::milliseconds most, const Stop& stop)>;

// Asks the URLs in turn until one answers with a bare IPv4 address, all within `most`. A page, an
// IPv6 address or a redirection (captive portals do that) is no answer.
Outcome<std::string> ask_external_ip(const ExternalIpSettings& settings, const ResolveHost& resolve,
                                     std::chrono::milliseconds most, const Stop& stop);

class ExternalIpCache {
 public:
  explicit ExternalIpCache(std::chrono::milliseconds age_most) : age_most_(age_most) {}

  void put(std::string ip, Monotonic::time_point now) {
    ip_ = std::move(ip);
    when_ = now;
  }
  void clear() { ip_.clear(); }
  // Nothing when there is none or it is too old.
  [[nodiscard]] std::optional<std::string> get(Monotonic::time_point now) const {
    if (ip_.empty() || now - when_ > age_most_) return std::nullopt;
    return ip_;
  }

 private:
  std::chrono::milliseconds age_most_;
  std::string ip_;  // Empty: not known.
  Monotonic::time_point when_{};
};

}  // namespace airlane
