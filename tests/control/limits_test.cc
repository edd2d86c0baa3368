#include "control/limits.h"

#include <gtest/gtest.h>

#include "control/checks.h"

namespace airlane::test {
namespace {

std::string canonical(const std::string& text) {
  const auto rule = parse_destination_rule(text);
  return rule ? to_string(*rule) : "";
}

TEST(DestinationRules, AreReadAsPeopleWriteThemAndShownInOneWay) {
  EXPECT_EQ(canonical("deny example.com"), "deny example.com");
  EXPECT_EQ(canonical("deny  EXAMPLE.com.  443"), "deny example.com 443");
  EXPECT_EQ(canonical("allow 192.0.2.0/24 80-443"), "allow 192.0.2.0/24 80-443");
  EXPECT_EQ(canonical("allow 192.0.2.7"), "allow 192.0.2.7/32");
  EXPECT_EQ(canonical("deny 2001:db8::/32"), "deny 2001:db8::/32");
  EXPECT_EQ(canonical("deny * 1-1023"), "deny * 1-1023");
  EXPECT_EQ(canonical("deny *"), "deny *");
  EXPECT_EQ(canonical("allow xn--bcher-kva.example"), "allow xn--bcher-kva.example");
  const auto rule = parse_destination_rule("deny a.Example.com 25");
  ASSERT_TRUE(rule);
  EXPECT_EQ(*rule, (DestinationRule{.allow = false, .ports = {25, 25}, .suffix = "a.example.com"}));
}

TEST(DestinationRules, OtherwiseASentenceSaysWhatIsWrong) {
  for (const auto* text :
       {"", "deny", "forbid example.com", "deny exa mple.com", "deny *.example.com",
        "deny .example.com", "deny example..com", "deny 1.2.3", "deny 1.2.3.4/8", "deny 0x7f.1",
        "deny bücher.example", "deny * 0", "deny * 9-8", "deny * 70000", "deny * 80 443",
        "deny example.com\n443"}) {
    const auto rule = parse_destination_rule(text);
    ASSERT_FALSE(rule) << text;
    EXPECT_EQ(rule.error().kind, Failure::Kind::kInvalid);
    EXPECT_TRUE(rule.error().text.starts_with("The rule \"")) << rule.error().text;
  }
  EXPECT_FALSE(parse_destination_rule("deny " + std::string(400, 'a')));
}

TEST(ProxyLimits, OverrideTheConfigurationWhereTheySaySomething) {
  const Limits all{.connections = 5, .new_per_second = 7, .download_bytes_per_second = 1000};
  EXPECT_EQ(limits_of({}, all), all);
  const LimitsRecord own{
      .connections = 0, .upload = 2000, .destinations = {"allow example.com 443", "deny *"}};
  EXPECT_EQ(limits_of(own, all),
            (Limits{.connections = 0,
                    .new_per_second = 7,
                    .upload_bytes_per_second = 2000,
                    .download_bytes_per_second = 1000,
                    .destinations = {{.allow = true, .ports = {443, 443}, .suffix = "example.com"},
                                     {.allow = false, .ports = {}}}}))
      << "0 is no limit, whatever holds for the others";
}

TEST(ProxyLimits, ARuleThatIsNotUnderstoodOpensNothing) {
  EXPECT_EQ(limits_of({.destinations = {"allow ?"}}, {}).destinations,
            std::vector{DestinationRule{}});
}

TEST(ProxyLimits, MustBeInTheirBounds) {
  const auto are_good = [](const LimitsRecord& limits) { return faults(limits).empty(); };
  EXPECT_TRUE(are_good({.connections = 10'000'000, .upload = 0}));
  EXPECT_FALSE(are_good({.connections = -1}));
  EXPECT_FALSE(are_good({.connections_per_source = 50'001}));
  EXPECT_FALSE(are_good({.download = (100LL << 30) + 1}));
  EXPECT_FALSE(are_good({.destinations = std::vector<std::string>(257, "deny *")}));
  const auto wrong = faults(
      LimitsRecord{.new_per_second = 1'000'001, .upload = -1, .destinations = {"deny", "allow"}});
  ASSERT_EQ(wrong.size(), 3U) << "one for each field";
  EXPECT_EQ(wrong[0].field, "limits.new_per_second");
  EXPECT_EQ(wrong[0].sentence,
            "The limit new_per_second must be a number from 0 (none) to 1000000.");
  EXPECT_EQ(wrong[1].field, "limits.upload");
  EXPECT_EQ(wrong[2].field, "limits.destinations");
}

}  // namespace
}  // namespace airlane::test
