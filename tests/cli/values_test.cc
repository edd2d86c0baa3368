// What stands on the command line, as the admin API wants it.
#include "cli/values.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

using cli::Json;

TEST(Values, AreFieldsWhereTheyAreThere) {
  Json body = Json::object();
  cli::put(body, "isp", {});
  cli::put_or_null(body, "gateway", {});
  cli::put_list(body, "dns", {});
  EXPECT_EQ(body.dump(), "{}");
  cli::put(body, "isp", "none");
  cli::put_or_null(body, "gateway", "192.0.2.1");
  cli::put_list(body, "dns", {"none", "192.0.2.2"});
  EXPECT_EQ(body.dump(), R"({"isp":"none","gateway":"192.0.2.1","dns":["none","192.0.2.2"]})");
}

TEST(Values, AreNothingByTheWordNone) {
  Json body = Json::object();
  cli::put_or_null(body, "gateway", "none");
  cli::put_list(body, "dns", {"none"});
  EXPECT_EQ(body.dump(), R"({"gateway":null,"dns":[]})");
}

TEST(Values, CountAsFarAsTheyAreNumbers) {
  EXPECT_EQ(cli::count_of("default").dump(), "null");
  EXPECT_EQ(cli::count_of("0").dump(), "0");
  EXPECT_EQ(cli::count_of("999999999999999999").dump(), "999999999999999999");
  for (const char* text : {"", "-1", "1e3", "9999999999999999999"}) {
    EXPECT_EQ(cli::count_of(text), Json(text)) << "the server says what is wrong";
  }
}

TEST(Values, OfBytesCarryTheirUnit) {
  EXPECT_EQ(cli::bytes_of("64KiB").dump(), "65536");
  EXPECT_EQ(cli::bytes_of("0B").dump(), "0");
  EXPECT_EQ(cli::objection_to_bytes("64KiB", {}), "");
  EXPECT_EQ(cli::objection_to_bytes("default", {"none", "default"}), "");
  for (const char* text : {"", "64", "-1B", "64kB", "99999999999TiB", "none"}) {
    EXPECT_EQ(cli::bytes_of(text), Json(text));
    EXPECT_NE(cli::objection_to_bytes(text, {}), "") << text;
  }
}

TEST(Values, MakeTheQueryOfAnUrl) {
  EXPECT_EQ(cli::query_of({{"a", {}}}), "");
  EXPECT_EQ(cli::query_of({{"a", {}}, {"b", "x&y"}, {"c", ""}}), "?b=x%26y&c=");
}

}  // namespace
}  // namespace airlane::test
