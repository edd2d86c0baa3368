#include "control/api/admin/table.h"

#include <algorithm>
#include <optional>

#include "base/event/http_message.h"
#include "control/api/admin/resources.h"

namespace airlane::api {
namespace {

// In the order in which people read about them.
constexpr std::span<const Endpoint> (*kResources[])() = {
    user_endpoints,         key_endpoints, dongle_endpoints,   proxy_endpoints,
    proxy_action_endpoints, top_endpoints, limit_endpoints,    credential_endpoints,
    schedule_endpoints,     job_endpoints, transfer_endpoints, server_endpoints,
    metrics_endpoints,
};

std::vector<const Endpoint*> all() {
  std::vector<const Endpoint*> rows;
  for (const auto& resource : kResources) {
    for (const Endpoint& endpoint : resource()) rows.push_back(&endpoint);
  }
  return rows;
}

std::string_view next_part(std::string_view& path) {
  const auto end = std::min(path.find('/'), path.size());
  const auto part = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return part;
}

bool is_parameter(std::string_view part) { return part.starts_with('{'); }

// What stands for the parameters; absent when the path is another one.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> values;
  while (!pattern.empty() && !path.empty()) {
    const auto wanted = next_part(pattern);
    const auto given = next_part(path);
    if (is_parameter(wanted) && !given.empty()) {
      values.push_back(percent_decode(given));
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return values;
}

}  // namespace

std::span<const Endpoint* const> endpoints() {
  static const std::vector<const Endpoint*> kRows = all();
  return kRows;
}

Found endpoints_at(std::string_view raw_path) {
  if (raw_path.ends_with('/')) raw_path.remove_suffix(1);
  Found found;
  for (const Endpoint* const endpoint : endpoints()) {
    if (!found.endpoints.empty()) {
      if (endpoint->path == found.endpoints.front()->path) found.endpoints.push_back(endpoint);
    } else if (auto values = match(endpoint->path, raw_path)) {
      found = {{endpoint}, *std::move(values)};
    }
  }
  return found;
}

std::string allowed_methods(const Found& found) {
  std::string methods;
  for (const Endpoint* const endpoint : found.endpoints) {
    methods += std::string(endpoint->method) + ", ";
    if (endpoint->method == "GET") methods += "HEAD, ";
  }
  return methods + "OPTIONS";
}

std::vector<std::string_view> parameters_of(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const auto part = next_part(path);
    if (is_parameter(part)) names.push_back(part.substr(1, part.size() - 2));
  }
  return names;
}

std::uint8_t use_of(std::string_view method) {
  if (method == "POST") return Field::kPosted;
  return method == "PATCH" ? Field::kPatched : Field::kTold;
}

}  // namespace airlane::api
