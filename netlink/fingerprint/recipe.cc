#include "netlink/fingerprint/recipe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "netlink/fingerprint/honour.h"

namespace airlane {
namespace {

using Form = Signature::WindowForm;

// The options' bytes, with zeros where values go.
void lay_out(const Signature& signature, egress_recipe& wire) {
  wire.mss_at = wire.scale_at = wire.time_at = EGRESS_ABSENT;
  std::size_t at = 0;
  for (const auto& option : signature.options) {
    const auto size = size_of(option);
    const auto value_at = static_cast<std::uint8_t>(at + 2);
    wire.options[at] = option.kind;
    if (option.kind > kOptionNop) wire.options[at + 1] = static_cast<std::uint8_t>(size);
    if (option.kind == kOptionMss) wire.mss_at = value_at;
    if (option.kind == kOptionScale) wire.scale_at = value_at;
    if (option.kind == kOptionTime) wire.time_at = value_at;
    if (option.kind == kOptionEnd && signature.quirks.has(Quirk::kTrailing)) {
      std::fill_n(wire.options + at + 1, size - 1, std::uint8_t{1});
    }
    at += size;
  }
  wire.options_size = static_cast<std::uint8_t>(at);
}

std::uint16_t quirk_bits(const Signature& signature) {
  static constexpr std::array<std::pair<Quirk, int>, 11> kBits{
      {{Quirk::kDf, EGRESS_DF},
       {Quirk::kIdNonZero, EGRESS_ID},
       {Quirk::kReserved, EGRESS_RESERVED},
       {Quirk::kEcn, EGRESS_ECN},
       {Quirk::kFlow, EGRESS_FLOW},
       {Quirk::kAckNonZero, EGRESS_ACK_VALUE},
       {Quirk::kUrgentValue, EGRESS_URGENT},
       {Quirk::kUrgentFlag, EGRESS_URGENT | EGRESS_URGENT_FLAG},
       {Quirk::kPushFlag, EGRESS_PUSH_FLAG},
       {Quirk::kOwnTimeZero, EGRESS_TIME_ZERO},
       {Quirk::kPeerTime, EGRESS_PEER_TIME}}};
  int bits = 0;
  for (const auto& [quirk, bit] : kBits) bits |= signature.quirks.has(quirk) ? bit : 0;
  // Nothing said of df and id is something said: there is an id, and it may be fragmented.
  const bool native = !signature.quirks.has(Quirk::kDf) && !signature.quirks.has(Quirk::kIdZero);
  if (native) bits |= EGRESS_ID;
  if (!signature.mss) bits |= EGRESS_MSS_KERNELS;
  if (signature.has_option(kOptionSackAllowed)) bits |= EGRESS_SACK_ALLOWED;
  return static_cast<std::uint16_t>(bits);
}

std::uint8_t window_form(Form form) {
  switch (form) {
    case Form::kAny:
      return EGRESS_WINDOW_KERNELS;
    case Form::kFixed:
      return EGRESS_WINDOW_FIXED;
    case Form::kMultiple:
      return EGRESS_WINDOW_MULTIPLE;
    case Form::kTimesMss:
      return EGRESS_WINDOW_TIMES_MSS;
    case Form::kTimesMtu:
      return EGRESS_WINDOW_TIMES_MTU;
  }
  return EGRESS_WINDOW_KERNELS;
}

std::uint8_t families(Signature::Version version) {
  switch (version) {
    case Signature::Version::kAny:
      return EGRESS_V4 | EGRESS_V6;
    case Signature::Version::kV4:
      return EGRESS_V4;
    case Signature::Version::kV6:
      return EGRESS_V6;
  }
  return 0;
}

}  // namespace

Outcome<Recipe> make_recipe(const Signature& signature) {
  if (auto problem = why_not(signature)) return *std::move(problem);
  Recipe recipe;
  auto& wire = recipe.wire;
  wire.quirks = quirk_bits(signature);
  wire.mss = signature.mss.value_or(0);
  wire.window = signature.window;
  wire.window_form = window_form(signature.window_form);
  wire.families = families(signature.version);
  wire.ttl = signature.ttl;
  wire.scale = EGRESS_ABSENT;
  lay_out(signature, wire);
  recipe.needs_scaling = signature.has_option(kOptionScale);
  recipe.needs_time = signature.has_option(kOptionTime);
  recipe.needs_sack = signature.has_option(kOptionSackAllowed);
  recipe.needs_ecn = signature.quirks.has(Quirk::kEcn);
  if (recipe.needs_scaling && signature.scale) {
    recipe.scale = signature.scale;
    wire.scale = *signature.scale;
  }
  recipe.warnings = warnings_for(signature);
  return recipe;
}

}  // namespace airlane
