// The list of drivers, as an operator meets it in `dongle add`.
#include "control/modem/drivers.h"

#include <gmock/gmock.h>

namespace airlane::test {
namespace {

using ::testing::HasSubstr;

std::string complaint(std::string_view driver, DriverOptions options) {
  const auto made = make_driver(driver, {"d1", "lo", {}, std::move(options)});
  if (made) return "";
  EXPECT_EQ(made.error().kind, Failure::Kind::kInvalid);
  return made.error().text;
}

TEST(Drivers, NameWhatTheyKnowWhenTheyRefuse) {
  EXPECT_EQ(complaint("zte", {}),
            "There is no driver \"zte\". Known drivers: none, hilink, command.");
  EXPECT_EQ(complaint("none", {{"hold", "2s"}}),
            "There is no option \"hold\". Driver \"none\" takes none.");
  EXPECT_EQ(complaint("command", {{"hold", "2s"}}),
            "There is no option \"hold\". Driver \"command\" takes: rotate, reboot, status, "
            "timeout.");
}

TEST(Drivers, TakeGoodOptions) {
  EXPECT_EQ(complaint("none", {}), "");
  EXPECT_EQ(complaint("hilink", {}), "");
  EXPECT_EQ(complaint("hilink", {{"url", "http://192.168.1.1/"},
                                 {"method", "net-mode"},
                                 {"hold", "1500ms"},
                                 {"username", "u"},
                                 {"password", "p"}}),
            "");
  EXPECT_EQ(complaint("command", {{"rotate", "/bin/true 'a b'"}, {"timeout", "2m"}}), "");
}

TEST(Drivers, RefuseBadValuesWithASentence) {
  EXPECT_THAT(complaint("hilink", {{"method", "magic"}}), HasSubstr("dataswitch"));
  EXPECT_THAT(complaint("hilink", {{"url", "http://modem.lan/"}}), HasSubstr("by its address"));
  EXPECT_THAT(complaint("hilink", {{"url", "ftp://192.168.8.1/"}}), HasSubstr("http://"));
  for (const char* hold : {"", "2", "s", "-1s", "2 s", "61s", "4294967295m", "99999999999s"}) {
    EXPECT_THAT(complaint("hilink", {{"hold", hold}}), HasSubstr("at most 60 s")) << hold;
  }
  EXPECT_THAT(complaint("command", {}), HasSubstr("at least one"));
  EXPECT_THAT(complaint("command", {{"rotate", "  "}}), HasSubstr("no program"));
  EXPECT_THAT(complaint("command", {{"rotate", "/bin/x 'y"}}), HasSubstr("quote"));
  EXPECT_THAT(complaint("command", {{"rotate", "rotate.sh"}}), HasSubstr("whole path"));
}

TEST(Drivers, NoneRefusesEverythingAndSaysSoBefore) {
  const auto driver = make_driver("none", {"d1", "lo", {}, {}});
  ASSERT_TRUE(driver);
  EXPECT_FALSE((*driver)->can_rotate());
  for (const auto& outcome : {(*driver)->rotate({}), (*driver)->reboot({})}) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().kind, Failure::Kind::kUnavailable);
    EXPECT_THAT(outcome.error().text, HasSubstr("no modem control"));
  }
}

}  // namespace
}  // namespace airlane::test
