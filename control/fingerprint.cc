#include "control/fingerprint.h"

#include "netlink/fingerprint/honour.h"
#include "netlink/fingerprint/presets.h"
#include "netlink/fingerprint/read_syn.h"

namespace airlane {

Outcome<std::string> judge_fingerprint(std::string_view text) {
  const auto signature = read_fingerprint(text);
  if (!signature) return signature.error();
  if (const auto problem = why_not(*signature)) return *problem;
  return to_string(*signature);
}

std::optional<bool> fits_fingerprint(std::string_view text, const Signature& seen) {
  if (text.empty()) return std::nullopt;
  const auto signature = read_fingerprint(text);
  return signature && fits(*signature, seen);
}

Outcome<Recipe> recipe_of(std::string_view text) {
  const auto signature = read_fingerprint(text);
  return signature ? make_recipe(*signature) : signature.error();
}

}  // namespace airlane
