// schedule list, show.
#include <gtest/gtest.h>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

TEST(Schedule, IsListedWithItsRotations) {
  const auto list = ask({"schedule", "list"}, 200, R"({"schedules": [{"proxy": 7,
      "ext_ip_upd_interval": "60-90", "ext_ip_upd_calendar": "",
      "next_rotation_at": "2026-03-01T01:00:00Z", "last_rotation_at": null}], "next": null})");
  EXPECT_EQ(list.request, "GET /api/admin/schedules HTTP/1.1");
  EXPECT_EQ(list.result.out,
            "PROXY  INTERVAL  CALENDAR  LAST ROTATION  NEXT ROTATION\n"
            "7      60-90     -         -              2026-03-01T01:00:00Z\n");
}

TEST(Schedule, IsListedOnlyWhereThereIsOneOrNone) {
  const std::string none = R"({"schedules": []})";
  EXPECT_EQ(ask({"schedule", "list", "--planned"}, 200, none).request,
            "GET /api/admin/schedules?planned=true HTTP/1.1");
  EXPECT_EQ(ask({"schedule", "list", "--unplanned"}, 200, none).request,
            "GET /api/admin/schedules?planned=false HTTP/1.1");
  EXPECT_EQ(ask({"schedule", "list", "--planned", "--unplanned"}, 200, none).result.status, 2);
}

TEST(Schedule, OfOneProxyIsShown) {
  const auto shown = ask({"schedule", "show", "7"}, 200, R"({"proxy": 7})");
  EXPECT_EQ(shown.request, "GET /api/admin/schedules/7 HTTP/1.1");
  EXPECT_EQ(shown.result.out, "{\"proxy\": 7}\n");
}

}  // namespace
}  // namespace airlane::test
