#include "conf/suggest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace airlane::conf {
namespace {

constexpr std::size_t kWordMost = 64;  // Nobody mistypes one of our keys into more than that.

// Levenshtein's distance: letters to insert, remove or replace.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    auto diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < to.size(); ++j) {
      const auto replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> known) {
  if (word.size() > kWordMost) return std::nullopt;
  std::optional<std::string_view> best;
  auto best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto candidate : known) {
    const auto wrong = distance(word, candidate);
    if (wrong >= best_distance) continue;
    best_distance = wrong;
    best = candidate;
  }
  return best;
}

}  // namespace airlane::conf
