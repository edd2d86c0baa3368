// One connection of the load generator to the target, through whatever is measured. It connects and
// shakes hands by itself; a work derives from it and says what happens then. A failure is counted
// and tried again. One thread; belongs to the work that made it.
#pragma once

#include <optional>

#include "bench/load.h"
#include "bench/net.h"

namespace airlane::bench {

class Client : public Handler {
 public:
  explicit Client(Load& load, Handshake::Command command = Handshake::Command::kConnect)
      : load_(load), command_(command) {}

  void open();
  void close();
  [[nodiscard]] bool is_open() const { return open_; }
  [[nodiscard]] Monotonic::time_point began() const { return began_; }

  void ready(std::uint32_t events) final;

 protected:
  virtual void opened() = 0;
  virtual void serve(std::uint32_t events) = 0;  // Only while open.

  void fail(const char* during);         // Counts, closes, and opens anew a moment later.
  void send_all(std::string_view text);  // Small and into an empty queue: all of it, or fails.

  Load& load_;
  UniqueFd fd_;
  int receive_buffer_ = 0;
  std::optional<Handshake> handshake_;

 private:
  void shake(std::uint32_t events);
  void say(const std::string& words);
  void become_open();

  Handshake::Command command_;
  Monotonic::time_point began_;
  bool connected_ = false;
  bool open_ = false;
  bool reopen_ = false;
};

// Opens all clients, not more than `at_once` of them at the same time, and waits for the last.
template <class Clients>
void open_all(Load& load, Clients& clients, std::size_t at_once = 64) {
  std::size_t begun = 0;
  std::size_t open = 0;
  const auto still = [&] {
    while (open < begun && clients[open]->is_open()) ++open;
    for (; begun < clients.size() && begun < open + at_once; ++begun) clients[begun]->open();
    return open < clients.size();
  };
  if (!load.poller.run_while(still, load.start_deadline())) {
    die("only " + std::to_string(open) + " of " + std::to_string(clients.size()) +
        " connections came up in time");
  }
}

}  // namespace airlane::bench
