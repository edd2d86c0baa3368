// Bytes as a network may deliver them: whole, one at a time, or cut anywhere in two or three.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace airlane::test {

using Pieces = std::vector<std::string_view>;

inline Pieces one_at_a_time(std::string_view text) {
  Pieces pieces;
  for (std::size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
  return pieces;
}

// Calls `answer` for every way in which `text` may arrive in up to three pieces, and for single
// bytes; expects the same from each, and returns it.
template <class Answer>
std::string same_for_every_split(std::string_view text, Answer answer) {
  const std::string whole = answer(Pieces{text});
  EXPECT_EQ(answer(one_at_a_time(text)), whole) << text;
  for (std::size_t i = 1; i < text.size(); ++i) {
    EXPECT_EQ(answer(Pieces{text.substr(0, i), text.substr(i)}), whole) << text << "\ncut at " << i;
    for (std::size_t j = i + 1; j < text.size() && text.size() < 120; ++j) {
      EXPECT_EQ(answer(Pieces{text.substr(0, i), text.substr(i, j - i), text.substr(j)}), whole)
          << text << "\ncut at " << i << " and " << j;
    }
  }
  return whole;
}

}  // namespace airlane::test
