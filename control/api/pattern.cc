#include "control/api/pattern.h"

#include <re2/re2.h>

namespace airlane::api {
namespace {

constexpr std::size_t kTextMost = 1000;
constexpr std::int64_t kMemoryMost = std::int64_t{1} << 20;  // Of one, compiled.

RE2::Options options() {
  RE2::Options options;
  options.set_posix_syntax(true);
  options.set_perl_classes(true);
  options.set_word_boundary(true);
  options.set_one_line(true);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  options.set_max_mem(kMemoryMost);
  return options;
}

Failure bad(std::string reason) { return {Failure::Kind::kInvalid, std::move(reason)}; }

}  // namespace

Pattern::Pattern(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Pattern::Pattern(Pattern&&) noexcept = default;
Pattern& Pattern::operator=(Pattern&&) noexcept = default;
Pattern::~Pattern() = default;

Outcome<Pattern> Pattern::parse(std::string_view text) {
  if (text.size() > kTextMost) return bad("it is too long");
  auto compiled = std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), options());
  if (!compiled->ok()) return bad(compiled->error());
  return Pattern(std::move(compiled));
}

bool Pattern::is_found_in(std::string_view text) const {
  return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *compiled_);
}

}  // namespace airlane::api
