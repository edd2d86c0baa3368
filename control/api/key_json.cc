#include "control/api/key_json.h"

#include <algorithm>

namespace airlane::api {

Json scopes_json(const ApiKeyRecord& key) {
  std::string_view text = key.scopes;
  Json list = Json::array();
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    list.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return list;
}

Json key_json(const ApiKeyRecord& key) {
  return {{"id", key.id},
          {"name", key.name},
          {"scopes", scopes_json(key)},
          {"created_at", to_iso(key.created)},
          {"expires_at", iso_or_null(key.expires)},
          {"last_used_at", iso_or_null(key.last_used)}};
}

}  // namespace airlane::api
