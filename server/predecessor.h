// The process that this one takes over from, as this one sees it; server/successor.h tells the
// whole story.
//
// Main thread only. Until it has been told "serving", whatever goes wrong here is told to it by
// fail() and ends this process: the predecessor goes on with all that it has.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/event/fd_event.h"
#include "base/result.h"
#include "server/channel.h"

namespace airlane {

class Predecessor {
 public:
  static constexpr const char* kVariable = "AIRLANE_TAKEOVER";  // Names the channel's descriptor.
  static constexpr int kVersion = 1;

  // For the first moments of a process: null when nobody hands over to it. Detaches.
  static Outcome<std::unique_ptr<Predecessor>> from_environment();

  explicit Predecessor(Channel channel) : channel_(std::move(channel)) {}
  Predecessor(Predecessor&&) = delete;

  // What it hands over at once.
  struct Gifts {
    UniqueFd state_folder;
    UniqueFd network;
    std::vector<UniqueFd> doors;
  };
  Outcome<Gifts> receive_gifts();

  // Everything is prepared. When this returns, the predecessor has let go of the database and the
  // dongles, and its listeners are ours as well.
  Outcome<std::vector<UniqueFd>> take_over();
  // From here on it drains.
  Outcome<Done> say_serving() const;
  void fail(std::string_view why) const;

  // Calls `ended` once, when the last of its connections has.
  void watch(Loop& loop, std::function<void()> ended);
  // Connections of these ports have to end over there, too.
  void say_lost(std::span<const std::uint16_t> ports) const;

  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  void on_message();

  Channel channel_;
  pid_t pid_ = 0;
  std::function<void()> ended_;
  std::optional<FdEvent> readable_;
};

}  // namespace airlane
