// What nghttp2 tells an Http2Front while it is fed and emptied: the frames' way to their streams.
#pragma once

#include "proxy/front/http2_front.h"

namespace airlane {

struct Http2Front::Callbacks {
  static const nghttp2_session_callbacks* table();

 private:
  static int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept;
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t flags, void* self) noexcept;
  static int on_invalid_header(nghttp2_session* session, const nghttp2_frame* frame,
                               const std::uint8_t* name, std::size_t name_size,
                               const std::uint8_t* value, std::size_t value_size,
                               std::uint8_t flags, void* self) noexcept;
  static int on_data(nghttp2_session* session, std::uint8_t flags, std::int32_t id,
                     const std::uint8_t* bytes, std::size_t size, void* self) noexcept;
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept;
  static int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) noexcept;
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* self) noexcept;
};

}  // namespace airlane
