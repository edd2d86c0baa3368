// Quotas with a clock, counters and a database that the test turns by hand.
#include "control/quotas.h"

#include <gtest/gtest.h>

#include "control/checks.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

using std::chrono_literals::operator""h;

constexpr std::int64_t kProxy = 7;
constexpr std::uint32_t kRow = 3;
const WallSeconds kNoon = from_unix(1'772'366'400);  // 2026-03-01T12:00:00Z, a Sunday.
const WallSeconds kMidnight = kNoon + 12h;

class QuotasTest : public testing::Test {
 protected:
  Quotas::Sources sources() {
    return {.ask =
                [this](std::span<const Quotas::Question> questions, auto then) {
                  asked_.assign(questions.begin(), questions.end());
                  ++asks_;
                  then_ = std::move(then);
                },
            .ask_and_wait = [this](auto questions) { return answers_to(questions); },
            .counters = [this](std::uint32_t row) { return row == kRow ? counters_ : 0; },
            .is_draining = [this] { return draining_; },
            .now = [this] { return now_; }};
  }
  // `used_` is what the database has in the period that begins with `from`.
  Outcome<Quotas::Answers> answers_to(std::span<const Quotas::Question> questions) {
    if (failing_) return Failure{Failure::Kind::kUnavailable, "The disk is full."};
    Quotas::Answers answers;
    for (const auto& question : questions) {
      answers.push_back({question.owner == kProxy ? used_[question.from] : 0, counters_});
    }
    return answers;
  }
  void reply() {
    ASSERT_TRUE(then_);
    std::exchange(then_, {})(answers_to(asked_));
  }
  static ProxyRecord proxy_with(const std::optional<QuotaRecord>& quota) {
    ProxyRecord proxy;
    proxy.id = kProxy;
    proxy.port = 20001;
    proxy.username = proxy.password = "alice";
    proxy.counter_row = kRow;
    proxy.quota = quota;
    return proxy;
  }
  static QuotaRecord daily(std::int64_t bytes) { return {.bytes = bytes, .period = "day"}; }
  void start(const QuotaRecord& quota) {
    proxy_ = proxy_with(quota);
    const auto started = quotas_.start({{kProxy, proxy_}});
    ASSERT_TRUE(started) << started.error().text;
  }
  void change(const std::optional<QuotaRecord>& quota) {
    proxy_ = proxy_with(quota);
    quotas_.follow(proxy_);
  }
  Limits limits(const Limits& all = {}) { return quotas_.apply(kProxy, all); }
  // What the engine makes of it, see proxy/throttle.cc.
  std::uint64_t left() {
    const auto quota = *limits().quota;
    const auto moved = counters_ > quota.baseline ? counters_ - quota.baseline : 0;
    return quota.bytes > moved ? quota.bytes - moved : 0;
  }
  void on_change() { ++changes_; }

  Loop loop_;
  WallSeconds now_ = kNoon;
  std::uint64_t counters_ = 5'000;
  std::map<WallSeconds, std::uint64_t> used_;
  bool draining_ = false;
  bool failing_ = false;
  std::vector<Quotas::Question> asked_;
  std::function<void(Outcome<Quotas::Answers>)> then_;
  int asks_ = 0;
  int changes_ = 0;
  ProxyRecord proxy_;
  Quotas quotas_{loop_, sources(), Callback<void()>::to<&QuotasTest::on_change>(*this)};
};

TEST_F(QuotasTest, WithoutAQuotaNothingIsDifferent) {
  ASSERT_TRUE(quotas_.start({{kProxy, proxy_with(std::nullopt)}}));
  EXPECT_EQ(limits({.connections = 5}), (Limits{.connections = 5}));
  EXPECT_FALSE(quotas_.use(kProxy));
}

TEST_F(QuotasTest, WhatWasUsedBeforeTheStartCounts) {
  used_[kMidnight - 24h] = 300;
  start(daily(1'000));
  EXPECT_EQ(left(), 700U);
  counters_ += 699;
  EXPECT_EQ(left(), 1U);
  EXPECT_EQ(quotas_.use(kProxy)->bytes, 999U);
  EXPECT_EQ(quotas_.use(kProxy)->period, (Period{kMidnight - 24h, kMidnight}));
  counters_ += 1;
  EXPECT_EQ(left(), 0U);
}

TEST_F(QuotasTest, MoreThanTheQuotaLeavesNothing) {
  used_[kMidnight - 24h] = 5'000'000;
  start(daily(1'000));
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(limits().quota->bytes, 0U);
}

TEST_F(QuotasTest, ACounterFileThatBeginsAtZeroChangesNothing) {
  used_[kMidnight - 24h] = 300;
  counters_ = 0;
  start(daily(1'000));
  EXPECT_EQ(left(), 700U);
  counters_ = 100;
  EXPECT_EQ(left(), 600U);
}

TEST_F(QuotasTest, TheNextDayItBeginsAnew) {
  start(daily(1'000));
  counters_ += 2'000;
  quotas_.look();
  EXPECT_EQ(left(), 0U);
  EXPECT_EQ(asks_, 0);
  now_ = kMidnight - std::chrono::seconds(1);
  quotas_.look();
  EXPECT_EQ(asks_, 0);
  now_ = kMidnight;
  used_[kMidnight] = 4;  // Moved in the new day before anybody looked.
  quotas_.look();
  ASSERT_EQ(asked_.size(), 1U);
  EXPECT_EQ(asked_[0].from, kMidnight);
  EXPECT_EQ(left(), 0U) << "until it is known";
  reply();
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(left(), 996U);
  EXPECT_EQ(quotas_.use(kProxy)->period.end, kMidnight + 24h);
  quotas_.look();
  EXPECT_EQ(asks_, 1) << "once a day";
}

TEST_F(QuotasTest, AClockThatIsSetBackAsksForTheDayBefore) {
  used_[kMidnight - 48h] = 900;
  start(daily(1'000));
  now_ -= 24h;
  quotas_.look();
  reply();
  EXPECT_EQ(left(), 100U);
}

TEST_F(QuotasTest, AFailureIsAskedAgain) {
  start(daily(1'000));
  counters_ += 1'000;
  now_ = kMidnight;
  failing_ = true;
  quotas_.look();
  reply();
  EXPECT_EQ(left(), 0U);
  quotas_.look();
  EXPECT_EQ(asks_, 2);
  failing_ = false;
  reply();
  EXPECT_EQ(left(), 1'000U);
}

TEST_F(QuotasTest, ANewQuotaCountsFromNowOnAndSoonFromTheBeginning) {
  ASSERT_TRUE(quotas_.start({}));
  used_[kMidnight - 24h] = 400;
  change(daily(1'000));
  EXPECT_EQ(left(), 1'000U);
  counters_ += 10;
  used_[kMidnight - 24h] = 410;
  EXPECT_EQ(left(), 990U);
  reply();
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(left(), 590U);
  change(std::nullopt);
  EXPECT_FALSE(limits().quota);
}

TEST_F(QuotasTest, AChangedQuotaHoldsAtOnce) {
  used_[kMidnight - 24h] = 400;
  start(daily(1'000));
  change(daily(500));
  EXPECT_EQ(left(), 100U);
  EXPECT_EQ(asks_, 0) << "what was used is the same";
  used_[from_unix(1'772'323'200)] = 450;  // The first of the month, which is today.
  change(QuotaRecord{.bytes = 500, .period = "month"});
  EXPECT_EQ(quotas_.use(kProxy)->period.end, from_unix(1'775'001'600)) << "known without asking";
  EXPECT_EQ(quotas_.use(kProxy)->bytes, 400U) << "until the answer comes";
  reply();
  EXPECT_EQ(left(), 50U);
  EXPECT_EQ(quotas_.use(kProxy)->bytes, 450U);
  EXPECT_EQ(quotas_.use(kProxy)->period.end, from_unix(1'775'001'600)) << "2026-04-01T00:00:00Z";
}

TEST_F(QuotasTest, AnotherPeriodIsAskedForUntilItIsKnown) {
  now_ = kNoon + 48h;
  start(daily(1'000));
  change(QuotaRecord{.bytes = 500, .period = "month"});
  failing_ = true;
  reply();
  failing_ = false;
  quotas_.look();
  EXPECT_EQ(asks_, 2) << "although the day that was known has not ended";
  change(daily(1'000));  // The month that is being asked for begins with a day, too.
  used_[kMidnight - 24h] = 300;
  used_[kMidnight + 24h] = 5;
  reply();
  EXPECT_EQ(quotas_.use(kProxy)->period, (Period{kMidnight + 24h, kMidnight + 48h}));
  ASSERT_EQ(asks_, 3);
  reply();
  EXPECT_EQ(quotas_.use(kProxy)->bytes, 5U);
  EXPECT_EQ(quotas_.use(kProxy)->period, (Period{kMidnight + 24h, kMidnight + 48h}));
}

TEST_F(QuotasTest, AQuestionThatNobodyAsksAnyMoreIsAskedAnew) {
  ASSERT_TRUE(quotas_.start({}));
  change(daily(1'000));
  ASSERT_EQ(asks_, 1);
  auto quota = daily(1'000);
  quota.zone = "+10:00";  // Its day began at 14:00Z yesterday.
  change(quota);
  used_[kMidnight - 34h] = 5;
  used_[kMidnight - 24h] = 999;
  reply();
  ASSERT_EQ(asks_, 2);
  reply();
  EXPECT_EQ(left(), 995U);
}

TEST_F(QuotasTest, WhatTheEngineWasToldStaysWhenItIsStillTrue) {
  start(daily(1'000));
  draining_ = true;
  const auto before = limits();
  counters_ += 100;
  used_[kMidnight - 24h] = 100;
  for (int i = 0; i < 20 && !then_; ++i) quotas_.look();
  reply();
  EXPECT_EQ(limits(), before);
}

TEST_F(QuotasTest, WhatAProcessBeforeThisOneStillCountsIsAskedForUntilItEnds) {
  start(daily(1'000));
  draining_ = true;
  used_[kMidnight - 24h] = 800;  // Not in our counters.
  for (int i = 0; i < 20 && !then_; ++i) quotas_.look();
  reply();
  EXPECT_EQ(left(), 200U);
  draining_ = false;
  used_[kMidnight - 24h] = 850;
  for (int i = 0; i < 20 && !then_; ++i) quotas_.look();
  reply();
  EXPECT_EQ(left(), 150U) << "its last bytes";
  for (int i = 0; i < 20; ++i) quotas_.look();
  EXPECT_FALSE(then_);
}

TEST_F(QuotasTest, AThrottleIsALimitFromItsEndToTheNextPeriod) {
  auto quota = daily(1'000);
  quota.action = "throttle";
  quota.rate = 64'000;
  start(quota);
  const Limits all{.upload_bytes_per_second = 10'000, .download_bytes_per_second = 0};
  EXPECT_EQ(limits(all), all);
  counters_ += 999;
  quotas_.look();
  EXPECT_EQ(changes_, 0);
  counters_ += 1;
  quotas_.look();
  EXPECT_EQ(changes_, 1);
  EXPECT_EQ(limits(all).upload_bytes_per_second, 10'000U) << "the slower one";
  EXPECT_EQ(limits(all).download_bytes_per_second, 64'000U);
  EXPECT_FALSE(limits(all).quota) << "nobody is refused";
  quotas_.look();
  EXPECT_EQ(changes_, 1);
  now_ = kMidnight;
  quotas_.look();
  reply();
  EXPECT_EQ(changes_, 2);
  EXPECT_EQ(limits(all), all);
}

TEST_F(QuotasTest, AThrottleHoldsFromTheStartWhenItIsUsedUp) {
  auto quota = daily(1'000);
  quota.action = "throttle";
  quota.rate = 64'000;
  used_[kMidnight - 24h] = 1'000;
  start(quota);
  EXPECT_EQ(limits().download_bytes_per_second, 64'000U);
  quota.bytes = 2'000;
  change(quota);
  EXPECT_EQ(limits(), Limits{});
}

TEST_F(QuotasTest, AtMidnightTheyAreAskedForAFewAtATime) {
  std::map<std::int64_t, ProxyRecord> proxies;
  for (std::int64_t id = 1; id <= 1'000; ++id) {
    auto proxy = proxy_with(daily(1'000));
    proxy.id = id;
    proxies[id] = proxy;
  }
  ASSERT_TRUE(quotas_.start(proxies));
  now_ = kMidnight;
  quotas_.look();
  std::size_t asked = 0;
  while (then_) {
    EXPECT_LE(asked_.size(), 100U);
    asked += asked_.size();
    reply();
  }
  EXPECT_EQ(asked, 1'000U);
  EXPECT_EQ(quotas_.use(1'000)->period.begin, kMidnight);
}

TEST(QuotaPeriod, IsADayOrAMonthOfItsZone) {
  QuotaRecord quota{.bytes = 1, .period = "day"};
  EXPECT_EQ(period_of(quota, kNoon), (Period{kMidnight - 24h, kMidnight}));
  EXPECT_EQ(period_of(quota, kMidnight), (Period{kMidnight, kMidnight + 24h}));
  quota.zone = "+05:30";  // Its midnight is at 18:30Z.
  EXPECT_EQ(period_of(quota, kNoon + 6h).end, kNoon + std::chrono::minutes(390));
  EXPECT_EQ(period_of(quota, kNoon + 7h).begin, kNoon + std::chrono::minutes(390));
  quota = {.bytes = 1, .period = "month", .zone = "-10:00"};  // February there until 10:00Z.
  EXPECT_EQ(period_of(quota, kNoon - 3h), (Period{from_unix(1'769'940'000), kNoon - 2h}));
  EXPECT_EQ(period_of(quota, kNoon).end, from_unix(1'775'037'600));
  quota.zone = "UTC";
  EXPECT_EQ(period_of(quota, from_unix(1'798'761'599)),  // 2026-12-31T23:59:59Z
            (Period{from_unix(1'796'083'200), from_unix(1'798'761'600)}));
}

TEST(QuotaPeriod, FollowsTheClockOfANamedZone) {
  QuotaRecord quota{.bytes = 1, .period = "day", .zone = "Europe/Rome"};
  const auto length = [&](std::int64_t time) {
    const auto period = period_of(quota, from_unix(time));
    EXPECT_TRUE(period.begin <= from_unix(time) && from_unix(time) < period.end) << time;
    EXPECT_EQ(period_of(quota, period.end).begin, period.end) << "without a gap";
    return period.end - period.begin;
  };
  EXPECT_EQ(period_of(quota, kNoon), (Period{kMidnight - 25h, kMidnight - 1h}));
  EXPECT_EQ(length(1'774'742'400), 23h) << "2026-03-29, when summer begins";
  EXPECT_EQ(length(1'792'886'400), 25h) << "2026-10-25, when it ends";
  EXPECT_EQ(length(1'792'886'400 + 12 * 3600), 25h);
  quota.zone = "Africa/Cairo";  // The clock leaves out midnight: 2026-04-24 begins at 1:00.
  EXPECT_EQ(period_of(quota, from_unix(1'777'024'800)).begin, from_unix(1'776'981'600));
  EXPECT_EQ(length(1'777'024'800), 23h);
  quota = {.bytes = 1, .period = "month", .zone = "Europe/Rome"};
  EXPECT_EQ(period_of(quota, kNoon),  // From 2026-03-01 at +01:00 to 2026-04-01 at +02:00.
            (Period{from_unix(1'772'319'600), from_unix(1'774'994'400)}));
}

TEST(QuotaPeriod, KnowsZonesByTheirOffsetAndByTheirName) {
  for (const auto* text :
       {"UTC", "+01:00", "-05:30", "+14:00", "Europe/Rome", "America/Argentina/Ushuaia"}) {
    EXPECT_TRUE(is_zone(text)) << text;
  }
  for (const auto* text : {"", "utc", "+1:00", "01:00", "+01:60", "+14:01", "+01", "+0x:00",
                           "+01:00 ", "Mars/Base", "europe/rome", "../../etc/passwd"}) {
    EXPECT_FALSE(is_zone(text)) << text;
  }
}

TEST(QuotaCheck, SaysWhatIsWrong) {
  ProxyRecord proxy;
  proxy.port = 1;
  proxy.username = proxy.password = "alice";
  const auto wrong = [&](const QuotaRecord& quota) {
    proxy.quota = quota;
    const auto checked = check(proxy);
    return checked ? std::string() : checked.error().text;
  };
  EXPECT_EQ(wrong({.bytes = 1}), "");
  EXPECT_EQ(wrong({.bytes = 1, .action = "throttle", .rate = 1}), "");
  EXPECT_EQ(wrong({.bytes = 0}), "A quota is at least one byte.");
  EXPECT_NE(wrong({.bytes = 1, .period = "week"}), "");
  EXPECT_NE(wrong({.bytes = 1, .zone = "Nowhere"}), "");
  EXPECT_NE(wrong({.bytes = 1, .action = "shout"}), "");
  EXPECT_NE(wrong({.bytes = 1, .action = "throttle"}), "") << "to which rate?";
  EXPECT_NE(wrong({.bytes = 1, .action = "refuse", .rate = 5}), "") << "it would be ignored";
}

}  // namespace
}  // namespace airlane::test
