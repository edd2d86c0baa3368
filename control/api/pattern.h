// A regular expression of a client's, found in time that grows with the text alone: the one door to
// RE2.
//
// POSIX, with what PostgreSQL adds to it: \d \w \s and \b, and a dot that takes line breaks too.
// Back-references and look-around, which no linear search can do, are refused as bad.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace airlane::api {

class Pattern {
 public:
  // kInvalid with the reason, without a full stop.
  static Outcome<Pattern> parse(std::string_view text);
  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  ~Pattern();

  [[nodiscard]] bool is_found_in(std::string_view text) const;

 private:
  explicit Pattern(std::unique_ptr<re2::RE2> compiled);

  std::unique_ptr<re2::RE2> compiled_;
};

}  // namespace airlane::api
