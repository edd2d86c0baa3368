// What became of rotations, as their owners and nobody else may read it.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class JobsTest : public ApiTest {
 protected:
  void SetUp() override {
    ApiTest::SetUp();
    on_server([this] {
      backend_.job_rows = {job(20, 9042, 1), job(19, 123, 2), job(18, 9042, 2), job(17, 9042, 1)};
      JobRecord& last = backend_.job_rows.front();
      last.state = "running";
      last.took = 3020ms;
      last.old_ip.reset();
      last.new_ip.reset();
      last.attempts = 0;
    });
  }
  static JobRecord job(std::int64_t id, std::int64_t proxy, std::int64_t user) {
    JobRecord row;
    row.id = id;
    row.proxy = proxy;
    row.user = user;
    row.dongle = 1;
    row.action = "rotate";
    row.cause = "api";
    row.state = "done";
    row.old_ip = "203.0.113.80";
    row.new_ip = "203.0.113.177";
    row.started = from_unix(1598318400);
    row.took = 11'900ms;
    row.attempts = 1;
    return row;
  }
  HttpAnswer read(const std::string& id, const std::string& key = "alice-key") {
    return get("/api/proxy/jobs/" + id + "/?key=" + key);
  }
};

TEST_F(JobsTest, TellsTheOwnerWhatBecameOfAnOrder) {
  EXPECT_EQ(read("17").body,
            R"({"id":17,"action":"rotate","proxy":9042,"state":"done","cause":"api",)"
            R"("old_ip":"203.0.113.80","new_ip":"203.0.113.177",)"
            R"("started":"2020-08-25T01:20:00Z","ended":"2020-08-25T01:20:11Z","seconds":11.9,)"
            R"("attempts":1,"until":null,"reached":null,"error":null,"success":true})");
  EXPECT_EQ(
      read("20").body,
      R"({"id":20,"action":"rotate","proxy":9042,"state":"running","cause":"api",)"
      R"("old_ip":null,"new_ip":null,"started":"2020-08-25T01:20:00Z","ended":null,)"
      R"("seconds":3.02,"attempts":0,"until":null,"reached":null,"error":null,"success":true})");
}

TEST_F(JobsTest, TellsAdminsTheDongle) {
  EXPECT_NE(read("19", "bob-key").body.find(R"("proxy":123,"dongle":"ten","state":)"),
            std::string::npos);
}

TEST_F(JobsTest, TellsNobodyWhichIdsOthersHave) {
  const auto missing = read("4711");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.body, R"({"detail":"Not found."})");
  for (const auto* const id : {"19", "18"}) {  // Of somebody else's proxy, and from before.
    const auto answer = read(id);
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.body, missing.body);
    for (const auto* const name : {"Content-Type", "Content-Length", "Allow", "Vary", "Link"}) {
      EXPECT_EQ(answer.field(name), missing.field(name)) << id << ' ' << name;
    }
  }
  EXPECT_EQ(read("17", "bob-key").status, 404) << "an admin is a customer here";
  EXPECT_EQ(get("/api/proxy/jobs/17/").status, 403);
}

TEST_F(JobsTest, HasAPathForNumbersOnly) {
  for (const auto* const id : {"x", "-1", "1x", "1/2", "", "99999999999999999999", "%31%30/.."}) {
    EXPECT_EQ(read(id).status, 404) << id;
  }
  const auto answer = get("/api/proxy/jobs/17?key=alice-key&x=1");
  EXPECT_EQ(answer.status, 301);
  EXPECT_EQ(answer.field("Location"), "/api/proxy/jobs/17/?key=alice-key&x=1");
  EXPECT_EQ(ask("POST", "/api/proxy/jobs/17").status, 308);
  EXPECT_EQ(get("/api/proxy/jobs/x").status, 404);
}

TEST_F(JobsTest, HasTheMethodsOfEveryEndpoint) {
  const auto head = ask("HEAD", "/api/proxy/jobs/17/?key=alice-key");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("DELETE", "/api/proxy/jobs/17/?key=alice-key").status, 405);
  const auto options = ask("OPTIONS", "/api/proxy/jobs/17/");
  EXPECT_EQ(options.status, 200);
  EXPECT_NE(options.body.find(R"("name":"Rotation job")"), std::string::npos);
}

TEST_F(JobsTest, IsAPageWhoseFormLeadsBackToIt) {
  const auto page = get("/api/proxy/jobs/17/?key=alice-key&format=api").body;
  EXPECT_NE(page.find(R"(action="/api/proxy/jobs/17/")"), std::string::npos);
  EXPECT_NE(page.find("&quot;new_ip&quot;: &quot;203.0.113.177&quot;"), std::string::npos);
  EXPECT_EQ(get("/api/proxy/?format=json").body.find("jobs"), std::string::npos);
}

