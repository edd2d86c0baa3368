#include "proxy/front/http2_callbacks.h"

#include <new>

namespace airlane {
namespace {

Http2Front& front_of(void* self) { return *static_cast<Http2Front*>(self); }

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

bool ends_stream(const nghttp2_frame& frame) {
  return (frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) &&
         (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
}

}  // namespace

const nghttp2_session_callbacks* Http2Front::Callbacks::table() {
  using Table = Handle<nghttp2_session_callbacks, nghttp2_session_callbacks_del>;
  static const auto kTable = [] {
    nghttp2_session_callbacks* made = nullptr;
    if (nghttp2_session_callbacks_new(&made) != 0) throw std::bad_alloc();
    nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_invalid_header_callback(made, on_invalid_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
    nghttp2_session_callbacks_set_on_frame_send_callback(made, on_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_close);
    return Table(made);
  }();
  return kTable.get();
}

int Http2Front::Callbacks::on_begin_headers(nghttp2_session*, const nghttp2_frame* frame,
                                            void* self) noexcept {
  if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) front_of(self).begin(frame->hd.stream_id);
  return 0;
}

int Http2Front::Callbacks::on_header(nghttp2_session*, const nghttp2_frame* frame,
                                     const std::uint8_t* name, std::size_t name_size,
                                     const std::uint8_t* value, std::size_t value_size,
                                     std::uint8_t, void* self) noexcept {
  auto* const stream = front_of(self).find(frame->hd.stream_id);
  if (stream == nullptr) return 0;
  const bool taken = stream->take_field(text(name, name_size), text(value, value_size));
  return taken ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

// Not to be dropped in silence, as nghttp2 would.
int Http2Front::Callbacks::on_invalid_header(nghttp2_session*, const nghttp2_frame* frame,
                                             const std::uint8_t*, std::size_t, const std::uint8_t*,
                                             std::size_t, std::uint8_t, void* self) noexcept {
  auto* const stream = front_of(self).find(frame->hd.stream_id);
  if (stream != nullptr) stream->reset(NGHTTP2_PROTOCOL_ERROR);
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int Http2Front::Callbacks::on_data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                                   const std::uint8_t* bytes, std::size_t size,
                                   void* self) noexcept {
  nghttp2_session_consume_connection(session, size);
  if (auto* const stream = front_of(self).find(id)) stream->take_data(text(bytes, size));
  return 0;
}

int Http2Front::Callbacks::on_frame(nghttp2_session*, const nghttp2_frame* frame,
                                    void* self) noexcept {
  auto* const stream = front_of(self).find(frame->hd.stream_id);
  if (stream == nullptr) return 0;
  if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
    stream->take_head(ends_stream(*frame));
  } else if (ends_stream(*frame)) {
    stream->take_end();
  }
  return 0;
}

int Http2Front::Callbacks::on_sent(nghttp2_session*, const nghttp2_frame* frame,
                                   void* self) noexcept {
  auto* const stream = front_of(self).find(frame->hd.stream_id);
  if (stream == nullptr) return 0;
  if (frame->hd.type == NGHTTP2_HEADERS && stream->head_was_sent()) {
    front_of(self).heads_are_due_ = true;
  }
  if (ends_stream(*frame)) stream->end_was_sent();
  return 0;
}

int Http2Front::Callbacks::on_close(nghttp2_session*, std::int32_t id, std::uint32_t code,
                                    void* self) noexcept {
  front_of(self).close(id, code);
  return 0;
}

}  // namespace airlane
