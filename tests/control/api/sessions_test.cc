// Who is calling: cookies, keys, logging in and out.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class SessionsTest : public ApiTest {
 protected:
  // What the answer to a log-in says the session's forms must bring.
  std::string token() {
    const auto answer = ask("POST", "/api/login/", {}, "username=alice&password=secret");
    const auto at = answer.head.find("csrftoken=");
    return at == std::string::npos ? "" : answer.head.substr(at + 10, 64);
  }
};

constexpr const char* kForm = "Content-Type: application/x-www-form-urlencoded\r\n";
constexpr const char* kJson = "Content-Type: application/json; charset=utf-8\r\n";

TEST_F(SessionsTest, TurnAwayWhoeverSaysNothing) {
  for (const char* endpoint : {"get_key", "change_ip", "ext_ip", "traffic", "reboot", "list"}) {
    const auto answer = get("/api/proxy/" + std::string(endpoint) + "/?id=9042");
    EXPECT_EQ(answer.status, 403) << endpoint;
    EXPECT_EQ(answer.body, R"({"detail":"Authentication credentials were not provided."})");
  }
}

TEST_F(SessionsTest, TurnAwayAWrongKey) {
  const auto answer = get("/api/proxy/list/?key=wrong");

  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, R"({"detail":"Invalid API key."})");
}

TEST_F(SessionsTest, TakeAKeyFromAHeaderToo) {
  EXPECT_EQ(get("/api/proxy/list/", "X-API-Key: alice-key\r\n").status, 200);
  EXPECT_EQ(get("/api/proxy/list/", "Authorization: Bearer alice-key\r\n").status, 200);
  EXPECT_EQ(get("/api/proxy/list/", "Authorization: Basic alice-key\r\n").status, 403);
}

TEST_F(SessionsTest, DoNotLookAtTheKeyBesideASession) {
  const char* const cookie = "Cookie: a=b; sessionid=alice-session\r\n";
  EXPECT_EQ(get("/api/proxy/list/?key=wrong", cookie).status, 200);
  EXPECT_EQ(Json::parse(get("/api/proxy/list/?key=bob-key", cookie).body)["count"], 2);
  EXPECT_EQ(get("/api/proxy/list/?key=alice-key", "Cookie: sessionid=old\r\n").status, 200);
  EXPECT_EQ(get("/api/proxy/list/", "Cookie: sessionid=old\r\n").body,
            R"({"detail":"Authentication credentials were not provided."})");
}

TEST_F(SessionsTest, BeginWithAFormOrJson) {
  for (const auto& [type, body] : {std::pair{kForm, "username=alice&password=secret"},
                                   {kJson, R"({"username": "alice", "password": "secret"})"},
                                   {"", "username=alice&password=secret"}}) {
    const auto answer = ask("POST", "/api/login/", type, body);
    EXPECT_EQ(answer.status, 200) << type;
    EXPECT_EQ(answer.body, R"({"success":true})");
    EXPECT_EQ(answer.field("Set-Cookie"),
              "sessionid=alice-session; HttpOnly; SameSite=Strict; Path=/");
  }
}

TEST_F(SessionsTest, RefuseAWrongPassword) {
  const auto answer = ask("POST", "/api/login/", kForm, "username=alice&password=wrong");

  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.body, R"({"detail":"Invalid username/password."})");
  EXPECT_EQ(answer.field("Set-Cookie"), "");
}

TEST_F(SessionsTest, SayWhatIsWrongWithTheBody) {
  EXPECT_EQ(ask("POST", "/api/login/", kForm, "username=alice").status, 400);
  EXPECT_EQ(ask("POST", "/api/login/", kJson, "{\"username\": 1}").status, 400);
  EXPECT_EQ(ask("POST", "/api/login/", kJson, "[1]").status, 400);
  const auto broken = ask("POST", "/api/login/", kJson, "{");
  EXPECT_EQ(broken.status, 400);
  EXPECT_TRUE(broken.body.starts_with(R"({"detail":"JSON parse error - )")) << broken.body;
  const auto text = ask("POST", "/api/login/", "Content-Type: text/plain\r\n", "x");
  EXPECT_EQ(text.status, 415);
  EXPECT_EQ(text.body, R"({"detail":"Unsupported media type \"text/plain\" in request."})");
}

