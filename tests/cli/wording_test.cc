// What the server says of a field, as somebody reads it who has typed options.
#include "cli/wording.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

using cli::in_words_of_options;

TEST(Wording, CallsAFieldByItsOptionAndNullByItsWord) {
  EXPECT_EQ(in_words_of_options("limits.connections",
                                R"(The field "limits.connections" must be a number, or null.)"),
            "--connections must be a number, or default.");
  EXPECT_EQ(in_words_of_options("gateway", R"(The field "gateway" must be an address or null.)"),
            "--gateway must be an address or none.");
  EXPECT_EQ(in_words_of_options("until", R"(The field "until" must be one of a, b, or null.)"),
            "--until must be one of a, b.");
}

TEST(Wording, OfAnIntervalSaysWhichOption) {
  EXPECT_EQ(in_words_of_options("ext_ip_upd_interval",
                                "The field ext_ip_upd_interval is not of the form 15: too short."),
            "--interval is not of the form 15: too short.");
}

TEST(Wording, LeavesASentenceThatIsNotAboutTheField) {
  EXPECT_EQ(in_words_of_options("quota.bytes", "A quota is at least one byte."),
            "BYTES: A quota is at least one byte.");
  EXPECT_EQ(in_words_of_options("port", "It is taken, or null."), "port: It is taken, or null.");
}

}  // namespace
}  // namespace airlane::test
