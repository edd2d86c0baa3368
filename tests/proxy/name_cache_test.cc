#include "proxy/name_cache.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

namespace airlane::test {
namespace {

using std::chrono_literals::operator""s;

const Monotonic::time_point kNow{1000s};

std::shared_ptr<const NameAnswer> found(const char* ip) {
  return std::make_shared<const NameAnswer>(std::vector{*Address::parse(ip)});
}

TEST(NameCache, FindsWhatItWasToldInAnySpelling) {
  NameCache cache(8);
  cache.keep({"One.Test", AF_INET}, found("192.0.2.1"), kNow + 10s);
  const auto answer = cache.find({"oNE.tEST", AF_INET}, kNow);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)->front().ip(), "192.0.2.1");
  EXPECT_FALSE(cache.find({"one.test", AF_INET6}, kNow)) << "the other family";
  EXPECT_FALSE(cache.find({"one.tes", AF_INET}, kNow));
}

TEST(NameCache, ServesNothingStale) {
  NameCache cache(8);
  cache.keep({"one.test", AF_INET}, found("192.0.2.1"), kNow + 10s);
  EXPECT_TRUE(cache.find({"one.test", AF_INET}, kNow + 9s));
  EXPECT_FALSE(cache.find({"one.test", AF_INET}, kNow + 10s));
  EXPECT_EQ(cache.size(), 0u) << "and gives back its place";
}

TEST(NameCache, TakesTheLatestWord) {
  NameCache cache(8);
  cache.keep({"one.test", AF_INET}, found("192.0.2.1"), kNow + 10s);
  cache.keep({"one.test", AF_INET}, found("192.0.2.2"), kNow + 20s);
  EXPECT_EQ(cache.size(), 1u);
  EXPECT_EQ((*cache.find({"one.test", AF_INET}, kNow + 15s))->front().ip(), "192.0.2.2");
}

TEST(NameCache, HoldsNoMoreThanItMayAndForgetsTheLeastUsed) {
  NameCache cache(3);
  for (const auto* name : {"a", "b", "c"}) {
    cache.keep({name, AF_INET}, found("192.0.2.1"), kNow + 10s);
  }
  EXPECT_TRUE(cache.find({"a", AF_INET}, kNow));
  cache.keep({"d", AF_INET}, found("192.0.2.1"), kNow + 10s);
  EXPECT_EQ(cache.size(), 3u);
  EXPECT_TRUE(cache.find({"a", AF_INET}, kNow));
  EXPECT_FALSE(cache.find({"b", AF_INET}, kNow));
  for (int i = 0; i < 10'000; ++i) {
    cache.keep({"n" + std::to_string(i), AF_INET}, found("192.0.2.1"), kNow + 10s);
  }
  EXPECT_EQ(cache.size(), 3u);
}

TEST(NameCache, HoldsNothingWhenItMayNot) {
  NameCache cache(0);
  cache.keep({"a", AF_INET}, found("192.0.2.1"), kNow + 10s);
  EXPECT_EQ(cache.size(), 0u);
}

TEST(NameKey, ATooLongNameIsNoQuestion) {
  EXPECT_TRUE(NameKey(std::string(253, 'a'), AF_INET).fits());
  EXPECT_FALSE(NameKey(std::string(255, 'a'), AF_INET).fits());
  EXPECT_STREQ(NameKey("A.b", AF_INET6).name(), "a.b");
}

}  // namespace
}  // namespace airlane::test
