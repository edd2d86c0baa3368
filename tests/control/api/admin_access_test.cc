// The admin API over TCP: for admins, by session or key.
#include <regex>

#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class AdminAccessTest : public ApiTest {
 protected:
  static constexpr const char* kBob = "X-API-Key: bob-key\r\n";
  static constexpr const char* kSession = "Cookie: sessionid=bob-session\r\n";

  void expect_denied(const HttpAnswer& answer, const std::string& message) {
    EXPECT_EQ(answer.status, 403) << answer.body;
    const Json error = Json::parse(answer.body)["error"];
    EXPECT_EQ(error["code"], "denied");
    EXPECT_THAT(error["message"].get<std::string>(), ::testing::HasSubstr(message));
  }
  // What the page of a form says; it is bound to the session.
  std::string form_token() {
    const std::string page = get("/api/proxy/link/?format=api", kSession).body;
    std::smatch found;
    std::regex_search(page, found, std::regex("csrf_token\" value=\"([0-9a-f]+)"));
    return found[1];
  }
};

TEST_F(AdminAccessTest, IsForAdminsOnly) {
  const std::string users = "/api/admin/users";
  EXPECT_EQ(get(users, kBob).body, admin("GET", users).body);
  EXPECT_EQ(get(users, "Authorization: Bearer bob-key\r\n").status, 200);
  EXPECT_EQ(get(users + "?key=bob-key").status, 200);
  EXPECT_EQ(get(users, kSession).status, 200);
  EXPECT_EQ(get("/api/admin/metrics", kBob).body, "airlane_lanes 3\n");
  expect_denied(get(users), "not provided");
  expect_denied(get(users, "X-API-Key: nobody's\r\n"), "Invalid API key");
  expect_denied(get(users, "X-API-Key: alice-key\r\n"), "admins");
  expect_denied(get(users, "Cookie: sessionid=alice-session\r\n"), "admins");
  expect_denied(get("/api/admin/nothing"), "not provided");
  on_server([this] { backend_.user_rows[2].api = false; });
  expect_denied(get(users, kBob), "not allowed to use API");
}

TEST_F(AdminAccessTest, ByASessionNeedsTheFormTokenWhereSomethingChanges) {
  const std::string proxy = "/api/admin/proxies/9042";
  const std::string body = R"({"comment":"new"})";
  expect_denied(ask("PATCH", proxy, kSession, body), "CSRF token");
  expect_denied(ask("PATCH", proxy, std::string(kSession) + "X-CSRFToken: wrong\r\n", body),
                "CSRF token");
  const std::string with_token = std::string(kSession) + "X-CSRFToken: " + form_token() + "\r\n";
  expect_denied(ask("PATCH", proxy, with_token + "Origin: http://evil.example\r\n", body),
                "another site");
  expect_denied(ask("DELETE", proxy, with_token + "Sec-Fetch-Site: cross-site\r\n"),
                "another site");
  EXPECT_EQ(backend_.changes, 0);
  EXPECT_EQ(ask("PATCH", proxy, with_token, body).status, 200);
  EXPECT_EQ(ask("PATCH", proxy, kBob, body).status, 200) << "no browser sends a key by itself";
}

TEST_F(AdminAccessTest, RefusesFieldsWhereNoneIsRead) {
  for (const char* path : {"reboot", "link"}) {
    const auto answer =
        ask("POST", "/api/admin/proxies/9042/" + std::string(path), kBob, R"({"x":1})");
    EXPECT_EQ(answer.status, 422) << path;
    EXPECT_EQ(Json::parse(answer.body)["error"]["field"], "x");
    EXPECT_EQ(ask("POST", "/api/admin/proxies/9042/" + std::string(path), kBob, "{}").status / 100,
              2);
  }
}

TEST_F(AdminAccessTest, SaysOfAKeyAllThatIsWrong) {
  const auto answer = ask("POST", "/api/admin/keys", kBob,
                          R"({"user":"nobody","name":"a b","scopes":["read"],)"
                          R"("expires_at":"2020-01-01T00:00:00Z"})");
  EXPECT_EQ(answer.status, 422);
  std::string fields;
  const Json error = Json::parse(answer.body)["error"];
  for (const Json& wrong : error["fields"]) fields += wrong["field"].get<std::string>() + " ";
  EXPECT_EQ(fields, "name expires_at user ") << answer.body;
  const auto backup = ask("POST", "/api/admin/server/backup", kBob, R"({"file":"relative"})");
  EXPECT_EQ(Json::parse(backup.body)["error"]["field"], "file");
}

TEST_F(AdminAccessTest, DoesNotBelieveWhoTriesKeys) {
  const std::string users = "/api/admin/users";
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(get(users, "X-API-Key: " + std::to_string(i) + "\r\n").status, 403);
  }
  const auto refused = get(users, kBob);
  EXPECT_EQ(refused.status, 429) << "not even the right one";
  EXPECT_EQ(refused.field("Retry-After"), "60");
  EXPECT_EQ(Json::parse(refused.body)["error"]["code"], "throttled");
  EXPECT_EQ(get(users, kSession).status, 200) << "who is logged in has not been guessing";
  EXPECT_EQ(admin("GET", users).status, 200);
  pass(61s);
  EXPECT_EQ(get(users, kBob).status, 200);
}

}  // namespace
}  // namespace airlane::test
