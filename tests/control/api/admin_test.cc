// The admin API, over the Unix socket.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class AdminTest : public ApiTest {};

TEST_F(AdminTest, ShowsTheMetricsAsText) {
  const auto answer = admin("GET", "/api/admin/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(answer.body, "airlane_lanes 3\n");
  expect_error(admin("POST", "/api/admin/metrics"), 405, "method");
  expect_error(admin("GET", "/api/admin/metrics/x"), 404, "not_found");
}

TEST_F(AdminTest, ListsUsers) {
  EXPECT_EQ(
      admin("GET", "/api/admin/users").body,
      R"({"users":[{"name":"alice","admin":false,"api_key":"alice-key","api":true},)"
      R"({"name":"bob","admin":true,"api_key":"bob-key","api":true}],"count":2,"next":null})");
}

TEST_F(AdminTest, AddsAndRemovesAUser) {
  const auto added =
      admin("POST", "/api/admin/users", R"({"name":"carol","password":"a secret","admin":true})");
  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(added.body, R"({"name":"carol","admin":true,"api_key":"new-key","api":true})");

  expect_error(admin("POST", "/api/admin/users", R"({"name":"alice","password":"a secret"})"), 409,
               "conflict");
  expect_error(admin("DELETE", "/api/admin/users/alice"), 409, "conflict");
  expect_error(admin("DELETE", "/api/admin/users/nobody"), 404, "not_found");
  EXPECT_EQ(admin("DELETE", "/api/admin/users/%63arol").body, R"({"success":true})");
}

TEST_F(AdminTest, SaysWhichProcessAnswersAndBeginsItsReplacement) {
  EXPECT_EQ(admin("GET", "/api/admin/server").body,
            R"({"pid":4711,"version":"1.2.3","upgrade":"none","reason":null,"draining":null})");
  const auto begun = admin("POST", "/api/admin/server/upgrade");
  EXPECT_EQ(begun.status, 202);
  EXPECT_EQ(Json::parse(begun.body)["upgrade"], "running");
  on_server([this] {
    backend_.life_state.upgrade = Life::State::Upgrade::kFailed;
    backend_.life_state.reason = "It did not want to.";
    backend_.life_state.draining = 4700;
    backend_.upgrade_refusal = "Not now.";
  });
  const Json after = Json::parse(admin("GET", "/api/admin/server").body);
  EXPECT_EQ(after["upgrade"], "failed");
  EXPECT_EQ(after["reason"], "It did not want to.");
  EXPECT_EQ(after["draining"], 4700);
  expect_error(admin("POST", "/api/admin/server/upgrade"), 409, "conflict");
  expect_error(admin("GET", "/api/admin/server/upgrade"), 405, "method");
  expect_error(admin("POST", "/api/admin/server"), 405, "method");
  expect_error(admin("POST", "/api/admin/server/explode"), 404, "not_found");
}

TEST_F(AdminTest, CopiesTheDatabaseToAFile) {
  const auto made = admin("POST", "/api/admin/server/backup", R"({"file": "/srv/a.db"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body, R"({"file":"/srv/a.db","bytes":4096})");
  EXPECT_EQ(backend_.log.back(), "back_up /srv/a.db");
  expect_error(admin("POST", "/api/admin/server/backup", "{}"), 422, "invalid", "file");
  expect_error(admin("POST", "/api/admin/server/backup", R"({"file": 7})"), 422, "invalid", "file");
  on_server([this] { backend_.backup_answer = Failure{Failure::Kind::kUnavailable, "Full."}; });
  expect_error(admin("POST", "/api/admin/server/backup", R"({"file": "/srv/b.db"})"), 503,
               "unavailable");
  expect_error(admin("GET", "/api/admin/server/backup"), 405, "method");
}

TEST_F(AdminTest, NamesTheFieldThatIsWrong) {
  const std::string users = "/api/admin/users";
  expect_error(admin("POST", users, "nonsense"), 400, "malformed");
  expect_error(admin("POST", users, "[]"), 400, "malformed");
  expect_error(admin("POST", users, R"({"password":"x"})"), 422, "invalid", "name");
  expect_error(admin("POST", users, R"({"name":"x"})"), 422, "invalid", "password");
  expect_error(admin("POST", users, R"({"name":1,"password":"x"})"), 422, "invalid", "name");
  expect_error(admin("POST", users, R"({"name":"x","password":"x","admin":"yes"})"), 422, "invalid",
               "admin");
  expect_error(admin("POST", users, R"({"name":"x","password":"x","role":"y"})"), 422, "invalid",
               "role");
}

TEST_F(AdminTest, NamesEveryFieldThatIsWrongAtOnce) {
  const auto answer = admin("POST", "/api/admin/proxies",
                            R"({"user":"nobody","dongle":7,"port":70000,"username":"u",)"
                            R"("src_whitelist":["1.2.3.4","here"],"role":"x",)"
                            R"("ext_ip_upd_interval":"90-60"})");
  EXPECT_EQ(answer.status, 422);
  const Json error = Json::parse(answer.body)["error"];
  EXPECT_EQ(error["code"], "invalid");
  EXPECT_EQ(error["field"], "dongle");
  EXPECT_EQ(error["message"], "The field \"dongle\" must be a text.");
  std::map<std::string, std::string> said;
  for (const Json& one : error["fields"]) said[one["field"]] = one["message"];
  EXPECT_EQ(said.size(), error["fields"].size()) << "one sentence for each";
  EXPECT_EQ(said["port"], "The field \"port\" must be a whole number from 1 to 65535.");
  EXPECT_EQ(said["role"], "The field \"role\" is not known here.");
  EXPECT_EQ(said["password"], "The field \"password\" must be given.");
  EXPECT_EQ(said["user"], "There is no user \"nobody\".");
  EXPECT_EQ(said["src_whitelist"],
            "The field \"src_whitelist\" has \"here\" in it, which is not an address or a "
            "network.");
  EXPECT_TRUE(said.contains("ext_ip_upd_interval"));
  EXPECT_EQ(said.size(), 7U);
}

TEST_F(AdminTest, ShowsOneOfThem) {
  const auto same_as_listed = [this](const std::string& list, const std::string& path, int index) {
    const auto answer = admin("GET", "/api/admin/" + path);
    EXPECT_EQ(answer.status, 200) << answer.body;
    const Json rows = Json::parse(admin("GET", "/api/admin/" + list).body);
    EXPECT_EQ(answer.body, rows[list][static_cast<std::size_t>(index)].dump());
  };
  same_as_listed("users", "users/bob", 1);
  same_as_listed("dongles", "dongles/%65leven", 1);
  same_as_listed("proxies", "proxies/9717", 1);
  expect_error(admin("GET", "/api/admin/users/eve"), 404, "not_found");
  expect_error(admin("GET", "/api/admin/dongles/twelve"), 404, "not_found");
  expect_error(admin("GET", "/api/admin/proxies/1"), 404, "not_found");
  expect_error(admin("GET", "/api/admin/proxies/first"), 404, "not_found");
}

TEST_F(AdminTest, GivesAListInPagesThatStandStillWhenRowsComeAndGo) {
  on_server([this] {
    backend_.proxy_rows.clear();
    for (int id = 1; id <= 5; ++id) {
      backend_.proxy_rows.push_back(
          FakeBackend::proxy_row(id, 1, 1, static_cast<std::uint16_t>(30'000 + id)));
    }
  });
  const auto page = [this](const std::string& query) {
    return Json::parse(admin("GET", "/api/admin/proxies" + query).body);
  };
  const auto ids = [](const Json& answer) {
    std::vector<int> all;
    for (const Json& row : answer["proxies"]) all.push_back(row["id"]);
    return all;
  };
  const Json first = page("?limit=2");
  EXPECT_EQ(ids(first), (std::vector{1, 2}));
  EXPECT_EQ(first["count"], 5);
  EXPECT_EQ(first["next"], 2);
  on_server([this] {
    std::erase_if(backend_.proxy_rows, [](const ProxyRecord& row) { return row.id == 2; });
    backend_.proxy_rows.push_back(FakeBackend::proxy_row(6, 1, 1, 30'006));
  });
  const Json second = page("?limit=2&after=2");
  EXPECT_EQ(ids(second), (std::vector{3, 4}));
  EXPECT_EQ(second["next"], 4);
  const Json last = page("?limit=2&after=4");
  EXPECT_EQ(ids(last), (std::vector{5, 6}));
  EXPECT_EQ(last["next"], nullptr);
  EXPECT_EQ(ids(page("")).size(), 5U);
}

TEST_F(AdminTest, KnowsWhatMayBeAskedOfAList) {
  expect_error(admin("GET", "/api/admin/users?limit=0"), 422, "invalid", "limit");
  expect_error(admin("GET", "/api/admin/users?limit=1001"), 422, "invalid", "limit");
  expect_error(admin("GET", "/api/admin/users?limit=x"), 422, "invalid", "limit");
  expect_error(admin("GET", "/api/admin/users?after=-1"), 422, "invalid", "after");
  expect_error(admin("GET", "/api/admin/users?colour=red"), 422, "invalid", "colour");
  expect_error(admin("GET", "/api/admin/users/bob?limit=1"), 422, "invalid", "limit");
}

TEST_F(AdminTest, AnswersHeadAndOptionsWithoutDoingAnything) {
  const auto head = admin("HEAD", "/api/admin/users");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  const auto options = admin("OPTIONS", "/api/admin/proxies/123/rotate");
  EXPECT_EQ(options.status, 200);
  EXPECT_EQ(options.field("Allow"), "POST, OPTIONS");
  EXPECT_EQ(admin("OPTIONS", "/api/admin/proxies/123").field("Allow"),
            "GET, HEAD, PATCH, DELETE, OPTIONS");
  EXPECT_TRUE(log().empty());
}

TEST_F(AdminTest, ListsAndAddsDongles) {
  const Json rows = Json::parse(admin("GET", "/api/admin/dongles").body);
  EXPECT_EQ(rows["count"], 2);
  EXPECT_EQ(rows["dongles"][0].dump(),
            R"({"name":"ten","interface":"wwan0","driver":"hilink","gateway":"192.168.8.1",)"
            R"("dns":["192.168.8.1"],"isp":"Wind","options":{"password":"x"},"up":true,)"
            R"("state":"up","rotated_at":"2026-05-28T20:26:40Z"})");
  EXPECT_EQ(rows["dongles"][1]["gateway"], nullptr);
  EXPECT_EQ(rows["dongles"][1]["rotated_at"], nullptr);

  const auto added = admin("POST", "/api/admin/dongles",
                           R"({"name":"twelve","interface":"wwan2","driver":"command",)"
                           R"("gateway":"10.0.0.1","dns":["10.0.0.1","10.0.0.2:5353"],"isp":"O2",)"
                           R"("options":{"rotate":"/bin/true"}})");
  EXPECT_EQ(added.status, 201);
  const Json dongle = Json::parse(added.body);
  EXPECT_EQ(dongle["dns"].dump(), R"(["10.0.0.1","10.0.0.2:5353"])");
  EXPECT_EQ(dongle["gateway"], "10.0.0.1");
}

TEST_F(AdminTest, RefusesADongleThatMakesNoSense) {
  const std::string dongles = "/api/admin/dongles";
  expect_error(admin("POST", dongles, R"({"name":"x","interface":"y"})"), 422, "invalid", "driver");
  const std::string base = R"({"name":"x","interface":"y","driver":"none",)";
  expect_error(admin("POST", dongles, base + R"("gateway":"here"})"), 422, "invalid", "gateway");
  expect_error(admin("POST", dongles, base + R"("dns":["dns.example"]})"), 422, "invalid", "dns");
  expect_error(admin("POST", dongles, base + R"("options":{"a":1}})"), 422, "invalid", "options");
  expect_error(admin("DELETE", dongles + "/ten"), 409, "conflict");
  expect_error(admin("DELETE", dongles + "/none"), 404, "not_found");
}

TEST_F(AdminTest, AddsAProxy) {
  const auto added = admin("POST", "/api/admin/proxies",
                           R"({"user":"alice","dongle":"ten","port":40001,"username":"u",)"
                           R"("password":"p","src_whitelist":["198.51.100.7"],)"
                           R"("src_whitelist_mode":"only","comment":"c",)"
                           R"("in_use_from":"2026-01-01T00:00:00+01:00"})");

  EXPECT_EQ(added.status, 201);
  EXPECT_EQ(added.body,
            R"({"id":9999,"ip":"s1.example.com","port":40001,"username":"u","password":"p",)"
            R"("src_whitelist":["198.51.100.7/32"],"isp":"Wind","comment":"c",)"
            R"("in_use_from":"2025-12-31T23:00:00Z","in_use_till":null,)"
            R"("ext_ip_upd_interval":null,"ext_ip_upd_calendar":"","src_whitelist_mode":"only",)"
            R"("user":"alice","dongle":"ten","fp":"","fp_trouble":null,)"
            R"("top_destinations":null,"quota":null,)"
            R"("limits":{"connections":null,"connections_per_source":null,"new_per_second":null,)"
            R"("upload":null,"download":null,"destinations":[]},)"
            R"("next_rotation_at":null})");
}

TEST_F(AdminTest, GivesAProxyAQuota) {
  const std::string path = "/api/admin/proxies/9042";
  on_server([this] {
    backend_.quota_uses[9042] = {1'234, {from_unix(1'772'323'200), from_unix(1'775'001'600)}};
  });
  const auto quota = [&](const std::string& body) {
    const auto answer = admin("PATCH", path, R"({"quota":)" + body + "}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.body)["quota"].dump();
  };
  EXPECT_EQ(quota(R"({"bytes":5000})"),
            R"({"bytes":5000,"period":"month","time_zone":"UTC","action":"refuse","rate":null,)"
            R"("used":1234,"resets":"2026-04-01T00:00:00Z"})");
  EXPECT_EQ(quota(R"({"action":"throttle","rate":64000,"period":"day","time_zone":"+01:00"})"),
            R"({"bytes":5000,"period":"day","time_zone":"+01:00","action":"throttle",)"
            R"("rate":64000,"used":1234,"resets":"2026-04-01T00:00:00Z"})");
  EXPECT_EQ(quota(R"({"bytes":9223372036854775807,"action":"refuse"})"),
            R"({"bytes":9223372036854775807,"period":"day","time_zone":"+01:00",)"
            R"("action":"refuse","rate":null,"used":1234,"resets":"2026-04-01T00:00:00Z"})");
  EXPECT_EQ(quota("null"), "null");
}

TEST_F(AdminTest, RefusesAQuotaThatMakesNoSense) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"5000", "quota"},
      {R"("5GiB")", "quota"},
      {"[]", "quota"},
      {R"({"bytes":"5GiB"})", "quota.bytes"},
      {R"({"bytes":-1})", "quota.bytes"},
      {R"({"bytes":1.5})", "quota.bytes"},
      {R"({"bytes":9223372036854775808})", "quota.bytes"},
      {R"({"bytes":null})", "quota.bytes"},
      {R"({"period":1})", "quota.period"},
      {R"({"period":"week"})", "quota.period"},
      {R"({"time_zone":null})", "quota.time_zone"},
      {R"({"action":[]})", "quota.action"},
      {R"({"rate":"fast"})", "quota.rate"},
      {R"({"used":0})", "quota.used"}};
  for (const auto& [quota, field] : cases) {
    expect_error(
        admin("PATCH", "/api/admin/proxies/9042", R"({"comment":"lost","quota":)" + quota + "}"),
        422, "invalid", field);
  }
  on_server([this] {
    EXPECT_NE(backend_.proxy(9042)->comment, "lost");
    EXPECT_FALSE(backend_.proxy(9042)->quota);
  });
}

TEST_F(AdminTest, SetsAndTakesBackASchedule) {
  const std::string path = "/api/admin/proxies/9042";
  const auto set = admin("PATCH", path,
                         R"({"ext_ip_upd_interval":"1h-2h","ext_ip_upd_calendar":"Mon 8:00 UTC"})");
  EXPECT_EQ(set.status, 200) << set.body;
  const Json proxy = Json::parse(set.body);
  EXPECT_EQ(proxy["ext_ip_upd_interval"], "1h-2h");
  EXPECT_EQ(proxy["ext_ip_upd_calendar"], "Mon 8:00 UTC");
  EXPECT_EQ(proxy["next_rotation_at"], "2026-09-21T14:13:20Z");
  const auto taken_back =
      admin("PATCH", path, R"({"ext_ip_upd_interval":null,"ext_ip_upd_calendar":""})");
  EXPECT_EQ(taken_back.status, 200);
  EXPECT_EQ(Json::parse(taken_back.body)["ext_ip_upd_interval"], nullptr);
}

TEST_F(AdminTest, SaysWhatIsWrongWithASchedule) {
  const std::string path = "/api/admin/proxies/9042";
  expect_error(admin("PATCH", path, R"({"ext_ip_upd_interval":"90-60"})"), 422, "invalid",
               "ext_ip_upd_interval");
  expect_error(admin("PATCH", path, R"({"ext_ip_upd_interval":15})"), 422, "invalid",
               "ext_ip_upd_interval");
  const auto bad = admin("PATCH", path, R"({"ext_ip_upd_calendar":"Mon 25:00"})");
  expect_error(bad, 422, "invalid", "ext_ip_upd_calendar");
  EXPECT_EQ(Json::parse(bad.body)["error"]["message"],
            "The field ext_ip_upd_calendar is no expression of systemd.time(7): at character 5: an "
            "hour is 0 to 23.");
  const auto never = admin("PATCH", path, R"({"ext_ip_upd_calendar":"*-2-30 UTC"})");
  expect_error(never, 422, "invalid", "ext_ip_upd_calendar");
  EXPECT_EQ(Json::parse(never.body)["error"]["message"],
            "The field ext_ip_upd_calendar is *-02-30 00:00:00 UTC, which never comes again.");
  expect_error(admin("PATCH", path, R"({"ext_ip_upd_calendar":null})"), 422, "invalid",
               "ext_ip_upd_calendar");
  EXPECT_EQ(backend_.changes, 0);
}

TEST_F(AdminTest, ListsTheProxiesOfAll) {
  const Json rows = Json::parse(admin("GET", "/api/admin/proxies").body);

  EXPECT_EQ(rows["count"], 3);
  EXPECT_EQ(rows["proxies"][2]["user"], "bob");
}

TEST_F(AdminTest, ChangesOnlyWhatIsGiven) {
  const auto changed = admin("PATCH", "/api/admin/proxies/9042",
                             R"({"comment":"new","in_use_till":null,"user":"bob"})");
  EXPECT_EQ(changed.status, 200);
  const Json proxy = Json::parse(changed.body);
  EXPECT_EQ(proxy["comment"], "new");
  EXPECT_EQ(proxy["in_use_till"], nullptr);
  EXPECT_EQ(proxy["in_use_from"], "2022-05-29T12:29:45Z");
  EXPECT_EQ(proxy["user"], "bob");
  EXPECT_EQ(proxy["dongle"], "ten");

  const std::string path = "/api/admin/proxies/9042";
  expect_error(admin("PATCH", path, R"({"port":1})"), 422, "invalid", "port");
  expect_error(admin("PATCH", path, R"({"user":"nobody"})"), 422, "invalid", "user");
  expect_error(admin("PATCH", path, R"({"in_use_from":"soon"})"), 422, "invalid", "in_use_from");
  expect_error(admin("PATCH", path, R"({"src_whitelist":["1.2.3.4/8"]})"), 422, "invalid",
               "src_whitelist");
  expect_error(admin("PATCH", path, R"({"fp":"windows"})"), 422, "invalid", "fp");
  expect_error(admin("PATCH", "/api/admin/proxies/1", "{}"), 404, "not_found");
}

TEST_F(AdminTest, RemovesAProxy) {
  EXPECT_EQ(admin("DELETE", "/api/admin/proxies/9042").body, R"({"success":true})");
  expect_error(admin("DELETE", "/api/admin/proxies/9042"), 404, "not_found");
}

TEST_F(AdminTest, SaysWhyTheNewAddressIsNotKnown) {
  on_server([this] { backend_.rotation = Rotated{"203.0.113.80", std::nullopt, "No answer."}; });
  EXPECT_EQ(admin("POST", "/api/admin/proxies/123/rotate").body,
            R"({"success":true,"new_ip":null,"old_ip":"203.0.113.80","id":123,"job":17,)"
            R"("reason":"No answer."})");
}

TEST_F(AdminTest, RotatesAndReboots) {
  EXPECT_EQ(admin("POST", "/api/admin/proxies/123/rotate").body,
            R"({"success":true,"new_ip":"203.0.113.177","old_ip":"203.0.113.80","id":123,)"
            R"("job":17})");
  const auto again = admin("POST", "/api/admin/proxies/123/rotate");
  expect_error(again, 429, "throttled");
  EXPECT_EQ(again.field("Retry-After"), "5");
  EXPECT_EQ(Json::parse(admin("POST", "/api/admin/proxies/9042/reboot").body)["success"], true);
  EXPECT_EQ(log(), (std::vector<std::string>{"rotate 123", "reboot 9042"}));

  expect_error(admin("GET", "/api/admin/proxies/123/rotate"), 405, "method");
  expect_error(admin("POST", "/api/admin/proxies/123/explode"), 404, "not_found");
}

TEST_F(AdminTest, SaysThatTheDongleWhoseModemDoesNotAnswerIsAbsent) {
  on_server([this] {
    backend_.dongle_state = DongleState::kAbsent;
    backend_.rotation = Failure{Failure::Kind::kUnavailable, "No answer."};
    backend_.reboot_answer = Failure{Failure::Kind::kUnavailable, "No answer."};
  });
  for (const char* path : {"/api/admin/proxies/123/rotate", "/api/admin/proxies/9042/reboot"}) {
    EXPECT_EQ(Json::parse(admin("POST", path).body)["error"]["message"],
              "The dongle ten is absent: there is no interface wwan0. Plug it in, and order this "
              "again when `dongle list` says up. What was tried: No answer.");
  }
}

TEST_F(AdminTest, KnowsItsPathsAndMethods) {
  expect_error(admin("GET", "/api/admin/"), 404, "not_found");
  expect_error(admin("GET", "/api/admin/robots"), 404, "not_found");
  const auto answer = admin("PUT", "/api/admin/users");
  expect_error(answer, 405, "method");
  EXPECT_EQ(answer.field("Allow"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(admin("GET", "/api/admin/users/").status, 200) << "a slash does not matter";
}

TEST_F(AdminTest, SharesItsSocketWithTheRest) {
  EXPECT_EQ(admin("GET", "/api/proxy/list/?key=alice-key").status, 200);
  EXPECT_EQ(admin("GET", "/ip").status, 404) << "a Unix socket has no address";
}

}  // namespace
}  // namespace airlane::test
