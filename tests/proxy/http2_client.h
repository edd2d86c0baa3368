// The client's side of HTTP/2 against an Http2Front, without TLS and without sockets to it: frames
// are carried by hand. The sessions behind the front are the test's to play.
#pragma once

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/handle.h"
#include "proxy/front/http2_front.h"

namespace airlane::test {

// A session as the front sees it: the other end of a pair.
struct PlayedSession {
  UniqueFd socket;
  std::shared_ptr<Bridge> bridge;

  void say(std::string_view bytes) {
    EXPECT_EQ(send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // All that has come; `at_end` tells whether it was the end.
  std::string hear() {
    std::string out;
    std::array<char, 16384> piece{};
    for (;;) {
      const auto got = recv(socket.get(), piece.data(), piece.size(), 0);
      at_end = got == 0;
      if (got <= 0) return out;
      out.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  void end() const { shutdown(socket.get(), SHUT_WR); }
  void cut() {
    bridge->session_cut = true;
    socket.reset();
  }
  bool at_end = false;
};

class PlayedHost final : public FrontHost {
 public:
  explicit PlayedHost(Reactor& reactor) : reactor_(reactor) {}
  Reactor& reactor() override { return reactor_; }
  bool start_session(UniqueFd socket, std::shared_ptr<Bridge> bridge) override {
    if (full) return false;
    sessions.push_back({std::move(socket), std::move(bridge)});
    return true;
  }
  [[nodiscard]] bool is_dead(int) const noexcept override { return false; }
  void call_again(TlsFront&) override {}
  void retire(TlsFront&, const Error*) override {}

  bool full = false;
  std::deque<PlayedSession> sessions;

 private:
  Reactor& reactor_;
};

class Http2Test : public ::testing::Test {
 public:
  using Fields = std::vector<std::pair<std::string, std::string>>;
  struct Seen {  // Of one stream, by the client.
    std::vector<Fields> heads;
    std::string body;
    bool ended = false;
    std::optional<std::uint32_t> reset;
    std::optional<std::uint32_t> closed;
  };
  void turn() {
    if (--turns_ == 0) return reactor_.stop();
    reactor_.defer(Callback<void()>::to<&Http2Test::turn>(*this));
  }
  void noticed() {}

 protected:
  using ClientSession = Handle<nghttp2_session, nghttp2_session_del>;

  Http2Test() {
    nghttp2_session_callbacks* table = nullptr;
    nghttp2_session_callbacks_new(&table);
    nghttp2_session_callbacks_set_on_begin_headers_callback(table, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(table, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(table, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(table, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(table, on_close);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_http_messaging(option, 1);  // May say what no client should.
    nghttp2_option_set_peer_max_concurrent_streams(option, 1000);
    nghttp2_option_set_max_send_header_block_length(option, 1 << 20);
    nghttp2_session* made = nullptr;
    nghttp2_session_client_new2(&made, table, this, option);
    client_.reset(made);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(table);
    nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, nullptr, 0);
  }

  // Carries everything both ways until nothing moves any more. False when the front has had enough.
  bool carry() {
    for (int round = 0; round < 50; ++round) {
      const std::uint8_t* bytes = nullptr;
      ssize_t size = 0;
      while ((size = nghttp2_session_mem_send(client_.get(), &bytes)) > 0) {
        const auto* text = reinterpret_cast<const char*>(bytes);
        if (!front_.feed({text, static_cast<std::size_t>(size)})) return false;
      }
      let_front_work();
      std::array<char, 32768> piece{};
      for (;;) {
        const auto taken = front_.take(piece);
        if (!taken) return false;
        if (*taken == 0) break;
        nghttp2_session_mem_recv(client_.get(), reinterpret_cast<std::uint8_t*>(piece.data()),
                                 *taken);
      }
    }
    return true;
  }

  // Until the front has seen what its sessions said.
  void let_front_work() {
    turns_ = 3;
    reactor_.defer(Callback<void()>::to<&Http2Test::turn>(*this));
    reactor_.run();
  }

  std::int32_t ask(const Fields& fields, bool ended) {
    std::vector<nghttp2_nv> pairs;
    for (const auto& [name, value] : fields) pairs.push_back(pair(name, value));
    const auto flags = ended ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE;
    return nghttp2_submit_headers(client_.get(), static_cast<std::uint8_t>(flags), -1, nullptr,
                                  pairs.data(), pairs.size(), nullptr);
  }
  std::int32_t connect(const std::string& authority = "a.test:443") {
    return ask({{":method", "CONNECT"}, {":authority", authority}}, false);
  }
  static Fields request(const std::string& method, const std::string& path = "/") {
    return {{":method", method}, {":scheme", "http"}, {":authority", "a.test"}, {":path", path}};
  }
  // A tunnel, open, with the session behind it; the client has sent nothing yet.
  PlayedSession& tunnel(std::int32_t& id) {
    id = connect();
    EXPECT_TRUE(carry());
    auto& session = host_.sessions.back();
    session.hear();
    session.say("HTTP/1.1 200 Connection established\r\n\r\n");
    EXPECT_TRUE(carry());
    return session;
  }
  // As much as the windows allow; the rest follows by itself.
  void send(std::int32_t id, std::string bytes, bool end = false) {
    auto& out = outgoing_[id];
    out = {std::move(bytes), 0, end};
    nghttp2_data_provider provider{};
    provider.source.ptr = &out;
    provider.read_callback = read_outgoing;
    nghttp2_submit_data(client_.get(), end ? NGHTTP2_FLAG_END_STREAM : NGHTTP2_FLAG_NONE, id,
                        &provider);
  }
  void reset(std::int32_t id, std::uint32_t code = NGHTTP2_CANCEL) {
    nghttp2_submit_rst_stream(client_.get(), NGHTTP2_FLAG_NONE, id, code);
  }
  std::size_t sent(std::int32_t id) { return outgoing_[id].used; }

  static nghttp2_nv pair(const std::string& name, const std::string& value) {
    const auto bytes = [](const std::string& text) {
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  }

  Reactor reactor_;
  PlayedHost host_{reactor_};
  Http2Front front_{host_, std::make_shared<Origin>(),
                    Callback<void()>::to<&Http2Test::noticed>(*this)};
  ClientSession client_;
  std::map<std::int32_t, Seen> seen_;
  bool goaway_ = false;

 private:
  struct Outgoing {
    std::string bytes;
    std::size_t used = 0;
    bool end = false;
  };

  static Seen& seen(void* self, std::int32_t id) {
    return static_cast<Http2Test*>(self)->seen_[id];
  }
  static int on_begin(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    seen(self, frame->hd.stream_id).heads.emplace_back();
    return 0;
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* self) {
    seen(self, frame->hd.stream_id)
        .heads.back()
        .emplace_back(std::string(reinterpret_cast<const char*>(name), name_size),
                      std::string(reinterpret_cast<const char*>(value), value_size));
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                     std::size_t size, void* self) {
    seen(self, id).body.append(reinterpret_cast<const char*>(bytes), size);
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_GOAWAY) static_cast<Http2Test*>(self)->goaway_ = true;
    if (frame->hd.stream_id == 0) return 0;
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      seen(self, frame->hd.stream_id).reset = frame->rst_stream.error_code;
    } else if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) {
      seen(self, frame->hd.stream_id).ended = true;
    }
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* self) {
    seen(self, id).closed = code;
    return 0;
  }
  static ssize_t read_outgoing(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t size,
                               std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& outgoing = *static_cast<Outgoing*>(source->ptr);
    const auto piece = std::min(size, outgoing.bytes.size() - outgoing.used);
    std::memcpy(out, outgoing.bytes.data() + outgoing.used, piece);
    outgoing.used += piece;
    if (outgoing.used == outgoing.bytes.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
  }

  int turns_ = 0;
  std::map<std::int32_t, Outgoing> outgoing_;
};

}  // namespace airlane::test
