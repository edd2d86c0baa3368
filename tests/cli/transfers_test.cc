// backup, export, import.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/cli/exchange.h"
#include "tests/support/temporary_folder.h"

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
  const TemporaryFolder folder;
  const auto path = folder.path("all.json");
  std::ofstream(path) << R"({"format" : "airlane", "format":1e0 })";
  const auto sent = ask({"import", path, "--dry-run"}, 200,
                        R"({"dry_run": true, "users": 1, "keys": 2, "dongles": 3, "proxies": 4,
                            "credentials": 5})");
  EXPECT_EQ(sent.request, "POST /api/admin/import?dry_run=true HTTP/1.1");
  EXPECT_EQ(sent.body, R"({"format" : "airlane", "format":1e0 })");
  EXPECT_EQ(sent.result.out, "would import 1 users, 2 keys, 3 dongles, 4 proxies, 5 credentials\n");
  EXPECT_EQ(airlane_says({"import", "/nonexistent/all.json"}).status, 2);
}

TEST(Import, SaysWhichFileIsNotJsonAndWhere) {
  const TemporaryFolder folder;
  const auto path = folder.path("all.json");
  for (const auto& [text, wrong] :
       {std::pair{"{\"format\": \"airl", " is not JSON: see line 1, column 17"},
        {"{\n  \"users\": [],\n  users\n}", " is not JSON: see line 3, column 3"},
        {"airlane: No.\n", " is not JSON: see line 1, column 1"},
        {"{} {}", " is not JSON: see line 1, column 4"},
        {"{\"name\": \"\xff\"}", " is not JSON: see line 1, column 11"},
        {" [{}]", " is not what export has written: it is no JSON object"},
        {"", " is empty"}}) {
    std::ofstream(path) << text;
    const auto refused = ask({"import", path}, 200, "{}");
    EXPECT_EQ(refused.result.status, 2);
    EXPECT_EQ(refused.result.err, "airlane: " + path + wrong + "\n");
    EXPECT_EQ(refused.request, "");
    EXPECT_EQ(ask({"import", "-"}, 200, "{}", text).result.err,
              "airlane: the input" + std::string(wrong) + "\n");
  }
}

}  // namespace
}  // namespace airlane::test
