// backup, export, import.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

TEST(Backup, IsWrittenByTheServerToAWholePath) {
  const auto made = ask({"backup", "/srv/a.db"}, 201, R"({"file": "/srv/a.db", "bytes": 4096})");
  EXPECT_EQ(made.request, "POST /api/admin/server/backup HTTP/1.1");
  EXPECT_EQ(made.body, R"({"file":"/srv/a.db"})");
  EXPECT_EQ(made.result.out, "/srv/a.db: 4096 bytes\n");
  const auto here = std::filesystem::current_path().string();
  EXPECT_EQ(ask({"backup", "a.db"}, 201, "{}").body, R"({"file":")" + here + R"(/a.db"})");
}

TEST(Export, GoesToTheOutputAsItCame) {
  const auto all = ask({"export", "--no-traffic"}, 200, R"({"format": "airlane"})");
  EXPECT_EQ(all.request, "GET /api/admin/export?traffic=false HTTP/1.1");
  EXPECT_EQ(all.result.out, R"({"format": "airlane"})");
}

TEST(Import, SendsTheFileAsItIsAndCountsWhatCame) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("airlane-import-" + std::to_string(::getpid()) + ".json");
  std::ofstream(path) << R"({"format" : "airl)";
  const auto sent = ask({"import", path.string(), "--dry-run"}, 200,
                        R"({"dry_run": true, "users": 1, "keys": 2, "dongles": 3, "proxies": 4,
                            "credentials": 5})");
  std::filesystem::remove(path);
  EXPECT_EQ(sent.request, "POST /api/admin/import?dry_run=true HTTP/1.1");
  EXPECT_EQ(sent.body, R"({"format" : "airl)");
  EXPECT_EQ(sent.result.out, "would import 1 users, 2 keys, 3 dongles, 4 proxies, 5 credentials\n");
  EXPECT_EQ(airlane_says({"import", "/nonexistent/all.json"}).status, 2);
}

}  // namespace
}  // namespace airlane::test
