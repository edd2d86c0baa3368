// The notation of p0f, read and written, and what is said of what is not in it.
#include "netlink/fingerprint/signature.h"

#include <gtest/gtest.h>

#include "netlink/fingerprint/presets.h"
#include "tests/fingerprint/database.h"

namespace airlane::test {
namespace {

std::string canonical(std::string_view text) {
  const auto signature = parse_signature(text);
  return signature ? to_string(*signature) : signature.error().text;
}

std::string complaint(std::string_view text) {
  const auto signature = parse_signature(text);
  return signature ? "" : signature.error().text;
}

TEST(SignatureNotation, SaysEverythingThatASynCanLookLike) {
  const auto signature = parse_signature(
      "4:54+10:12:1460:mss*20,7:mss,nop,ws,sok,sack,ts,?77,eol+3:df,id+,ecn,opt+:*");

  ASSERT_TRUE(signature) << signature.error().text;
  EXPECT_EQ(signature->version, Signature::Version::kV4);
  EXPECT_EQ(signature->ttl, 64);
  EXPECT_EQ(signature->ip_options, 12);
  EXPECT_EQ(signature->mss, 1460);
  EXPECT_EQ(signature->window_form, Signature::WindowForm::kTimesMss);
  EXPECT_EQ(signature->window, 20);
  EXPECT_EQ(signature->scale, 7);
  const std::vector<TcpOption> options{
      {kOptionMss},  {kOptionNop},  {kOptionScale}, {kOptionSackAllowed},
      {kOptionSack}, {kOptionTime}, {77},           {kOptionEnd, 3}};
  EXPECT_EQ(signature->options, options);
  EXPECT_TRUE(signature->quirks.has(Quirk::kEcn));
  EXPECT_FALSE(signature->quirks.has(Quirk::kIdZero));
  EXPECT_EQ(signature->payload, Signature::Payload::kAny);
}

TEST(SignatureNotation, IsTheSameAgainWhenItIsWritten) {
  for (const auto* text : {
           "*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0",
           "6:64-:0:0:*,*::ecn,flow:+",
           "4:255:255:65535:65535,255:?255,?0,nop:0+,seq-,ack+,ack-,uptr+,urgf+,pushf+:*",
           "*:1+?:0:*:%65535,0:ts,eol+255:id-,ts1-,ts2+,opt+,exws,bad:0",
           "*:64:0:536:mtu*1000,14:sack:df:0",
       }) {
    EXPECT_EQ(canonical(text), text);
  }
}

TEST(SignatureNotation, HasOneSpellingForEachMeaning) {
  EXPECT_EQ(canonical("*:118+10:0:*:0064,*:?1,?2,?3,?4,?5,?8:id+,df,df:0"),
            "*:128:0:*:64,*:nop,mss,ws,sok,sack,ts:df,id+:0");
}

TEST(SignatureNotation, TakesASpaceForThePlusThatAQueryStringHasEaten) {
  EXPECT_EQ(canonical("*:64:0:*:*,*:mss,eol 3:df,id :0"), "*:64:0:*:*,*:mss,eol+3:df,id+:0");
}

TEST(SignatureNotation, ReadsEveryRequestOfP0fsDatabase) {
  const auto entries = read_database();
  ASSERT_GE(entries.size(), 90U) << "p0f is missing: script/setup installs it";
  for (const auto& entry : entries) EXPECT_EQ(canonical(entry.signature), entry.signature);
}

struct Wrong {
  const char* text;
  const char* complaint;  // What the sentence begins with, behind "The fingerprint is wrong in".
};

class WrongSignature : public ::testing::TestWithParam<Wrong> {};

TEST_P(WrongSignature, IsToldByFieldAndPosition) {
  const auto said = complaint(GetParam().text);
  const auto expected =
      std::string("The fingerprint is wrong in the field ") + GetParam().complaint;
  EXPECT_EQ(said.substr(0, expected.size()), expected);
  EXPECT_TRUE(said.ends_with('.')) << said;
}

INSTANTIATE_TEST_SUITE_P(
    Signatures, WrongSignature,
    ::testing::Values(
        Wrong{"5:64:0:*:*,*:::0", "ver, at character 1: \"5\" is not valid; it must be 4, 6 or *"},
        Wrong{"", "ver, at character 1: it is empty"},
        Wrong{"*:0:0:*:*,*:::0", "ittl, at character 3: \"0\" is not valid; it must be 1 to 255"},
        Wrong{"*:256:0:*:*,*:::0", "ittl, at character 3: \"256\""},
        Wrong{"*:200+56:0:*:*,*:::0", "ittl, at character 3: \"200+56\""},
        Wrong{"*:64+x:0:*:*,*:::0",
              "ittl, at character 6: \"x\" is not valid; it must be the dist"},
        Wrong{"*:64+:0:*:*,*:::0", "ittl, at character 6: it is empty"},
        Wrong{"*:64:256:*:*,*:::0", "olen, at character 6: \"256\""},
        Wrong{"*:64:0:65536:*,*:::0", "mss, at character 8: \"65536\""},
        Wrong{"*:64:0:-1:*,*:::0", "mss, at character 8: \"-1\""},
        Wrong{"*:64:0:*:mss*0,*:::0",
              "wsize, at character 14: \"0\" is not valid; it must be 1 to"},
        Wrong{"*:64:0:*:%1,*:::0", "wsize, at character 11: \"1\" is not valid; it must be 2 to"},
        Wrong{"*:64:0:*:mtu*1001,*:::0", "wsize, at character 14: \"1001\""},
        Wrong{"*:64:0:*:big,*:::0",
              "wsize, at character 10: \"big\" is not valid; it must be 0 to"},
        Wrong{"*:64:0:*:8192:::0", "wsize,scale, at character 14: it must be the window and"},
        Wrong{"*:64:0:*:8192,1,2:::0", "wsize,scale, at character 16: it must be the window and"},
        Wrong{"*:64:0:*:8192,256:::0", "scale, at character 15: \"256\""},
        Wrong{"*:64:0:*:*,*:mss,mas::0", "olayout, at character 18: \"mas\" is not valid"},
        Wrong{"*:64:0:*:*,*:mss,::0", "olayout, at character 18: it is empty"},
        Wrong{"*:64:0:*:*,*:eol+1,nop::0", "olayout, at character 20: nothing may follow eol+N"},
        Wrong{"*:64:0:*:*,*:?256::0", "olayout, at character 14: \"?256\""},
        Wrong{"*:64:0:*:*,*:nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,nop,"
              "nop,nop,nop,nop,nop,nop,nop,nop::0",
              "olayout, at character 110: there are more than 24"},
        Wrong{"*:64:0:*:*,*::df,idd:0",
              "quirks, at character 18: \"idd\" is not valid; it must be "
              "df, id+, id-, ecn, 0+, flow, seq-, ack+, ack-, uptr+, "
              "urgf+, pushf+, ts1-, ts2+, opt+, exws or bad"},
        Wrong{"6:64:0:*:*,*::ecn,df:0",
              "quirks, at character 19: IPv6, which ver asks for, has no"},
        Wrong{"4:64:0:*:*,*::flow:0", "quirks, at character 15: IPv4, which ver asks for, has no"},
        Wrong{"*:64:0:*:*,*:::1", "pclass, at character 16: \"1\""},
        Wrong{"*:64:0:*:*,*::df", "pclass, at character 17: it is missing; there must be 8 fields"},
        Wrong{"*:64", "olen, at character 5: it is missing"},
        Wrong{"*:64:0:*:*,*:::0:", "pclass, at character 17: nothing may follow it"},
        Wrong{"*:64:0:*:*,*:\x1b[31mred and a very long tale::0",
              "olayout, at character 14: \".[31mred+and+a+very+long...\" is not valid"}));

TEST(SignatureNotation, HasAnEnd) {
  EXPECT_EQ(complaint(std::string(513, ':')), "The fingerprint is longer than 512 characters.");
}

TEST(Preset, StandsForASignature) {
  for (const auto& preset : presets()) {
    const auto signature = read_fingerprint(preset.name);
    ASSERT_TRUE(signature) << signature.error().text;
    EXPECT_EQ(to_string(*signature), preset.signature);
  }
  const auto windows = read_fingerprint("Windows-10");
  ASSERT_TRUE(windows);
  EXPECT_EQ(windows->ttl, 128);
}

TEST(Preset, IsNotGuessedFromItsBeginning) {
  const auto wrong = read_fingerprint("windows");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(
      wrong.error().text,
      "A fingerprint is windows-10, macos, ios, android, linux, or a signature in the form of "
      "p0f, ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass.");
}

}  // namespace
}  // namespace airlane::test
