// Named keys: making them, what their scopes allow, how they end.
#include "control/api/routes.h"
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class KeysTest : public ApiTest {
 protected:
  static constexpr const char* kSession = "Cookie: sessionid=alice-session\r\n";
  static constexpr const char* kForm = "Content-Type: application/x-www-form-urlencoded\r\n";

  std::string token() {
    const auto page = get("/api/proxy/keys/?format=api", kSession).body;
    const auto at = page.find("name=\"csrf_token\" value=\"", page.find("class=\"options\""));
    return at == std::string::npos ? "" : page.substr(at + 25, 64);
  }
  HttpAnswer post(const std::string& target, const std::string& fields) {
    return ask("POST", target, std::string(kSession) + kForm, fields + "&csrf_token=" + token());
  }
  // A key of alice's that is there already.
  void give(const std::string& scopes, std::optional<WallSeconds> expires = {}) {
    on_server([&] {
      backend_.key_rows[7] = {7, 1, "k", "the-key", scopes, from_unix(1598300000), expires, {}};
      return 0;
    });
  }
};

TEST_F(KeysTest, AreMadeByWhoIsLoggedInAndToldOnce) {
  const auto made = post("/api/proxy/keys/", "name=ci&scopes=rotate+read&expires=2026-03-01");
  EXPECT_EQ(made.body,
            R"({"success":true,"key":"key-1","id":1,"name":"ci","scopes":["read","rotate"],)"
            R"("created_at":"2020-08-24T20:13:20Z","expires_at":"2026-03-01T00:00:00Z",)"
            R"("last_used_at":null})");
  EXPECT_EQ(get("/api/proxy/keys/", kSession).body,
            R"({"keys":[{"id":1,"name":"ci","scopes":["read","rotate"],)"
            R"("created_at":"2020-08-24T20:13:20Z","expires_at":"2026-03-01T00:00:00Z",)"
            R"("last_used_at":null}],"count":1,"success":true})");
  EXPECT_EQ(Json::parse(post("/api/proxy/keys/", "name=x").body)["scopes"], Json({"read"}));
  EXPECT_EQ(Json::parse(post("/api/proxy/keys/", "name=y&expires=90d").body)["expires_at"],
            "2020-11-23T01:20:36Z");
}

TEST_F(KeysTest, AreNotMadeByAKeyNorWithoutTheFormsToken) {
  give("read rotate reboot admin");
  for (const char* key : {"the-key", "alice-key"}) {
    const std::string header = "X-API-Key: " + std::string(key) + "\r\n";
    for (const auto& answer :
         {get("/api/proxy/keys/", header), ask("POST", "/api/proxy/keys/?name=x", header),
          ask("POST", "/api/proxy/keys/revoke/?id=7", header)}) {
      EXPECT_EQ(answer.status, 403);
      EXPECT_EQ(answer.body, R"({"detail":"Log in for this: it is not for keys."})");
    }
  }
  EXPECT_EQ(ask("POST", "/api/proxy/keys/?name=x", kSession).body,
            R"({"detail":"CSRF Failed: CSRF token missing or incorrect."})");
  EXPECT_EQ(on_server([this] { return backend_.key_rows.size(); }), 1U);
}

TEST_F(KeysTest, AreRefusedWithASentence) {
  for (const auto& [fields, sentence] :
       {std::pair{"scopes=read", "The option \\\"name\\\" is required."},
        {"name=x&scopes=all",
         "The option \\\"scopes\\\" must be some of read, rotate, reboot and admin."},
        {"name=x&scopes=admin", "The scope \\\"admin\\\" is for keys of admin users only."},
        {"name=x&expires=soon",
         "The option \\\"expires\\\" must be Unix time, ISO 8601, or a span such as "
         "\\\"90d\\\"."}}) {
    const auto answer = post("/api/proxy/keys/", fields);
    EXPECT_EQ(answer.status, 400) << fields;
    EXPECT_EQ(answer.body, R"({"detail":")" + std::string(sentence) + R"("})");
  }
  EXPECT_EQ(post("/api/proxy/keys/revoke/", "").status, 400);
  EXPECT_EQ(post("/api/proxy/keys/revoke/", "id=nonsense").status, 404);
}

