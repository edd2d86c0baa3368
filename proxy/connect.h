// The fourth stage: a socket bound to the dongle's interface, connected to the address of the
// target that answers first (RFC 8305, section 5). Fails closed: a socket that cannot be bound is
// not connected.
//
// A lone address is tried in the flow's own socket and nothing else is made for it. Where there are
// more, the next one is tried when one fails, or after 250 ms without an answer; the first to be
// connected is handed on, and the others are closed.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/event/alarm.h"
#include "proxy/flow.h"

namespace airlane {

class Connect {
 public:
  static constexpr std::string_view kName = "connect";

  explicit Connect(Flow& flow) : flow_(flow), looks_(flow.proxy->looks) {}
  Connect(Connect&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error) { return refusal_of(flow_, error); }

 private:
  struct Race {
    explicit Race(Flow& flow) : delay(flow.bench.reactor, flow.on_ready) {}
    Alarm delay;           // Until the next address is tried.
    std::list<End> later;  // The attempts that were begun while the flow's own was under way.
  };

  bool is_connected();  // One of them; it is the flow's then.
  bool is_connected(End& end);
  [[nodiscard]] bool is_under_way() const;
  [[nodiscard]] bool may_have_more() const;
  [[nodiscard]] bool is_due() const;
  void begin_next();
  Status begin(const Address& target, End& end);
  [[nodiscard]] Result<UniqueFd> open(int family) const;  // Bound to the dongle, with its looks.
  [[nodiscard]] Status hand_on();                         // The flow's own, which is connected.
  void give_up(End& end, const Error& error);
  void note(const Error& error);

  Flow& flow_;
  const Looks looks_;  // Of all attempts, whatever the proxy is told meanwhile.
  std::size_t tried_ = 0;
  bool failed_ = false;         // An attempt, since the last one was begun.
  std::optional<Error> error_;  // Of those that failed.
  std::unique_ptr<Race> race_;  // When there is more than one address, or may be.
};

}  // namespace airlane
