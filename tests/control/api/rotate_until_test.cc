// Rotations with a goal, and the history of addresses: what may be asked, and what is answered.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

using Until = RotationGoal::Until;

class RotateUntilApiTest : public ApiTest {
 protected:
  static constexpr const char* kChange = "/api/proxy/change_ip/?id=9042&key=alice-key&";

  RotationGoal goal_of(const std::string& options) {
    pass(5s);
    const auto answer = get(kChange + options);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return on_server([this] { return backend_.ordered.back().goal; });
  }
  void answers(Rotated rotated) {
    on_server([&] { backend_.rotation = std::move(rotated); });
  }
};

TEST_F(RotateUntilApiTest, KnowsNoGoalUnlessItIsAsked) {
  EXPECT_EQ(goal_of("").until, Until::kAny);
  EXPECT_EQ(goal_of("until=any").until, Until::kAny);
  EXPECT_EQ(goal_of("until=&tries=&hours=").until, Until::kAny) << "as the form sends it";
}

TEST_F(RotateUntilApiTest, ReadsTheGoal) {
  auto goal = goal_of("until=different");
  EXPECT_EQ(goal.until, Until::kDifferent);
  EXPECT_EQ(goal.tries, 3);
  EXPECT_EQ(goal.hours, 0);
  goal = goal_of("until=unused");
  EXPECT_EQ(goal.until, Until::kUnused);
  EXPECT_EQ(goal.tries, 3);
  EXPECT_EQ(goal.hours, 24);
  goal = goal_of("until=unused&tries=10&hours=720");
  EXPECT_EQ(goal.tries, 10);
  EXPECT_EQ(goal.hours, 720);
}

TEST_F(RotateUntilApiTest, NamesTheOptionThatMakesNoSenseAndDoesNothing) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"until=other", R"(The option \"until\" must be any, different or unused.)"},
      {"until=Different", R"(The option \"until\" must be any, different or unused.)"},
      {"until=different&tries=0", R"(The option \"tries\" must be a number from 1 to 10.)"},
      {"until=different&tries=11", R"(The option \"tries\" must be a number from 1 to 10.)"},
      {"until=different&tries=x", R"(The option \"tries\" must be a number from 1 to 10.)"},
      {"until=unused&hours=0", R"(The option \"hours\" must be a number from 1 to 720.)"},
      {"until=unused&hours=1h", R"(The option \"hours\" must be a number from 1 to 720.)"},
      {"until=different&hours=5", R"(The option \"hours\" needs \"until\" to be unused.)"},
      {"tries=3", R"(The option \"tries\" needs \"until\" to be different or unused.)"},
  };
  for (const auto& [options, sentence] : kWrong) {
    const auto answer = get(std::string(kChange) + options);
    EXPECT_EQ(answer.status, 400) << options;
    EXPECT_EQ(answer.body, R"({"detail":")" + std::string(sentence) + "\"}");
  }
  EXPECT_EQ(log(), std::vector<std::string>{});
  EXPECT_EQ(get(kChange).status, 200) << "and none of it counted";
}

TEST_F(RotateUntilApiTest, SaysWhetherTheGoalWasReached) {
  answers({.old_ip = "203.0.113.80", .new_ip = "203.0.113.9", .attempts = 2, .reached = true});
  EXPECT_EQ(get(kChange + std::string("until=different")).body,
            R"({"success":true,"new_ip":"203.0.113.9","id":9042,"job":17,"attempts":2,)"
            R"("reached":true})");
  pass(5s);
  answers({.old_ip = "203.0.113.80",
           .new_ip = "203.0.113.80",
           .reason = "3 tries have not.",
           .attempts = 3,
           .reached = false});
  EXPECT_EQ(get(kChange + std::string("until=different&show_old_ip=1")).body,
            R"({"success":true,"new_ip":"203.0.113.80","old_ip":"203.0.113.80","id":9042,)"
            R"("job":18,"attempts":3,"reached":false,"reason":"3 tries have not."})");
  pass(5s);
  EXPECT_EQ(get(kChange + std::string("until=different&async=1")).body,
            R"({"success":true,"async":true,"id":9042,"job":19})");
}

TEST_F(RotateUntilApiTest, TheLinkTakesAGoalToo) {
  ask("POST", "/api/proxy/link/?id=9042&key=alice-key");
  EXPECT_EQ(get("/r/token-1/?until=sometimes").status, 400);
  EXPECT_EQ(get("/r/token-1/?until=unused&hours=3").status, 200);
  EXPECT_EQ(on_server([this] { return backend_.ordered.back().goal.hours; }), 3);
}

