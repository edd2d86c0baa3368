// How much each proxy and each credential may still move in its day or month, and what holds for it
// when that is used up.
//
// What a proxy has used is asked of the traffic in the database once for each period, together with
// what its counters show at that moment; from then on the counters alone say what is used. With
// "refuse" the engine is told both and ends it by itself, to the byte (proxy/limits.h). With
// "throttle" the counters are looked at once a second, and the limits that the engine is told
// change.
//
// While a process before this one drains, its bytes show in no counter of ours: then the database
// is asked again every few seconds.
//
// A member of the farm, control thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "base/callback.h"
#include "base/clock.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "control/quota_period.h"
#include "db/credentials.h"
#include "db/proxies.h"
#include "proxy/limits.h"

namespace airlane {

class Quotas {
 public:
  struct Question {
    std::int64_t owner = 0;  // Of db/traffic.h: a proxy, or a credential.
    WallSeconds from{};
  };
  struct Used {
    std::uint64_t bytes = 0;     // Both directions, from `from` till now, in all files.
    std::uint64_t counters = 0;  // What counters() says at the same moment.
  };
  using Answers = std::vector<Used>;  // In the order of the questions.

  // Those of Usage, as functions, so that tests can be the rest. Without them nothing is known of
  // earlier traffic.
  struct Sources {
    std::function<void(std::span<const Question>, std::function<void(Outcome<Answers>)>)> ask;
    std::function<Outcome<Answers>(std::span<const Question>)> ask_and_wait;
    std::function<std::uint64_t(std::uint32_t row)> counters;  // All workers and both directions.
    std::function<bool()> is_draining;  // Whether a process before this one still counts.
    std::function<WallSeconds()> now = wall_now;
  };

  // `on_change`: apply() has another answer than before.
  Quotas(Loop& loop, Sources sources, Callback<void()> on_change);
  Quotas(Quotas&&) = delete;

  // For the start: everything is known when it returns.
  Outcome<Done> start(const std::map<std::int64_t, ProxyRecord>& proxies,
                      const std::map<std::int64_t, CredentialRecord>& credentials = {});
  // A proxy or credential is new or has changed.
  void follow(const ProxyRecord& proxy) { follow(proxy.id, proxy.quota, proxy.counter_row); }
  void follow(const CredentialRecord& one) { follow(one.owner(), one.quota, one.counter_row); }
  void forget(std::int64_t owner) { states_.erase(owner); }

  // `limits` and what the owner's quota makes of them.
  [[nodiscard]] Limits apply(std::int64_t owner, Limits limits) const;

  struct Use {
    std::uint64_t bytes = 0;
    Period period;
  };
  // Absent: the owner has no quota.
  [[nodiscard]] std::optional<Use> use(std::int64_t owner) const;

  // What happens once a second.
  void look();

 private:
  struct State {
    QuotaRecord quota;
    std::uint32_t row = 0;
    Period period;
    Used used;
    bool known = false;  // `used` is of `period`, and not of one before it.
    bool over = false;   // As far as apply() knows.
    bool due = false;    // To be asked for, or being.
  };

  void follow(std::int64_t owner, const std::optional<QuotaRecord>& quota, std::uint32_t row);
  [[nodiscard]] State begin(const QuotaRecord& quota, std::uint32_t row) const;
  [[nodiscard]] std::uint64_t counters(std::uint32_t row) const;
  [[nodiscard]] std::uint64_t used(const State& state) const;
  [[nodiscard]] bool is_time_to_ask_again();
  void want(std::int64_t owner, State& state);
  void ask();
  void answered(const std::vector<Question>& questions, const Outcome<Answers>& answers);
  void learn(State& state, const Used& used);

  const Sources sources_;
  const Callback<void()> on_change_;
  std::map<std::int64_t, State> states_;  // By owner.
  std::deque<std::int64_t> due_;
  bool asking_ = false;
  bool failing_ = false;   // The last question was not answered, and the log says so.
  bool draining_ = false;  // When it was looked at last.
  unsigned looks_ = 0;
  Timer each_second_;
};

}  // namespace airlane
