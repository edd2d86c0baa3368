// Which targets a proxy's bytes went to, in a table of bounded size: the heaviest by name, the rest
// added up. A value; no thread of its own.
//
// Sums are exact: what was added is in a target or in `other`, once. A target that is not among the
// heaviest makes way, and all that it had goes to `other`; should it come back, it begins at zero.
// So that a heavy one which comes in small pieces is not turned away again and again, each target
// has a weight besides: its bytes, and as many as it may have lost before it came (`floor`). The
// lightest by weight makes way (Misra and Gries; merged as Agarwal and others do). With N kept:
//
//   - a target with more than 1/(N+1) of all bytes is always there;
//   - it is short by at most floor(), which is at most 1/(N+1) of all bytes, and 0 as long as
//     nobody had to make way;
//   - who is not there had at most floor() bytes.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace airlane {

struct TargetSum {
  std::uint64_t incoming = 0;  // Bytes.
  std::uint64_t outgoing = 0;
  std::uint64_t connections = 0;  // Made to it; of datagrams: flows of them.

  [[nodiscard]] std::uint64_t bytes() const noexcept { return incoming + outgoing; }
  TargetSum& operator+=(const TargetSum& more) noexcept;
  bool operator==(const TargetSum&) const = default;
};

struct TargetName {
  std::string host;
  std::uint16_t port = 0;

  auto operator<=>(const TargetName&) const = default;
};

class TargetSummary {
 public:
  struct Entry {
    TargetSum sum;
    std::uint64_t weight = 0;

    bool operator==(const Entry&) const = default;
  };
  using Entries = std::map<TargetName, Entry>;

  TargetSummary() = default;
  // As it was stored.
  TargetSummary(Entries entries, const TargetSum& other, std::uint64_t floor)
      : entries_(std::move(entries)), other_(other), floor_(floor) {}

  void add(const TargetName& name, const TargetSum& sum);
  void add_other(const TargetSum& sum) { other_ += sum; }
  void merge(const TargetSummary& more);
  // Lets the lightest make way until there are `most`.
  void trim(std::size_t most);

  [[nodiscard]] const Entries& entries() const noexcept { return entries_; }
  [[nodiscard]] const TargetSum& other() const noexcept { return other_; }
  [[nodiscard]] std::uint64_t floor() const noexcept { return floor_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty() && other_ == TargetSum(); }

  struct Top {
    TargetName name;
    TargetSum sum;
  };
  // The heaviest by the bytes that they are known to have, at most so many; of equals, by name.
  [[nodiscard]] std::vector<Top> top(std::size_t most) const;

 private:
  Entries entries_;
  TargetSum other_;
  std::uint64_t floor_ = 0;
};

}  // namespace airlane
