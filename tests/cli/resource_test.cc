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

TEST(Show, TellsTheEtagThatAChangeIsHeldAgainst) {
  FakeServer server(200, R"({"id": 7})");
  server.fields = "ETag: \"ab-cd\"\r\n";
  const auto shown = airlane_says({"proxy", "show", "7", "--etag", "--socket", server.socket()});
  EXPECT_EQ(shown.out, "\"ab-cd\"\n{\"id\": 7}\n");
}

TEST(Change, IsMadeOnlyOfWhatIsStillTheSame) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"user", "set", "bob", "--api", "on"},
                                             {"dongle", "set", "ten", "--isp", "x"},
                                             {"proxy", "set", "7", "--comment", "x"},
                                             {"credential", "set", "9", "--name", "x"},
                                             {"proxy", "quota", "7", "1GiB"},
                                             {"credential", "quota", "9", "--refuse"},
                                             {"proxy", "limit", "7", "--connections", "9"},
                                             {"credential", "limit", "9", "--reset"},
                                             {"proxy", "schedule", "7", "--interval", "60"},
                                             {"proxy", "top", "7", "--keep", "9"},
                                             {"user", "remove", "bob"},
                                             {"dongle", "remove", "ten"},
                                             {"proxy", "remove", "7"},
                                             {"credential", "remove", "9"}}) {
    for (const auto& [said, sent] : std::map<std::string, std::string>{
             {"\"ab-cd\"", "\"ab-cd\""}, {"ab-cd", "\"ab-cd\""}, {"*", "*"}}) {
      FakeServer server(412, R"({"error": {"message": "It is not that any more."}})");
      auto all = words;
      all.insert(all.end(), {"--if-match", said, "--socket", server.socket()});
      const auto result = airlane_says(all);
      server.stop();
      EXPECT_THAT(server.head, HasSubstr("If-Match: " + sent + "\r\n"));
      EXPECT_EQ(result.status, 1);
      EXPECT_EQ(result.err, "airlane: It is not that any more.\n");
    }
  }
  FakeServer server(200, "{}");
  airlane_says({"user", "set", "bob", "--api", "on", "--socket", server.socket()});
  server.stop();
  EXPECT_THAT(server.head, testing::Not(HasSubstr("If-Match")));
}

TEST(Change, IsWhatAConditionIsFor) {
  const auto only_read = ask({"proxy", "top", "7", "--if-match", "ab-cd"}, 200, "{}");
  EXPECT_EQ(only_read.result.status, 2);
  EXPECT_THAT(only_read.result.err, HasSubstr("--keep"));
  EXPECT_EQ(only_read.request, "");
}

TEST(Change, IsNotMadeWithoutAConditionByAnEmptyOne) {
  const auto result = ask({"proxy", "set", "7", "--comment", "x", "--if-match", ""}, 200, "{}");
  EXPECT_EQ(result.request, "") << "the `show` before it has failed";
  EXPECT_EQ(result.result.status, 2);
  EXPECT_THAT(result.result.err, HasSubstr("--if-match: it is empty"));
}

// An empty one would be the path of the whole list, and a dot that of what is above it.
TEST(Argument, ThatNamesNothingIsNotAsked) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"user", "show"},
                                             {"user", "set", "--api", "on"},
                                             {"user", "remove"},
                                             {"dongle", "show"},
                                             {"dongle", "set", "--isp", "x"},
                                             {"dongle", "history"},
                                             {"dongle", "remove"},
                                             {"proxy", "show"},
                                             {"proxy", "set", "--comment", "x"},
                                             {"proxy", "limit", "--reset"},
                                             {"proxy", "quota", "--refuse"},
                                             {"proxy", "schedule", "--interval", "5"},
                                             {"proxy", "top"},
                                             {"proxy", "link"},
                                             {"proxy", "unlink"},
                                             {"proxy", "remove"},
                                             {"credential", "list"},
                                             {"credential", "show"},
                                             {"credential", "set", "--name", "x"},
                                             {"credential", "remove"},
                                             {"key", "revoke"},
                                             {"schedule", "show"},
                                             {"job", "show"},
                                             {"rotate"},
                                             {"reboot"},
                                             {"fp", "see"}}) {
    for (const auto& [name, sentence] : std::map<std::string, std::string>{
             {"", ": it is empty, which names nothing: is a variable of the script unset?\n"},
             {".", ": \".\" names nothing\n"},
             {"..", ": \"..\" names nothing\n"}}) {
      auto all = words;
      all.push_back(name);
      const auto told = ask(all, 200, R"({"proxies": [{"password": "s3cret"}]})");
      EXPECT_EQ(told.request, "") << words[0] << ' ' << words.back();
      EXPECT_EQ(told.result.status, 2);
      EXPECT_EQ(told.result.out, "");
      EXPECT_THAT(told.result.err, HasSubstr(sentence)) << words[0] << ' ' << words.back();
    }
  }
  EXPECT_EQ(ask({"dongle", "show", "..."}, 200, "{}").request,
            "GET /api/admin/dongles/... HTTP/1.1");
}

