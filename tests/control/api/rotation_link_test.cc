// The link that rotates a proxy for whoever has it.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class RotationLinkTest : public ApiTest {
 protected:
  static constexpr const char* kForm = "Content-Type: application/x-www-form-urlencoded\r\n";
  std::string make(const std::string& options = "?id=9042&key=alice-key") {
    return ask("POST", "/api/proxy/link/" + options).body;
  }
};

TEST_F(RotationLinkTest, IsMadeByTheOwnerOfTheProxy) {
  EXPECT_EQ(make(), R"({"success":true,"url":"/r/token-1/","id":9042})");
  EXPECT_EQ(ask("POST", "/api/proxy/link/", kForm, "id=9717&key=alice-key").body,
            R"({"success":true,"url":"/r/token-2/","id":9717})");
  EXPECT_EQ(make("?id=123&key=alice-key"), "No such proxy");
  EXPECT_EQ(ask("POST", "/api/proxy/link/?id=9042").status, 403);
  EXPECT_EQ(get("/api/proxy/link/?id=9042&key=alice-key").status, 405);
}

TEST_F(RotationLinkTest, RotatesWithoutAKeyByGetAndByPost) {
  make();
  EXPECT_EQ(get("/r/token-1/").body, R"({"success":true,"new_ip":"203.0.113.177","id":9042})");
  pass(5s);
  EXPECT_EQ(ask("POST", "/r/token-1").body,
            R"({"success":true,"new_ip":"203.0.113.177","id":9042})");
  pass(5s);
  EXPECT_EQ(get("/r/token-1/?show_old_ip=1").body,
            R"({"success":true,"new_ip":"203.0.113.177","old_ip":"203.0.113.80","id":9042})");
  EXPECT_EQ(log(), (std::vector<std::string>(3, "rotate 9042")));
}

TEST_F(RotationLinkTest, IgnoresNothingThatIsPosted) {
  make();
  for (const char* type : {"application/json", "multipart/form-data; boundary=x", "text/plain"}) {
    const auto header = "Content-Type: " + std::string(type) + "\r\n";
    const auto answer = ask("POST", "/r/token-1/", header, R"({"show_old_ip":true})");
    EXPECT_EQ(answer.status, 415) << type;
    EXPECT_EQ(answer.body.find(R"({"detail":"Unsupported media type \")"), 0U) << answer.body;
    EXPECT_EQ(ask("POST", "/api/proxy/link/?id=9042&key=alice-key", header, "{}").status, 415);
  }
  EXPECT_EQ(log(), std::vector<std::string>{}) << "nothing was rotated";
  EXPECT_EQ(ask("POST", "/r/token-1/", kForm, "show_old_ip=1").body,
            R"({"success":true,"new_ip":"203.0.113.177","old_ip":"203.0.113.80","id":9042})");
}

TEST_F(RotationLinkTest, DoesNothingForWhomItHasNoForm) {
  make();
  for (const char* method : {"GET", "POST", "HEAD"}) {
    const auto none = ask(method, "/r/token-1/?format=xml");
    EXPECT_EQ(none.status, 404);
    const auto not_taken = ask(method, "/r/token-1/", "Accept: text/plain\r\n");
    EXPECT_EQ(not_taken.status, 406);
    EXPECT_EQ(ask(method, "/r/token-1/?format=json", "Accept: text/html\r\n").status, 406);
    if (method == std::string_view("HEAD")) continue;
    EXPECT_EQ(none.body, R"({"detail":"Not found."})");
    EXPECT_EQ(not_taken.body, R"({"detail":"Could not satisfy the request Accept header."})");
  }
  EXPECT_EQ(ask("POST", "/r/token-1/", kForm, "format=xml").status, 404);
  EXPECT_EQ(log(), std::vector<std::string>{}) << "nothing was rotated";
}

