#include "control/scopes.h"

#include <algorithm>
#include <exception>
#include <iterator>

namespace airlane {
namespace {

constexpr Scope kScopes[] = {Scope::kRead, Scope::kRotate, Scope::kReboot, Scope::kAdmin};

}  // namespace

std::string_view name_of(Scope scope) {
  switch (scope) {
    case Scope::kRead:
      return "read";
    case Scope::kRotate:
      return "rotate";
    case Scope::kReboot:
      return "reboot";
    case Scope::kAdmin:
      return "admin";
  }
  std::terminate();
}

std::optional<Scopes> Scopes::parse(std::string_view text) {
  Scopes scopes;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(" ,"), text.size());
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    const auto* const found = std::find_if(std::begin(kScopes), std::end(kScopes),
                                           [&](Scope scope) { return name_of(scope) == word; });
    if (found == std::end(kScopes)) return std::nullopt;
    scopes.add(*found);
  }
  if (scopes == Scopes()) return std::nullopt;
  return scopes;
}

std::string Scopes::to_string() const {
  std::string text;
  for (const Scope scope : kScopes) {
    if (!has(scope)) continue;
    if (!text.empty()) text += ' ';
    text += name_of(scope);
  }
  return text;
}

}  // namespace airlane
