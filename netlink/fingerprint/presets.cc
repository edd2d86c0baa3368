#include "netlink/fingerprint/presets.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace airlane {
namespace {

// What current versions were seen to send; MSS and, where it follows from it, window are the
// dongle's. p0f's own database ends in 2014 and knows them by their families.
constexpr std::array<Preset, 5> kPresets{{
    {"windows-10", "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"},
    {"macos", "*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df:0"},
    {"ios", "*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df:0"},
    {"android", "*:64:0:*:65535,9:mss,sok,ts,nop,ws:df,id+:0"},
    {"linux", "*:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0"},
}};

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

}  // namespace

std::span<const Preset> presets() { return kPresets; }

Outcome<Signature> read_fingerprint(std::string_view text) {
  for (const auto& preset : kPresets) {
    if (same_name(preset.name, text)) return parse_signature(preset.signature);
  }
  if (text.find(':') != std::string_view::npos) return parse_signature(text);
  std::string names;
  for (const auto& preset : kPresets) names += std::string(preset.name) + ", ";
  return Failure{Failure::Kind::kInvalid,
                 "A fingerprint is " + names +
                     "or a signature in the form of p0f, "
                     "ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass."};
}

}  // namespace airlane
