#include "control/api/limits_json.h"

#include <array>

namespace airlane::api {
namespace {

struct NumberField {
  const char* name;
  LimitsRecord::Number LimitsRecord::*number;
};
constexpr std::array kNumbers{
    NumberField{"connections", &LimitsRecord::connections},
    NumberField{"connections_per_source", &LimitsRecord::connections_per_source},
    NumberField{"new_per_second", &LimitsRecord::new_per_second},
    NumberField{"upload", &LimitsRecord::upload},
    NumberField{"download", &LimitsRecord::download},
};

// Rules are kept in the one way in which they are shown.
Outcome<Done> read_rules(const Json& value, std::vector<std::string>& to) {
  to.clear();
  for (const Json& item : value) {
    const auto rule = parse_destination_rule(item.get<std::string>());
    if (!rule) return rule.error();
    to.push_back(to_string(*rule));
  }
  return Done{};
}

}  // namespace

Json limits_json(const LimitsRecord& limits) {
  Json json = Json::object();
  for (const auto& [name, number] : kNumbers) {
    const auto& value = limits.*number;
    json[name] = value ? Json(*value) : Json(nullptr);
  }
  json["destinations"] = limits.destinations;
  return json;
}

Outcome<Done> read_limits(const Json& value, LimitsRecord& limits) {
  if (value.is_null()) {
    limits = {};
    return Done{};
  }
  for (const auto& [name, number] : kNumbers) {
    const auto found = value.find(name);
    if (found == value.end()) continue;
    auto& to = limits.*number;
    to = found->is_null() ? std::nullopt : std::optional(found->get<std::int64_t>());
  }
  const auto rules = value.find("destinations");
  return rules == value.end() ? Outcome<Done>(Done{}) : read_rules(*rules, limits.destinations);
}

}  // namespace airlane::api
