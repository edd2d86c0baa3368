#include "control/external_ip.h"

#include <algorithm>

#include "base/http/client.h"
#include "base/log.h"

namespace airlane {
namespace {

constexpr std::size_t kAnswerMost = 4096;
constexpr std::string_view kBlanks = " \t\r\n";

Failure unavailable(std::string text) { return {Failure::Kind::kUnavailable, std::move(text)}; }

Outcome<std::string> read_answer(const http::Response& response) {
  if (response.status != 200) return unavailable("HTTP " + std::to_string(response.status));
  std::string_view text = response.body;
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  const auto address = Address::parse(text);
  // Compared, because inet_pton stops at a NUL and what follows it would go unseen.
  const bool exact = address && address->is_v4() && address->ip() == text;
  if (!exact || address->same_ip(Address())) {
    return unavailable("not an IPv4 address: \"" + log::printable(text.substr(0, 40)) + "\"");
  }
  return address->ip();
}

// The address to connect to, or nothing when the URL holds one itself.
Outcome<std::optional<Address>> resolve_host(const std::string& url, const ResolveHost& resolve,
                                             std::chrono::milliseconds most, const Stop& stop) {
  const auto target = http::target_of(url);
  if (!target) return target.error();
  auto address = target->address;
  if (!address) {
    if (!resolve) return unavailable("there is nobody to resolve \"" + target->host + "\"");
    const auto resolved = resolve(target->host, most, stop);
    if (!resolved) return resolved.error();
    address = *resolved;
  }
  if (!address->is_v4()) return unavailable("it is reached over IPv6");
  return target->address ? std::nullopt : address;
}

Outcome<std::string> ask(const ExternalIpSettings& settings, const std::string& url,
                         const ResolveHost& resolve, std::chrono::milliseconds most,
                         const Stop& stop) {
  const auto until = Monotonic::now() + most;
  const auto address = resolve_host(url, resolve, most, stop);
  if (!address) return address.error();
  const auto left = std::chrono::floor<std::chrono::milliseconds>(until - Monotonic::now());
  if (left.count() <= 0) return unavailable("there was no time left");
  const auto response = http::fetch({.url = url,
                                     .interface = settings.interface,
                                     .resolved = *address,
                                     .timeout = std::min(settings.timeout, left),
                                     .body_most = kAnswerMost,
                                     .stop = stop});
  if (!response) return response.error();
  return read_answer(*response);
}

}  // namespace

Outcome<std::string> ask_external_ip(const ExternalIpSettings& settings, const ResolveHost& resolve,
                                     std::chrono::milliseconds most, const Stop& stop) {
  if (settings.interface.empty()) return unavailable("The dongle has no interface to ask through.");
  const auto until = Monotonic::now() + most;
  std::string problems;
  auto unasked = static_cast<long>(settings.urls.size());
  for (const auto& url : settings.urls) {
    const auto left = std::chrono::floor<std::chrono::milliseconds>(until - Monotonic::now());
    if (stop.stop_requested() || left.count() <= 0) break;
    // A fair share, so that a service that never answers does not use up the time of the others.
    auto ip = ask(settings, url, resolve, left / unasked--, stop);
    if (ip) return ip;
    problems += (problems.empty() ? "" : "; ") + url + ": " + ip.error().text;
  }
  if (settings.urls.empty()) problems = "the configuration names no [external_ip] urls";
  if (problems.empty()) problems = "there was no time to ask";
  return unavailable("The external IP is not known: " + problems + ".");
}

}  // namespace airlane
