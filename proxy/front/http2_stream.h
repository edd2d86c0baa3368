// One stream of HTTP/2 and the Session behind it, which is asked in HTTP/1.1.
//
//   the client                      the session
//   HEADERS                    ->   a head: CONNECT, or a request in absolute form
//   DATA                       ->   the tunnel's bytes, the body, or a chunk of it
//   trailers, END_STREAM       ->   the last chunk; for a tunnel the end of the stream
//   RST_STREAM                 ->   a cut
//   HEADERS                    <-   a head, interim ones included
//   DATA                       <-   the tunnel's bytes, the body without its framing
//   trailers, END_STREAM       <-   its end, or the end of the stream
//   RST_STREAM                 <-   a cut, or a body that is not whole
//
// An answer that is complete before its request is (407, say) is followed by RST_STREAM(NO_ERROR),
// as RFC 9113, section 8.1, has it.
//
// Owned by an Http2Front; destroyed when nghttp2 closes the stream.
#pragma once

#include <nghttp2/nghttp2.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/front/conduit.h"
#include "proxy/protocol/http2_message.h"
#include "proxy/protocol/http_body.h"
#include "proxy/protocol/http_head_reader.h"

namespace airlane {

class Http2Stream {
 public:
  Http2Stream(FrontHost& host, const std::shared_ptr<Origin>& origin, nghttp2_session& frames,
              std::int32_t id, Callback<void()> on_change);
  Http2Stream(Http2Stream&&) = delete;

  // False when the stream has been reset for it.
  bool take_field(std::string_view name, std::string_view value);
  void take_head(bool ended);
  void take_data(std::string_view bytes);
  void take_end();
  void end_was_sent();
  bool head_was_sent();  // True when continue_head() is due, outside of nghttp2's callbacks.
  void continue_head();
  void closed(std::uint32_t code);
  void cut() { session_.cut(); }
  void reset(std::uint32_t code);

 private:
  enum class Answer : std::uint8_t { kHead, kBody, kWhole };

  void on_session();
  void give_credit();
  void read_head();
  bool take_response();  // True after the last head of this response.
  void submit(const Http2Fields& fields, bool with_body);
  void fail_response();
  static ssize_t on_read(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                         std::uint32_t* flags, nghttp2_data_source* source, void*) noexcept;
  std::optional<std::size_t> receive(std::span<char> out);
  ssize_t read_tunnel(std::span<char> out, std::uint32_t& flags);
  ssize_t read_body(std::span<char> out, std::uint32_t& flags);
  ssize_t read_chunks(std::span<char> out, std::uint32_t& flags);
  ssize_t end_body(std::uint32_t& flags);

  const std::shared_ptr<Origin>& origin_;  // The front's.
  nghttp2_session& frames_;
  const std::int32_t id_;
  Callback<void()> on_change_;

  std::unique_ptr<Http2Request> request_;  // Until its head has been sent.
  std::unique_ptr<Http2Trailers> trailers_;
  std::string method_;
  bool head_taken_ = false;
  bool chunked_ = false;        // The request's body.
  bool request_ended_ = false;  // END_STREAM has come.
  std::size_t owed_ = 0;        // Credit that the client will get back.

  Answer answer_ = Answer::kHead;
  bool tunnel_ = false;
  bool end_sent_ = false;
  bool reset_ = false;
  std::unique_ptr<HeadReader> head_;  // Until the last head of the response has come.
  unsigned interim_waiting_ = 0;      // Interim heads that nghttp2 has not sent yet.
  std::string early_;                 // What came with it.
  std::optional<BodyReader> body_;
  bool body_chunked_ = false;
  std::string trailer_lines_;
  Conduit session_;
};

}  // namespace airlane
