// A client that speaks HTTP/1.1 or SOCKS inside its TLS: one session, which hears and says every
// byte as if there were no TLS.
#pragma once

#include "proxy/front/client_protocol.h"
#include "proxy/front/conduit.h"

namespace airlane {

class PlainFront final : public ClientProtocol {
 public:
  PlainFront(FrontHost& host, Callback<void()> on_change) : session_(host, on_change) {}

  bool open(const std::shared_ptr<Origin>& origin) {
    return session_.open(origin, Inside::kConnection);
  }

  [[nodiscard]] bool hungry() const override { return session_.held() == 0; }
  Status feed(std::span<const char> bytes) override {
    session_.send({bytes.data(), bytes.size()});
    return Done{};
  }
  void end(bool cut) override { cut ? session_.cut() : session_.end(); }
  Result<std::size_t> take(std::span<char> out) override;
  [[nodiscard]] bool finished() const override { return finished_; }
  [[nodiscard]] bool deaf() const override { return session_.gone(); }
  [[nodiscard]] bool busy() const override { return !session_.gone(); }
  void drain() override {}  // The session is told by its worker.

 private:
  Conduit session_;
  bool finished_ = false;
};

}  // namespace airlane
