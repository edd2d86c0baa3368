#include "control/quotas.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kLookInterval(1);
constexpr unsigned kLooksWhileDraining = 5;
constexpr std::size_t kQuestionsAtOnce = 64;  // At midnight everybody's day ends.

bool throttles(const QuotaRecord& quota) { return quota.action == "throttle"; }

// 0 is no limit.
std::uint64_t slower(std::uint64_t limit, std::int64_t rate) {
  const auto throttled = static_cast<std::uint64_t>(rate);
  return limit == 0 ? throttled : std::min(limit, throttled);
}

}  // namespace

Quotas::Quotas(Loop& loop, Sources sources, Callback<void()> on_change)
    : sources_(std::move(sources)),
      on_change_(on_change),
      each_second_(loop, Callback<void()>::to<&Quotas::look>(*this)) {}

Outcome<Done> Quotas::start(const std::map<std::int64_t, ProxyRecord>& proxies,
                            const std::map<std::int64_t, CredentialRecord>& credentials) {
  std::vector<Question> questions;
  const auto add = [&](std::int64_t owner, const auto& record) {
    if (!record.quota) return;
    auto state = begin(*record.quota, record.counter_row);
    questions.push_back({owner, state.period.begin});
    states_.emplace(owner, std::move(state));
  };
  for (const auto& [id, proxy] : proxies) add(id, proxy);
  for (const auto& [id, credential] : credentials) add(credential.owner(), credential);
  if (!questions.empty() && sources_.ask_and_wait) {
    const auto answers = sources_.ask_and_wait(questions);
    if (!answers) return answers.error();
    for (std::size_t i = 0; i < questions.size(); ++i) {
      learn(states_.at(questions[i].owner), (*answers)[i]);
    }
  }
  each_second_.start(kLookInterval);
  return Done{};
}

// Nothing used, until the answer comes.
Quotas::State Quotas::begin(const QuotaRecord& quota, std::uint32_t row) const {
  return {.quota = quota,
          .row = row,
          .period = period_of(quota, sources_.now()),
          .used = {0, counters(row)}};
}

void Quotas::follow(std::int64_t owner, const std::optional<QuotaRecord>& quota,
                    std::uint32_t row) {
  if (!quota) return forget(owner);
  auto state = begin(*quota, row);
  const auto found = states_.find(owner);
  if (found == states_.end()) return want(owner, states_.emplace(owner, state).first->second);
  // What was used in the period before holds until the answer comes.
  const bool same_period = std::exchange(found->second.period, state.period) == state.period;
  found->second.quota = state.quota;
  found->second.over = used(found->second) >= static_cast<std::uint64_t>(state.quota.bytes);
  if (same_period) return;
  found->second.known = false;
  want(owner, found->second);
}

Limits Quotas::apply(std::int64_t owner, Limits limits) const {
  const auto found = states_.find(owner);
  if (found == states_.end()) return limits;
  const auto& [id, state] = *found;
  const auto& quota = state.quota;
  const auto bytes = static_cast<std::uint64_t>(quota.bytes);
  if (!throttles(quota)) {
    limits.quota =
        Quota{.bytes = bytes - std::min(state.used.bytes, bytes), .baseline = state.used.counters};
  } else if (state.over) {
    limits.upload_bytes_per_second = slower(limits.upload_bytes_per_second, quota.rate);
    limits.download_bytes_per_second = slower(limits.download_bytes_per_second, quota.rate);
  }
  return limits;
}

std::optional<Quotas::Use> Quotas::use(std::int64_t owner) const {
  const auto found = states_.find(owner);
  if (found == states_.end()) return std::nullopt;
  return Use{used(found->second), found->second.period};
}

std::uint64_t Quotas::counters(std::uint32_t row) const {
  return sources_.counters ? sources_.counters(row) : 0;
}

std::uint64_t Quotas::used(const State& state) const {
  const auto now = counters(state.row);
  return state.used.bytes + now - std::min(now, state.used.counters);
}

void Quotas::look() {
  each_second_.start(kLookInterval);
  const auto now = sources_.now();
  const bool again = is_time_to_ask_again();
  bool changed = false;
  for (auto& [owner, state] : states_) {
    const bool in_period = now >= state.period.begin && now < state.period.end;
    if (again || !state.known || !in_period) want(owner, state);
    if (!throttles(state.quota)) continue;
    const bool over = used(state) >= static_cast<std::uint64_t>(state.quota.bytes);
    if (!std::exchange(state.over, over) && over) changed = true;
  }
  if (changed) on_change_();
}

// Once more after the end of the drain: the last bytes are in the database then.
bool Quotas::is_time_to_ask_again() {
  if (!sources_.is_draining || ++looks_ % kLooksWhileDraining != 0) return false;
  return std::exchange(draining_, sources_.is_draining()) || draining_;
}

void Quotas::want(std::int64_t owner, State& state) {
  if (!std::exchange(state.due, true)) due_.push_back(owner);
  ask();
}

void Quotas::ask() {
  if (asking_ || due_.empty() || !sources_.ask) return;
  std::vector<Question> questions;
  const auto now = sources_.now();
  while (!due_.empty() && questions.size() < kQuestionsAtOnce) {
    const auto found = states_.find(due_.front());
    due_.pop_front();
    if (found != states_.end()) {
      questions.push_back({found->first, period_of(found->second.quota, now).begin});
    }
  }
  if (questions.empty()) return;
  asking_ = true;
  sources_.ask(questions, [this, questions](const Outcome<Answers>& answers) {
    answered(questions, answers);
  });
}

// Where the period is another meanwhile, by a quota that was set anew or by the clock, it is asked
// for again.
void Quotas::answered(const std::vector<Question>& questions, const Outcome<Answers>& answers) {
  asking_ = false;
  for (std::size_t i = 0; i < questions.size(); ++i) {
    const auto found = states_.find(questions[i].owner);
    if (found == states_.end()) continue;
    auto& state = found->second;
    state.due = false;  // After a failure the next look wants it again, if it is still due.
    const auto period = period_of(state.quota, sources_.now());
    if (!answers) continue;
    if (period.begin != questions[i].from) {
      want(questions[i].owner, state);
      continue;
    }
    state.period = period;
    learn(state, (*answers)[i]);
  }
  if (std::exchange(failing_, !answers) != failing_ && failing_) {
    log::warning("What proxies and credentials have used of their quotas is not known: " +
                 answers.error().text);
  }
  on_change_();
  if (answers) ask();
}

// A state that says the same stays as it is, and with it what the engine was told.
void Quotas::learn(State& state, const Used& used) {
  const auto now = counters(state.row);
  const auto known = this->used(state);
  if (known != used.bytes + now - std::min(now, used.counters)) state.used = used;
  state.known = true;
  state.over = this->used(state) >= static_cast<std::uint64_t>(state.quota.bytes);
}

}  // namespace airlane
