// Who is calling: cookies, keys, logging in and out.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

using SessionsTest = ApiTest;

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
  const auto answer = ask("POST", "/api/logout/", "Cookie: sessionid=alice-session\r\n");

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
  EXPECT_EQ(ask("POST", "/api/login/", std::string(kForm) + "Origin: http://test\r\n", body).status,
            200);
}

}  // namespace
}  // namespace airlane::test
