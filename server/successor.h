// The process that takes over from this one, as this one sees it.
//
//   start       spawn; locks and API sockets go over     this process serves
//   "hello"     it has read its configuration and opened all it could
//   hand_over   our control plane has let go of everything; the proxies' listeners go over
//   "serving"   it accepts: ours may close               both have the same sockets
//   "lost"      it names ports whose connections, our draining ones too, have to end
//
// Until "serving" nothing is lost: the sockets are the same in both processes, and no connection
// waits in the queue of a socket that nobody has any more. A successor that fails, ends or is
// silent for too long is killed, and this process goes on.
//
// Control thread only.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/event/fd_event.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "server/channel.h"
#include "server/program.h"

namespace airlane {

class Successor {
 public:
  struct Hooks {
    std::function<void()> ready;                               // It waits for hand_over().
    std::function<void(const Failure&)> failed;                // Before hand_over; destroy it now.
    std::function<void(std::span<const std::uint16_t>)> lost;  // After hand_over.
  };

  static Outcome<std::unique_ptr<Successor>> start(Loop& loop, const ThisProgram& program,
                                                   std::span<const int> locks,
                                                   std::span<const int> doors, Hooks hooks);
  Successor(Successor&&) = delete;
  ~Successor();  // One that has not taken over is ended.

  // Blocks until it serves or has failed; then it has ended, and nothing of ours is in its hands.
  Outcome<Done> hand_over(std::span<const int> listeners);

  [[nodiscard]] pid_t pid() const { return pid_; }  // 0 until it is ready.

 private:
  Successor(Loop& loop, Channel channel, pid_t child, Hooks hooks);
  void on_message();
  void on_hello(const Message& hello);
  void on_lost(std::string_view ports);
  void on_silence();
  [[nodiscard]] Failure explain(const Failure& failure);
  void end();

  Channel channel_;
  pid_t child_;  // Ends when the successor has detached itself; 0 when it was reaped.
  pid_t pid_ = 0;
  bool serves_ = false;
  const Hooks hooks_;
  FdEvent readable_;
  Timer silence_;
};

}  // namespace airlane