TEST_F(RotateUntilApiTest, TheAdminApiTakesItAsABody) {
  const std::string path = "/api/admin/proxies/9042/rotate";
  const std::pair<const char*, const char*> kWrong[] = {
      {R"({"until":"never"})", "until"},
      {R"({"until":"different","tries":0})", "tries"},
      {R"({"tries":3})", "tries"},
      {R"({"until":"different","hours":1})", "hours"},
      {R"({"until":"unused","hours":"1"})", "hours"}};
  for (const auto& [body, field] : kWrong) {
    const auto answer = admin("POST", path, body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ((*api::parse_json(answer.body))["error"]["field"], field);
  }
  EXPECT_EQ(log(), std::vector<std::string>{});
  answers({.old_ip = "203.0.113.80",
           .new_ip = "203.0.113.80",
           .reason = "2 tries have not.",
           .attempts = 2,
           .reached = false});
  const auto answer = admin("POST", path, R"({"until":"unused","tries":2,"hours":48})");
  EXPECT_EQ(answer.body,
            R"({"success":true,"new_ip":"203.0.113.80","old_ip":"203.0.113.80","id":9042,)"
            R"("job":17,"attempts":2,"reached":false,"reason":"2 tries have not."})");
  EXPECT_EQ(answer.field("Link"), R"(</api/proxy/jobs/17/>; rel="monitor")");
  const auto goal = on_server([this] { return backend_.ordered.back().goal; });
  EXPECT_EQ(goal.until, Until::kUnused);
  EXPECT_EQ(goal.tries, 2);
  EXPECT_EQ(goal.hours, 48);
  pass(5s);
  admin("POST", path);
  EXPECT_EQ(on_server([this] { return backend_.ordered.back().goal.until; }), Until::kAny);
}

class HistoryTest : public ApiTest {
 protected:
  static IpRecord address(std::int64_t id, const std::string& ip, int from,
                          std::optional<int> till) {
    IpRecord record{id, 1, *Address::parse(ip), from_unix(1598318000 + from), {}, "rotation"};
    if (till) record.till = from_unix(1598318000 + *till);
    return record;
  }
  static constexpr const char* kHistory = "/api/proxy/history/?id=9042&key=alice-key";
};

TEST_F(HistoryTest, TellsEachAddressAndHowLongItLasted) {
  on_server([this] {
    backend_.history = {{address(9, "203.0.113.9", 400, std::nullopt),
                         address(8, "203.0.113.8", 300, 400), address(7, "203.0.113.7", 500, 300)},
                        {.periods = 40, .addresses = 37}};
  });
  EXPECT_EQ(get(kHistory).body,
            R"({"addresses":[{"ip":"203.0.113.9","from":"2020-08-25T01:20:00Z","till":null,)"
            R"("seconds":36,"cause":"rotation"},{"ip":"203.0.113.8",)"
            R"("from":"2020-08-25T01:18:20Z","till":"2020-08-25T01:20:00Z","seconds":100,)"
            R"("cause":"rotation"},{"ip":"203.0.113.7","from":"2020-08-25T01:21:40Z",)"
            R"("till":"2020-08-25T01:18:20Z","seconds":0,"cause":"rotation"}],"count":3,)"
            R"("next":null,"unique":{"days":14,"periods":40,"addresses":37,"share":0.925},)"
            R"("id":9042,"success":true})");
}

TEST_F(HistoryTest, HasNoShareOfNothing) {
  EXPECT_EQ(get(kHistory).body,
            R"({"addresses":[],"count":0,"next":null,"unique":{"days":14,"periods":0,)"
            R"("addresses":0,"share":null},"id":9042,"success":true})");
}

TEST_F(HistoryTest, ShowsNothingOfTheTimeBeforeTheRental) {
  get(kHistory);
  EXPECT_EQ(on_server([this] { return backend_.asked_history.back().since; }),
            from_unix(1653827385));
  EXPECT_EQ(on_server([this] { return backend_.asked_unique; }), from_unix(1653827385))
      << "which is later than 14 days ago";
  get("/api/proxy/history/?id=9717&key=alice-key");
  EXPECT_EQ(on_server([this] { return backend_.asked_history.back().since; }), std::nullopt);
  EXPECT_EQ(on_server([this] { return backend_.asked_unique; }),
            from_unix(1598318436 - 14 * 86400));
}

TEST_F(HistoryTest, ComesByPages) {
  on_server([this] {
    backend_.history = {{address(9, "203.0.113.9", 400, std::nullopt),
                         address(8, "203.0.113.8", 300, 400), address(7, "203.0.113.7", 200, 300)},
                        {}};
  });
  const auto page = *api::parse_json(get(std::string(kHistory) + "&limit=2&before=12").body);
  EXPECT_EQ(page["count"], 2);
  EXPECT_EQ(page["next"], 8);
  const auto asked = on_server([this] { return backend_.asked_history.back(); });
  EXPECT_EQ(asked.limit, 3);
  EXPECT_EQ(asked.before, 12);
  EXPECT_EQ(asked.dongle, 1);
  EXPECT_EQ(get(std::string(kHistory) + "&limit=1000").status, 400);
  EXPECT_EQ(get("/api/proxy/history/?id=123&key=alice-key").body, "No such proxy");
  EXPECT_EQ(get("/api/proxy/history/?id=9042").status, 403);
}

TEST_F(HistoryTest, IsTheAdminsForEveryDongle) {
  on_server([this] {
    backend_.history = {{address(9, "203.0.113.9", 400, std::nullopt)},
                        {.periods = 4, .addresses = 3}};
  });
  const auto told = *api::parse_json(admin("GET", "/api/admin/dongles/ten/history").body);
  EXPECT_EQ(told["addresses"][0]["ip"], "203.0.113.9");
  EXPECT_EQ(told["unique"]["share"], 0.75);
  EXPECT_EQ(on_server([this] { return backend_.asked_history.back().since; }), std::nullopt);
  EXPECT_EQ(admin("GET", "/api/admin/dongles/twelve/history").status, 404);
}

TEST_F(HistoryTest, IsAPageToo) {
  const auto page = get(std::string(kHistory) + "&format=api").body;
  EXPECT_NE(page.find("<h1>Address history</h1>"), std::string::npos);
  EXPECT_NE(page.find(R"(name="before")"), std::string::npos);
}

}  // namespace
}  // namespace airlane::test