TEST_F(KeysTest, AreTakenInEachOfTheThreePlaces) {
  give("read");
  EXPECT_EQ(get("/api/proxy/list/?key=the-key").status, 200);
  EXPECT_EQ(get("/api/proxy/list/", "X-API-Key: the-key\r\n").status, 200);
  EXPECT_EQ(get("/api/proxy/list/", "Authorization: Bearer the-key\r\n").status, 200);
}

TEST_F(KeysTest, MayDoWhatTheirScopesSay) {
  struct Row {
    const char* method;
    const char* path;
    const char* scope;
  };
  for (const auto& [method, path, scope] :
       {Row{"GET", "list", "read"}, Row{"GET", "traffic", "read"}, Row{"GET", "ext_ip", "read"},
        Row{"GET", "change_ip", "rotate"}, Row{"POST", "link", "rotate"},
        Row{"POST", "unlink", "rotate"}, Row{"GET", "reboot", "reboot"}}) {
    for (const char* has : {"read", "rotate", "reboot", "admin"}) {
      give(has);
      const auto target = "/api/proxy/" + std::string(path) + "/?id=9042&key=the-key";
      const auto answer = ask(method, target);
      if (std::string_view(has) == scope) {
        EXPECT_EQ(answer.status, 200) << path;
        continue;
      }
      EXPECT_EQ(answer.status, 403) << path << " with " << has;
      EXPECT_EQ(answer.body, R"({"detail":"This API key may not do this: it lacks the scope \")" +
                                 std::string(scope) + R"(\"."})");
    }
  }
}

TEST_F(KeysTest, OpenTheAdminApiByTheScopeAdmin) {
  const auto status = [&](const char* scopes, const char* method, const std::string& path) {
    on_server([&] {
      backend_.key_rows[7] = {7, 2, "k", "the-key", scopes, from_unix(1598300000), {}, {}};
      return 0;
    });
    return ask(method, "/api/admin/" + path + "?key=the-key").status;
  };
  for (const char* path : {"users", "metrics", "server"}) {
    EXPECT_EQ(status("admin", "GET", path), 200) << path;
  }
  EXPECT_EQ(status("read", "GET", "metrics"), 200) << "for whoever watches";
  EXPECT_EQ(status("read", "GET", "users"), 403);
  EXPECT_EQ(status("rotate", "GET", "metrics"), 403);
  for (const char* path : {"proxies/9042/rotate", "proxies/9042/reboot"}) {
    EXPECT_EQ(status("read rotate reboot", "POST", path), 403) << "of everybody's proxies";
  }
  EXPECT_EQ(status("admin", "POST", "proxies/9042/rotate"), 200);
}

TEST_F(KeysTest, OfAnEndpointThatActsNeedMoreThanToRead) {
  for (const api::Route& route : api::routes()) {
    if (!route.acts || !route.needs_user || route.needs_session) continue;
    EXPECT_NE(route.scope, Scope::kRead) << route.path;
  }
}

TEST_F(KeysTest, EndAtTheirTimeAndAtOnce) {
  give("read", from_unix(1598318437));  // The clock of the fixture shows a second less.
  EXPECT_EQ(get("/api/proxy/list/?key=the-key").status, 200);
  give("read", from_unix(1598318436));
  const auto expired = get("/api/proxy/list/?key=the-key");
  EXPECT_EQ(expired.status, 403);
  EXPECT_EQ(expired.body, R"({"detail":"This API key has expired."})");
  give("read");
  EXPECT_EQ(post("/api/proxy/keys/revoke/", "id=7").body, R"({"success":true,"id":7})");
  EXPECT_EQ(get("/api/proxy/list/?key=the-key").body, R"({"detail":"Invalid API key."})");
}

