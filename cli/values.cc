#include "cli/values.h"

namespace airlane::cli {

void put(Json& body, const char* field, const Text& value) {
  if (value) body[field] = *value;
}

void put_or_null(Json& body, const char* field, const Text& value) {
  if (value) body[field] = *value == "none" ? Json() : Json(*value);
}

void put_list(Json& body, const char* field, const std::vector<std::string>& words) {
  if (words.empty()) return;
  const bool none = words == std::vector<std::string>{"none"};
  body[field] = none ? Json::array() : Json(words);
}

Json count_of(const std::string& text) {
  constexpr std::size_t kDigitsMost = 18;
  if (text == "default") return nullptr;
  const bool is_number = !text.empty() && text.size() <= kDigitsMost &&
                         text.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? Json(std::stoull(text)) : Json(text);
}

std::string query_of(const std::vector<std::pair<const char*, Text>>& options) {
  std::string query;
  for (const auto& [name, value] : options) {
    if (!value) continue;
    query += (query.empty() ? "?" : "&") + std::string(name) + "=" + escaped(*value);
  }
  return query;
}

}  // namespace airlane::cli
