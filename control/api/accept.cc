#include "control/api/accept.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace airlane::api {
namespace {

// How much a type is wanted: its weight, and how closely it was named (0 is a wildcard).
using Wish = std::pair<double, int>;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string_view cut(std::string_view& rest, char at) {
  const auto end = std::min(rest.find(at), rest.size());
  const auto part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

double weight_of(std::string_view parameters) {
  double weight = 1;
  while (!parameters.empty()) {
    const auto parameter = cut(parameters, ';');
    if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
    const auto text = parameter.substr(2);
    std::from_chars(text.data(), text.data() + text.size(), weight);
  }
  return weight;
}

// -1 when the range does not cover the type.
int closeness(std::string_view range, std::string_view type) {
  if (range == "*/*") return 0;
  if (range.ends_with("/*") && type.starts_with(range.substr(0, range.size() - 1))) return 1;
  return equal_ignoring_case(range, type) ? 2 : -1;
}

// The closest range decides the weight.
Wish wish_for(std::string_view accept, std::string_view type) {
  Wish wish{0, -1};
  while (!accept.empty()) {
    auto rest = cut(accept, ',');
    const auto range = cut(rest, ';');
    const int close = closeness(range, type);
    if (close > wish.second) wish = {weight_of(rest), close};
  }
  return wish;
}

Wish wish_for(std::string_view accept, Format format) {
  return wish_for(accept, format == Format::kJson ? std::string_view("application/json")
                                                  : std::string_view("text/html"));
}

}  // namespace

bool takes(std::string_view accept, Format format) {
  return trimmed(accept).empty() || wish_for(accept, format).first > 0;
}

std::optional<Format> preferred_format(std::string_view accept) {
  if (trimmed(accept).empty()) return Format::kJson;
  const Wish json = wish_for(accept, Format::kJson);
  const Wish page = wish_for(accept, Format::kPage);
  if (json.first <= 0 && page.first <= 0) return std::nullopt;
  return page > json ? Format::kPage : Format::kJson;
}

}  // namespace airlane::api
