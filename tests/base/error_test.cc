#include "base/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string_view>
#include <type_traits>

namespace airlane::test {
namespace {

TEST(Error, IsCheapEnoughForTheDataPath) {
  static_assert(std::is_trivially_copyable_v<Error>);
  static_assert(sizeof(Error) <= 24);
}

TEST(Error, TellsEachAudienceWhatToDo) {
  EXPECT_EQ(socks5_reply(Errc::kRefused), 0x05);
  EXPECT_EQ(http_status(Errc::kTimedOut), 504);
  EXPECT_EQ(socks5_reply(Errc::kTimedOut), 0x04);
  EXPECT_EQ(proxy_status(Errc::kUnresolved), "dns_error");
  EXPECT_EQ(proxy_status(Errc::kNamesTimedOut), "dns_timeout");
  EXPECT_EQ(proxy_status(Errc::kTimedOut), "connection_timeout");
  EXPECT_EQ(proxy_status(Errc::kSilent), "connection_read_timeout");
  EXPECT_EQ(metric_label(Errc::kNoEgress), "no_egress");
}

TEST(Error, HasOneLabelPerCode) {
  std::set<std::string_view> labels;
  for (int code = 0; code <= static_cast<int>(kLastErrc); ++code) {
    labels.insert(metric_label(static_cast<Errc>(code)));
    EXPECT_GE(http_status(static_cast<Errc>(code)), 400);
    EXPECT_NE(socks5_reply(static_cast<Errc>(code)), 0);
  }
  EXPECT_EQ(labels.size(), static_cast<std::size_t>(kLastErrc) + 1);
}

TEST(Error, NamesTheSystemsReasonWhenThereIsOne) {
  EXPECT_EQ(describe(Error{Errc::kRefused, "connect", ECONNREFUSED}),
            "connect: Connection refused");
  EXPECT_EQ(describe(Error{Errc::kMalformed, "read greeting"}), "read greeting: malformed");
}

}  // namespace
}  // namespace airlane::test
