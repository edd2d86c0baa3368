// Export and import as the admin API speaks of them.
#include <gmock/gmock.h>

#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

using testing::HasSubstr;

class AdminTransfersTest : public ApiTest {};

constexpr const char* kEmpty =
    R"({"format":"airlane","version":1,"program":"1","exported":"2026-01-01T00:00:00Z",)"
    R"("users":[],"dongles":[],"proxies":[]})";
constexpr const char* kUser =
    R"({"name":"carol","password_hash":"scrypt$ln=15,r=8,p=1$00112233445566778899aabbccddeeff$)"
    R"(00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",)"
    R"("api_key":"0123456789abcdef","admin":false,)"
    R"("api":true,"created":"2026-01-01T00:00:00Z","keys":[]})";

std::string with_users(const std::string& users) {
  std::string text = kEmpty;
  return text.replace(text.find("[]"), 2, "[" + users + "]");
}

TEST_F(AdminTransfersTest, AnExportIsOneDocumentAndIsKnownByItsTag) {
  const auto all = admin("GET", "/api/admin/export");
  EXPECT_EQ(all.status, 200);
  EXPECT_THAT(all.body, HasSubstr(R"({"format":"airlane","version":1,)"));
  EXPECT_THAT(all.body, HasSubstr(R"("users":[],"dongles":[],"proxies":[]})"));
  EXPECT_EQ(backend_.log.back(), "export");
  EXPECT_EQ(admin("GET", "/api/admin/export?traffic=false").status, 200);
  EXPECT_EQ(backend_.log.back(), "export without traffic");
}

TEST_F(AdminTransfersTest, WhatIsImportedIsExportedAgain) {
  const auto done = admin("POST", "/api/admin/import?dry_run=true", with_users(kUser));
  EXPECT_EQ(done.body,
            R"({"dry_run":true,"users":1,"keys":0,"dongles":0,"proxies":0,"credentials":0})");
  EXPECT_EQ(backend_.log.back(), "import dry");
  EXPECT_EQ(admin("POST", "/api/admin/import", with_users(kUser)).status, 200);
  EXPECT_EQ(backend_.log.back(), "import");
  EXPECT_THAT(admin("GET", "/api/admin/export").body, HasSubstr(kUser));
}

// Who is taken in with one could never log in.
TEST_F(AdminTransfersTest, AHashThatNoPasswordCanFitIsRefused) {
  for (const char* other : {"scrypt$", "scrypt$ln=20,r=0,p=1000$", "scrypt$ln=15,r=8,p=1$0"}) {
    std::string user = kUser;
    const std::string_view prefix = "scrypt$ln=15,r=8,p=1$";
    user.replace(user.find(prefix), prefix.size(), other);
    const auto refused = admin("POST", "/api/admin/import", with_users(user));
    expect_error(refused, 422, "invalid", "users.0.password_hash");
    EXPECT_THAT(refused.body, HasSubstr("It must be a hash by scrypt, as an export has it."));
  }
}

TEST_F(AdminTransfersTest, WhatIsWrongIsToldByItsPath) {
  const std::string path = "/api/admin/import";
  expect_error(admin("POST", path, "nonsense"), 400, "malformed");
  expect_error(admin("POST", path, R"([])"), 400, "malformed");
  const auto twice = admin("POST", path, with_users(std::string(kUser) + "," + kUser));
  expect_error(twice, 422, "invalid", "users.1.name");
  EXPECT_THAT(twice.body, HasSubstr("users.1.api_key"));
  expect_error(admin("POST", path, R"({"format":"airlane","version":2})"), 422, "invalid",
               "version");
  on_server([this] { backend_.conflicts = {{"users.0.name", "There is already a user carol."}}; });
  expect_error(admin("POST", path, with_users(kUser)), 409, "conflict", "users.0.name");
}

}  // namespace
}  // namespace airlane::test
