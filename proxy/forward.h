// The last stage of an HTTP request that is not CONNECT: the rewritten request to the target, its
// response to the client, bodies both ways at the pace of the slower end.
//
// Never more than one workbench buffer is held per direction: nothing is read from one end while
// bytes for the other are waiting. A response that its target cut short is cut short for the client
// too: the connection is reset, never ended as if it were whole.
//
//   kNext   the exchange is over and the client may send its next request
//   kDone   it is over and the connection ends
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/flow.h"
#include "proxy/protocol/http_body.h"

namespace airlane {

// Bytes on their way to one end: sent at once, or kept until that end can take them.
class Outbox {
 public:
  explicit Outbox(std::string bytes = {}) : kept_(std::move(bytes)) {}

  void add(std::string_view bytes) { kept_ += bytes; }  // To be sent by the next flush.
  Result<std::size_t> flush(End& end) { return send(end, {}); }
  // What was kept, then `bytes`; how many bytes the kernel took. What it did not take is kept.
  Result<std::size_t> send(End& end, std::string_view bytes);

  [[nodiscard]] bool empty() const noexcept { return kept_.empty(); }

 private:
  std::string kept_;
};

// One request and its response.
class Exchange {
 public:
  explicit Exchange(Flow& flow);
  Exchange(Exchange&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error);

 private:
  Result<Step> advance_request();
  Result<Step> advance_response();
  Status send_upstream(std::string_view bytes);
  Status send_to_client(std::string_view bytes);
  Status take_response(std::span<const char> input);
  Status take_response_head();
  Status end_response();

  Flow& flow_;
  Outbox up_;
  BodyReader request_body_;
  bool upload_refused_ =
      false;  // The target takes no more of the request; its answer may still come.

  Outbox down_;
  HeadReader response_text_;
  std::optional<BodyReader> response_body_;  // Once the final response's head has been read.
  bool started_ = false;                     // The client has seen the beginning of a response.
  bool complete_ = false;                    // All of it has been read.
  bool dechunk_ = false;
  bool keep_client_ = false;
  bool keep_upstream_ = false;
};

class Forward {
 public:
  static constexpr std::string_view kName = "relay";

  explicit Forward(Flow& flow) : exchange_(std::make_unique<Exchange>(flow)) {}
  Forward(Forward&&) = delete;

  Result<Step> advance() { return exchange_->advance(); }
  std::string refusal(const Error& error) { return exchange_->refusal(error); }

 private:
  std::unique_ptr<Exchange> exchange_;  // Apart, so that a tunnel's session need not be as large.
};

// Whether a kept connection is still there and silent, as it has to be between two requests.
bool is_idle(int fd) noexcept;

}  // namespace airlane
