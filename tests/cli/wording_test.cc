// What the server says of a field, as somebody reads it who has typed options.
#include "cli/wording.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/cli/exchange.h"

namespace airlane::test {
namespace {

using cli::in_words_of_options;

TEST(Wording, CallsAFieldByItsOptionAndNullByItsWord) {
  EXPECT_EQ(in_words_of_options(nullptr, "limits.connections",
                                R"(The field "limits.connections" must be a number, or null.)"),
            "--connections must be a number, or default.");
  EXPECT_EQ(
      in_words_of_options(nullptr, "gateway", R"(The field "gateway" must be an address or null.)"),
      "--gateway must be an address or none.");
  EXPECT_EQ(in_words_of_options(nullptr, "scopes", R"(The field "scopes" must be a, b, or null.)"),
            "--scope must be a, b.");
}

TEST(Wording, OfAnIntervalSaysWhichOption) {
  EXPECT_EQ(in_words_of_options(nullptr, "ext_ip_upd_interval",
                                "The field ext_ip_upd_interval is not of the form 15: too short."),
            "--interval is not of the form 15: too short.");
}

TEST(Wording, LeavesASentenceThatIsNotAboutTheField) {
  EXPECT_EQ(in_words_of_options(nullptr, "quota.bytes", "A quota is at least one byte."),
            "BYTES: A quota is at least one byte.");
  EXPECT_EQ(in_words_of_options(nullptr, "port", "It is taken, or null."),
            "port: It is taken, or null.");
}

// What is on the error stream when the server finds one field wrong.
std::string complaint(const std::vector<std::string>& words, const std::string& field,
                      const std::string& message, const std::string& input = "") {
  const nlohmann::json wrong{{"field", field}, {"message", message}};
  const nlohmann::json error{
      {"code", "invalid"}, {"message", message}, {"field", field}, {"fields", {wrong}}};
  const auto seen = ask(words, 422, nlohmann::json{{"error", error}}.dump(), input);
  EXPECT_EQ(seen.result.status, 1);
  EXPECT_NE(seen.request, "");
  return seen.result.err;
}

TEST(Wording, CallsAFieldByTheOptionOfTheSameName) {
  EXPECT_EQ(complaint({"rotate", "7", "--hours", "0"}, "hours",
                      R"(The field "hours" must be a number from 1 to 720.)"),
            "airlane: --hours must be a number from 1 to 720.\n");
  EXPECT_EQ(complaint({"rotate", "7", "--until", "x"}, "until",
                      R"(The field "until" must be one of different, unused, or null.)"),
            "airlane: --until must be one of different, unused.\n");
  EXPECT_EQ(complaint({"job", "list", "--limit", "x"}, "limit",
                      R"(The field "limit" must be a whole number from 1 to 500.)"),
            "airlane: --limit must be a whole number from 1 to 500.\n");
  EXPECT_EQ(complaint({"job", "list", "--state", "x"}, "state",
                      R"(The field "state" must be one of running, done, failed.)"),
            "airlane: --state must be one of running, done, failed.\n");
  EXPECT_EQ(complaint({"proxy", "top", "7", "--day", "x"}, "day",
                      R"(The option "day" must be a date, 2026-03-01.)"),
            "airlane: --day must be a date, 2026-03-01.\n");
  EXPECT_EQ(complaint({"dongle", "set", "ten", "--driver", "x"}, "driver", "It is none."),
            "airlane: --driver: It is none.\n");
  EXPECT_EQ(complaint({"proxy", "list", "--port", "x"}, "port",
                      R"(The field "port" must be a whole number from 1 to 65535.)"),
            "airlane: --port must be a whole number from 1 to 65535.\n");
}

TEST(Wording, CallsAFieldByTheArgumentOfTheSameName) {
  EXPECT_EQ(complaint({"key", "add", "bob", "k", "--scope", "read"}, "name", "It is taken."),
            "airlane: NAME: It is taken.\n");
  EXPECT_EQ(complaint({"credential", "set", "9", "--name", "n"}, "name", "It is taken."),
            "airlane: --name: It is taken.\n");
  EXPECT_EQ(complaint({"credential", "list", "x"}, "proxy",
                      R"(The field "proxy" must be a whole number from 0.)"),
            "airlane: PROXY must be a whole number from 0.\n");
}

TEST(Wording, CallsAPasswordByTheWayItCame) {
  const std::string message = R"(The field "password" must be longer.)";
  EXPECT_EQ(complaint({"proxy", "set", "7", "--password", "x"}, "password", message),
            "airlane: --password must be longer.\n");
  EXPECT_EQ(complaint({"proxy", "set", "7", "--password-stdin"}, "password", message, "x\n"),
            "airlane: --password-stdin must be longer.\n");
  EXPECT_EQ(complaint({"user", "set", "bob", "--password-stdin"}, "password", message, "x\n"),
            "airlane: --password-stdin must be longer.\n");
}

TEST(Wording, LeavesAFieldThatTheCommandHasNoWordFor) {
  EXPECT_EQ(complaint({"proxy", "set", "7", "--comment", "x"}, "port", "It is taken."),
            "airlane: port: It is taken.\n");
}

}  // namespace
}  // namespace airlane::test
