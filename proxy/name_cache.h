// What the name servers of one dongle have said, found or not, for as long as they said it holds:
// never longer, and never more names than a limit. The one that was used least recently makes room.
//
// Owned by a Resolver, so it ends with the dongle's generation; its thread only.
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/clock.h"
#include "base/result.h"

namespace airlane {

// Of one family, with port 0; never empty.
using NameAnswer = Result<std::vector<Address>>;

// A name in lower case and the family that is asked for, without allocation.
class NameKey {
 public:
  // `host` is a name as Target has it: at most 253 characters. Longer ones are cut, which is good
  // enough for a key of its own but not for a question: see `fits`.
  NameKey(std::string_view host, int family) noexcept;

  [[nodiscard]] bool fits() const noexcept { return fits_; }
  [[nodiscard]] int family() const noexcept;
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }
  [[nodiscard]] const char* name() const noexcept { return text_.data() + 1; }  // Ends in a NUL.

 private:
  std::array<char, 256> text_;  // '4' or '6', the name, NUL.
  std::size_t size_ = 0;
  bool fits_ = true;
};

// For tables of strings in which one looks without making a string.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>()(text);
  }
};

class NameCache {
 public:
  explicit NameCache(std::size_t most) : most_(most) {}

  // Null when it is not known, or not any more.
  std::shared_ptr<const NameAnswer> find(const NameKey& key, Monotonic::time_point now);
  void keep(const NameKey& key, std::shared_ptr<const NameAnswer> answer,
            Monotonic::time_point until);
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const NameAnswer> answer;
    Monotonic::time_point until;
  };
  using Place = std::list<Entry>::iterator;

  void forget(Place place);

  const std::size_t most_;
  std::list<Entry> entries_;                            // The one used last stands first.
  std::unordered_map<std::string_view, Place> places_;  // By the key in the entry.
};

}  // namespace airlane
