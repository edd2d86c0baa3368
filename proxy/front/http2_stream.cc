#include "proxy/front/http2_stream.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

namespace airlane {
namespace {

constexpr std::size_t kPiece = 16 << 10;

std::string chunk_of(std::string_view bytes) {
  std::array<char, 16> size{};
  const auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  std::string chunk(size.data(), end);
  chunk.reserve(chunk.size() + bytes.size() + 4);
  return chunk.append("\r\n").append(bytes).append("\r\n");
}

std::vector<nghttp2_nv> pairs_of(const Http2Fields& fields) {
  std::vector<nghttp2_nv> pairs;
  pairs.reserve(fields.size());
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // Only read.
  };
  for (const auto& [name, value] : fields) {
    pairs.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return pairs;
}

}  // namespace

Http2Stream::Http2Stream(FrontHost& host, const std::shared_ptr<Origin>& origin,
                         nghttp2_session& frames, std::int32_t id, Callback<void()> on_change)
    : origin_(origin),
      frames_(frames),
      id_(id),
      on_change_(on_change),
      request_(std::make_unique<Http2Request>()),
      session_(host, Callback<void()>::to<&Http2Stream::on_session>(*this)) {}

// The request

bool Http2Stream::take_field(std::string_view name, std::string_view value) {
  if (head_taken_ && !trailers_) trailers_ = std::make_unique<Http2Trailers>();
  const auto taken = head_taken_ ? trailers_->add(name, value) : request_->add(name, value);
  if (taken) return true;
  const bool too_large = taken.error().code == Errc::kTooLarge;
  reset(too_large ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
  return false;
}

void Http2Stream::take_head(bool ended) {
  head_taken_ = true;
  const auto head = request_->head(ended);
  if (!head) return reset(NGHTTP2_PROTOCOL_ERROR);
  method_ = request_->method();
  chunked_ = request_->chunked();
  request_.reset();
  if (!session_.open(origin_, Inside::kStream)) return reset(NGHTTP2_REFUSED_STREAM);
  head_ = std::make_unique<HeadReader>(HeadReader::Kind::kResponse);
  session_.send(*head);
  request_ended_ = ended;
  if (ended && method_ == "CONNECT") session_.end();
}

void Http2Stream::take_data(std::string_view bytes) {
  owed_ += bytes.size();
  if (chunked_ && !bytes.empty()) {  // An empty chunk would be the last one.
    session_.send(chunk_of(bytes));
  } else {
    session_.send(bytes);
  }
  give_credit();
}

void Http2Stream::take_end() {
  request_ended_ = true;
  if (chunked_) session_.send(trailers_ ? trailers_->end_of_body() : Http2Trailers().end_of_body());
  if (method_ == "CONNECT") session_.end();
}

// What the session has taken, the client may send again.
void Http2Stream::give_credit() {
  const auto held = std::min(session_.held(), owed_);
  if (held == owed_) return;
  nghttp2_session_consume_stream(&frames_, id_, owed_ - held);
  owed_ = held;
}

// The response

void Http2Stream::on_session() {
  give_credit();
  if (answer_ == Answer::kHead) {
    read_head();
  } else if (answer_ == Answer::kBody) {
    nghttp2_session_resume_data(&frames_, id_);
  } else if (end_sent_ && session_.gone()) {
    end_was_sent();
  }
  on_change_();  // Last: it may end this stream.
}

// No more than the client takes: nghttp2 would queue any number of heads.
void Http2Stream::read_head() {
  std::array<char, kPiece> piece;
  while (answer_ == Answer::kHead && !reset_ && interim_waiting_ == 0) {
    const auto size = session_.receive(piece);
    if (!size) return;
    if (*size == 0) return fail_response();
    std::span<const char> input(piece.data(), *size);
    while (answer_ == Answer::kHead && !reset_ && !input.empty()) {
      const auto complete = head_->feed(input);
      if (!complete) return fail_response();
      if (*complete && !take_response()) return fail_response();
    }
    early_.assign(input.data(), input.size());
  }
}

bool Http2Stream::take_response() {
  const auto response = parse_response(head_->text(), method_);
  if (!response || response->status == 101) return false;
  if (response->is_interim()) {
    const auto fields = http2_response(*response, false);
    const auto pairs = pairs_of(fields);
    nghttp2_submit_headers(&frames_, NGHTTP2_FLAG_NONE, id_, nullptr, pairs.data(), pairs.size(),
                           nullptr);
    ++interim_waiting_;
    head_->reset();
    return true;
  }
  tunnel_ = method_ == "CONNECT" && response->status < 300;
  body_.emplace(response->framing, response->content_length);
  body_chunked_ = response->framing == BodyFraming::kChunked;
  const bool with_body = tunnel_ || !body_->complete();
  answer_ = with_body ? Answer::kBody : Answer::kWhole;
  submit(http2_response(*response, tunnel_), with_body);
  head_.reset();
  return true;
}

bool Http2Stream::head_was_sent() { return interim_waiting_ > 0 && --interim_waiting_ == 0; }

void Http2Stream::continue_head() {
  if (answer_ == Answer::kHead && head_) read_head();
}

void Http2Stream::submit(const Http2Fields& fields, bool with_body) {
  const auto pairs = pairs_of(fields);
  nghttp2_data_provider provider{};
  provider.source.ptr = this;
  provider.read_callback = on_read;
  nghttp2_submit_response(&frames_, id_, pairs.data(), pairs.size(),
                          with_body ? &provider : nullptr);
}

void Http2Stream::end_was_sent() {
  end_sent_ = true;
  // A tunnel's client may have more to say to its target.
  const bool heard = tunnel_ && !session_.gone();
  if (!request_ended_ && !heard) reset(NGHTTP2_NO_ERROR);
}

void Http2Stream::closed(std::uint32_t code) {
  const bool whole = code == NGHTTP2_NO_ERROR && end_sent_;
  whole ? session_.close() : session_.cut();
}

void Http2Stream::reset(std::uint32_t code) {
  if (std::exchange(reset_, true)) return;
  nghttp2_submit_rst_stream(&frames_, NGHTTP2_FLAG_NONE, id_, code);
}

// RFC 9113, section 8.5: a tunnel that is cut is a CONNECT_ERROR.
void Http2Stream::fail_response() {
  reset(method_ == "CONNECT" ? NGHTTP2_CONNECT_ERROR : NGHTTP2_INTERNAL_ERROR);
}

// What nghttp2 asks for when the client's window has room for it.
ssize_t Http2Stream::on_read(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                             std::uint32_t* flags, nghttp2_data_source* source, void*) noexcept {
  auto& self = *static_cast<Http2Stream*>(source->ptr);
  const std::span<char> room(reinterpret_cast<char*>(out), size);
  if (self.reset_) return NGHTTP2_ERR_DEFERRED;
  if (self.tunnel_) return self.read_tunnel(room, *flags);
  return self.body_chunked_ ? self.read_chunks(room, *flags) : self.read_body(room, *flags);
}

std::optional<std::size_t> Http2Stream::receive(std::span<char> out) {
  if (early_.empty()) return session_.receive(out);
  const auto size = std::min(early_.size(), out.size());
  std::memcpy(out.data(), early_.data(), size);
  early_.erase(0, size);
  if (early_.empty()) early_ = std::string();  // And its memory.
  return size;
}

ssize_t Http2Stream::read_tunnel(std::span<char> out, std::uint32_t& flags) {
  const auto size = receive(out);
  if (!size) return NGHTTP2_ERR_DEFERRED;
  return *size == 0 ? end_body(flags) : static_cast<ssize_t>(*size);
}

ssize_t Http2Stream::read_body(std::span<char> out, std::uint32_t& flags) {
  if (const auto left = body_->remaining_length(); left > 0 && left < out.size()) {
    out = out.first(static_cast<std::size_t>(left));
  }
  const auto size = receive(out);
  if (!size) return NGHTTP2_ERR_DEFERRED;
  if (*size == 0) return end_body(flags);
  body_->skip(*size);
  if (body_->complete()) end_body(flags);
  return static_cast<ssize_t>(*size);
}

ssize_t Http2Stream::read_chunks(std::span<char> out, std::uint32_t& flags) {
  std::array<char, kPiece> piece;
  std::string payload;  // Never more than the chunks that carry it.
  while (payload.empty() && !body_->complete()) {
    const auto size = receive(std::span(piece).first(std::min(piece.size(), out.size())));
    if (!size) return NGHTTP2_ERR_DEFERRED;
    if (*size == 0) return end_body(flags);
    if (!body_->feed_decoded({piece.data(), *size}, payload, &trailer_lines_)) {
      fail_response();
      return NGHTTP2_ERR_DEFERRED;
    }
  }
  std::memcpy(out.data(), payload.data(), payload.size());
  if (body_->complete()) end_body(flags);
  return static_cast<ssize_t>(payload.size());
}

// At the end of what the session says, or of the body.
ssize_t Http2Stream::end_body(std::uint32_t& flags) {
  const bool may_end = tunnel_ || body_->may_end();
  if (!may_end || (session_.was_cut() && (tunnel_ || !body_->complete()))) {
    fail_response();
    return NGHTTP2_ERR_DEFERRED;
  }
  answer_ = Answer::kWhole;
  flags |= NGHTTP2_DATA_FLAG_EOF;
  const auto trailers = http2_trailers(trailer_lines_);
  if (trailers && !trailers->empty()) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const auto pairs = pairs_of(*trailers);
    nghttp2_submit_trailer(&frames_, id_, pairs.data(), pairs.size());
  }
  return 0;
}

}  // namespace airlane
