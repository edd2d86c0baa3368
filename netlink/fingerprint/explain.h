// A signature in words, field by field, for `airlane fp check`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "netlink/fingerprint/signature.h"

namespace airlane {

struct ExplainedField {
  std::string_view field;  // "ver"
  std::string written;     // "*"
  std::string meaning;     // A sentence, of a signature that can be sent.
};

std::vector<ExplainedField> explain(const Signature& signature);

}  // namespace airlane
