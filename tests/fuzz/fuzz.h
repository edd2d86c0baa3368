// What the fuzz targets share. A target is one file with one function, `check(data)`, that runs a
// parser over any bytes at all and aborts where it contradicts itself; not crashing is not enough.
//
// The same file is built twice: with clang as a libFuzzer program that looks for such bytes
// (script/fuzz), and with any compiler as a test that goes through the corpus (replay.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace airlane::fuzz {

// Defined by each target.
void check(std::string_view data);

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: broken: %s\n", what);
  std::abort();
}

// Takes one byte off the front, to choose between what a target can do: 0 when there is none.
inline std::uint8_t take_byte(std::string_view& data) {
  if (data.empty()) return 0;
  const auto byte = static_cast<std::uint8_t>(data.front());
  data.remove_prefix(1);
  return byte;
}

using Pieces = std::vector<std::string_view>;

// Cuts of 1 to `most` bytes, another way for every seed; most 1 gives single bytes.
inline Pieces cut(std::string_view data, std::size_t most, std::uint64_t seed) {
  Pieces pieces;
  while (!data.empty()) {
    seed = seed * 6364136223846793005 + 1442695040888963407;
    const auto size = 1 + (seed >> 33) % most;
    pieces.push_back(data.substr(0, size));
    data.remove_prefix(pieces.back().size());
  }
  return pieces;
}

// What `answer` (a string, from Pieces) says of the whole must be what it says of every cut.
template <class Answer>
std::string same_for_every_cut(std::string_view data, Answer answer) {
  const std::string whole = answer(Pieces{data});
  std::uint64_t seed = data.size();
  for (const char c : data) seed = seed * 31 + static_cast<std::uint8_t>(c);
  for (const std::size_t most : {1U, 2U, 7U, 40U}) {
    require(answer(cut(data, most, seed)) == whole, "the answer depends on how the bytes were cut");
  }
  if (data.size() > 2) {  // And in two, near the end, where line ends are.
    const auto at = data.size() - 1 - seed % (data.size() < 9 ? data.size() - 1 : 8);
    require(answer(Pieces{data.substr(0, at), data.substr(at)}) == whole,
            "the answer depends on where the bytes were cut in two");
  }
  return whole;
}

}  // namespace airlane::fuzz
