// One HTTP request and its response: what Forward does, until it has nothing more to do.
//
// A head and what is there of its body go out in one write. Nothing is read from one end while
// bytes for the other are waiting. A response that its target cut short is cut short for the client
// too: the connection is reset, never ended as if it were whole.
//
// A target's connection may be kept for the client's next request, and for nobody else's. When such
// a one turns out to be dead before a byte of the response came, a request that may be sent twice
// and has no body goes out again by a new one.
//
// A client that resets its connection has left, and its request is given up at once. One that only
// ends its stream may be a browser whose tab was closed, or still be waiting for its answer, as it
// may (RFC 9112, section 9.6): it gets ten seconds for that to begin. If it has left, it resets
// what it is sent then, and that ends the request.
//
// Owned by Forward, in memory of the worker's; its worker's thread only. Errors are those of the
// stage: the session answers them while refusal() has an answer, and resets both ends otherwise.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/event/alarm.h"
#include "proxy/flow.h"
#include "proxy/outlet.h"
#include "proxy/protocol/http_body.h"

namespace airlane {

class Exchange {
 public:
  explicit Exchange(Flow& flow);
  Exchange(Exchange&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error);

 private:
  Status watch_client();
  Result<Step> finish(Step request);
  Result<Step> give_up(const Error& error);

  Result<Step> advance_request();
  Result<bool> move_request(std::size_t& moved);  // False: nothing to do until an event comes.
  Result<bool> splice_request(std::size_t& moved);
  Status send_request(std::span<const char> body);
  void count_to_target(const Result<std::size_t>& sent);

  Result<Step> advance_response();
  Result<bool> move_response(std::size_t& moved);
  Result<bool> splice_response(std::size_t& moved);
  [[nodiscard]] std::uint64_t unseen_response() const noexcept;
  Status take_response(std::span<const char> input);
  Status take_response_head();
  Status switch_protocol(std::span<const char> left);
  Status send_response(std::string_view body);
  Status end_response();
  Status count_to_client(const Result<std::size_t>& sent);

  Flow& flow_;
  Outlet up_;
  Outlet down_;
  BodyReader request_body_;
  BodyReader response_body_{BodyFraming::kNone};  // Once the final response's head has been read.
  Alarm client_leaves_;
  Monotonic::time_point leaves_at_{};
  const bool reused_;             // The target's connection has served a request before.
  bool request_written_ = false;  // Its head, that is.
  bool upload_refused_ = false;   // The target takes no more of it; its answer may still come.
  bool upload_in_bulk_ = false;   // The last read filled its buffer: more will come.
  bool response_in_bulk_ = false;
  bool heard_ = false;     // The target has said something.
  bool has_head_ = false;  // The final response's head has been read.
  bool started_ = false;   // The client has seen the beginning of the final response.
  bool complete_ = false;  // All of it has been read.
  bool dechunk_ = false;
  bool keep_client_ = false;
  bool keep_upstream_ = false;
};

}  // namespace airlane
