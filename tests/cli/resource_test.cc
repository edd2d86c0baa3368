// Commands about one user, dongle, proxy or credential: what it is, and what of it is changed.
#include <gmock/gmock.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

TEST(Show, TellsAllThatTheServerSays) {
  const std::string answer = R"({"id": 7, "password": "s3cret", "limits": {"upload": 5}})";
  for (const auto& [what, path] : std::map<std::string, std::string>{{"user", "users"},
                                                                     {"dongle", "dongles"},
                                                                     {"proxy", "proxies"},
                                                                     {"credential", "credentials"},
                                                                     {"job", "jobs"}}) {
    const auto shown = ask({what, "show", "a 7"}, 200, answer);
    EXPECT_EQ(shown.request, "GET /api/admin/" + path + "/a%207 HTTP/1.1");
    EXPECT_EQ(shown.result.out, answer + "\n");
    EXPECT_EQ(shown.result.status, 0);
  }
}

}  // namespace
}  // namespace airlane::test
