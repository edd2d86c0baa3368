#include "control/fingerprint.h"

#include <gtest/gtest.h>

#include "netlink/fingerprint/presets.h"

namespace airlane {
namespace {

constexpr auto kWindows = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";

TEST(Fingerprint, IsStoredInTheOneWayInWhichItIsWritten) {
  for (const auto& [text, stored] :
       {std::pair{kWindows, kWindows},
        {"*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id :0", kWindows},
        {"*:118+10:0:*:64240,8:mss,nop,ws,nop,nop,sok:id+,df:*",
         "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:*"}}) {
    const auto read = judge_fingerprint(text);
    ASSERT_TRUE(read) << text << ": " << read.error().text;
    EXPECT_EQ(*read, stored);
    EXPECT_EQ(*judge_fingerprint(*read), *read);
  }
}

TEST(Fingerprint, MayBeCalledByItsName) {
  EXPECT_EQ(*judge_fingerprint("windows-10"), kWindows);
  for (const auto& preset : presets()) EXPECT_EQ(*judge_fingerprint(preset.name), preset.signature);
}

TEST(Fingerprint, IsRefusedWithTheFieldAndThePlace) {
  for (const auto& [text, reason] :
       {std::pair{"", "windows-10"},
        {"windows", "windows-10"},
        {"5:64:0:*:1,0:mss::0", "in the field ver, at character 1"},
        {"*:64:0:*:1,0:mss,ns::0", "in the field olayout, at character 18"},
        {"*:64:0:*:1,0:mss::1", "in the field pclass, at character 19"},
        {"*:64:0:*:1,0:mss:df,id:0", "in the field quirks, at character 21"},
        {"*:64:4:*:1,0:mss::0", "for its olen"},
        {"*:64:0:*:1,0:mss::+", "for its pclass"},
        {"*:64:0:*:1,1:mss::0", "for its scale"},
        {"*:64:0:*:1,0:mss:id+:0", "for its quirks"}}) {
    const auto read = judge_fingerprint(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, Failure::Kind::kInvalid);
    EXPECT_NE(read.error().text.find(reason), std::string::npos) << read.error().text;
    EXPECT_FALSE(recipe_of(text));
  }
  EXPECT_FALSE(judge_fingerprint("*:64:0:*:1,0:" + std::string(600, 'a') + "::0"));
}

}  // namespace
}  // namespace airlane
