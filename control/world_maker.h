// Turns what the farm knows into the World that the data path is told.
//
// Remembers what it made last: a proxy or a rule that did not change is the same object in the next
// World, so that a session keeps what it holds and a worker sees at once what is new. Owned by the
// farm, control thread only; the Worlds are immutable and go to any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "conf/config.h"
#include "db/credentials.h"
#include "db/proxies.h"
#include "proxy/world.h"

namespace airlane {

// What the configuration says about each proxy.
Limits proxy_limits(const Config& config);

class WorldMaker {
 public:
  // What is different for one proxy; given the limits of every proxy. And what holds for a
  // credential.
  using LimitsOf = std::function<Limits(const ProxyRecord&, const Limits&)>;
  // How it looks; absent: nobody may leave by it.
  using LooksOf = std::function<std::optional<Looks>(const ProxyRecord&)>;
  using LimitsOfCredential = std::function<Limits(const CredentialRecord&)>;
  using Credentials = std::map<std::int64_t, CredentialRecord>;
  using Egresses = std::unordered_map<std::int64_t, std::shared_ptr<const Egress>>;

  // `limits` are those of every proxy. `before`: what another maker made last, for the same data
  // path; or null. `targets_kept`: of proxies that have no number of their own.
  explicit WorldMaker(Limits limits = {}, std::shared_ptr<const World> before = nullptr,
                      LimitsOf limits_of = {}, LooksOf looks_of = {},
                      LimitsOfCredential limits_of_credential = {}, unsigned targets_kept = 0);

  std::shared_ptr<const World> make(const std::map<std::int64_t, ProxyRecord>& proxies,
                                    Egresses egresses, Destinations destinations,
                                    std::shared_ptr<const TlsServerContext> tls = nullptr,
                                    const Credentials& credentials = {});

 private:
  using Accounts = std::vector<std::shared_ptr<const Account>>;
  [[nodiscard]] Accounts accounts_of(const std::vector<const CredentialRecord*>& credentials,
                                     const ProxyPort* before) const;

  const Limits limits_;
  const LimitsOf limits_of_;
  const LooksOf looks_of_;
  const LimitsOfCredential limits_of_credential_;
  const unsigned targets_kept_;
  std::shared_ptr<const World> last_;
};

}  // namespace airlane
