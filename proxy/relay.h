// The last stage of a tunnel: bytes both ways, moved by splice(2) inside the kernel, until both
// directions have ended. Each half reads here, writes there and counts; the end of one stream is
// handed on as a half-close, while the other half goes on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/flow.h"

namespace airlane {

class RelayHalf {
 public:
  enum class Toward : std::uint8_t { kTarget, kClient };

  // `prologue` is sent before the first spliced byte: what the client sent ahead of the tunnel, or
  // our answer to its request.
  RelayHalf(Flow& flow, Toward toward, std::string prologue);
  RelayHalf(RelayHalf&&) = delete;
  ~RelayHalf();

  // kDone once the stream has ended and everything of it, its end included, has been handed on.
  Result<Step> advance();

 private:
  Result<Step> send_prologue();
  Result<Step> fill();
  Result<Step> drain();
  Result<Step> finish();
  void release_pipe();

  Flow& flow_;
  const Toward toward_;
  const int from_;
  const int to_;
  std::string prologue_;
  std::optional<Pipe> pipe_;  // Only while bytes are in flight.
  bool ended_ = false;        // `from_` has.
  bool done_ = false;
};

class Relay {
 public:
  static constexpr std::string_view kName = "relay";

  explicit Relay(Flow& flow);
  Relay(Relay&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error&) { return {}; }  // It is too late for an answer.

 private:
  RelayHalf up_;
  RelayHalf down_;
};

}  // namespace airlane