TEST_F(SessionsTest, AskToComeBackWhenManyLogIn) {
  const auto answer = ask("POST", "/api/login/", kForm, "username=busy&password=x");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("Retry-After"), "1");
}

TEST_F(SessionsTest, EndWithLoggingOut) {
  const std::string cookie = "Cookie: sessionid=alice-session\r\n";
  const auto answer = ask("POST", "/api/logout/", cookie + "X-CSRFToken: " + token() + "\r\n");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Set-Cookie"), "sessionid=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
  EXPECT_EQ(get("/api/proxy/list/", "Cookie: sessionid=alice-session\r\n").status, 403);
}

TEST_F(SessionsTest, RefuseFormsOfOtherSites) {
  const std::string body = "username=alice&password=secret";
  const auto evil = std::string(kForm) + "Origin: https://evil.example\r\n";
  EXPECT_EQ(ask("POST", "/api/login/", evil, body).status, 403);
  EXPECT_EQ(ask("POST", "/api/login/", std::string(kForm) + "Origin: null\r\n", body).status, 403);
  EXPECT_EQ(ask("POST", "/api/logout/", "Origin: https://evil.example\r\n").status, 403);
  EXPECT_EQ(ask("POST", "/api/login/", std::string(kJson) + "Origin: http://test\r\n",
                R"({"username": "alice", "password": "secret"})")
                .status,
            200);
}

TEST_F(SessionsTest, AskABrowsersFormForItsToken) {
  const std::string body = "username=alice&password=secret";
  const std::string mine = std::string(kForm) + "Origin: http://test\r\n";
  const auto form = get("/api/login/", "Accept: text/html\r\n");
  EXPECT_EQ(form.status, 200);
  const std::string cookie = form.field("Set-Cookie");
  ASSERT_TRUE(cookie.starts_with("csrftoken=")) << form.head;
  const std::string value = cookie.substr(10, 64);
  EXPECT_NE(form.body.find("name=\"csrf_token\" value=\"" + value + "\""), std::string::npos);

  const auto without = ask("POST", "/api/login/", mine, body);
  EXPECT_EQ(without.status, 403);
  EXPECT_EQ(without.body, R"({"detail":"CSRF Failed: CSRF token missing or incorrect."})");
  const std::string with_cookie = mine + "Cookie: csrftoken=" + value + "\r\n";
  EXPECT_EQ(ask("POST", "/api/login/", with_cookie, body).status, 403);
  EXPECT_EQ(ask("POST", "/api/login/", with_cookie, body + "&csrf_token=" + value).status, 200);
  const std::string own = mine + "Cookie: csrftoken=x\r\n";
  EXPECT_EQ(ask("POST", "/api/login/", own, body + "&csrf_token=x").status, 403)
      << "a cookie that is no token of ours";
}

TEST_F(SessionsTest, AskWhoeverPostsWithASessionForItsToken) {
  const std::string cookie = "Cookie: sessionid=alice-session\r\n";
  EXPECT_EQ(ask("POST", "/api/logout/", cookie).status, 403);
  EXPECT_EQ(
      ask("POST", "/api/logout/", cookie + kForm, "csrf_token=" + std::string(64, 'a')).status,
      403);
  EXPECT_EQ(ask("POST", "/api/logout/", cookie + kForm, "csrf_token=" + token()).status, 200);
  EXPECT_EQ(ask("POST", "/api/logout/").status, 200) << "there is nothing to end";
}