TEST_F(RotationLinkTest, AnswersABrowserByJsonToo) {
  make();
  for (const auto& [query, accept] : std::vector<std::pair<std::string, std::string>>{
           {"", "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n"},
           {"", "Accept: text/html\r\n"},
           {"", "Accept: */*\r\n"},
           {"?format=json", ""},
           {"?format=api", "Accept: text/html\r\n"}}) {
    const auto answer = ask("GET", "/r/token-1/" + query, accept);
    EXPECT_EQ(answer.status, 200) << query << accept;
    EXPECT_EQ(answer.field("Content-Type"), "application/json") << query << accept;
    EXPECT_EQ(answer.body, R"({"success":true,"new_ip":"203.0.113.177","id":9042})");
    pass(5s);
  }
  EXPECT_EQ(log(), (std::vector<std::string>(5, "rotate 9042")));
}

TEST_F(RotationLinkTest, SharesTheThrottleWithTheApi) {
  make();
  get("/api/proxy/change_ip/?id=9042&key=alice-key");

  const auto answer = get("/r/token-1/");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.field("Retry-After"), "5");
  EXPECT_EQ(answer.body, R"({"detail":"Request was throttled. Expected available in 5 seconds."})");
}

TEST_F(RotationLinkTest, StoresNoFingerprint) {
  make();
  EXPECT_EQ(get("/r/token-1/?fp=reset&fp=*:64:0:*:1,1:mss::0").status, 200);
  EXPECT_EQ(on_server([this] { return backend_.changes; }), 0);
}

TEST_F(RotationLinkTest, DoesNothingForHeadAndNothingElseIsAllowed) {
  make();
  EXPECT_EQ(ask("HEAD", "/r/token-1/").status, 200);
  const auto answer = ask("DELETE", "/r/token-1/");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.field("Allow"), "GET, POST, HEAD, OPTIONS");
  EXPECT_EQ(log(), std::vector<std::string>{});
}

TEST_F(RotationLinkTest, IsWorthNothingOnceItIsReplacedOrRevoked) {
  make();
  make();
  for (const char* token : {"token-1", "", "x", "token-2/x", "%00"}) {
    const auto answer = get("/r/" + std::string(token) + "/");
    EXPECT_EQ(answer.status, 404) << token;
    EXPECT_EQ(answer.body, R"({"detail":"Not found."})") << token;
  }
  EXPECT_EQ(get("/r/token-2/").status, 200);
  EXPECT_EQ(ask("POST", "/api/proxy/unlink/?id=9042&key=alice-key").body,
            R"({"success":true,"id":9042})");
  EXPECT_EQ(get("/r/token-2/").status, 404);
}

TEST_F(RotationLinkTest, EndsWithItsProxyAndWithItsOwnersApi) {
  make();
  admin("PATCH", "/api/admin/users/alice", R"({"api": false})");
  EXPECT_EQ(get("/r/token-1/").status, 403);
  admin("PATCH", "/api/admin/users/alice", R"({"api": true})");
  admin("DELETE", "/api/admin/proxies/9042");
  EXPECT_EQ(get("/r/token-1/").status, 404);
}

TEST_F(RotationLinkTest, NeedsTheFormTokenOfASession) {
  const std::string cookie = "Cookie: sessionid=alice-session\r\n";
  const auto refused = ask("POST", "/api/proxy/link/?id=9042", cookie);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.body, R"({"detail":"CSRF Failed: CSRF token missing or incorrect."})");
  const auto form = get("/api/proxy/link/?format=api", cookie).body;
  const auto at = form.find("name=\"csrf_token\" value=\"", form.find("class=\"options\""));
  ASSERT_NE(at, std::string::npos);
  const std::string token = form.substr(at + 25, 64);
  EXPECT_EQ(ask("POST", "/api/proxy/link/", cookie + kForm, "id=9042&csrf_token=" + token).status,
            200);
}

TEST_F(RotationLinkTest, IsTheAdministratorsToo) {
  EXPECT_EQ(admin("POST", "/api/admin/proxies/123/link").body, R"({"url":"/r/token-1/","id":123})");
  EXPECT_EQ(get("/r/token-1/").status, 200);
  EXPECT_EQ(admin("DELETE", "/api/admin/proxies/123/link").body, R"({"success":true})");
  EXPECT_EQ(get("/r/token-1/").status, 404);
  EXPECT_EQ(admin("GET", "/api/admin/proxies/123/link").status, 405);
}

}  // namespace
}  // namespace airlane::test
