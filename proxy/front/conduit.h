// The front's end of the pair of sockets to one Session.
//
// Both directions are bounded by the pair's buffers (kPairBuffer each, in the kernel). What the
// session does not take is held here, and whoever sends looks at held() before it sends more.
//
// Owned by a front or by one of its streams.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/callback.h"
#include "base/event/watch.h"
#include "base/unique_fd.h"
#include "proxy/front/host.h"

namespace airlane {

class Conduit {
 public:
  static constexpr int kPairBuffer = 128 << 10;

  // `on_change`: there may be something to read, or held() has changed.
  Conduit(FrontHost& host, Callback<void()> on_change);
  Conduit(Conduit&&) = delete;
  ~Conduit() { close(); }

  // Begins a session. False when there is none to be had.
  bool open(const std::shared_ptr<Origin>& origin, Inside inside);
  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(socket_); }

  // Takes all of it; drops it when the session is gone.
  void send(std::string_view bytes);
  [[nodiscard]] std::size_t held() const noexcept { return held_.size(); }
  void end();  // The client says no more.
  void cut();  // The client is gone, and what it said is not whole. Closes.
  void close() noexcept;

  // How many bytes; 0 at the end of what the session says, absent when there is nothing now.
  std::optional<std::size_t> receive(std::span<char> out);
  // After that end: whether it is none.
  [[nodiscard]] bool was_cut() const noexcept { return bridge_->session_cut; }
  // The session reads nothing more.
  [[nodiscard]] bool gone() const noexcept { return gone_; }

 private:
  void on_event(Readiness ready);
  void flush();
  std::size_t push(std::string_view bytes);

  FrontHost& host_;
  Callback<void()> on_change_;
  std::shared_ptr<Bridge> bridge_ = std::make_shared<Bridge>();
  std::string held_;
  bool ending_ = false;  // As soon as nothing is held.
  bool gone_ = false;
  UniqueFd socket_;
  Watch watch_;
};

}  // namespace airlane
