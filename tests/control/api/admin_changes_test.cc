// Changes by the admin API: what they may touch, and whose turn it is.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class AdminChangesTest : public ApiTest {
 protected:
  HttpAnswer ask_admin(std::string_view method, const std::string& target,
                       const std::string& fields, std::string_view body = {}) {
    return HttpClient(socket_).ask(method, target, fields, body);
  }
  std::string etag(const std::string& target) { return admin("GET", target).field("ETag"); }
  static Json error(const HttpAnswer& answer) { return Json::parse(answer.body)["error"]; }

  const std::string proxy_ = "/api/admin/proxies/9042";
};

TEST_F(AdminChangesTest, TellWithAnETagWhatIsKnownAlready) {
  for (const auto* path : {"/api/admin/proxies/9042", "/api/admin/users", "/api/admin/server"}) {
    const std::string tag = etag(path);
    EXPECT_EQ(tag.front(), '"') << path;
    EXPECT_EQ(tag, etag(path)) << "nothing has changed";
    const auto again = ask_admin("GET", path, "If-None-Match: \"other\", W/" + tag + "\r\n");
    EXPECT_EQ(again.status, 304) << path;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.field("ETag"), tag);
  }
  const std::string before = etag(proxy_);
  const auto changed = admin("PATCH", proxy_, R"({"comment":"new"})");
  EXPECT_EQ(changed.field("ETag"), etag(proxy_));
  EXPECT_NE(etag(proxy_), before);
  EXPECT_EQ(ask_admin("GET", proxy_, "If-None-Match: " + before + "\r\n").status, 200);
}

TEST_F(AdminChangesTest, RefuseWhatSomebodyElseHasChangedMeanwhile) {
  const std::string tag = etag(proxy_);
  const std::string if_match = "If-Match: " + tag + "\r\n";
  EXPECT_EQ(ask_admin("PATCH", proxy_, if_match, R"({"comment":"first"})").status, 200);
  for (const auto* method : {"PATCH", "DELETE"}) {
    const auto late = ask_admin(method, proxy_, if_match, R"({"comment":"second"})");
    EXPECT_EQ(late.status, 412) << method;
    EXPECT_EQ(error(late)["code"], "changed");
    EXPECT_EQ(late.field("ETag"), etag(proxy_)) << "what it is now";
  }
  on_server([this] { EXPECT_EQ(backend_.proxy(9042)->comment, "first"); });
  EXPECT_EQ(ask_admin("PATCH", proxy_, "If-Match: *\r\n", R"({"comment":"third"})").status, 200);
  const auto now = "If-Match: \"x\", " + etag(proxy_) + "\r\n";
  EXPECT_EQ(ask_admin("DELETE", proxy_, now).status, 200);
}

// Both have read the same state, and both calls are on their way before one of them has its turn.
TEST_F(AdminChangesTest, LookAtIfMatchWhenTheTurnOfTheChangeHasCome) {
  const std::string if_match = "If-Match: " + etag(proxy_) + "\r\n";
  on_server([this] { backend_.hold_changes = true; });
  auto call = [&](const std::string& body) {
    return std::async(std::launch::async,
                      [=, this] { return ask_admin("PATCH", proxy_, if_match, body).status; });
  };
  auto first = call(R"({"comment":"one"})");
  auto second = call(R"({"username":"two"})");
  while (on_server([this] { return backend_.held_changes.size(); }) < 2) {
  }
  on_server([this] { backend_.let_changes_go(); });
  EXPECT_EQ(first.get() + second.get(), 200 + 412);
}

TEST_F(AdminChangesTest, OfOneFieldDoNotUndoThoseOfAnother) {
  on_server([this] { backend_.hold_changes = true; });
  auto call = [&](const std::string& body) {
    return std::async(std::launch::async,
                      [=, this] { return admin("PATCH", proxy_, body).status; });
  };
  auto first = call(R"({"comment":"one"})");
  auto second = call(R"({"username":"two"})");
  while (on_server([this] { return backend_.held_changes.size(); }) < 2) {
  }
  on_server([this] { backend_.let_changes_go(); });
  EXPECT_EQ(first.get(), 200);
  EXPECT_EQ(second.get(), 200);
  on_server([this] {
    EXPECT_EQ(backend_.proxy(9042)->comment, "one");
    EXPECT_EQ(backend_.proxy(9042)->username, "two");
  });
}

