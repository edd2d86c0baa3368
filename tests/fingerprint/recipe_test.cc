// What a signature becomes on the wire, and which ones cannot be put there to the letter.
#include "netlink/fingerprint/recipe.h"

#include <gmock/gmock.h>

#include <fstream>

#include "netlink/fingerprint/presets.h"
#include "tests/fingerprint/database.h"
#include "tests/netlink/network.h"

namespace airlane::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

Recipe recipe_of(std::string_view text) {
  const auto signature = parse_signature(text);
  EXPECT_TRUE(signature) << signature.error().text;
  const auto recipe = make_recipe(*signature);
  EXPECT_TRUE(recipe) << recipe.error().text;
  return recipe ? *recipe : Recipe();
}

std::string refusal(std::string_view text) {
  const auto signature = parse_signature(text);
  EXPECT_TRUE(signature) << signature.error().text;
  if (!signature) return {};
  const auto recipe = make_recipe(*signature);
  return recipe ? "" : recipe.error().text;
}

TEST(FingerprintRecipe, LaysTheOptionsOutAsTheyAreWritten) {
  const auto wire = recipe_of("*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0").wire;

  const std::vector<int> options(wire.options, wire.options + wire.options_size);
  EXPECT_THAT(options,
              ElementsAre(2, 4, 0, 0, 1, 3, 3, 0, 1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0, 4, 2, 0, 0));
  EXPECT_EQ(wire.mss_at, 2);
  EXPECT_EQ(wire.scale_at, 7);
  EXPECT_EQ(wire.time_at, 12);
  EXPECT_EQ(wire.scale, 6);
  EXPECT_EQ(wire.window, 65535);
}

TEST(FingerprintRecipe, FillsTheEndWhereItIsNotZeros) {
  const auto wire = recipe_of("*:64:0:*:*,*:mss,eol+3:opt+:0").wire;

  const std::vector<int> options(wire.options, wire.options + wire.options_size);
  EXPECT_THAT(options, ElementsAre(2, 4, 0, 0, 0, 1, 1, 1));
}

TEST(FingerprintRecipe, TellsTheSocketWhichScaleToCountBy) {
  EXPECT_EQ(recipe_of("*:64:0:*:*,8:mss,ws,nop::0").window_clamp(), 65535 * 256);
  EXPECT_EQ(recipe_of("*:64:0:*:*,0:mss,ws,nop::0").window_clamp(), 65535);
  EXPECT_EQ(recipe_of("*:64:0:*:*,14:mss,ws,nop::0").window_clamp(), 65535 * 16384);
  EXPECT_EQ(recipe_of("*:64:0:*:*,*:mss,ws,nop::0").window_clamp(), 0) << "any scale will do";
  EXPECT_EQ(recipe_of("*:64:0:*:*,0:mss::0").window_clamp(), 0) << "there is none";
  EXPECT_EQ(recipe_of("*:64:0:*:*,8:mss,ws,nop::0").receive_memory(), 8388608);
}

TEST(FingerprintRecipe, MeansByTheIdWhatP0fMeans) {
  const auto id_and_df = [](std::string_view quirks) {
    const auto wire = recipe_of("*:64:0:*:*,*:mss:" + std::string(quirks) + ":0").wire;
    return wire.quirks & (EGRESS_ID | EGRESS_DF);
  };
  EXPECT_EQ(id_and_df("df,id+"), EGRESS_ID | EGRESS_DF);
  EXPECT_EQ(id_and_df("df"), EGRESS_DF);
  EXPECT_EQ(id_and_df("id-"), 0);
  EXPECT_EQ(id_and_df(""), EGRESS_ID);
}

TEST(FingerprintRecipe, ExistsForEveryRequestOfP0fsDatabaseAndEveryPreset) {
  const auto entries = read_database();
  ASSERT_GE(entries.size(), 90U) << "p0f is missing: script/setup installs it";
  for (const auto& entry : entries) EXPECT_EQ(refusal(entry.signature), "") << entry.signature;
  for (const auto& preset : presets()) EXPECT_EQ(refusal(preset.signature), "") << preset.name;
}

struct Refused {
  const char* text;
  const char* why;
};

class RefusedSignature : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedSignature, IsRefusedWithASentence) {
  const auto said = refusal(GetParam().text);
  EXPECT_THAT(said,
              StartsWith(std::string("The fingerprint cannot be used, for its ") + GetParam().why));
  EXPECT_TRUE(said.ends_with('.')) << said;
}

