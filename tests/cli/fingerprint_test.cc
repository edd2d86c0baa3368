// fp and doctor: what is answered without a server, by what the program hands in.
#include <gmock/gmock.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "cli/tools.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/shell.h"

namespace airlane::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

cli::Tools tools() {
  cli::Tools all;
  all.explain_fingerprint = [](std::string_view text) -> Outcome<cli::Explanation> {
    if (text == "bad") return Failure{Failure::Kind::kInvalid, "It is wrong in the field ver."};
    return cli::Explanation{"*:64:0",
                            {{"ver", "*", "Both."}, {"ittl", "64", "Every packet."}},
                            {"Without ws it is slow."},
                            text == "here" ? "" : "Not on this host."};
  };
  all.presets = {{"linux", "*:64:0"}};
  all.examine = [](const Config& config, const cli::Seen& seen) {
    std::vector<cli::Finding> findings{
        {cli::Finding::State::kGood, "state folder", config.server.state},
        {cli::Finding::State::kDoubtful, "server", seen.server ? "runs" : "none"}};
    for (const auto& [proxy, fp] : seen.fingerprints) {
      findings.push_back({cli::Finding::State::kBad, "proxy " + proxy, fp + " is not possible"});
    }
    return findings;
  };
  return all;
}

Reply says(std::vector<std::string> words) { return airlane_says(words, "", tools()); }

TEST(FingerprintCheck, PrintsEachFieldInALineOfItsOwn) {
  const auto reply = says({"fp", "check", "here"});
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(reply.out,
            "*:64:0\n\n"
            "ver      *   Both.\n"
            "ittl     64  Every packet.\n\n"
            "Without ws it is slow.\n");
}

TEST(FingerprintCheck, TellsWhatThisHostCannotDoByItsStatusToo) {
  const auto reply = says({"fp", "check", "elsewhere"});
  EXPECT_EQ(reply.status, 3);
  EXPECT_THAT(reply.out, HasSubstr("\nNot on this host.\n"));
  EXPECT_EQ(json::parse(says({"fp", "check", "elsewhere", "--json"}).out)["trouble"],
            "Not on this host.");
}

TEST(FingerprintCheck, RefusesWhatIsNone) {
  const auto reply = says({"fp", "check", "bad"});
  EXPECT_EQ(reply.status, 1);
  EXPECT_EQ(reply.err, "airlane: It is wrong in the field ver.\n");
}

TEST(FingerprintPresets, AreListed) {
  EXPECT_EQ(says({"fp", "presets"}).out, "NAME   SIGNATURE\nlinux  *:64:0\n");
}

TEST(FingerprintSee, PrintsTheSignatureAndWhetherItIsTheOneThatWasSet) {
  for (const bool fits : {true, false}) {
    FakeServer server(200,
                      json{{"id", 7}, {"seen", "4:64:0"}, {"fp", "*:1"}, {"fits", fits}}.dump());
    const auto reply =
        says({"fp", "see", "7", "--to", "192.0.2.1:80", "--socket", server.socket()});
    server.stop();
    EXPECT_EQ(server.request, "POST /api/admin/proxies/7/see HTTP/1.1");
    EXPECT_EQ(json::parse(server.body), (json{{"to", "192.0.2.1:80"}}));
    EXPECT_EQ(reply.out, "4:64:0\n");
    EXPECT_EQ(reply.status, fits ? 0 : 3) << reply.err;
    EXPECT_EQ(reply.err, fits ? "airlane: that is the fingerprint of the proxy, *:1\n"
                              : "airlane: That is not the fingerprint of the proxy: *:1\n");
  }
}

TEST(Doctor, SaysALineForEachFindingWithoutAServer) {
  const auto reply = says({"doctor", "--socket", "/nowhere/control.sock"});
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(reply.out,
            "look   configuration: no server answers, so this looks at the defaults; -c FILE names "
            "one\nok     state folder: /var/lib/airlane\nlook   server: none\n");
}

TEST(Doctor, TakesNoUrlAsItExaminesThisHost) {
  for (const auto* option : {"--url", "--key-file", "--cacert"}) {
    const auto refused = says({"doctor", option, "https://elsewhere.test"});
    EXPECT_EQ(refused.status, 2);
    EXPECT_EQ(refused.out, "");
    EXPECT_EQ(refused.err, "airlane: " + std::string(option) +
                               ": doctor examines the host that it runs on; run it on that one\n"
                               "`--help` says what there is.\n");
  }
}

TEST(Doctor, AsksTheServerOfThisHostAlsoWhereTheEnvironmentNamesAnother) {
  FakeServer server(200, R"({"pid": 99999999, "proxies": []})");
  ::setenv("AIRLANE_SOCKET", server.socket().c_str(), 1);
  ::setenv("AIRLANE_URL", "https://elsewhere.test", 1);
  const auto reply = says({"doctor"});
  ::unsetenv("AIRLANE_URL");
  ::unsetenv("AIRLANE_SOCKET");
  server.stop();
  EXPECT_EQ(server.request, "GET /api/admin/proxies HTTP/1.1") << reply.err;
  EXPECT_EQ(reply.status, 0);
}

TEST(Proxy, IsGivenAFingerprintOrNone) {
  for (const auto& [word, sent] : {std::pair{"windows-10", "windows-10"}, {"none", ""}}) {
    FakeServer server(200, "{}");
    says({"proxy", "set", "7", "--fp", word, "--socket", server.socket()});
    server.stop();
    EXPECT_EQ(json::parse(server.body), (json{{"fp", sent}}));
  }
}

}  // namespace
}  // namespace airlane::test