TEST_F(AdminChangesTest, AreNotRefusedBecauseBytesHaveMoved) {
  admin("PATCH", proxy_, R"({"quota":{"bytes":5000}})");
  on_server([this] { backend_.quota_uses[9042] = {10, {from_unix(0), from_unix(100)}}; });
  const std::string before = etag(proxy_);
  on_server([this] { backend_.quota_uses[9042] = {11, {from_unix(0), from_unix(100)}}; });
  EXPECT_NE(etag(proxy_), before) << "it is another representation";
  const auto changed =
      ask_admin("PATCH", proxy_, "If-Match: " + before + "\r\n", R"({"comment":"x"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
}

TEST_F(AdminChangesTest, SetAUsersPasswordAndRights) {
  const auto changed = admin("PATCH", "/api/admin/users/alice",
                             R"({"password":"a new secret","admin":true,"api":false})");
  EXPECT_EQ(changed.body, R"({"name":"alice","admin":true,"api_key":"alice-key","api":false})");
  on_server([this] { EXPECT_EQ(backend_.by_name("alice")->password_hash, "a new secret"); });
  const auto refused =
      admin("PATCH", "/api/admin/users/alice", R"({"password":"short","name":"x","api":1})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(error(refused)["fields"].size(), 3U) << refused.body;
  on_server([this] { EXPECT_FALSE(backend_.by_name("alice")->api); });
}

TEST_F(AdminChangesTest, SetWhatADongleIs) {
  const std::string path = "/api/admin/dongles/ten";
  const auto changed = admin("PATCH", path,
                             R"({"isp":"O2","dns":["9.9.9.9"],"gateway":null,"driver":"none",)"
                             R"("options":{},"interface":"wwan9"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  const Json dongle = Json::parse(changed.body);
  EXPECT_EQ(dongle["isp"], "O2");
  EXPECT_EQ(dongle["dns"].dump(), R"(["9.9.9.9"])");
  EXPECT_EQ(dongle["gateway"], nullptr);
  EXPECT_EQ(dongle["driver"], "none");
  EXPECT_EQ(dongle["interface"], "wwan9");
  const auto refused =
      admin("PATCH", path, R"({"name":"x","driver":"magic","gateway":"here","interface":"a b"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(error(refused)["fields"].size(), 4U) << refused.body;
  EXPECT_EQ(admin("PATCH", "/api/admin/dongles/nobody", "{}").status, 404);
}

TEST_F(AdminChangesTest, SetASchedule) {
  const std::string path = "/api/admin/schedules/9042";
  EXPECT_EQ(admin("GET", path).body,
            R"({"proxy":9042,"ext_ip_upd_interval":"60-90","ext_ip_upd_calendar":"",)"
            R"("next_rotation_at":"2026-09-21T14:13:20Z",)"
            R"("last_rotation_at":"2026-05-28T20:26:40Z"})");
  const auto changed =
      admin("PATCH", path, R"({"ext_ip_upd_interval":null,"ext_ip_upd_calendar":"daily"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  on_server([this] {
    EXPECT_EQ(backend_.proxy(9042)->ext_ip_upd_interval, std::nullopt);
    EXPECT_EQ(backend_.proxy(9042)->ext_ip_upd_calendar, "daily");
  });
  const auto refused = admin("PATCH", path, R"({"ext_ip_upd_interval":"x","comment":"y"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(error(refused)["fields"].size(), 2U) << refused.body;
}

TEST_F(AdminChangesTest, CanBePlannedWithFilters) {
  const auto count = [this](const std::string& query) {
    return Json::parse(admin("GET", "/api/admin/" + query).body)["count"].get<int>();
  };
  EXPECT_EQ(count("proxies?user=alice"), 2);
  EXPECT_EQ(count("proxies?user=alice&dongle=ten"), 1);
  EXPECT_EQ(count("proxies?port=20114"), 1);
  EXPECT_EQ(count("proxies?isp=Vodafone"), 1);
  EXPECT_EQ(count("proxies?comment=nothing"), 0);
  EXPECT_EQ(count("users?admin=true"), 1);
  EXPECT_EQ(count("dongles?driver=hilink&state=up"), 1);
  EXPECT_EQ(count("schedules?planned=no"), 1);
  EXPECT_EQ(admin("GET", "/api/admin/dongles?state=odd").status, 422);
}

TEST_F(AdminChangesTest, AConditionThatCannotBeHeldAgainstAnythingIsRefused) {
  const std::string top = proxy_ + "/top";
  EXPECT_EQ(ask_admin("DELETE", top, "If-Match: \"x\"\r\n").status, 412);
  EXPECT_EQ(ask_admin("DELETE", proxy_ + "/link", "If-Match: \"x\"\r\n").status, 412);
  EXPECT_TRUE(log().empty());
  EXPECT_EQ(ask_admin("DELETE", top, "If-Match: *\r\n").status, 200);
  EXPECT_EQ(ask_admin("DELETE", top, "").status, 200);
}

}  // namespace
}  // namespace airlane::test
