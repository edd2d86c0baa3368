#include "control/api/accept.h"

#include <gtest/gtest.h>

namespace airlane::api {
namespace {

TEST(Accept, PrefersJsonUnlessAPageIsNamed) {
  for (const char* accept :
       {"", "*/*", "application/json", "application/*", "text/html, application/json",
        "text/html;q=0.5, application/json", "text/*, */*;q=1, application/json"}) {
    EXPECT_EQ(preferred_format(accept), Format::kJson) << accept;
  }
  for (const char* accept :
       {"text/html", "text/*", "TEXT/HTML", "text/html,application/xhtml+xml,*/*;q=0.8",
        "application/json;q=0.1, text/html", "application/json;q=0, */*"}) {
    EXPECT_EQ(preferred_format(accept), Format::kPage) << accept;
  }
  for (const char* accept : {"image/png", "text/plain", "*/*;q=0", "nonsense"}) {
    EXPECT_EQ(preferred_format(accept), std::nullopt) << accept;
  }
}

TEST(Accept, TakesWhatItNamesOrCovers) {
  for (const char* accept : {"", "*/*", "text/html, application/json;q=0.1", "application/*"}) {
    EXPECT_TRUE(takes(accept, Format::kJson)) << accept;
  }
  for (const char* accept : {"text/html", "application/json;q=0", "*/*;q=0"}) {
    EXPECT_FALSE(takes(accept, Format::kJson)) << accept;
  }
  EXPECT_TRUE(takes("text/*", Format::kPage));
  EXPECT_FALSE(takes("application/json", Format::kPage));
}

}  // namespace
}  // namespace airlane::api
