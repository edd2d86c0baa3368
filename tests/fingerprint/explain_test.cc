#include "netlink/fingerprint/explain.h"

#include <gtest/gtest.h>

#include "netlink/fingerprint/honour.h"
#include "netlink/fingerprint/presets.h"
#include "tests/fingerprint/database.h"

namespace airlane::test {
namespace {

std::string meaning(const std::string& text, std::string_view field) {
  for (const auto& one : explain(*parse_signature(text))) {
    if (one.field == field) return one.written + " | " + one.meaning;
  }
  return {};
}

TEST(FingerprintExplained, HasASentenceForEachFieldOfWhateverCanBeSent) {
  std::vector<std::string> all;
  for (const auto& entry : read_database()) all.push_back(entry.signature);
  for (const auto& preset : presets()) all.emplace_back(preset.signature);
  for (const auto& text : all) {
    const auto signature = *parse_signature(text);
    if (why_not(signature)) continue;
    const auto fields = explain(signature);
    ASSERT_EQ(fields.size(), 9U);
    for (const auto& field : fields) EXPECT_TRUE(field.meaning.ends_with('.')) << text;
  }
}

TEST(FingerprintExplained, SaysWhatEachFieldDoes) {
  const std::string windows = "4:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";
  EXPECT_EQ(meaning(windows, "ver"),
            "4 | SYNs over IPv4 look like this; over IPv6 only the TTL is changed.");
  EXPECT_EQ(meaning(windows, "ittl"), "128 | Every packet is sent with TTL 128.");
  EXPECT_EQ(meaning(windows, "mss"), "* | The kernel's own: what the dongle's MTU has room for.");
  EXPECT_EQ(meaning(windows, "wsize"), "64240 | A window of 64240 bytes in the SYN.");
  EXPECT_EQ(meaning(windows, "scale"),
            "8 | Windows count by 256: at most 16776960 bytes in one round trip; tcp_rmem must "
            "allow 8388608.");
  EXPECT_EQ(meaning(windows, "olayout"),
            "mss,nop,ws,nop,nop,sok | 12 bytes of TCP options: largest segment, filler, window "
            "scale, filler, filler, selective ACK is offered.");
  EXPECT_EQ(meaning(windows, "quirks"), "df,id+ | Not to be fragmented, with an IP id.");
  EXPECT_EQ(meaning("*:64-:0:536:mtu*4,*:mss,ws,ts,eol+2:id-,ts1-,opt+:*", "quirks"),
            "id-,ts1-,opt+ | May be fragmented, without an IP id; the own timestamp is 0; there is "
            "something behind the end of the options.");
  EXPECT_EQ(meaning("*:64-:0:536:mtu*4,*:mss,ws,ts,eol+2::*", "wsize"),
            "mtu*4 | A window of 4 times the MSS and its headers in the SYN.");
}

}  // namespace
}  // namespace airlane::test
