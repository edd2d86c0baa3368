// Fingerprints in the admin API: what is said of a wrong one, and what a SYN is on the wire.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class AdminFingerprintTest : public ApiTest {};

TEST_F(AdminFingerprintTest, ShowsWhatTheSynOfAProxyIs) {
  const std::string path = "/api/admin/proxies/9042/see";
  EXPECT_EQ(admin("POST", path, "{}").body,
            R"({"id":9042,"to":"192.168.8.1:53","fp":"",)"
            R"("seen":"4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0","fits":true})");
  EXPECT_EQ(Json::parse(admin("POST", path, R"({"to":"[2001:db8::1]:443"})").body)["to"],
            "[2001:db8::1]:443");
  for (const char* to : {R"("somewhere")", R"("192.0.2.1")", "443", "null"}) {
    expect_error(admin("POST", path, R"({"to":)" + std::string(to) + "}"), 422, "invalid", "to");
  }
  on_server([this] { backend_.fp_trouble = "No BPF here."; });
  expect_error(admin("POST", path, "{}"), 503, "unavailable");
  expect_error(admin("GET", path), 405, "method");
}

TEST_F(AdminFingerprintTest, SaysWhatIsWrongWithAFingerprint) {
  const auto answer = admin("PATCH", "/api/admin/proxies/9042", R"({"fp":"*:64:0:*:1,0:ns::0"})");
  expect_error(answer, 422, "invalid", "fp");
  EXPECT_NE(answer.body.find("in the field olayout, at character 14"), std::string::npos)
      << answer.body;
}

}  // namespace
}  // namespace airlane::test
