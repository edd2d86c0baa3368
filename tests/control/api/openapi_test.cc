// The document of both APIs, and the page of it.
#include "control/api/openapi/route_answers.h"
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class OpenApiTest : public ApiTest {};

TEST_F(OpenApiTest, TellsOfEveryRowOfBothTables) {
  const auto answer = get("/api/openapi.json");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Content-Type"), "application/json");
  const Json document = Json::parse(answer.body);
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["info"]["version"], "1.2.3");
  for (const api::Route& route : api::routes()) {
    EXPECT_TRUE(api::answer_of(route)) << route.path << " has no line in route_answers.cc";
    EXPECT_TRUE(document["paths"].contains(std::string(route.path))) << route.path;
  }
  for (const api::Endpoint* const endpoint : api::endpoints()) {
    const std::string path = "/api/admin" + std::string(endpoint->path);
    EXPECT_TRUE(document["paths"].contains(path)) << path;
  }
  EXPECT_EQ(document["components"]["schemas"]["ProxyNew"]["required"].dump(),
            R"(["port","username","password","user","dongle"])");
  EXPECT_EQ(document["components"]["schemas"]["UserChange"]["properties"].size(), 3U);
  EXPECT_EQ(document["components"]["schemas"]["Quota"]["properties"]["rate"]["type"].dump(),
            R"(["integer","null"])");
}

TEST_F(OpenApiTest, CallsANumberANumber) {
  const Json document = Json::parse(get("/api/openapi.json").body);
  const auto schema_of = [&](const char* path, const std::string& name) {
    for (const Json& parameter : document["paths"][path]["get"]["parameters"]) {
      if (parameter["name"] == name) return parameter["schema"].dump();
    }
    return std::string();
  };
  EXPECT_EQ(schema_of("/api/proxy/change_ip/", "tries"),
            R"({"type":"integer","minimum":1,"maximum":10})");
  EXPECT_EQ(schema_of("/api/proxy/change_ip/", "hours"),
            R"({"type":"integer","minimum":1,"maximum":720})");
  EXPECT_EQ(schema_of("/api/proxy/jobs/", "limit"),
            R"({"type":"integer","minimum":1,"maximum":500,"default":50})");
  EXPECT_EQ(schema_of("/api/proxy/history/", "before"), R"({"type":"integer","minimum":1})");
  EXPECT_EQ(schema_of("/api/proxy/change_ip/", "id"), R"({"type":"string"})") << "host:port too";
}

TEST_F(OpenApiTest, AsksForNoMoreThanTheServerDoes) {
  const Json paths = Json::parse(get("/api/openapi.json").body)["paths"];
  const auto must = [&](const char* path, const char* method) {
    return paths[path][method]["requestBody"]["required"].get<bool>();
  };
  EXPECT_FALSE(must("/api/admin/proxies/{id}/rotate", "post"));
  EXPECT_FALSE(must("/api/admin/proxies/{id}/see", "post"));
  EXPECT_TRUE(must("/api/admin/proxies", "post"));
  EXPECT_TRUE(must("/api/admin/proxies/{id}", "patch"));
  EXPECT_EQ(paths["/api/proxy/keys/"]["get"]["security"].dump(), R"([{"session":[]}])");
  EXPECT_EQ(paths["/api/proxy/list/"]["get"]["security"].size(), 4U);
}

TEST_F(OpenApiTest, HasAPageThatTellsTheSame) {
  const auto page = get("/api/docs/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, ::testing::HasSubstr("<h2>PATCH /api/admin/proxies/{id}</h2>"));
  EXPECT_THAT(page.body, ::testing::HasSubstr("<h2>GET /api/proxy/traffic/</h2>"));
  EXPECT_THAT(page.body, ::testing::Not(::testing::HasSubstr("<script")));
  EXPECT_EQ(ask("POST", "/api/docs/").status, 405);
  EXPECT_EQ(ask("POST", "/api/openapi.json").field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(get("/api/docs/nothing").status, 404);
  EXPECT_EQ(get("/api/docs?x=1").status, 301);
  EXPECT_EQ(get("/api/docs?x=1").field("Location"), "/api/docs/?x=1");
}

}  // namespace
}  // namespace airlane::test
