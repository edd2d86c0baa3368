#include "cli/values.h"

#include <algorithm>

#include "conf/amount.h"

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

Json bytes_of(const std::string& text) {
  const auto bytes = conf::read_amount(text, conf::kBytes);
  return bytes ? Json(*bytes) : Json(text);
}

std::string objection_to_count(const std::string& text) {
  const auto count = count_of(text);
  if (!count.is_string()) return {};
  return conf::quoted(text) + " is neither a whole number nor default";
}

std::string objection_to_bytes(const std::string& text,
                               std::initializer_list<std::string_view> words) {
  if (!bytes_of(text).is_string()) return {};
  if (std::find(words.begin(), words.end(), text) != words.end()) return {};
  auto objection = conf::quoted(text) +
                   " is not a size: write a whole number and B, KiB, MiB, GiB or TiB, like 50GiB";
  for (const auto word : words) objection += ", or " + std::string(word);
  return objection;
}

std::string objection_to_name(const std::string& text) {
  if (text.empty()) return "it is empty, which names nothing: is a variable of the script unset?";
  return text == "." || text == ".." ? conf::quoted(text) + " names nothing" : std::string();
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
