// Against guessing passwords at the log-in: who brought too many wrong ones is not believed for a
// while, not even with the right one.
//
// Counted per source (an IPv4 address, or the /64 of an IPv6 one) and name, so that nobody can shut
// somebody else out; and per source over all names, more generously, so that trying one password
// with every name is of no use either. An attempt counts as wrong until it has proved right: many
// at once get no further than one after the other.
//
// Bounded: at most kEntriesMost entries. Control thread only; the clock is the caller's.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/address.h"
#include "base/clock.h"

namespace airlane::api {

class Guessing {
 public:
  static constexpr unsigned kFailuresMost = 10;       // Of one source and name,
  static constexpr unsigned kFailuresOfSource = 50;   // and of one source with any names,
  static constexpr std::chrono::seconds kWindow{60};  // within so long from the first.
  static constexpr std::chrono::seconds kBlock{60};
  static constexpr std::size_t kEntriesMost = 65'536;

  // How long the source has to wait before it may try this name again; zero when it may now.
  [[nodiscard]] Monotonic::duration wait(const Address& source, std::string_view name,
                                         Monotonic::time_point now) const;
  void attempt(const Address& source, std::string_view name, Monotonic::time_point now);
  // It was right, or was not looked at: it did not count.
  void take_back(const Address& source, std::string_view name);
  // It was right: what was wrong before it is forgotten.
  void succeeded(const Address& source, std::string_view name);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    unsigned most = 0;
    unsigned failures = 0;
    Monotonic::time_point first;
    Monotonic::time_point last;

    [[nodiscard]] Monotonic::time_point over() const {
      return failures >= most ? last + kBlock : first + kWindow;
    }
  };

  void count(std::string key, unsigned most, Monotonic::time_point now);
  void take_back(const std::string& key);
  void make_room(Monotonic::time_point now);

  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace airlane::api
