// A fingerprint: what is accepted is written in one way only and means the same again, and what is
// compiled from it stays within the bounds that the program in the kernel trusts.
#include "netlink/fingerprint/signature.h"

#include "netlink/fingerprint/explain.h"
#include "netlink/fingerprint/presets.h"
#include "netlink/fingerprint/recipe.h"
#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

void require_sentence(const Failure& failure) {
  require(!failure.text.empty() && failure.text.back() == '.', "a refusal without a sentence");
  for (const char c : failure.text) require(c >= ' ' && c < '\x7f', "a refusal with control bytes");
}

bool is_place(std::uint8_t at, int size, const egress_recipe& wire) {
  return at == EGRESS_ABSENT || at + size <= wire.options_size;
}

void require_bounds(const Signature& signature, const Recipe& recipe) {
  const auto& wire = recipe.wire;
  require(wire.options_size <= EGRESS_OPTIONS_MOST && wire.options_size % 4 == 0, "options' size");
  require(is_place(wire.mss_at, 2, wire) && is_place(wire.scale_at, 1, wire) &&
              is_place(wire.time_at, 8, wire),
          "a value outside of the options");
  require(wire.ttl == signature.ttl && wire.ttl != 0, "the TTL");
  require(wire.scale <= 14 || wire.scale == EGRESS_ABSENT, "the scale");
  require(recipe.window_clamp() >= 0, "the clamp");
  require((wire.families & ~(EGRESS_V4 | EGRESS_V6)) == 0 && wire.families != 0, "the families");
  require(wire.window_form != EGRESS_WINDOW_MULTIPLE || wire.window > 1, "a multiple of nothing");
}

}  // namespace

void check(std::string_view data) {
  const auto signature = parse_signature(data);
  if (const auto read = read_fingerprint(data); !read) require_sentence(read.error());
  if (!signature) return require_sentence(signature.error());
  const auto text = to_string(*signature);
  const auto again = parse_signature(text);
  require(again && *again == *signature, "it means another thing when it is written");
  require(to_string(*again) == text, "it is written in two ways");
  const auto recipe = make_recipe(*signature);
  if (!recipe) return require_sentence(recipe.error());
  require_bounds(*signature, *recipe);
  for (const auto& field : explain(*signature)) {
    require(field.meaning.ends_with('.'), "a field without a sentence");
  }
}

}  // namespace airlane::fuzz
