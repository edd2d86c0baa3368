#include "proxy/exchange.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "proxy/protocol/http_rewrite.h"

namespace airlane {
namespace {

// After this much, the worker's other sessions have their turn.
constexpr std::size_t kTurn = 1 << 20;
// With so much payload ahead, and more of it there than a read has taken, splice(2) costs less than
// two copies, until one brings less than the second. The read that brings a response's head is
// therefore a short one: measured at 100 KB a response, that takes a quarter off all there is to
// do.
constexpr std::uint64_t kBulk = 32 << 10;
constexpr std::size_t kLittle = 8 << 10;
constexpr std::size_t kFirstRead = 16 << 10;
// For the answer to a client that has ended its stream to begin.
constexpr std::chrono::seconds kMayLeave{10};

std::string_view text_of(std::span<const char> bytes) { return {bytes.data(), bytes.size()}; }

// Neither end is to blame, and the bytes are still where they were.
bool is_without_pipe(const Result<std::optional<std::size_t>>& taken) {
  return !taken && taken.error().code == Errc::kOverLimit;
}

}  // namespace

Exchange::Exchange(Flow& flow)
    : flow_(flow),
      up_(flow.bench.pipes, flow.upstream),
      down_(flow.bench.pipes, flow.client),
      request_body_(flow.handshake->request.framing, flow.handshake->request.content_length),
      client_leaves_(flow.bench.reactor, flow.on_ready),
      reused_(flow.handshake->upstream_target.has_value()) {
  flow.handshake->stale = false;
  flow.handshake->response_text.reset();
}

Result<Step> Exchange::advance() {
  if (const auto there = watch_client(); !there) return there.error();
  const auto request = advance_request();
  if (!request) return request;
  const auto response = advance_response();
  if (!response) return give_up(response.error());
  if (*response == Step::kDone) return finish(*request);
  return *request == Step::kAgain ? Step::kAgain : *response;
}

std::string Exchange::refusal(const Error& error) {
  return started_ || !down_.empty() ? std::string() : refusal_of(flow_, error);
}

Status Exchange::watch_client() {
  const auto ready = flow_.client.ready();
  if (ready.failed()) return Error{Errc::kBroken, "wait for the client"};
  if (!ready.ended() || heard_) return Done{};
  const auto now = flow_.bench.reactor.now();
  if (leaves_at_ == Monotonic::time_point()) {
    leaves_at_ = now + kMayLeave;
    client_leaves_.start(kMayLeave);
  }
  if (now < leaves_at_) return Done{};
  return Error{Errc::kSilent, "wait for a client that may have left"};
}

// The response has been handed on.
Result<Step> Exchange::finish(Step request) {
  if (flow_.tunnel) return Step::kNext;
  const bool again = keep_client_ && request == Step::kDone && !upload_refused_;
  if (again && keep_upstream_) {
    flow_.handshake->upstream_target = flow_.handshake->target;
  } else {
    flow_.close_upstream();
  }
  return again ? Step::kNext : Step::kDone;
}

Result<Step> Exchange::give_up(const Error& error) {
  const auto& request = flow_.handshake->request;
  const bool may_try_again = reused_ && !heard_ && request.framing == BodyFraming::kNone;
  if (!may_try_again || !is_idempotent(request.method)) return error;
  flow_.handshake->stale = true;
  return Step::kNext;
}

Result<Step> Exchange::advance_request() {
  for (std::size_t moved = 0; moved < kTurn;) {
    if (!upload_refused_ && !up_.empty()) count_to_target(up_.flush());
    if (upload_refused_) return Step::kDone;
    if (!up_.empty()) return Step::kWait;
    if (request_written_ && request_body_.complete()) return Step::kDone;
    const auto more = move_request(moved);
    if (!more) return more.error();
    if (!*more) return Step::kWait;
  }
  return Step::kAgain;
}

Result<bool> Exchange::move_request(std::size_t& moved) {
  auto& early = flow_.handshake->early;
  if (upload_in_bulk_ && early.empty() && request_body_.remaining_length() >= kBulk) {
    return splice_request(moved);
  }
  std::span<const char> input(early);
  if (input.empty() && !request_body_.complete()) {
    const auto received = flow_.receive(Way::kUp, flow_.bench.buffer.size(), "read request body");
    if (!received) return received.error();
    if (*received && **received == 0) return Error{Errc::kMalformed, "read all of the body"};
    input = flow_.bench.buffer.first(received->value_or(0));
    upload_in_bulk_ = input.size() == flow_.bench.buffer.size();
  }
  if (request_written_ && input.empty()) return false;
  const auto used = request_body_.feed(input);
  if (!used) return used.error();
  if (const auto sent = send_request(input.first(*used)); !sent) return sent.error();
  const auto left = input.subspan(*used);
  if (early.empty()) {
    early.assign(left.data(), left.size());
  } else {
    early.erase(0, *used);
  }
  moved += *used;
  return true;
}

Result<bool> Exchange::splice_request(std::size_t& moved) {
  // With a quota, only as much as may leave after its end: it is counted when it has left.
  const std::uint64_t room = flow_.proxy->limits.quota ? 2 * Throttle::kQuotaPortion : UINT64_MAX;
  const auto most = flow_.allowance(Way::kUp, std::min(room, request_body_.remaining_length()));
  if (!most) return most.error();
  if (*most == 0) return false;
  const auto taken = up_.splice_from(flow_.client, *most, flow_.tunes_receiving(Way::kUp));
  if (is_without_pipe(taken)) {
    upload_in_bulk_ = false;  // So it is copied.
    return true;
  }
  if (!taken) return taken.error();
  flow_.moved(Way::kUp, taken->value_or(0));
  if (!*taken) {
    flow_.rest(Way::kUp);
    return false;
  }
  if (**taken == 0) return Error{Errc::kMalformed, "read all of the body"};
  upload_in_bulk_ = **taken >= kLittle;
  request_body_.skip(**taken);
  moved += **taken;
  return true;
}

Status Exchange::send_request(std::span<const char> body) {
  auto& head = flow_.bench.head;
  head.clear();
  if (!std::exchange(request_written_, true)) {
    const bool from_http2 = flow_.bridge && flow_.bridge->inside == Inside::kStream;
    const TargetSide target{.pass_upgrade = true, .via = flow_.bench.via, .from_http2 = from_http2};
    write_upstream_request(flow_.handshake->request, target, head);
  }
  count_to_target(up_.send(head, text_of(body)));
  return Done{};
}

// A target may answer and close before it has read the whole request (413, say): that is no error
// until its answer turns out to be missing.
void Exchange::count_to_target(const Result<std::size_t>& sent) {
  if (!sent) {
    upload_refused_ = true;
    return;
  }
  flow_.counters->add_outgoing(*sent);
  flow_.last_moved = flow_.bench.reactor.now();
}

Result<Step> Exchange::advance_response() {
  for (std::size_t moved = 0; moved < kTurn;) {
    if (!down_.empty()) {
      if (const auto sent = count_to_client(down_.flush()); !sent) return sent.error();
      if (!down_.empty()) return Step::kWait;
    }
    if (complete_) return Step::kDone;
    const auto more = move_response(moved);
    if (!more) return more.error();
    if (!*more) return Step::kWait;
  }
  return Step::kAgain;
}

Result<bool> Exchange::move_response(std::size_t& moved) {
  if (response_in_bulk_ && unseen_response() >= kBulk) return splice_response(moved);
  const auto most = has_head_ ? flow_.bench.buffer.size() : kFirstRead;
  const auto received = flow_.receive(Way::kDown, most, "read response");
  if (!received) return received.error();
  if (!*received) return false;
  const auto size = **received;
  heard_ |= size > 0;
  response_in_bulk_ = size == most;
  flow_.counters->add_incoming(size);
  const auto taken = size == 0 ? end_response() : take_response(flow_.bench.buffer.first(size));
  if (!taken) return taken.error();
  moved += size;
  return true;
}

Result<bool> Exchange::splice_response(std::size_t& moved) {
  const auto most = flow_.allowance(Way::kDown, unseen_response());
  if (!most) return most.error();
  if (*most == 0) return false;
  const auto taken = down_.splice_from(flow_.upstream, *most, flow_.tunes_receiving(Way::kDown));
  if (is_without_pipe(taken)) {
    response_in_bulk_ = false;  // So it is copied.
    return true;
  }
  if (!taken) return taken.error();
  flow_.moved(Way::kDown, taken->value_or(0));
  if (!*taken) {
    flow_.rest(Way::kDown);
    return false;
  }
  if (**taken == 0) {
    if (const auto ended = end_response(); !ended) return ended.error();
    return true;
  }
  response_in_bulk_ = **taken >= kLittle;
  flow_.counters->add_incoming(**taken);
  response_body_.skip(**taken);
  complete_ = response_body_.complete();
  moved += **taken;
  return true;
}

// How much of what the target says next may be moved without being looked at.
std::uint64_t Exchange::unseen_response() const noexcept {
  if (!has_head_ || dechunk_) return 0;
  const bool until_close = response_body_.may_end() && !response_body_.complete();
  return until_close ? UINT64_MAX : response_body_.remaining_length();
}

Status Exchange::end_response() {
  if (!has_head_ || !response_body_.may_end()) return Error{Errc::kBroken, "read response"};
  complete_ = true;
  keep_upstream_ = false;
  return Done{};
}

Status Exchange::take_response(std::span<const char> input) {
  auto& text = flow_.handshake->response_text;
  flow_.bench.head.clear();
  while (!has_head_) {
    const auto complete = text.feed(input);
    if (!complete) return Error{Errc::kBadResponse, "read response head"};
    if (!*complete) return send_response({});  // Perhaps an interim one.
    if (const auto taken = take_response_head(); !taken) return taken;
    if (flow_.tunnel) return switch_protocol(input);
    if (!has_head_) text.reset();
  }
  std::string payload;
  const auto used =
      dechunk_ ? response_body_.feed_decoded(input, payload) : response_body_.feed(input);
  if (!used) return Error{Errc::kBadResponse, "read response body"};
  complete_ = response_body_.complete();
  if (*used < input.size()) keep_upstream_ = false;  // It speaks out of turn.
  return send_response(dechunk_ ? std::string_view(payload) : text_of(input.first(*used)));
}

// Writes what the client gets to see of it behind what is there.
Status Exchange::take_response_head() {
  auto& response = flow_.bench.response;
  const auto& request = flow_.handshake->request;
  const auto read = parse_response(flow_.handshake->response_text.text(), request.method, response);
  if (!read) return Error{Errc::kBadResponse, "read response head"};
  ClientSide client{.minor_version = request.minor_version, .via = flow_.bench.via};
  if (response.status == 101) {
    if (!request.upgrade) return Error{Errc::kBadResponse, "read response head"};
    flow_.tunnel = true;
  } else if (response.is_interim()) {
    // RFC 9110, section 15.2: an HTTP/1.0 client does not know them.
    if (request.minor_version == 0) return Done{};
  } else {
    has_head_ = true;
    dechunk_ = must_dechunk(response, request.minor_version);
    keep_upstream_ = response.keep_alive;
    keep_client_ = request.keep_alive && !flow_.bench.draining && !dechunk_ &&
                   response.framing != BodyFraming::kUntilClose;
    client.keep_alive = keep_client_;
    client.dechunk = dechunk_;
    response_body_ = BodyReader(response.framing, response.content_length);
  }
  write_client_response(response, client, flow_.bench.head);
  return Done{};
}

// RFC 9110, section 7.8: from here on it is a tunnel, which begins with the 101 for the client.
Status Exchange::switch_protocol(std::span<const char> left) {
  if (!request_body_.complete() || !up_.empty()) {
    return Error{Errc::kBadResponse, "wait for the whole request"};
  }
  flow_.handshake->answer.assign(flow_.bench.head).append(left.data(), left.size());
  complete_ = true;
  return Done{};
}

Status Exchange::send_response(std::string_view body) {
  return count_to_client(down_.send(flow_.bench.head, body));
}

Status Exchange::count_to_client(const Result<std::size_t>& sent) {
  if (!sent) return sent.error();
  if (*sent > 0) started_ = has_head_;
  flow_.last_moved = flow_.bench.reactor.now();
  return Done{};
}

}  // namespace airlane
