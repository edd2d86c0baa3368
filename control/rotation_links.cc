#include "control/rotation_links.h"

#include "base/tls/crypto.h"

namespace airlane {
namespace {

constexpr std::size_t kTokenBytes = 32;

}  // namespace

Outcome<Done> RotationLinks::load() {
  auto stored = store_.wait(rotation_links::all);
  if (!stored) return stored.error();
  for (const auto& link : *stored) proxies_[link.token_hash] = link.proxy;
  return Done{};
}

void RotationLinks::make(std::int64_t proxy, const Then<std::string>& then) {
  auto token = random_hex(kTokenBytes);
  const RotationLinkRecord link{
      .proxy = proxy, .token_hash = sha256_hex(token), .created = wall_now()};
  const auto work = [link](Database& database) { return rotation_links::put(database, link); };
  const auto written = [this, link, token, then](const Outcome<Done>& stored) {
    if (!stored) return then(stored.error());
    forget(link.proxy);
    proxies_[link.token_hash] = link.proxy;
    then(token);
  };
  store_.write(work, written, control_);
}

void RotationLinks::revoke(std::int64_t proxy, const Then<Done>& then) {
  const auto work = [proxy](Database& database) { return rotation_links::remove(database, proxy); };
  const auto written = [this, proxy, then](const Outcome<Done>& removed) {
    if (removed) forget(proxy);
    then(removed);
  };
  store_.write(work, written, control_);
}

void RotationLinks::forget(std::int64_t proxy) {
  std::erase_if(proxies_, [&](const auto& link) { return link.second == proxy; });
}

void RotationLinks::take_in(const std::vector<RotationLinkRecord>& links) {
  for (const auto& link : links) proxies_[link.token_hash] = link.proxy;
}

std::optional<std::int64_t> RotationLinks::proxy_of(std::string_view token) const {
  const auto found = proxies_.find(sha256_hex(token));
  if (found == proxies_.end()) return std::nullopt;
  return found->second;
}

}  // namespace airlane
