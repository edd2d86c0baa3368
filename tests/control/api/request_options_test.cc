// What clients may write, as tables: the text, and what it means.
#include "control/api/request_options.h"

#include <gtest/gtest.h>

#include "control/api/json.h"

namespace airlane::api {
namespace {

using std::chrono::seconds;

TEST(RequestOptions, ReadYesAndNoInEveryUsualForm) {
  for (const char* text : {"true", "True", "TRUE", "t", "1", "yes", "Y", "on"}) {
    EXPECT_EQ(parse_bool(text), true) << text;
  }
  for (const char* text : {"false", "False", "F", "0", "no", "n", "OFF"}) {
    EXPECT_EQ(parse_bool(text), false) << text;
  }
  for (const char* text : {"", "2", "maybe", "tru", " true"}) {
    EXPECT_EQ(parse_bool(text), std::nullopt) << text;
  }
}

TEST(RequestOptions, ReadTimesInEveryForm) {
  static constexpr std::pair<const char*, std::int64_t> kTimes[] = {
      {"0", 0},
      {"1595727036", 1595727036},
      {"1595727036.75", 1595727036},
      {"2020-07-26T01:30:36Z", 1595727036},
      {"2020-07-26t01:30:36z", 1595727036},
      {"2020-07-26T01:30:36", 1595727036},
      {"2020-07-26 01:30:36", 1595727036},
      {"2020-07-26T03:30:36+02:00", 1595727036},
      {"2020-07-26T03:30:36 02:00", 1595727036},  // The '+' was not escaped.
      {"2020-07-26T03:30:36+0200", 1595727036},
      {"2020-07-26T03:30:36+02", 1595727036},
      {"2020-07-25T20:00:36-05:30", 1595727036},
      {"2020-07-26T01:30:36.123456Z", 1595727036},
      {"2020-07-26T01:30:36,5Z", 1595727036},
      {"2020-07-26T01:30Z", 1595727000},
      {"20200726T013036Z", 1595727036},
      {"20200726T0130", 1595727000},
      {"2020-07-26", 1595721600},
      {"2020-07-26T01Z", 1595725200},
      {"20200726T01-0130", 1595730600},
      {"2020-07-26T01.25Z", 1595726100},
      {"2020-07-26T01:30.5Z", 1595727030},
      {"2020-07-26T01:30:36.9999999999Z", 1595727036},
      {"2020-07-26T24:00", 1595808000},
      {"2020-07-26T24:00:00Z", 1595808000},
      {"2016-12-31T23:59:60Z", 1483228800},
      {"2020-W30-7", 1595721600},
      {"2020W307T013036Z", 1595727036},
      {"2020-W53-5", 1609459200},
      {"2021-W01-1", 1609718400},
      {"1970-W01-4", 0},
      {"2020-208", 1595721600},
      {"2020-208T01:30:36+00:00", 1595727036},
      {"2020-366", 1609372800},
      {"2000-02-29", 951782400},
      {"9999-12-31T23:59:59Z", 253402300799},
  };
  for (const auto& [text, expected] : kTimes) {
    const auto time = parse_time(text);
    ASSERT_TRUE(time.has_value()) << text;
    EXPECT_EQ(unix_seconds(*time), expected) << text;
  }
}

TEST(RequestOptions, RefuseWhatIsNoTime) {
  for (const char* text : {"",
                           "-1",
                           "now",
                           "yesterday",
                           "2020-7-1x",
                           "2020-13-01",
                           "2021-02-29",
                           "2020-07-00",
                           "2020-07-26T",
                           "2020-07-26T24:00:01",
                           "2020-07-26T24.5",
                           "2020-07-26T25",
                           "2020-07-26T01:60:00",
                           "2020-07-26T01:30:61",
                           "2020-07-26T1",
                           "2020-07",
                           "2020-W00-1",
                           "2020-W54-1",
                           "2021-W53-1",
                           "2020-W30-0",
                           "2020-W30-8",
                           "2020-W3-1",
                           "2020-000",
                           "2021-366",
                           "2020-367",
                           "2020-07-26T01:30:36+24:00",
                           "2020-07-26T01:30:36+2",
                           "2020-07-26T01:30:36Zx",
                           "1969-12-31",
                           "1970-01-01T00:00:00+01:00",
                           "99999999999999999999",
                           "253402300800",
                           "1.2.3",
                           "1e9",
                           "2020-07-26T01:30:36."}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

TEST(RequestOptions, WriteTimesInUtc) {
  EXPECT_EQ(to_iso(from_unix(1595727036)), "2020-07-26T01:30:36Z");
  EXPECT_EQ(to_iso(from_unix(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_iso(from_unix(-1)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(to_iso(from_unix(-62'135'596'800)), "0001-01-01T00:00:00Z");
  EXPECT_EQ(to_iso(from_unix(253'402'300'800)), "10000-01-01T00:00:00Z");
}

TEST(RequestOptions, ReadDeltasWithASuffixOrWithout) {
  static constexpr std::pair<const char*, std::int64_t> kDeltas[] = {
      {"0", 0},       {"2592000", 2592000}, {"90s", 90},    {"15m", 900},
      {"12h", 43200}, {"30d", 2592000},     {"2w", 1209600}};
  for (const auto& [text, count] : kDeltas) EXPECT_EQ(parse_delta(text), seconds(count)) << text;
  for (const char* text : {"", "d", "-1", "-1d", "1.5h", "1y", "1 d", "1dd", "9223372036854775807w",
                           "99999999999999999999"}) {
    EXPECT_EQ(parse_delta(text), std::nullopt) << text;
  }
}

TEST(RequestOptions, KnowAllUnits) {
  static constexpr std::pair<const char*, double> kSpeeds[] = {
      {"bps", 1},    {"Kbps", 1000}, {"Mbps", 1e6},   {"Bps", 8},
      {"KBps", 8e3}, {"MBps", 8e6},  {"KiBps", 8192}, {"MiBps", 8388608}};
  static constexpr std::pair<const char*, double> kData[] = {
      {"b", 1},    {"B", 8},      {"KB", 8e3},      {"MB", 8e6},
      {"GB", 8e9}, {"KiB", 8192}, {"MiB", 8388608}, {"GiB", 8589934592}};
  for (const auto& [name, bits] : kSpeeds) EXPECT_EQ(speed_unit(name)->bits, bits) << name;
  for (const auto& [name, bits] : kData) EXPECT_EQ(data_unit(name)->bits, bits) << name;
  for (const char* name : {"", "BPS", "kbps", "b", "GBps"}) EXPECT_EQ(speed_unit(name), nullptr);
  for (const char* name : {"", "kb", "TB", "bps", "gib"}) EXPECT_EQ(data_unit(name), nullptr);
}

TEST(RequestOptions, ReadAProxyByIdOrByHostAndPort) {
  EXPECT_EQ(parse_proxy_name("123")->id, 123);
  EXPECT_EQ(parse_proxy_name("S1.example:12345")->host, "S1.example");
  EXPECT_EQ(parse_proxy_name("S1.example:12345")->port, 12345);
  EXPECT_EQ(parse_proxy_name("[2001:db8::1]:80")->host, "2001:db8::1");
  for (const char* text : {"", "abc", "-1", "12x", ":80", "host:", "host:0", "host:65536",
                           "host:8o", "99999999999999999999"}) {
    EXPECT_FALSE(parse_proxy_name(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace airlane::api
