// Routes, methods and formats: what every endpoint has in common.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

using RouterTest = ApiTest;

TEST_F(RouterTest, AddsTheSlashThatIsMissing) {
  const auto answer = get("/api/proxy/list?key=a%20b&port=1");

  EXPECT_EQ(answer.status, 301);
  EXPECT_EQ(answer.field("Location"), "/api/proxy/list/?key=a%20b&port=1");
  EXPECT_EQ(ask("POST", "/api/login", {}, "a=b").status, 308) << "the method stays";
}

TEST_F(RouterTest, KnowsNothingElse) {
  for (const char* target : {"/", "/api/", "/api/proxy/none/", "//list/", "/api/proxy/list//"}) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 404) << target;
    EXPECT_EQ(answer.body, R"({"detail":"Not found."})") << target;
  }
}

TEST_F(RouterTest, RefusesOtherMethods) {
  const auto answer = ask("POST", "/api/proxy/list/");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.body, R"({"detail":"Method \"POST\" not allowed."})");
  EXPECT_EQ(answer.field("Allow"), "GET, HEAD, OPTIONS");

  const auto login = get("/api/login/");
  EXPECT_EQ(login.status, 405);
  EXPECT_EQ(login.field("Allow"), "POST, OPTIONS");
}

TEST_F(RouterTest, SendsTheSameHeadersWithEveryAnswer) {
  for (const char* target : {"/api/proxy/", "/api/proxy/list/", "/api/proxy/list/?key=alice-key",
                             "/api/proxy/list/?key=alice-key&format=api", "/nowhere", "/ip"}) {
    const auto answer = get(target);
    EXPECT_EQ(answer.field("Vary"),
              target == std::string("/api/proxy/") ? "Accept" : "Accept, Cookie")
        << target;
    EXPECT_EQ(answer.field("Cache-Control"), "no-store") << target;
    EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff") << target;
    EXPECT_EQ(answer.field("X-Frame-Options"), "DENY") << target;
    EXPECT_TRUE(answer.field("Content-Security-Policy").starts_with("default-src 'none'"));
  }
  EXPECT_EQ(get("/api/proxy/").field("Allow"), "GET, HEAD, OPTIONS");
}

TEST_F(RouterTest, DescribesAnEndpointToOptions) {
  const auto answer = ask("OPTIONS", "/api/proxy/change_ip/");

  EXPECT_EQ(answer.status, 200);
  const Json body = Json::parse(answer.body);
  EXPECT_EQ(body["name"], "Change proxy external IP");
  EXPECT_NE(body["description"].get<std::string>().find("show_old_ip"), std::string::npos);
  EXPECT_EQ(body["renders"][0], "application/json");
  EXPECT_TRUE(body.contains("parses"));
}

TEST_F(RouterTest, ListsTheSixEndpointsToEverybody) {
  const auto answer = get("/api/proxy/");

  EXPECT_EQ(answer.field("Content-Type"), "application/json");
  const Json body = Json::parse(answer.body);
  std::vector<std::string> urls;
  for (const Json& row : body) {
    std::vector<std::string> names;
    for (const auto& [name, value] : row.items()) names.push_back(name);
    EXPECT_EQ(names, (std::vector<std::string>{"name", "description", "url"}));
    EXPECT_FALSE(row["description"].get<std::string>().empty());
    urls.push_back(row["url"]);
  }
  EXPECT_EQ(urls, (std::vector<std::string>{"/api/proxy/get_key/", "/api/proxy/change_ip/",
                                            "/api/proxy/ext_ip/", "/api/proxy/traffic/",
                                            "/api/proxy/reboot/", "/api/proxy/list/"}));
}

TEST_F(RouterTest, AnswersWithAPageWhenAskedFor) {
  const auto page = get("/api/proxy/list/?key=alice-key&format=api&comment=<b>%22");

  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(page.body.find("&quot;count&quot;: 0"), std::string::npos);
  EXPECT_EQ(page.body.find("<b>"), std::string::npos) << "what was sent is text";
  EXPECT_EQ(page.body.find("alice-key"), std::string::npos) << "the key is not shown";
  EXPECT_EQ(page.body.find("<script"), std::string::npos);
}

TEST_F(RouterTest, ChoosesTheFormatByAcceptWhenNoneIsGiven) {
  const char* const browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";
  EXPECT_EQ(get("/api/proxy/", browser).field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(get("/api/proxy/?format=json", browser).field("Content-Type"), "application/json");
  EXPECT_EQ(get("/api/proxy/", "Accept: */*\r\n").field("Content-Type"), "application/json");
  EXPECT_EQ(get("/api/proxy/", "Accept: image/png\r\n").status, 406);

  const auto unknown = get("/api/proxy/?format=xml");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.body, R"({"detail":"Not found."})");
}

TEST_F(RouterTest, ShowsErrorsAsPagesToo) {
  const auto page = get("/api/proxy/list/?format=api");

  EXPECT_EQ(page.status, 403);
  EXPECT_NE(page.body.find("Authentication credentials were not provided."), std::string::npos);
}

TEST_F(RouterTest, TellsTheCallersAddress) {
  const auto answer = get("/ip");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Content-Type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.body, "127.0.0.1\n");
}

TEST_F(RouterTest, AnswersHeadWithoutABody) {
  HttpClient client(address_);
  const auto answer = client.ask("HEAD", "/api/proxy/list/?key=alice-key");

  EXPECT_EQ(answer.status, 200);
  EXPECT_NE(answer.field("Content-Length"), "0");
  EXPECT_EQ(client.ask("GET", "/ip").body, "127.0.0.1\n");
}

}  // namespace
}  // namespace airlane::test
