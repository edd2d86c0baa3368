// What the program does without a server: help, usage errors, the configuration.
#include <gmock/gmock.h>

#include <fstream>

#include "conf/load.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/shell.h"

namespace airlane::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class File {
 public:
  explicit File(const std::string& text) {
    std::array<char, 32> name{"/tmp/airlane-conf-XXXXXX"};
    const UniqueFd fd(::mkstemp(name.data()));
    path = name.data();
    std::ofstream(path) << text;
  }
  File(File&&) = delete;
  ~File() { std::filesystem::remove(path); }

  std::string path;
};

TEST(CheckConfig, SaysOkForAGoodFile) {
  const File file("[server]\nworkers = 2\n");
  const auto result = airlane_says({"check-config", file.path});
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.out, file.path + ": ok\n");
}

TEST(CheckConfig, SaysEveryProblemWithItsPlaceAndExitsWith78) {
  const File file("[server]\nwokers = 2\n[timeouts]\nrelay = '5'\n");
  const auto result = airlane_says({"check-config", file.path});
  EXPECT_EQ(result.status, 78);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, StartsWith(file.path + ":2:1: server.wokers: is an unknown setting"));
  EXPECT_THAT(result.err, HasSubstr("\n" + file.path + ":4:9: timeouts.relay: \"5\" has no unit"));
}

TEST(CheckConfig, LooksAtTheCertificates) {
  const File file("[tls]\ncertificates = ['/nonexistent.pem']\n");
  const auto result = airlane_says({"check-config", file.path});
  EXPECT_EQ(result.status, 78);
  EXPECT_EQ(result.err, file.path +
                            ": tls.certificates: The certificate /nonexistent.pem cannot be "
                            "used: it cannot be read.\n");
}

TEST(Serve, HandsTheConfigurationOver) {
  const File file("[server]\nstate = '/srv/airlane'\n");
  EXPECT_EQ(airlane_says({"serve", "-c", file.path}).out, "serving /srv/airlane\n");
}

TEST(Serve, DoesNotStartOnABadFile) {
  const auto result = airlane_says({"serve", "-c", "/nonexistent"});
  EXPECT_EQ(result.status, 78);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, StartsWith("/nonexistent: cannot be read: "));
}

TEST(Settings, ArePrintedAsAFileThatIsTheDefaults) {
  const auto printed = airlane_says({"settings"});
  const auto loaded = conf::parse(printed.out, "settings");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  EXPECT_EQ(*loaded, Config{});
}

TEST(Version, IsPrinted) {
  const auto result = airlane_says({"--version"});
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.out, testing::MatchesRegex("airlane [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(Usage, ExitsWith2AndSaysWhatIsWrong) {
  const std::vector<std::string> proxy{"proxy", "add",    "--user", "u",          "--dongle",
                                       "d",     "--port", "20000",  "--username", "n"};
  auto with_bad_port = proxy;
  with_bad_port[7] = "65536";
  auto with_both = proxy;
  with_both.insert(with_both.end(), {"--password", "p", "--password-stdin"});
  for (const auto& words : std::vector<std::vector<std::string>>{
           {},
           {"fly"},
           {"user"},
           {"user", "add", "demo"},
           {"user", "add", "--password-stdin"},
           {"user", "list", "--frobnicate"},
           {"user", "list", "dongle", "list"},
           {"dongle", "add", "ten", "--interface", "wwan0"},
           {"dongle", "add", "ten", "--interface", "w", "--driver", "none", "--option", "novalue"},
           {"proxy", "set", "7"},
           {"rotate"},
           {"serve"},
           proxy,
           with_bad_port,
           with_both}) {
    const auto result = airlane_says(words);
    EXPECT_EQ(result.status, 2) << testing::PrintToString(words);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, testing::Not(IsEmpty()));
  }
}

TEST(Usage, NamesTheWordThatIsNotKnownOrShowsWhatIs) {
  EXPECT_THAT(airlane_says({"fly"}).err, HasSubstr("fly"));
  EXPECT_THAT(airlane_says({"user", "fly"}).err, HasSubstr("fly"));
  EXPECT_THAT(airlane_says({}).err, HasSubstr("check-config"));
  EXPECT_THAT(airlane_says({"user"}).err, HasSubstr("Remove a user"));
}

}  // namespace
}  // namespace airlane::test
