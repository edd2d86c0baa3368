// key add, list, revoke.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr const char* kMade = R"({"id": 3, "name": "rotator", "scopes": ["read", "rotate"],
    "created_at": "2026-03-01T00:00:00Z", "expires_at": null, "last_used_at": null,
    "user": "alice", "key": "0123abcd"})";

TEST(Key, IsMadeAndToldOnALineOfItsOwn) {
  const auto made =
      ask({"key", "add", "alice", "--scope", "read", "--scope", "rotate", "rotator"}, 201, kMade);
  EXPECT_EQ(made.request, "POST /api/admin/keys HTTP/1.1");
  EXPECT_EQ(json::parse(made.body), json::parse(R"({"user": "alice", "name": "rotator",
                                                    "scopes": ["read", "rotate"]})"));
  EXPECT_EQ(made.result.out, "key 3 of alice, told this once and never again:\n0123abcd\n");
  EXPECT_EQ(made.result.status, 0);
}

TEST(Key, IsMadeForATimeAndToldAsJson) {
  const auto made = ask({"key", "add", "alice", "rotator", "--scope", "read", "--expires",
                         "2026-12-31T00:00:00Z", "--json"},
                        201, kMade);
  EXPECT_EQ(json::parse(made.body)["expires_at"], "2026-12-31T00:00:00Z");
  EXPECT_EQ(made.result.out, std::string(kMade) + "\n");
}

TEST(Key, IsNotMadeWithoutAScope) {
  const auto refused = ask({"key", "add", "alice", "rotator"}, 201, kMade);
  EXPECT_EQ(refused.result.status, 2);
  EXPECT_THAT(refused.result.err, HasSubstr("--scope"));
  EXPECT_EQ(refused.request, "");
}

TEST(Key, IsListedWithItsUserAndWhenItWasUsed) {
  const auto list = ask({"key", "list", "--user", "a b"}, 200,
                        R"({"keys": [)" + std::string(kMade) + R"(], "count": 1, "next": null})");
  EXPECT_EQ(list.request, "GET /api/admin/keys?user=a%20b HTTP/1.1");
  EXPECT_EQ(list.result.out,
            "ID  USER   NAME     SCOPES       CREATED               EXPIRES  LAST USED\n"
            "3   alice  rotator  read,rotate  2026-03-01T00:00:00Z  -        -\n");
  EXPECT_EQ(ask({"key", "list"}, 200, R"({"keys": []})").request, "GET /api/admin/keys HTTP/1.1");
}

TEST(Key, IsRevokedByItsNumber) {
  const auto gone = ask({"key", "revoke", "3"}, 200, R"({"success": true})");
  EXPECT_EQ(gone.request, "DELETE /api/admin/keys/3 HTTP/1.1");
  EXPECT_EQ(gone.result.out, "key 3 revoked\n");
}

}  // namespace
}  // namespace airlane::test
