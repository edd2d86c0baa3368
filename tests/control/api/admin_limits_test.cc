// Limits of proxies, and extra credentials, in the admin API.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class AdminLimitsTest : public ApiTest {
 protected:
  Json good(const HttpAnswer& answer, int status = 200) {
    EXPECT_EQ(answer.status, status) << answer.body;
    return Json::parse(answer.body);
  }
  static std::vector<std::string> wrong_fields(const HttpAnswer& answer) {
    const auto body = Json::parse(answer.body);
    std::vector<std::string> named;
    for (const auto& field : body["error"]["fields"]) named.push_back(field["field"]);
    return named;
  }
  // The field that is to blame.
  std::string blamed(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 422) << answer.body;
    return Json::parse(answer.body)["error"].value("field", "none");
  }
};

TEST_F(AdminLimitsTest, AreSetReadAndTakenAway) {
  const auto set = good(admin("PATCH", "/api/admin/limits/9042",
                              R"({"limits":{"connections":5,"upload":0,)"
                              R"("destinations":["deny  Example.com"]}})"));
  EXPECT_EQ(set.dump(), R"({"proxy":9042,"limits":{"connections":5,"connections_per_source":null,)"
                        R"("new_per_second":null,"upload":0,"download":null,)"
                        R"("destinations":["deny example.com"]}})");
  EXPECT_EQ(good(admin("GET", "/api/admin/limits/9042")), set);
  EXPECT_EQ(good(admin("GET", "/api/admin/limits"))["limits"][0], set);
  const auto less =
      good(admin("PATCH", "/api/admin/limits/9042", R"({"limits":{"connections":null}})"));
  EXPECT_EQ(less["limits"]["upload"], 0) << "what is not said stays";
  EXPECT_EQ(less["limits"]["connections"], nullptr);
  const auto none = good(admin("DELETE", "/api/admin/limits/9042"));
  EXPECT_EQ(none["limits"]["upload"], nullptr);
  EXPECT_EQ(none["limits"]["destinations"], Json::array());
  EXPECT_EQ(admin("GET", "/api/admin/limits/4711").status, 404);
}

TEST_F(AdminLimitsTest, SayEverythingThatIsWrong) {
  const auto fields = [&](const std::string& limits) {
    const auto answer = admin("PATCH", "/api/admin/limits/9042", R"({"limits":)" + limits + "}");
    EXPECT_EQ(answer.status, 422) << answer.body;
    return wrong_fields(answer);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(fields(R"({"upload":-1,"connections":"5","new_per_second":1000001})"),
            (Names{"limits.upload", "limits.connections", "limits.new_per_second"}));
  EXPECT_EQ(fields(R"({"destinations":["deny"]})"), Names{"limits.destinations"});
  EXPECT_EQ(fields(R"({"destinations":[1]})").size(), 1U);
  EXPECT_EQ(fields(R"({"speed":1})"), Names{"limits.speed"});
  EXPECT_EQ(backend_.changes, 0);
}

TEST_F(AdminLimitsTest, OfACredentialComeWithIt) {
  const auto bob = good(admin("POST", "/api/admin/credentials",
                              R"({"proxy":9042,"name":"bob","password":"word",)"
                              R"("src_whitelist":["192.0.2.0/24"],"src_whitelist_mode":"restrict",)"
                              R"("in_use_till":"2030-01-01T00:00:00Z",)"
                              R"("limits":{"download":1000},"quota":{"bytes":5}})"),
                        201);
  EXPECT_EQ(bob["name"], "bob");
  EXPECT_EQ(bob["enabled"], true);
  EXPECT_EQ(bob["src_whitelist"], Json({"192.0.2.0/24"}));
  EXPECT_EQ(bob["in_use_till"], "2030-01-01T00:00:00Z");
  EXPECT_EQ(bob["limits"]["download"], 1000);
  EXPECT_EQ(bob["quota"]["bytes"], 5);
  const auto path = "/api/admin/credentials/" + std::to_string(bob["id"].get<int>());
  EXPECT_EQ(good(admin("GET", path)), bob);
  EXPECT_EQ(good(admin("GET", "/api/admin/credentials?proxy=9042"))["count"], 1);
  EXPECT_EQ(good(admin("GET", "/api/admin/credentials?proxy=123"))["count"], 0);
  const auto off = good(admin("PATCH", path, R"({"enabled":false,"quota":null})"));
  EXPECT_EQ(off["enabled"], false);
  EXPECT_EQ(off["quota"], nullptr);
  EXPECT_EQ(off["limits"], bob["limits"]);
  good(admin("DELETE", path));
  EXPECT_EQ(admin("GET", path).status, 404);
}

TEST_F(AdminLimitsTest, ACredentialThatMakesNoSenseIsRefused) {
  EXPECT_EQ(blamed(admin("POST", "/api/admin/credentials", R"({"proxy":9042,"name":"b"})")),
            "password");
  EXPECT_EQ(
      blamed(admin("POST", "/api/admin/credentials", R"({"proxy":"x","name":"b","password":"p"})")),
      "proxy");
  EXPECT_EQ(blamed(admin("POST", "/api/admin/credentials",
                         R"({"proxy":9042,"name":"b","password":"p","enabled":1})")),
            "enabled");
  const auto all = admin("POST", "/api/admin/credentials",
                         R"({"proxy":9042,"name":"b b","password":"p","quota":{"bytes":0,)"
                         R"("time_zone":"Mars/Rome"},"limits":{"destinations":["deny ?"]}})");
  EXPECT_EQ(all.status, 422);
  EXPECT_THAT(wrong_fields(all),
              ::testing::UnorderedElementsAre("name", "quota.bytes", "quota.time_zone",
                                              "limits.destinations"));
  EXPECT_TRUE(backend_.credential_rows.empty());
}

}  // namespace
}  // namespace airlane::test
