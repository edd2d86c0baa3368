// The days of targets in the database.
#include "db/targets.h"

#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

class Targets : public ::testing::Test {
 protected:
  Targets() {
    user_ = must(users::insert(*database_, user("alice")));
    dongle_ = must(dongles::insert(*database_, dongle("ten", "wwan0")));
    proxy_ = add_proxy(20001);
  }
  std::int64_t add_proxy(std::uint16_t port) {
    auto made = proxy(user_, dongle_, port);
    made.counter_row = port;
    return must(proxies::insert(*database_, made));
  }
  static TargetSummary page(std::initializer_list<std::pair<const char*, std::uint64_t>> targets) {
    TargetSummary made;
    for (const auto& [host, bytes] : targets) made.add({host, 443}, {bytes, 1, 1});
    return made;
  }
  std::int64_t rows(std::int64_t proxy) {
    return **must(database_->select_one<std::optional<std::int64_t>>(
        "SELECT count(*) FROM targets WHERE proxy = ?1",
        [](const Statement& row) { return std::optional(row.integer(0)); }, proxy));
  }

  Scratch scratch_;
  std::unique_ptr<Database> database_ = open(scratch_);
  std::int64_t user_ = 0;
  std::int64_t dongle_ = 0;
  std::int64_t proxy_ = 0;
};

TEST_F(Targets, AddUpByTheDay) {
  must(targets::add(*database_, proxy_, 20'000, page({{"a.test", 10}, {"b.test", 20}}), 5));
  must(targets::add(*database_, proxy_, 20'000, page({{"a.test", 30}}), 5));
  must(targets::add(*database_, proxy_, 20'001, page({{"c.test", 1}}), 5));
  const auto day = must(targets::read(*database_, proxy_, 20'000, 20'000));
  EXPECT_EQ(day.size(), 2U);
  EXPECT_EQ(day.entries().at({"a.test", 443}).sum, (TargetSum{40, 2, 2}));
  EXPECT_EQ(day.other(), TargetSum());
  EXPECT_EQ(must(targets::read(*database_, proxy_, 20'000, 20'001)).size(), 3U);
  EXPECT_TRUE(must(targets::read(*database_, proxy_, 20'002, 20'009)).empty());
}

TEST_F(Targets, AreNoMoreThanAreKeptAndTheRestIsThere) {
  must(targets::add(*database_, proxy_, 1, page({{"a.test", 10}, {"b.test", 20}}), 2));
  must(targets::add(*database_, proxy_, 1, page({{"c.test", 30}, {"b.test", 5}}), 2));
  const auto day = must(targets::read(*database_, proxy_, 1, 1));
  EXPECT_EQ(rows(proxy_), 2);
  EXPECT_FALSE(day.entries().contains({"a.test", 443}));
  EXPECT_EQ(day.other(), (TargetSum{10, 1, 1}));
  EXPECT_EQ(day.floor(), 11U);
  must(targets::add(*database_, proxy_, 1, {}, 1));
  EXPECT_EQ(rows(proxy_), 1) << "fewer are kept from now on";
}

TEST_F(Targets, GoWithTheirProxyAndComeBackForNobody) {
  const auto other = add_proxy(20002);
  must(targets::add(*database_, proxy_, 1, page({{"a.test", 10}}), 5));
  must(targets::add(*database_, other, 1, page({{"a.test", 10}}), 5));
  must(proxies::remove(*database_, proxy_));
  EXPECT_EQ(rows(proxy_), 0);
  EXPECT_EQ(rows(other), 1);
  must(targets::add(*database_, proxy_, 1, page({{"late.test", 10}}), 5));
  EXPECT_TRUE(must(targets::read(*database_, proxy_, 0, 9)).empty());
}

TEST_F(Targets, AreForgottenByAgeAndOnRequest) {
  for (int day = 1; day <= 20; ++day) {
    must(targets::add(*database_, proxy_, day, page({{"a.test", 10}}), 5));
  }
  int steps = 0;
  while (must(targets::forget_before(*database_, 18))) ++steps;
  EXPECT_EQ(steps, 3) << "a few days at a time";
  EXPECT_EQ(rows(proxy_), 3);
  must(targets::forget(*database_, proxy_));
  EXPECT_EQ(rows(proxy_), 0);
}

TEST_F(Targets, KeptByAProxyAreANumberOrAsConfigured) {
  auto record = *must(proxies::find(*database_, proxy_));
  EXPECT_EQ(record.targets_kept, std::nullopt);
  for (const auto kept : {std::optional(0U), std::optional(1000U), std::optional<unsigned>()}) {
    record.targets_kept = kept;
    must(proxies::update(*database_, record));
    EXPECT_EQ(must(proxies::find(*database_, proxy_))->targets_kept, kept);
  }
  EXPECT_EQ(must(proxies::all(*database_)).front(), record);
}

TEST_F(Targets, RememberWhichFilesTheyHave) {
  must(targets::add_file(*database_, "one"));
  must(targets::add_file(*database_, "two"));
  EXPECT_FALSE(targets::add_file(*database_, "one")) << "twice would be counted twice";
  must(targets::forget_file(*database_, "one"));
  EXPECT_EQ(must(targets::files(*database_)), std::vector<std::string>{"two"});
}

}  // namespace
}  // namespace airlane::test