TEST_F(JobsTest, ListsThoseOfAProxyByPages) {
  const auto all = *api::parse_json(get("/api/proxy/jobs/?id=9042&key=alice-key").body);
  EXPECT_EQ(all["count"], 2);
  EXPECT_EQ(all["jobs"][0]["id"], 20);
  EXPECT_EQ(all["jobs"][1]["id"], 17);
  EXPECT_EQ(all["next"], nullptr);
  const auto first = *api::parse_json(get("/api/proxy/jobs/?id=9042&key=alice-key&limit=1").body);
  EXPECT_EQ(first["count"], 1);
  EXPECT_EQ(first["next"], 20);
  const auto second =
      *api::parse_json(get("/api/proxy/jobs/?id=9042&key=alice-key&limit=1&before=20").body);
  EXPECT_EQ(second["jobs"][0]["id"], 17);
  EXPECT_EQ(second["next"], nullptr);
  EXPECT_EQ(get("/api/proxy/jobs/?id=123&key=alice-key").body, "No such proxy");
}

TEST_F(JobsTest, RefusesPagesThatMakeNoSense) {
  for (const auto* const query : {"limit=0", "limit=501", "limit=x", "limit=-1", "before=0",
                                  "before=x", "before=99999999999999999999"}) {
    const auto answer = get(std::string("/api/proxy/jobs/?id=9042&key=alice-key&") + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_NE(answer.body.find(std::string(query).substr(0, 5)), std::string::npos);
  }
}

TEST_F(JobsTest, AreFoundByTheAnswerThatBeganThem) {
  const std::string where = R"(</api/proxy/jobs/17/>; rel="monitor")";
  const auto plain = get("/api/proxy/change_ip/?id=9042&key=alice-key");
  EXPECT_EQ(plain.body, R"({"success":true,"new_ip":"203.0.113.177","id":9042})");
  EXPECT_EQ(plain.field("Link"), where);
  pass(5s);
  const auto async = get("/api/proxy/change_ip/?id=9042&key=alice-key&async=1&show_job=1");
  EXPECT_EQ(async.body, R"({"success":true,"async":true,"id":9042,"job":18})");
  EXPECT_EQ(async.field("Link"), R"(</api/proxy/jobs/18/>; rel="monitor")");
  const auto throttled = get("/api/proxy/change_ip/?id=9042&key=alice-key&show_job=1");
  EXPECT_EQ(throttled.status, 429);
  EXPECT_EQ(throttled.field("Link"), "");
  EXPECT_EQ(get("/api/proxy/reboot/?id=9042&key=alice-key").field("Link"),
            R"(</api/proxy/jobs/19/>; rel="monitor")");
  pass(5s);
  on_server([this] {
    backend_.rotation = Failure{Failure::Kind::kUnavailable, "The modem sulks."};
  });
  const auto failed = get("/api/proxy/change_ip/?id=9042&key=alice-key&show_job=1");
  EXPECT_EQ(failed.status, 503);
  EXPECT_EQ(failed.body, R"({"success":false,"error":"The modem sulks.","id":9042,"job":20})");
  EXPECT_EQ(failed.field("Link"), R"(</api/proxy/jobs/20/>; rel="monitor")");
  EXPECT_EQ(get("/api/proxy/change_ip/?id=9042&key=alice-key&show_job=maybe").status, 400);
}

TEST_F(JobsTest, SayWhoWantedThem) {
  ask("POST", "/api/proxy/link/?id=9042&key=alice-key");
  get("/api/proxy/change_ip/?id=9042&key=alice-key");
  pass(5s);
  get("/r/token-1/");
  pass(5s);
  admin("POST", "/api/admin/proxies/9042/rotate");
  const auto causes = on_server([this] {
    std::vector<JobCause> all;
    for (const auto& order : backend_.ordered) all.push_back(order.cause);
    return all;
  });
  EXPECT_EQ(causes, (std::vector{JobCause::kApi, JobCause::kLink, JobCause::kAdmin}));
}

TEST_F(JobsTest, AreAllTheAdminsToSee) {
  const auto ids = [&](const std::string& query) {
    const auto answer = *api::parse_json(admin("GET", "/api/admin/jobs" + query).body);
    std::vector<int> all;
    for (const auto& job : answer["jobs"]) all.push_back(job["id"]);
    return all;
  };
  using Ids = std::vector<int>;
  EXPECT_EQ(ids(""), (Ids{20, 19, 18, 17}));
  EXPECT_EQ(ids("?proxy=123"), Ids{19});
  EXPECT_EQ(ids("?state=running"), Ids{20});
  EXPECT_EQ(ids("?dongle=ten&before=19"), (Ids{18, 17}));
  EXPECT_EQ(ids("?dongle=nobody"), Ids{});
  EXPECT_EQ(admin("GET", "/api/admin/jobs?state=odd").status, 422);
  EXPECT_EQ(admin("GET", "/api/admin/jobs?limit=501").status, 422);
  const auto page = *api::parse_json(admin("GET", "/api/admin/jobs?limit=2").body);
  EXPECT_EQ(page["count"], 2);
  EXPECT_EQ(page["next"], 19);
  const auto one = *api::parse_json(admin("GET", "/api/admin/jobs/18").body);
  EXPECT_EQ(one["dongle"], "ten");
  EXPECT_EQ(one["proxy"], 9042);
  for (const auto* const id : {"4711", "x"}) {
    EXPECT_EQ(admin("GET", std::string("/api/admin/jobs/") + id).status, 404) << id;
  }
}

}  // namespace
}  // namespace airlane::test
