// What two processes of this program tell each other while one takes over from the other: short
// messages of text, with descriptors beside them (SCM_RIGHTS over a SOCK_SEQPACKET pair).
//
// A message is one word and what belongs to it: "hello 1 4711", "listeners". Plain blocking calls
// with a limit each; one thread at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

struct Message {
  std::string text;
  std::vector<UniqueFd> fds;

  [[nodiscard]] std::string_view word() const;  // The first one.
  [[nodiscard]] std::string_view rest() const;  // What follows it.
};

class Channel {
 public:
  static constexpr std::size_t kFdsMost = 250;       // In one message; the kernel takes 253.
  static constexpr std::size_t kTextMost = 1 << 14;  // Bytes of one message.

  // The two ends; neither survives an exec.
  static Outcome<std::pair<Channel, Channel>> make_pair();
  explicit Channel(UniqueFd fd) : fd_(std::move(fd)) {}

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  // The descriptors stay the caller's. kUnavailable when the other end is gone or does not read for
  // several seconds.
  [[nodiscard]] Outcome<Done> send(std::string_view text, std::span<const int> fds = {}) const;
  // As many messages of that text as the descriptors need, at least one.
  [[nodiscard]] Outcome<Done> send_all(std::string_view text, std::span<const int> fds) const;
  // kNotFound when the other end is closed, kUnavailable when nothing came in time.
  [[nodiscard]] Outcome<Message> receive(std::chrono::milliseconds most) const;

 private:
  UniqueFd fd_;
};

}  // namespace airlane
