// Extra credentials on a proxy: who may come in by it besides its own user name. Functions on the
// database's thread; failures of the disk are those of db/failure.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"
#include "db/limits.h"

namespace airlane {

class Database;

struct CredentialRecord {
  std::int64_t id = 0;  // Given by insert, where it is 0; never given again.
  std::int64_t proxy = 0;
  std::string name;  // What its clients log in with; no two of a proxy share one.
  std::string password;
  bool enabled = true;
  std::optional<WallSeconds> in_use_from{};  // Absent: since ever.
  std::optional<WallSeconds> in_use_till{};  // Absent: for ever.
  std::vector<Cidr> whitelist{};
  std::string whitelist_mode = "bypass";  // Or "restrict" or "only".
  std::uint32_t counter_row = 0;          // In the counter file; its own.
  std::optional<QuotaRecord> quota{};     // Within the proxy's, as the limits are.
  LimitsRecord limits{};

  // As whose its traffic is stored; see db/traffic.h.
  [[nodiscard]] std::int64_t owner() const { return -id; }
  bool operator==(const CredentialRecord&) const = default;
};

namespace credentials {

Outcome<std::vector<CredentialRecord>> all(Database& database);  // By id.
// kConflict when the proxy has one of that name; kNotFound when there is no such proxy.
Outcome<std::int64_t> insert(Database& database, const CredentialRecord& credential);
// All fields of the credential with this id, but its proxy; kNotFound when there is none.
Outcome<Done> update(Database& database, const CredentialRecord& credential);
// Its traffic stays.
Outcome<Done> remove(Database& database, std::int64_t id);

}  // namespace credentials
}  // namespace airlane
