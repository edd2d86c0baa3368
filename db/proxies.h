// What customers buy: a port, credentials, a source whitelist and a dongle, for a while. Functions
// on the database's thread; failures of the disk are those of db/failure.h.
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

struct ProxyRecord {
  std::int64_t id = 0;  // Given by insert, where it is 0; never given again.
  std::int64_t user = 0;
  std::int64_t dongle = 0;
  std::uint16_t port = 0;
  std::string username;
  std::string password;
  std::string comment;
  std::optional<WallSeconds> in_use_from;  // Absent: since ever.
  std::optional<WallSeconds> in_use_till;  // Absent: for ever.
  std::optional<std::string> ext_ip_upd_interval;
  std::string ext_ip_upd_calendar;
  std::string fp;                         // Empty: the kernel's own fingerprint.
  std::string whitelist_mode = "bypass";  // Or "restrict" or "only".
  std::uint32_t counter_row = 0;          // In the counter file; no two proxies share one.
  std::vector<Cidr> whitelist;
  std::optional<QuotaRecord> quota;  // Absent: as much as it can.
  LimitsRecord limits;
  // How many targets its days tell apart (0: none); absent: as the configuration says.
  std::optional<unsigned> targets_kept = std::nullopt;

  bool operator==(const ProxyRecord&) const = default;
};

namespace proxies {

Outcome<std::vector<ProxyRecord>> all(Database& database);  // By id.
Outcome<std::optional<ProxyRecord>> find(Database& database, std::int64_t id);

// kConflict: "Port 20001 already belongs to proxy 3.", and likewise for a counter row; kNotFound
// for a user or dongle that is not there; kInvalid for a port of 0 or an unknown whitelist mode.
Outcome<std::int64_t> insert(Database& database, const ProxyRecord& proxy);
// All fields of the proxy with this id; kNotFound when there is none.
Outcome<Done> update(Database& database, const ProxyRecord& proxy);
// Its traffic stays. Fold its counters first: whoever gets the row next gets what is not folded.
Outcome<Done> remove(Database& database, std::int64_t id);

}  // namespace proxies
}  // namespace airlane
