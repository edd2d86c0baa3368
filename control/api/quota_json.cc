#include "control/api/quota_json.h"

#include <cstdint>
#include <limits>

namespace airlane::api {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

bool take_number(const Json& value, std::int64_t& to) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kMost) return false;
  to = value.get<std::int64_t>();
  return true;
}

bool take_text(const Json& value, std::string& to) {
  if (!value.is_string()) return false;
  to = value.get<std::string>();
  return true;
}

// What is wrong with the field, or nothing.
std::string read_field(const std::string& name, const Json& value, QuotaRecord& quota) {
  constexpr auto kNumber = "a whole number";
  constexpr auto kText = "a text";
  const auto must = [&](bool good, const char* be) {
    return good ? std::string() : "an object whose \"" + name + "\" is " + be;
  };
  if (name == "bytes") return must(take_number(value, quota.bytes), kNumber);
  if (name == "period") return must(take_text(value, quota.period), kText);
  if (name == "time_zone") return must(take_text(value, quota.zone), kText);
  if (name == "action") return must(take_text(value, quota.action), kText);
  if (name == "rate" && value.is_null()) return quota.rate = 0, std::string();
  if (name == "rate") return must(take_number(value, quota.rate), kNumber);
  return "an object of bytes, period, time_zone, action and rate, without \"" + name + "\"";
}

}  // namespace

Json quota_json(const std::optional<QuotaRecord>& record, const std::optional<Quotas::Use>& use) {
  if (!record) return nullptr;
  const auto& quota = *record;
  return {
      {"bytes", quota.bytes},
      {"period", quota.period},
      {"time_zone", quota.zone},
      {"action", quota.action},
      {"rate", quota.action == "throttle" ? Json(quota.rate) : Json(nullptr)},
      {"used", use ? Json(use->bytes) : Json(nullptr)},
      {"resets", use ? Json(to_iso(use->period.end)) : Json(nullptr)},
  };
}

std::string read_quota(const Json& value, std::optional<QuotaRecord>& quota) {
  if (value.is_null()) return quota.reset(), std::string();
  if (!value.is_object()) return "an object or null";
  QuotaRecord read = quota.value_or(QuotaRecord());
  for (const auto& [name, field] : value.items()) {
    if (auto must = read_field(name, field, read); !must.empty()) return must;
  }
  if (read.action == "refuse" && !value.contains("rate")) read.rate = 0;
  quota = std::move(read);
  return {};
}

}  // namespace airlane::api
