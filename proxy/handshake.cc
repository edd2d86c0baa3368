#include "proxy/handshake.h"

#include <utility>

namespace airlane {
namespace {

constexpr std::size_t kMostIdle = 128;
constexpr std::size_t kMostKept = 4096;  // Of a string's memory, for the next connection.

void clear(std::string& text) {
  if (text.capacity() > kMostKept) {
    text = std::string();
  } else {
    text.clear();
  }
}

}  // namespace

void Handshake::reset_request() {
  socks5.reset();
  socks4.reset();
  request.clear();  // It looks into the head.
  head.reset();
  target.host.clear();
  target.literal.reset();
  candidates.clear();
  ask_v6.reset();
  ask_v4.reset();
  stale = false;
  clear(answer);
}

void Handshake::reset() {
  reset_request();
  clear(early);
  proxy_header.reset();
  upstream_target.reset();
  response_text.reset();
}

HandshakePool::Lent HandshakePool::take() {
  if (idle_.empty()) return {new Handshake, GiveBack{this}};
  auto* handshake = idle_.back().release();
  idle_.pop_back();
  return {handshake, GiveBack{this}};
}

void HandshakePool::GiveBack::operator()(Handshake* handshake) const noexcept {
  std::unique_ptr<Handshake> mine(handshake);
  if (pool->idle_.size() >= kMostIdle) return;
  mine->reset();
  pool->idle_.push_back(std::move(mine));
}

}  // namespace airlane
