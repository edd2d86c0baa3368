// Lists of what fits: each option goes to the server as a filter of the list.
#include <gmock/gmock.h>

#include <map>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

using Words = std::vector<std::string>;

// What the words after `list` ask the server for.
std::string asked(const std::string& what, const std::string& list, Words words) {
  words.insert(words.begin(), {what, "list"});
  const auto seen = ask(words, 200, R"({")" + list + R"(": [], "count": 0, "next": null})");
  EXPECT_EQ(seen.result.status, 0) << seen.result.err;
  return seen.request;
}

TEST(List, OfUsersIsOfAdminsOrOfOthers) {
  EXPECT_EQ(asked("user", "users", {"--admin", "on"}), "GET /api/admin/users?admin=true HTTP/1.1");
  EXPECT_EQ(asked("user", "users", {"--admin", "off"}),
            "GET /api/admin/users?admin=false HTTP/1.1");
  EXPECT_EQ(ask({"user", "list", "--admin", "maybe"}, 200, "{}").result.status, 2);
}

TEST(List, OfDonglesIsByDriverCarrierAndState) {
  EXPECT_EQ(asked("dongle", "dongles", {"--state", "up", "--isp", "A & B", "--driver", "hilink"}),
            "GET /api/admin/dongles?driver=hilink&isp=A%20%26%20B&state=up HTTP/1.1");
}

TEST(List, OfProxiesIsByEverythingThatTheyAreToldApartBy) {
  for (const auto& [option, value] : std::map<std::string, std::string>{{"user", "bob"},
                                                                        {"dongle", "ten"},
                                                                        {"port", "20001"},
                                                                        {"username", "u1"},
                                                                        {"isp", "Wind"},
                                                                        {"comment", "paid"}}) {
    EXPECT_EQ(asked("proxy", "proxies", {"--" + option, value}),
              "GET /api/admin/proxies?" + option + "=" + value + " HTTP/1.1");
  }
  EXPECT_EQ(asked("proxy", "proxies", {"--comment", "a b", "--user", "bob"}),
            "GET /api/admin/proxies?user=bob&comment=a%20b HTTP/1.1");
}

TEST(List, OfCredentialsIsOfOneProxyAndOfKeysOfOneUser) {
  EXPECT_EQ(asked("credential", "credentials", {"7"}),
            "GET /api/admin/credentials?proxy=7 HTTP/1.1");
  EXPECT_EQ(asked("key", "keys", {"--user", "bob"}), "GET /api/admin/keys?user=bob HTTP/1.1");
}

TEST(List, IsFilteredOnEachOfItsPages) {
  std::vector<std::string> requests;
  FakeServer server(200, [&requests](const std::string& request) -> std::string {
    requests.push_back(request);
    return requests.size() == 1 ? R"({"proxies": [{"id": 7}], "next": 7})"
                                : R"({"proxies": [{"id": 8}], "next": null})";
  });
  airlane_says({"proxy", "list", "--user", "bob", "--socket", server.socket()});
  server.stop();
  EXPECT_THAT(requests, testing::ElementsAre("GET /api/admin/proxies?user=bob HTTP/1.1",
                                             "GET /api/admin/proxies?user=bob&after=7 HTTP/1.1"));
}

}  // namespace
}  // namespace airlane::test
