// A client that speaks HTTP/2 (RFC 9113): the only door to nghttp2.
//
// Frames are nghttp2's, streams are Http2Stream's; here is what holds for the connection: how much
// a client may ask for at once, and when it has gone too far.
//
//   kStreamsMost           streams at once; one more is refused (REFUSED_STREAM)
//   kStreamWindow          of request bytes that a session has not taken, per stream; given back as
//                          the session takes them, so that a client keeps the target's pace
//   kConnectionWindow      of request bytes in flight. Given back as they arrive: a stream that is
//                          not read does not stop the others
//   kResets                streams that the client may open and cancel in a row, and per second in
//                          the long run ("rapid reset"); then the connection ends
//   kAnswersMost           answers to PING and SETTINGS that may wait for a client that does not
//                          read
//   kHeadMost              of a header list, as for everybody
//
// Owned by a TlsFront, on the worker's thread.
#pragma once

#include <nghttp2/nghttp2.h>

#include <memory>
#include <string_view>
#include <unordered_map>

#include "base/handle.h"
#include "proxy/front/client_protocol.h"
#include "proxy/front/http2_stream.h"

namespace airlane {

class Http2Front final : public ClientProtocol {
 public:
  static constexpr std::string_view kName = "h2";
  static constexpr std::uint32_t kStreamsMost = 100;
  static constexpr std::int32_t kStreamWindow = 256 << 10;
  static constexpr std::int32_t kConnectionWindow = 1 << 20;
  static constexpr std::uint64_t kResetsInARow = 200;
  static constexpr std::uint64_t kResetsPerSecond = 20;
  static constexpr std::size_t kAnswersMost = 100;

  Http2Front(FrontHost& host, std::shared_ptr<Origin> origin, Callback<void()> on_change);
  Http2Front(Http2Front&&) = delete;  // nghttp2 keeps `this`.
  ~Http2Front() override;

  [[nodiscard]] bool hungry() const override;
  Status feed(std::span<const char> bytes) override;
  void end(bool cut) override;
  Result<std::size_t> take(std::span<char> out) override;
  [[nodiscard]] bool finished() const override;
  [[nodiscard]] bool deaf() const override { return finished(); }
  [[nodiscard]] bool busy() const override { return !streams_.empty(); }
  void drain() override;

 private:
  using Session = Handle<nghttp2_session, nghttp2_session_del>;
  struct Callbacks;  // nghttp2's, in http2_callbacks.cc.

  [[nodiscard]] Http2Stream* find(std::int32_t id) noexcept;
  void begin(std::int32_t id);
  void close(std::int32_t id, std::uint32_t code);

  FrontHost& host_;
  const std::shared_ptr<Origin> origin_;
  Callback<void()> on_change_;
  std::unordered_map<std::int32_t, std::unique_ptr<Http2Stream>> streams_;
  std::span<const char> frame_;  // nghttp2's, not yet taken.
  bool heads_are_due_ = false;   // A stream waits for its interim heads to have been sent.
  bool draining_ = false;
  bool gone_ = false;  // The client.
  Session session_;
};

}  // namespace airlane
