// Which value an option takes, where the next word is another option or there is none.
#include <gmock/gmock.h>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

using testing::StartsWith;
using Words = std::vector<std::string>;

TEST(Option, WithoutItsValueDoesNotTakeTheNextOption) {
  for (const auto& [words, option] :
       {std::pair{Words{"user", "set", "bob", "--api", "--json"}, "--api"},
        {{"proxy", "set", "7", "--comment", "--json"}, "--comment"},
        {{"proxy", "set", "7", "--comment", "--no-such"}, "--comment"},
        {{"proxy", "set", "--comment", "--", "7"}, "--comment"},
        {{"dongle", "set", "ten", "--dns", "192.0.2.1", "--dns", "--json"}, "--dns"},
        {{"--key-file", "--url", "https://a.test", "user", "list"}, "--key-file"},
        {{"user", "list", "--url", "-h"}, "--url"}}) {
    const auto seen = ask(words, 200, "{}");
    EXPECT_EQ(seen.result.status, 2) << testing::PrintToString(words);
    EXPECT_EQ(seen.result.err, "airlane: " + std::string(option) +
                                   " lacks its value; one that begins with - is joined to it, as "
                                   "in " +
                                   option + "=-x\n`--help` says what there is.\n");
    EXPECT_EQ(seen.request, "");
  }
  EXPECT_THAT(airlane_says({"serve", "-c", "--help"}).err,
              StartsWith("airlane: -c lacks its value; one that begins with - is joined to it, as "
                         "in -c-x\n"));
}

TEST(Option, AtTheEndLacksItsValue) {
  const auto result = airlane_says({"proxy", "set", "7", "--comment"});
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.err, "airlane: --comment lacks its value\n`--help` says what there is.\n");
}

TEST(Option, DoesNotRepeatWhatMayBeAPassword) {
  const auto result = airlane_says({"proxy", "set", "7", "--password", "-s3cret"});
  EXPECT_EQ(result.status, 2);
  EXPECT_THAT(result.err, testing::Not(testing::HasSubstr("s3cret")));
}

TEST(Option, TakesWhatIsJoinedToIt) {
  for (const auto& [words, body] :
       {std::pair{Words{"proxy", "set", "7", "--comment=--x"}, R"({"comment":"--x"})"},
        {{"proxy", "set", "7", "--comment=-h", "--json"}, R"({"comment":"-h"})"},
        {{"proxy", "set", "7", "--comment=a=b"}, R"({"comment":"a=b"})"},
        {{"proxy", "set", "7", "--comment==", "--json"}, R"({"comment":"="})"}}) {
    EXPECT_EQ(ask(words, 200, "{}").body, body);
  }
}

TEST(Option, TakesAnEmptyValueAndNotTheNextWord) {
  EXPECT_EQ(ask({"proxy", "set", "--comment=", "7"}, 200, "{}").body, R"({"comment":""})");
  EXPECT_EQ(ask({"proxy", "set", "7", "--comment="}, 200, "{}").body, R"({"comment":""})");
  EXPECT_EQ(ask({"proxy", "set", "7", "--comment=", "--json"}, 200, "{}").body,
            R"({"comment":""})");
  EXPECT_EQ(ask({"proxy", "set", "7", "--comment", "", "--json"}, 200, "{}").body,
            R"({"comment":""})");
  EXPECT_EQ(ask({"dongle", "set", "ten", "--dns=", "--dns=192.0.2.1"}, 200, "{}").body,
            R"({"dns":["","192.0.2.1"]})");
}

TEST(Option, TakesANumberBelowZeroAndADash) {
  EXPECT_EQ(ask({"proxy", "quota", "7", "--zone", "-01:00"}, 200, "{}").body,
            R"({"quota":{"time_zone":"-01:00"}})");
  EXPECT_EQ(ask({"proxy", "set", "7", "--comment", "-"}, 200, "{}").body, R"({"comment":"-"})");
}

TEST(Option, IsNoneBehindTwoDashes) {
  const auto seen = ask({"--socket", "/nowhere", "user", "show", "--", "--api"}, 200, "{}");
  EXPECT_EQ(seen.result.status, 2) << "the test's own --socket is a name there";
  EXPECT_THAT(seen.result.err, testing::HasSubstr("--socket"));
}

}  // namespace
}  // namespace airlane::test
