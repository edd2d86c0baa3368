// Where a proxy's bytes went: GET /api/proxy/top/, and the same for operators.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class TopTest : public ApiTest {
 protected:
  TopTest() {
    TargetSummary summary;
    summary.add({"a.test", 443}, {100, 10, 1});
    summary.add({"b.test", 80}, {1000, 5, 3});
    summary.add({"2001:db8::1", 443}, {7, 1, 2});
    summary.add_other({50, 5, 9});
    backend_.targets = summary;
    backend_.proxy_rows[0].targets_kept = 100;
  }
  Json top(const std::string& options) {
    const auto answer = get("/api/proxy/top/?key=alice-key&" + options);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body);
  }
  void expect_wrong(const std::string& options, const std::string& sentence) {
    const auto answer = get("/api/proxy/top/?key=alice-key&id=9042&" + options);
    EXPECT_EQ(answer.status, 400) << options;
    EXPECT_EQ(answer.body, Json({{"detail", sentence}}).dump()) << options;
    const auto told = admin("GET", "/api/admin/proxies/9042/top?" + options);
    EXPECT_EQ(told.status, 422) << options;
    const auto field = Json::parse(told.body)["error"]["field"].get<std::string>();
    EXPECT_NE(sentence.find('"' + field + '"'), std::string::npos) << told.body;
  }
};

TEST_F(TopTest, TellsOfTodayAndTheHeaviestFirst) {
  EXPECT_EQ(get("/api/proxy/top/?key=alice-key&id=9042").body,
            R"({"success":true,"day":"2020-08-25","from":"2020-08-25T00:00:00Z",)"
            R"("till":"2020-08-26T00:00:00Z","destinations":[)"
            R"({"host":"b.test","port":80,"incoming":1000,"outgoing":5,"connections":3},)"
            R"({"host":"a.test","port":443,"incoming":100,"outgoing":10,"connections":1},)"
            R"({"host":"2001:db8::1","port":443,"incoming":7,"outgoing":1,"connections":2}],)"
            R"("other":{"incoming":50,"outgoing":5,"connections":9},)"
            R"("missing_at_most":0,"id":9042})");
  EXPECT_EQ(log().back(), "targets 9042 18499 18499");
}

TEST_F(TopTest, PutsWhatItDoesNotNameIntoOther) {
  const auto answer = top("id=9042&limit=1");
  EXPECT_EQ(answer["destinations"].size(), 1U);
  EXPECT_EQ(answer["other"], Json({{"incoming", 157}, {"outgoing", 16}, {"connections", 12}}));
}

TEST_F(TopTest, TakesADayOrASpanOfWholeDays) {
  const auto asked = [&](const std::string& options) {
    top("id=9042&" + options);
    return log().back().substr(13);
  };
  EXPECT_EQ(asked("day=2020-08-24"), "18498 18498");
  EXPECT_EQ(asked("from=2020-08-23"), "18497 18499");
  EXPECT_EQ(asked("from=2020-08-23&till=2020-08-25"), "18497 18498") << "the end is outside";
  EXPECT_EQ(asked("from=2020-08-23T12:00:00Z&till=2020-08-24T00:00:01Z"), "18497 18498");
  EXPECT_EQ(asked("from=0&till=now"), "0 18499");
  const auto answer = top("id=9042&from=2020-08-23&till=2020-08-25");
  EXPECT_FALSE(answer.contains("day"));
  EXPECT_EQ(answer["from"], "2020-08-23T00:00:00Z");
  EXPECT_EQ(answer["till"], "2020-08-25T00:00:00Z");
}

TEST_F(TopTest, RefusesWhatMakesNoSense) {
  expect_wrong("day=yesterday", "The option \"day\" must be a date, 2026-03-01.");
  expect_wrong("day=2020-08-24T01:00:00Z", "The option \"day\" must be a date, 2026-03-01.");
  expect_wrong("day=2020-08-24&from=0",
               "The option \"day\" must come without \"from\" and \"till\".");
  expect_wrong("from=x", "The option \"from\" must be Unix time or ISO 8601.");
  expect_wrong("from=2020-08-24&till=2020-08-23",
               "The option \"from\" must not be later than \"till\".");
  for (const auto* limit : {"0", "1001", "-1", "1.5", "x", "99999999999999999999"}) {
    expect_wrong("limit=" + std::string(limit),
                 "The option \"limit\" must be a number from 1 to 1000.");
  }
}

TEST_F(TopTest, IsForTheOwnerOnly) {
  EXPECT_EQ(get("/api/proxy/top/?id=9042").status, 403);
  EXPECT_EQ(get("/api/proxy/top/?key=alice-key&id=123").body,
            get("/api/proxy/traffic/?key=alice-key&id=123").body);
  EXPECT_TRUE(log().empty());
}

TEST_F(TopTest, SaysThatNothingIsCounted) {
  on_server([this] { backend_.targets = TargetSummary(); });
  const auto answer = top("id=9717");
  EXPECT_EQ(answer["success"], true);
  EXPECT_EQ(answer["destinations"], Json::array());
  EXPECT_TRUE(answer["info"].get<std::string>().starts_with("The destinations of this proxy are "));
  EXPECT_FALSE(top("id=9042").contains("info"));
}

TEST_F(TopTest, SaysThatTheDatabaseDoesNotAnswer) {
  on_server([this] {
    backend_.targets = Failure{Failure::Kind::kUnavailable, "The disk is gone."};
  });
  const auto answer = get("/api/proxy/top/?key=alice-key&id=9042");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"success":false,"error":"Failed to get destinations","id":9042})");
  EXPECT_EQ(admin("GET", "/api/admin/proxies/9042/top").status, 503);
}

TEST_F(TopTest, OperatorsSeeItOfEveryProxyAndMakeItForgotten) {
  const auto answer = Json::parse(admin("GET", "/api/admin/proxies/123/top?limit=1").body);
  EXPECT_EQ(answer["destinations"][0]["host"], "b.test");
  EXPECT_EQ(answer["id"], 123);
  EXPECT_EQ(admin("DELETE", "/api/admin/proxies/123/top").status, 200);
  EXPECT_EQ(log().back(), "forget targets 123");
  EXPECT_EQ(admin("POST", "/api/admin/proxies/123/top").status, 405);
}

TEST_F(TopTest, OperatorsSwitchItForOneProxy) {
  const auto set = [&](const std::string& value) {
    return admin("PATCH", "/api/admin/proxies/123", R"({"top_destinations":)" + value + "}");
  };
  for (const auto* good : {"0", "1000", "null"}) {
    EXPECT_EQ(Json::parse(set(good).body)["top_destinations"], Json::parse(good));
  }
  for (const auto* bad : {"-1", "1001", "1.5", "\"x\"", "true", "[]"}) {
    const auto answer = set(bad);
    EXPECT_EQ(answer.status, 422) << bad;
    EXPECT_EQ(Json::parse(answer.body)["error"]["field"], "top_destinations") << answer.body;
  }
}

}  // namespace
}  // namespace airlane::test
