// Quotas and limits: sizes go over the socket as numbers of bytes, and only those with a unit.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Proxy, GetsAQuotaInTheUnitsOfPeople) {
  const auto seen = ask({"proxy", "quota", "7", "50GiB", "--period", "day", "--zone", "+01:00",
                         "--throttle", "64KiB"},
                        200, "{}");
  EXPECT_EQ(seen.request, "PATCH /api/admin/proxies/7 HTTP/1.1");
  EXPECT_EQ(json::parse(seen.body)["quota"].dump(),
            R"({"action":"throttle","bytes":53687091200,"period":"day","rate":65536,)"
            R"("time_zone":"+01:00"})");
  const auto some = ask({"proxy", "quota", "7", "--refuse"}, 200, "{}");
  EXPECT_EQ(some.body, R"({"quota":{"action":"refuse"}})");
  EXPECT_EQ(ask({"proxy", "quota", "7", "none"}, 200, "{}").body, R"({"quota":null})");
}

TEST(Proxy, HasNoSizeWithoutAUnitSoNobodyGetsBytesForGibibytes) {
  const std::string sizes = "not a size: write a whole number and B, KiB, MiB, GiB or TiB";
  const std::vector<std::pair<std::vector<std::string>, std::string>> odd{
      {{"quota", "7", "50"}, "BYTES: \"50\" is " + sizes + ", like 50GiB, or none\n"},
      {{"quota", "7", "50GB"}, "BYTES: \"50GB\" is " + sizes},
      {{"quota", "7", "50GiB", "--throttle", "none"}, "--throttle: \"none\" is " + sizes},
      {{"limit", "7", "--upload", "2"}, "like 50GiB, or none, or default\n"},
      {{"limit", "7", "--download", "2 MiB"}, "--download: \"2 MiB\" is " + sizes},
      {{"limit", "7", "--connections", "many"},
       "\"many\" is neither a whole number nor default\n"}};
  for (auto [words, sentence] : odd) {
    words.insert(words.begin(), "proxy");
    const auto seen = ask(words, 200, "{}");
    EXPECT_EQ(seen.result.status, 2);
    EXPECT_THAT(seen.result.err, HasSubstr(sentence));
    EXPECT_THAT(seen.request, IsEmpty());
  }
}

TEST(Proxy, TakesLimitsAwayOnlyWhereNoneIsSetBesides) {
  const std::vector<std::vector<std::string>> odd{
      {"proxy", "limit", "7", "--reset", "--connections", "4"},
      {"credential", "limit", "7", "--reset", "--rule", "deny *"},
      {"proxy", "quota", "7", "none", "--throttle", "64KiB"},
      {"proxy", "quota", "7", "none", "--refuse"}};
  for (const auto& words : odd) {
    const auto seen = ask(words, 200, "{}");
    EXPECT_EQ(seen.result.status, 2);
    EXPECT_THAT(seen.result.err, HasSubstr(words[3] + ": it takes "));
    EXPECT_THAT(seen.result.err, HasSubstr("and no other option with it"));
    EXPECT_THAT(seen.request, IsEmpty());
  }
}

TEST(Quota, IsListedInTheUnitsInWhichItIsSaid) {
  for (const auto& [used, shown] :
       std::map<std::int64_t, std::string>{{0, "0B"},
                                           {1023, "1023B"},
                                           {1024, "1KiB"},
                                           {2047, "1.9KiB"},
                                           {1 << 20, "1MiB"},
                                           {13'314'398'618, "12.4GiB"}}) {
    const json quota{{"bytes", 53'687'091'200},
                     {"period", "month"},
                     {"time_zone", "UTC"},
                     {"action", "throttle"},
                     {"rate", 65536},
                     {"used", used},
                     {"resets", "2026-12-01T00:00:00Z"}};
    const auto seen =
        ask({"credential", "list"}, 200, json{{"credentials", {{{"quota", quota}}}}}.dump());
    EXPECT_THAT(seen.result.out,
                HasSubstr(shown + " of 50GiB a month, then 64KiB/s; anew 2026-12-01T00:00:00Z\n"));
  }
  const auto seen = ask({"proxy", "list"}, 200, R"({"proxies": [{"id": 7, "quota": {"bytes": 1500,
      "period": "day", "action": "refuse", "rate": null, "used": null, "resets": null}},
      {"id": 8, "quota": null}]})");
  EXPECT_THAT(seen.result.out, HasSubstr("  ? of 1500B a day, then refused; anew -  "));
}

}  // namespace
}  // namespace airlane::test