TEST_F(KeysTest, AreNotSeenOrRevokedByOthers) {
  on_server([&] {
    backend_.key_rows[8] = {8, 2, "bobs", "bobs", "read", from_unix(1598300000), {}, {}};
    return 0;
  });
  EXPECT_EQ(Json::parse(get("/api/proxy/keys/", kSession).body)["count"], 0);
  const auto answer = post("/api/proxy/keys/revoke/", "id=8");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.body, R"({"detail":"You have no key with this id."})");
  EXPECT_EQ(get("/api/proxy/list/?key=bobs").status, 200);
}

TEST_F(KeysTest, SayWhenTheyWereUsedLast) {
  give("rotate");
  const auto last = [&] {
    return Json::parse(get("/api/proxy/keys/", kSession).body)["keys"][0]["last_used_at"];
  };
  EXPECT_EQ(last(), Json(nullptr));
  get("/api/proxy/list/?key=the-key");
  EXPECT_EQ(last(), "2020-08-25T01:20:36Z") << "also when it lacked the scope";
}

TEST_F(KeysTest, AreOfNoUseToWhomTheApiIsSwitchedOff) {
  give("read");
  admin("PATCH", "/api/admin/users/alice", R"({"api": false})");
  EXPECT_EQ(get("/api/proxy/list/?key=the-key").body,
            R"({"success":false,"error":"You are not allowed to use API."})");
}

TEST_F(KeysTest, AreTheAdministratorsToo) {
  const auto made = admin("POST", "/api/admin/keys",
                          R"({"user": "bob", "name": "cli", "scopes": ["admin", "read"],)"
                          R"( "expires_at": "2026-03-01T00:00:00Z"})");
  EXPECT_EQ(made.status, 201);
  const std::string row =
      R"("id":1,"name":"cli","scopes":["read","admin"],"created_at":"2020-08-24T20:13:20Z",)"
      R"("expires_at":"2026-03-01T00:00:00Z","last_used_at":null,"user":"bob")";
  EXPECT_EQ(made.body, "{" + row + R"(,"key":"key-1"})");
  EXPECT_EQ(get("/api/proxy/list/?key=key-1").status, 200);
  EXPECT_EQ(Json::parse(admin("GET", "/api/admin/keys?user=alice").body)["count"], 0);
  EXPECT_EQ(Json::parse(admin("GET", "/api/admin/keys?user=bob").body)["count"], 1);
  EXPECT_EQ(admin("DELETE", "/api/admin/keys/1").body, R"({"success":true})");
  EXPECT_EQ(get("/api/proxy/list/?key=key-1").body, R"({"detail":"Invalid API key."})");
  EXPECT_EQ(admin("DELETE", "/api/admin/keys/1").status, 404);
}

TEST_F(KeysTest, OfTheAdministratorAreRefusedWithEveryFieldThatIsWrong) {
  for (const auto& [body, field] :
       {std::pair{R"({"user": "nobody", "name": "x", "scopes": ["read"]})", "user"},
        {R"({"user": "bob", "name": "x", "scopes": ["write"]})", "scopes"},
        {R"({"user": "bob", "name": "x", "scopes": []})", "scopes"},
        {R"({"user": "alice", "name": "x", "scopes": ["admin"]})", "scopes"},
        {R"({"user": "bob", "scopes": ["read"]})", "name"}}) {
    const auto answer = admin("POST", "/api/admin/keys", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_EQ(Json::parse(answer.body)["error"]["field"], field) << answer.body;
  }
}

TEST_F(KeysTest, HaveAPageWithAFormToMakeOne) {
  const auto page = get("/api/proxy/keys/?format=api", kSession);
  EXPECT_EQ(page.field("Allow"), "GET, POST, HEAD, OPTIONS");
  EXPECT_NE(page.body.find("method=\"post\" action=\"/api/proxy/keys/\""), std::string::npos);
  EXPECT_NE(page.body.find("<input id=\"name\" name=\"name\" type=\"text\" required>"),
            std::string::npos);
  EXPECT_EQ(ask("DELETE", "/api/proxy/keys/", kSession).status, 405);
}

}  // namespace
}  // namespace airlane::test
