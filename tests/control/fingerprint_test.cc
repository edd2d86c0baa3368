#include "control/fingerprint.h"

#include <gtest/gtest.h>

namespace airlane {
namespace {

TEST(Fingerprint, IsKeptAsItWasWritten) {
  for (const char* text : {"*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0",
                           "4:64-:0:1460:mss*20,10:mss,sok,ts,nop,ws::+"}) {
    const auto read = read_fingerprint(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, text);
  }
}

TEST(Fingerprint, HasAPlusWhereAQueryMadeASpaceOfIt) {
  EXPECT_EQ(*read_fingerprint("*:128:0:*:64240,*:mss,nop,nop,sok:df,id :0"),
            "*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
}

TEST(Fingerprint, IsRefusedWithTheReason) {
  for (const auto& [text, reason] : {std::pair{"", "8 fields"},
                                     {"windows", "8 fields"},
                                     {"*:128:0:*:64240,*:mss:df", "8 fields"},
                                     {"5:64:0:*:1,1:mss::0", "IP version"},
                                     {"*:64:0:*:1,1:mss::1", "payload class"},
                                     {"*:64:0:*:1,1:mss::0:0", "8 fields"},
                                     {"*:64:0:*:1,1:<b>::0", "8 fields"}}) {
    const auto read = read_fingerprint(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, Failure::Kind::kInvalid);
    EXPECT_NE(read.error().text.find(reason), std::string::npos) << read.error().text;
  }
  EXPECT_FALSE(read_fingerprint("*:64:0:*:1,1:" + std::string(300, 'a') + "::0"));
}

}  // namespace
}  // namespace airlane
