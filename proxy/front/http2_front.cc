#include "proxy/front/http2_front.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include "proxy/front/http2_callbacks.h"

namespace airlane {
namespace {

constexpr std::size_t kFramesWaitingMost = 1000;
using Option = Handle<nghttp2_option, nghttp2_option_del>;

Option make_option() {
  nghttp2_option* made = nullptr;
  if (nghttp2_option_new(&made) != 0) throw std::bad_alloc();
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_max_outbound_ack(made, Http2Front::kAnswersMost);
  nghttp2_option_set_stream_reset_rate_limit(made, Http2Front::kResetsInARow,
                                             Http2Front::kResetsPerSecond);
  return Option(made);
}

}  // namespace

Http2Front::Http2Front(FrontHost& host, std::shared_ptr<Origin> origin, Callback<void()> on_change)
    : host_(host), origin_(std::move(origin)), on_change_(on_change) {
  static const auto kOption = make_option();
  nghttp2_session* made = nullptr;
  if (nghttp2_session_server_new2(&made, Callbacks::table(), this, kOption.get()) != 0) {
    throw std::bad_alloc();
  }
  session_.reset(made);
  constexpr std::array kSettings{
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kStreamsMost},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindow},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, kHeadMost}};
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, kSettings.data(), kSettings.size());
  nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2Front::~Http2Front() {
  gone_ = true;
  session_.reset();  // Without a callback for the streams that are still open.
}

bool Http2Front::hungry() const {
  return nghttp2_session_get_outbound_queue_size(session_.get()) < kFramesWaitingMost;
}

Status Http2Front::feed(std::span<const char> bytes) {
  if (gone_) return Done{};
  const auto used = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (used < 0) return Error{Errc::kMalformed, nghttp2_strerror(static_cast<int>(used))};
  return Done{};
}

Result<std::size_t> Http2Front::take(std::span<char> out) {
  std::size_t taken = 0;
  while (taken < out.size() && !gone_) {
    if (frame_.empty()) {
      const std::uint8_t* bytes = nullptr;
      const auto size = nghttp2_session_mem_send(session_.get(), &bytes);
      if (size < 0) return Error{Errc::kBroken, "make HTTP/2 frame"};
      if (size == 0 && std::exchange(heads_are_due_, false)) {
        for (auto& [id, stream] : streams_) stream->continue_head();
        continue;
      }
      if (size == 0) break;
      frame_ = {reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)};
    }
    const auto piece = std::min(frame_.size(), out.size() - taken);
    std::memcpy(out.data() + taken, frame_.data(), piece);
    frame_ = frame_.subspan(piece);
    taken += piece;
  }
  return taken;
}

bool Http2Front::finished() const {
  return gone_ || (frame_.empty() && nghttp2_session_want_read(session_.get()) == 0 &&
                   nghttp2_session_want_write(session_.get()) == 0);
}

// However it ended: what its streams had not finished will never be.
void Http2Front::end(bool) {
  gone_ = true;
  for (auto& [id, stream] : streams_) stream->cut();
  streams_.clear();
}

// RFC 9113, section 6.8: streams that the client has begun meanwhile are not lost without a word,
// because the GOAWAY names the last one that was heard.
void Http2Front::drain() {
  if (std::exchange(draining_, true) || gone_) return;
  if (!busy()) {
    nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
  } else {
    nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE,
                          nghttp2_session_get_last_proc_stream_id(session_.get()), NGHTTP2_NO_ERROR,
                          nullptr, 0);
  }
}

Http2Stream* Http2Front::find(std::int32_t id) noexcept {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void Http2Front::begin(std::int32_t id) {
  streams_.insert_or_assign(
      id, std::make_unique<Http2Stream>(host_, origin_, *session_, id, on_change_));
}

void Http2Front::close(std::int32_t id, std::uint32_t code) {
  if (gone_) return;
  if (auto* const stream = find(id)) stream->closed(code);
  streams_.erase(id);
  if (draining_ && !busy()) nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
}

}  // namespace airlane