INSTANTIATE_TEST_SUITE_P(
    Signatures, RefusedSignature,
    ::testing::Values(
        Refused{"*:54+?:0:*:*,*:mss::0", "ittl: the distance is not known"},
        Refused{"*:64:0:*:*,*:mss:uptr+,urgf+:0", "quirks: uptr+ is an urgent pointer without"},
        Refused{"*:64:4:*:*,*:mss::0", "olen: "}, Refused{"*:64:0:*:*,*:mss::+", "pclass: "},
        Refused{"*:64:0:*:*,*:mss,?0::0", "olayout: ?0 does not say"},
        Refused{"*:64:0:*:*,*:mss,?19,nop,nop::0", "olayout: ?19 (MD5"},
        Refused{"*:64:0:*:*,*:mss,?29,nop,nop::0", "olayout: ?29 (MD5"},
        Refused{"*:64:0:*:*,*:mss,?30,nop,nop::0", "olayout: ?30 (MD5"},
        Refused{"*:64:0:*:*,*:mss,mss::0", "olayout: mss is there twice"},
        Refused{"*:64:0:*:*,*:ws,nop,ws,nop::0", "olayout: ws is there twice"},
        Refused{"*:64:0:*:*,*:ts,ts::0", "olayout: ts is there twice"},
        Refused{"*:64:0:*:*,*:mss,ws::0", "olayout: the options take 7 bytes, and a TCP header is"},
        Refused{"*:64:0:*:*,*:ts,sack,sack,sack,eol+3::0", "olayout: the options take 44 bytes"},
        Refused{"*:64:0:*:*,*:mss:seq-:0", "quirks: seq-"},
        Refused{"*:64:0:*:*,*:mss:ack-:0", "quirks: ack-"},
        Refused{"*:64:0:*:*,*:mss:exws:0", "quirks: exws"},
        Refused{"*:64:0:*:*,*:mss:bad:0", "quirks: bad"},
        Refused{"*:64:0:*:*,*:mss:id+:0", "quirks: id+"},
        Refused{"*:64:0:*:*,*:mss:df,id-:0", "quirks: id-"},
        Refused{"*:64:0:*:*,*:mss:ts1-:0", "quirks: ts1- and ts2+ need ts"},
        Refused{"*:64:0:*:*,*:mss:ts2+:0", "quirks: ts1- and ts2+ need ts"},
        Refused{"*:64:0:*:*,*:mss,nop,nop,eol+1:opt+:0", "quirks: opt+ needs eol+2"},
        Refused{"*:64:0:*:*,*:mss:opt+:0", "quirks: opt+ needs eol+2"},
        Refused{"*:64:0:1460:*,*:sok,nop,nop::0", "mss: it is given"},
        Refused{"*:64:0:*:*,3:mss::0", "scale: it is given"},
        Refused{"*:64:0:*:*,15:mss,ws,nop::0", "scale: no kernel counts by more than 14"},
        Refused{"*:64:0:*:mss*4,*:sok,nop,nop::0", "wsize: a multiple of the MSS or MTU needs mss"},
        Refused{"*:64:0:99:mss*4,*:mss::0", "wsize: a multiple of an MSS below 100"},
        Refused{"*:64:0:1460:mss*45,*:mss::0", "wsize: it comes to 65700"},
        Refused{"*:64:0:*:mtu*44,*:mss::0", "wsize: it comes to 66880"},
        Refused{"4:64:0:*:mtu*44,*:mss::0", "wsize: it comes to 66000"},
        // By IPv4 alone it would be 64800; the headers of IPv6 are 20 bytes more.
        Refused{"*:64:0:1400:mtu*45,*:mss::0", "wsize: it comes to 65700"},
        Refused{"6:64:0:1400:mtu*45,*:mss::0", "wsize: it comes to 65700"}));

TEST(FingerprintRecipe, WarnsOfWhatIsSlowOrMayNotGetThrough) {
  EXPECT_THAT(recipe_of("*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0").warnings,
              ElementsAre());
  EXPECT_THAT(recipe_of("*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0").warnings,
              ElementsAre(HasSubstr("Without ws a peer may have no more than 65535 bytes")));
  EXPECT_THAT(recipe_of("4:64:0:0:*,2:ws,nop:urgf+:0").warnings,
              ElementsAre(HasSubstr("262140 bytes"), HasSubstr("536"), HasSubstr("sok"),
                          HasSubstr("urgf+"), HasSubstr("IPv6 look native")));
}

class FingerprintHost : public NetworkTest {
 protected:
  static void set(const std::string& name, const std::string& value) {
    std::ofstream file("/proc/sys/net/ipv4/" + name);
    file << value << std::flush;
    ASSERT_TRUE(file) << name;
  }
  static std::string complaint(std::string_view text) {
    const auto checked = check_host(recipe_of(text));
    return checked ? "" : checked.error().text;
  }
};

TEST_F(FingerprintHost, MustBeAbleToCountByTheScale) {
  set("tcp_rmem", "4096 131072 8388608");
  EXPECT_EQ(complaint("*:64:0:*:*,8:mss,ws,nop::0"), "");
  EXPECT_THAT(complaint("*:64:0:*:*,9:mss,ws,nop::0"),
              HasSubstr("a window scale of 9 needs 16777216 or more as the last number of "
                        "/proc/sys/net/ipv4/tcp_rmem, which is 8388608."));
  set("tcp_rmem", "4096 131072 536870912");
  EXPECT_EQ(complaint("*:64:0:*:*,14:mss,ws,nop::0"), "");
}

TEST_F(FingerprintHost, MustOfferWhatTheSignatureOffers) {
  const auto* all = "*:64:0:*:*,*:mss,sok,ts,nop,ws::0";
  EXPECT_EQ(complaint(all), "");
  for (const auto* name : {"tcp_timestamps", "tcp_sack", "tcp_window_scaling"}) {
    set(name, "0");
    EXPECT_THAT(complaint(all), HasSubstr(std::string(name) + " is 0."));
    EXPECT_EQ(complaint("*:64:0:*:*,*:mss::0"), "");
    set(name, "1");
  }
  set("tcp_ecn", "2");
  EXPECT_THAT(complaint("*:64:0:*:*,*:mss:ecn:0"), HasSubstr("it has ecn, which needs 1"));
  set("tcp_ecn", "1");
  EXPECT_EQ(complaint("*:64:0:*:*,*:mss:ecn:0"), "");
}

}  // namespace
}  // namespace airlane::test