TEST_F(SessionsTest, AreNotUsedByPagesOfOtherSites) {
  const std::string cookie = "Cookie: sessionid=alice-session\r\n";
  for (const char* site : {"cross-site", "same-site"}) {
    const std::string from = cookie + "Sec-Fetch-Site: " + site + "\r\n";
    for (const char* target : {"/api/proxy/change_ip/?id=9042", "/api/proxy/reboot/?id=9042"}) {
      EXPECT_EQ(get(target, from).status, 403) << site << target;
    }
    EXPECT_EQ(get("/api/proxy/list/", from).status, 200)
        << "nothing is done, and it cannot be read";
  }
  EXPECT_EQ(log(), std::vector<std::string>{});
  EXPECT_EQ(get("/api/proxy/reboot/?id=9042", cookie + "Sec-Fetch-Site: none\r\n").status, 200);
}

TEST_F(SessionsTest, LeadABrowserOn) {
  const std::string form = std::string(kForm) + "Accept: text/html\r\n";
  const auto in = ask("POST", "/api/login/", form, "username=alice&password=secret");
  EXPECT_EQ(in.status, 303);
  EXPECT_EQ(in.field("Location"), "/api/proxy/");
  const auto page = get("/api/proxy/", "Accept: text/html\r\nCookie: sessionid=alice-session\r\n");
  EXPECT_NE(page.body.find("<span>alice</span>"), std::string::npos);
  EXPECT_NE(page.body.find("action=\"/api/logout/\""), std::string::npos);
  EXPECT_NE(page.body.find("value=\"" + token() + "\""), std::string::npos);
  const auto out = ask("POST", "/api/logout/", form + "Cookie: sessionid=alice-session\r\n",
                       "csrf_token=" + token());
  EXPECT_EQ(out.status, 303);
  EXPECT_EQ(out.field("Location"), "/api/login/");
}

TEST_F(SessionsTest, AreNotBegunByWhoeverGuesses) {
  const std::string wrong = "username=alice&password=wrong";
  const std::string right = "username=alice&password=secret";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ask("POST", "/api/login/", kForm, wrong).status, 403);

  const auto refused = ask("POST", "/api/login/", kForm, right);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.field("Retry-After"), "60");
  EXPECT_EQ(refused.body,
            R"({"detail":"Too many wrong passwords. Expected available in 60 seconds."})");
  EXPECT_EQ(ask("POST", "/api/login/", kForm, "username=bob&password=x").status, 403)
      << "another name";
  pass(59'500ms);
  EXPECT_EQ(ask("POST", "/api/login/", kForm, right).field("Retry-After"), "1");
  pass(500ms);
  EXPECT_EQ(ask("POST", "/api/login/", kForm, right).status, 200);
}

TEST_F(SessionsTest, DoNotLetWhoMayNotUseTheApi) {
  admin("PATCH", "/api/admin/users/alice", R"({"api": false})");
  const std::string refusal = R"({"success":false,"error":"You are not allowed to use API."})";
  const std::string cookie = "Cookie: sessionid=alice-session\r\n";
  for (const char* endpoint : {"get_key", "change_ip", "ext_ip", "traffic", "reboot", "list"}) {
    const auto target = "/api/proxy/" + std::string(endpoint) + "/?id=9042";
    for (const auto& answer : {get(target, cookie), get(target + "&key=alice-key")}) {
      EXPECT_EQ(answer.status, 403) << endpoint;
      EXPECT_EQ(answer.body, refusal) << endpoint;
    }
  }
  EXPECT_EQ(log(), std::vector<std::string>{});
  EXPECT_EQ(admin("PATCH", "/api/admin/users/alice", R"({"api": true})").status, 200);
  EXPECT_EQ(get("/api/proxy/get_key/", cookie).body, R"({"success":true,"key":"alice-key"})");
  EXPECT_EQ(admin("PATCH", "/api/admin/users/nobody", R"({"api": true})").status, 404);
  EXPECT_EQ(admin("PATCH", "/api/admin/users/alice", R"({"api": 1})").status, 422);
}

}  // namespace
}  // namespace airlane::test
