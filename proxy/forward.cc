#include "proxy/forward.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "proxy/protocol/http_rewrite.h"

namespace airlane {
namespace {

// After this much, the worker's other sessions have their turn.
constexpr std::size_t kTurn = 1 << 20;

}  // namespace

Result<std::size_t> Outbox::send(End& end, std::string_view bytes) {
  if (!kept_.empty()) {
    kept_ += bytes;
    bytes = kept_;
  }
  const auto sent = end.send(bytes, "write");
  if (!sent) return sent;
  if (kept_.empty()) {
    kept_ = bytes.substr(*sent);
  } else {
    kept_.erase(0, *sent);
  }
  return sent;
}

Exchange::Exchange(Flow& flow)
    : flow_(flow),
      up_(upstream_request(flow.handshake->request)),
      request_body_(flow.handshake->request.framing, flow.handshake->request.content_length),
      response_text_(HeadReader::Kind::kResponse) {}

Result<Step> Exchange::advance() {
  const auto request = advance_request();
  if (!request) return request;
  const auto response = advance_response();
  if (!response || *response != Step::kDone) {
    return response && *request == Step::kAgain ? request : response;
  }
  const bool again = keep_client_ && *request == Step::kDone && !upload_refused_;
  if (again && keep_upstream_) {
    flow_.handshake->upstream_target = flow_.handshake->target;
  } else {
    flow_.close_upstream();
  }
  return again ? Step::kNext : Step::kDone;
}

std::string Exchange::refusal(const Error& error) {
  return started_ ? std::string() : refusal_of(flow_, error);
}

Result<Step> Exchange::advance_request() {
  for (std::size_t moved = 0; moved < kTurn;) {
    if (upload_refused_) return Step::kDone;
    if (!up_.empty()) {
      if (const auto sent = send_upstream({}); !sent) return sent.error();
      if (!up_.empty()) return Step::kWait;
    }
    if (request_body_.complete()) return Step::kDone;
    std::string early = std::exchange(flow_.handshake->early, {});
    std::span<const char> input(early);
    if (input.empty()) {
      const auto received = flow_.client.receive(flow_.bench.buffer, "read request body");
      if (!received) return received.error();
      if (!*received) return Step::kWait;
      if (**received == 0) return Error{Errc::kMalformed, "read request body"};
      input = flow_.bench.buffer.first(**received);
    }
    const auto used = request_body_.feed(input);
    if (!used) return used.error();
    flow_.handshake->early.assign(input.begin() + static_cast<std::ptrdiff_t>(*used), input.end());
    if (const auto sent = send_upstream({input.data(), *used}); !sent) return sent.error();
    moved += *used;
  }
  return Step::kAgain;
}

// A target may answer and close before it has read the whole request (413, say): that is no error
// until its answer turns out to be missing.
Status Exchange::send_upstream(std::string_view bytes) {
  const auto sent = up_.send(flow_.upstream, bytes);
  if (!sent) {
    upload_refused_ = true;
    return Done{};
  }
  flow_.counters->add_outgoing(*sent);
  flow_.last_moved = flow_.bench.reactor.now();
  return Done{};
}

Result<Step> Exchange::advance_response() {
  for (std::size_t moved = 0; moved < kTurn;) {
    if (!down_.empty()) {
      if (const auto sent = send_to_client({}); !sent) return sent.error();
      if (!down_.empty()) return Step::kWait;
    }
    if (complete_) return Step::kDone;
    const auto received = flow_.upstream.receive(flow_.bench.buffer, "read response");
    if (!received) return received.error();
    if (!*received) return Step::kWait;
    flow_.counters->add_incoming(**received);
    const auto taken =
        **received == 0 ? end_response() : take_response(flow_.bench.buffer.first(**received));
    if (!taken) return taken.error();
    moved += **received;
  }
  return Step::kAgain;
}

Status Exchange::end_response() {
  if (!response_body_ || !response_body_->may_end()) return Error{Errc::kBroken, "read response"};
  complete_ = true;
  keep_upstream_ = false;
  return Done{};
}

Status Exchange::take_response(std::span<const char> input) {
  while (!response_body_) {
    const auto complete = response_text_.feed(input);
    if (!complete) return Error{Errc::kBroken, "read response head"};
    if (!*complete) return Done{};
    if (const auto taken = take_response_head(); !taken) return taken;
  }
  std::string payload;
  const auto used =
      dechunk_ ? response_body_->feed_decoded(input, payload) : response_body_->feed(input);
  if (!used) return Error{Errc::kBroken, "read response body"};
  complete_ = response_body_->complete();
  if (*used < input.size()) keep_upstream_ = false;  // It speaks out of turn.
  return send_to_client(dechunk_ ? std::string_view(payload)
                                 : std::string_view(input.data(), *used));
}

Status Exchange::take_response_head() {
  const auto response = parse_response(response_text_.text(), flow_.handshake->request.method);
  if (!response || response->status == 101) return Error{Errc::kBroken, "read response head"};
  const int minor_version = flow_.handshake->request.minor_version;
  if (response->is_interim()) {
    // RFC 9110, section 15.2: an HTTP/1.0 client does not know them.
    if (minor_version > 0) down_.add(client_response(*response, {minor_version}));
    response_text_.reset();
    return Done{};
  }
  dechunk_ = must_dechunk(*response, minor_version);
  keep_upstream_ = response->keep_alive;
  keep_client_ = flow_.handshake->request.keep_alive && !dechunk_ &&
                 response->framing != BodyFraming::kUntilClose;
  down_.add(client_response(*response, {minor_version, keep_client_, dechunk_}));
  response_body_.emplace(response->framing, response->content_length);
  return Done{};
}

Status Exchange::send_to_client(std::string_view bytes) {
  const auto sent = down_.send(flow_.client, bytes);
  if (!sent) return sent.error();
  if (*sent > 0) started_ = true;
  flow_.last_moved = flow_.bench.reactor.now();
  return Done{};
}

bool is_idle(int fd) noexcept {
  char byte = 0;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

}  // namespace airlane