TEST(User, IsChangedOnlyInWhatIsSaid) {
  const std::string bob = R"({"name": "bob", "admin": false, "api_key": "k3y", "api": true})";
  const auto set = ask({"user", "set", "bob", "--admin", "off", "--api", "on"}, 200, bob);
  EXPECT_EQ(set.request, "PATCH /api/admin/users/bob HTTP/1.1");
  EXPECT_EQ(json::parse(set.body), json::parse(R"({"admin": false, "api": true})"));
  EXPECT_EQ(set.result.out, "NAME  ADMIN  API  API KEY\nbob   no     yes  k3y\n");
  EXPECT_EQ(ask({"user", "set", "bob", "--admin", "on"}, 200, bob).body, R"({"admin":true})");
}

TEST(Change, TellsThePasswordOnlyToPrograms) {
  const std::string answer = R"({"id": 7, "password": "s3cret", "limits": {"upload": 0.5}})";
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"proxy", "set", "7", "--comment", "x"},
           {"proxy", "limit", "7", "--connections", "4"},
           {"proxy", "quota", "7", "1GiB"},
           {"proxy", "schedule", "7", "--interval", "5"},
           {"proxy", "top", "7", "--keep", "9"},
           {"credential", "set", "7", "--name", "x"},
           {"credential", "add", "7", "x", "--password", "s3cret"}}) {
    EXPECT_EQ(ask(words, 200, answer).result.out, R"({"id":7,"limits":{"upload":0.5}})"
                                                  "\n");
    auto for_programs = words;
    for_programs.emplace_back("--json");
    EXPECT_EQ(ask(for_programs, 200, answer).result.out, answer + "\n");
  }
}

TEST(User, GetsANewPasswordFromStandardInput) {
  const auto set = ask({"user", "set", "bob", "--password-stdin"}, 200, "{}", "a new one\n");
  EXPECT_EQ(set.body, R"({"password":"a new one"})");
}

TEST(User, IsNotChangedByNothingOrByWhatIsNeitherOnNorOff) {
  EXPECT_EQ(ask({"user", "set", "bob"}, 200, "{}").result.status, 2);
  EXPECT_EQ(ask({"user", "set", "bob", "--admin", "maybe"}, 200, "{}").result.status, 2);
}

TEST(Dongle, IsChangedOnlyInWhatIsSaid) {
  const auto set = ask({"dongle", "set", "ten", "--isp", "", "--option", "password=a=b"}, 200,
                       R"({"name": "ten", "interface": "wwan0", "state": "up"})");
  EXPECT_EQ(set.request, "PATCH /api/admin/dongles/ten HTTP/1.1");
  EXPECT_EQ(json::parse(set.body), json::parse(R"({"isp": "", "options": {"password": "a=b"}})"));
  EXPECT_EQ(set.result.out,
            "NAME  INTERFACE  DRIVER  GATEWAY  DNS  ISP  STATE\n"
            "ten   wwan0      -       -        -    -    up\n");
  const auto more = ask({"dongle", "set", "ten", "--interface", "wwan1", "--driver", "hilink",
                         "--dns", "192.0.2.1", "--dns", "[2001:db8::1]:5353"},
                        200, "{}");
  EXPECT_EQ(json::parse(more.body), json::parse(R"({"interface": "wwan1", "driver": "hilink",
                            "dns": ["192.0.2.1", "[2001:db8::1]:5353"]})"));
}

TEST(Dongle, LosesWhatItHasByTheWordNone) {
  const auto set =
      ask({"dongle", "set", "ten", "--gateway", "none", "--dns", "none", "--option", "none"}, 200,
          "{}");
  EXPECT_EQ(json::parse(set.body), json::parse(R"({"gateway": null, "dns": [], "options": {}})"));
}

TEST(Dongle, IsNotChangedByNothingOrByHalfAnOption) {
  EXPECT_EQ(ask({"dongle", "set", "ten"}, 200, "{}").result.status, 2);
  const auto half = ask({"dongle", "set", "ten", "--option", "password"}, 200, "{}");
  EXPECT_EQ(half.result.status, 2);
  EXPECT_THAT(half.result.err, HasSubstr("password is not of the form KEY=VALUE"));
  EXPECT_EQ(half.request, "");
}

}  // namespace
}  // namespace airlane::test
