// The yardsticks: relays to one fixed target that authenticate nobody and count nothing. They do
// the least that a correct TCP relay can do (half-close, back-pressure, no stall), and do it well,
// so that the distance to them is the price of being a proxy.
//
// A Tunnel is two Sides (sockets) and two Halves (directions). What a Half does to move bytes is
// its template argument: CopyHalf or SpliceHalf. One thread; a Tunnel owns all that is its own.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "bench/net.h"
#include "bench/poller.h"

namespace airlane::bench {

enum class Moved : std::uint8_t {
  kDrained,  // The source has no more for now.
  kBlocked,  // The sink takes no more for now.
  kMore,     // There may be more, but it is another tunnel's turn.
  kEnded,    // The source has ended, and the sink has all of it.
  kDead,     // One of the two sockets is broken.
};

template <class Half>
class Tunnel {
 public:
  Tunnel(Poller& poller, typename Half::Tools& tools, UniqueFd client, UniqueFd target)
      : poller_(poller), tools_(tools), client_(*this, client), target_(*this, target) {
    up_.blocked = true;  // Until the target is connected, which its first EPOLLOUT says.
  }

  static void start(Poller& poller, typename Half::Tools& tools, UniqueFd client, UniqueFd target) {
    auto* tunnel = new Tunnel(poller, tools, std::move(client), std::move(target));
    poller.add(tunnel->target_.fd.get(), tunnel->target_);
    poller.add(tunnel->client_.fd.get(), tunnel->client_);
  }

 private:
  struct Side : Handler {
    Side(Tunnel& owner, UniqueFd& socket) : tunnel(owner), fd(std::move(socket)) {}
    void ready(std::uint32_t events) override { tunnel.serve(*this, events); }
    Tunnel& tunnel;
    UniqueFd fd;
  };
  struct Way {
    Half half;
    bool blocked = false;
    bool hangup = false;  // The source said that it will end: a short read is not yet all.
    bool ended = false;
    bool more = false;
  };
  struct Grave : Handler {  // Keeps a dead tunnel until the round's events are served.
    explicit Grave(Tunnel* dead) : tunnel(dead) {}
    void ready(std::uint32_t) override {}
    std::unique_ptr<Tunnel> tunnel;
  };

  void serve(Side& side, std::uint32_t events) {
    if (!client_.fd) return;  // It died earlier in this round.
    Side& other = &side == &client_ ? target_ : client_;
    Way& out = &side == &client_ ? up_ : down_;  // From this side to the other.
    Way& in = &side == &client_ ? down_ : up_;
    out.hangup |= (events & kHangup) != 0;
    const bool readable = (events & kReadable) != 0 || std::exchange(out.more, false);
    if ((events & EPOLLOUT) && in.blocked) {
      in.blocked = false;
      if (!move(other, side, in)) return;
    }
    if (readable && !out.blocked) move(side, other, out);
  }

  bool move(Side& from, Side& to, Way& way) {
    if (way.ended) return true;
    switch (way.half.move(tools_, from.fd.get(), to.fd.get(), way.hangup)) {
      case Moved::kDrained:
        return true;
      case Moved::kBlocked:
        way.blocked = true;
        return true;
      case Moved::kMore:
        way.more = true;
        poller_.again(from);
        return true;
      case Moved::kEnded:
        way.ended = true;
        if (up_.ended && down_.ended) break;
        ::shutdown(to.fd.get(), SHUT_WR);
        return true;
      case Moved::kDead:
        break;
    }
    up_.half.discard(tools_);
    down_.half.discard(tools_);
    client_.fd.reset();
    target_.fd.reset();
    poller_.forget(client_);
    poller_.forget(target_);
    poller_.bury(std::make_unique<Grave>(this));
    return false;
  }

  Poller& poller_;
  typename Half::Tools& tools_;
  Side client_, target_;
  Way up_, down_;
};

// Accepts, connects to the target, and leaves the rest to the tunnel.
template <class Half>
class RelayListener : public Handler {
 public:
  RelayListener(Poller& poller, typename Half::Tools& tools, UniqueFd listener, Address target)
      : poller_(poller), tools_(tools), listener_(std::move(listener)), target_(target) {
    poller_.add(listener_.get(), *this);
  }
  void ready(std::uint32_t) override {
    while (auto client = accept_one(listener_.get())) {
      auto target = begin_connect(target_);
      if (target) Tunnel<Half>::start(poller_, tools_, std::move(client), std::move(target));
    }
  }

 private:
  Poller& poller_;
  typename Half::Tools& tools_;
  UniqueFd listener_;
  Address target_;
};

}  // namespace airlane::bench
