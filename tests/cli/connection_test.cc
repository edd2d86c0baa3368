// Which server is asked, and what is said when it cannot be.
#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "tests/cli/fake_server.h"
#include "tests/cli/shell.h"
#include "tests/support/certificate.h"
#include "tests/support/temporary_folder.h"

namespace airlane::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kUsers = R"({"users": [], "count": 0})";

// A variable of the environment while this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    ::setenv(name, value.c_str(), 1);
  }
  Variable(Variable&&) = delete;
  ~Variable() { ::unsetenv(name_); }

 private:
  const char* name_;
};

std::string written(const TemporaryFolder& folder, const std::string& text) {
  const auto path = folder.path("key");
  std::ofstream(path) << text;
  return path;
}

TEST(Url, IsAskedWithTheKeyOfAFile) {
  const TemporaryFolder folder;
  FakeServer server(200, kUsers, FakeServer::AtPort{});
  const auto url = "http://" + server.host_and_port();
  const auto key = written(folder, "k3y-of_admin\r\nignored\n");
  const auto result = airlane_says({"--url", url + "/", "user", "list", "--key-file", key});
  server.stop();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.err, IsEmpty()) << "loopback is no network";
  EXPECT_EQ(server.request, "GET /api/admin/users HTTP/1.1");
  EXPECT_THAT(server.head, HasSubstr("\r\nAuthorization: Bearer k3y-of_admin\r\n"));
}

TEST(Url, AndKeyMayComeFromTheEnvironment) {
  ::unsetenv("AIRLANE_SOCKET");  // An operator's shell may have it.
  FakeServer server(200, kUsers, FakeServer::AtPort{});
  const Variable url("AIRLANE_URL", "http://" + server.host_and_port() + "/under/a/path");
  const Variable key("AIRLANE_KEY", "k3y");
  const auto result = airlane_says({"user", "list"});
  server.stop();
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_EQ(server.request, "GET /under/a/path/api/admin/users HTTP/1.1");
  EXPECT_THAT(server.head, HasSubstr("\r\nAuthorization: Bearer k3y\r\n"));
}

TEST(Url, IsTheBeginningOfALink) {
  const std::string answer = R"({"url": "/r/t0ken/", "id": 7})";
  const Variable key("AIRLANE_KEY", "k3y");
  FakeServer server(200, answer, FakeServer::AtPort{});
  const auto url = "http://" + server.host_and_port();
  const auto whole = airlane_says({"proxy", "link", "7", "--url", url + "/"});
  EXPECT_EQ(whole.out, url + "/r/t0ken/\n");
  EXPECT_THAT(whole.err, IsEmpty());
  FakeServer local(200, answer);
  const auto path = airlane_says({"proxy", "link", "7", "--socket", local.socket()});
  EXPECT_EQ(path.out, "/r/t0ken/\n") << "of no use to a script otherwise";
  EXPECT_THAT(path.err, HasSubstr("before it goes the address of the API"));
}

TEST(Url, OfHttpsIsTrustedByItsCertificateOnly) {
  std::signal(SIGPIPE, SIG_IGN);  // Of the fake server, whom clients leave.
  const TemporaryFolder folder;
  const auto files = make_certificate(folder, "farm", "IP:127.0.0.1");
  const auto other = make_certificate(folder, "other", "IP:127.0.0.1");
  const auto misnamed = make_certificate(folder, "misnamed", "DNS:elsewhere.test");
  const Variable key("AIRLANE_KEY", "k3y");
  FakeServer server(200, kUsers, FakeServer::AtPort{files});
  const auto ask = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"user", "list", "--url", "https://" + server.host_and_port()});
    return airlane_says(more);
  };
  for (const auto& more :
       std::vector<std::vector<std::string>>{{}, {"--cacert", other.certificate}}) {
    const auto result = ask(more);
    EXPECT_EQ(result.status, 69);
    EXPECT_THAT(result.err, HasSubstr("cannot reach the server: 127.0.0.1: SSL"));
    EXPECT_THAT(result.err, HasSubstr("--cacert FILE names it"));
  }
  EXPECT_EQ(ask({"--cacert", files.certificate}).status, 0);
  {
    const Variable authority("AIRLANE_CACERT", files.certificate);
    EXPECT_EQ(ask({}).status, 0);
  }
  server.stop();
  EXPECT_THAT(server.head, HasSubstr("Bearer k3y"));

  FakeServer stranger(200, kUsers, FakeServer::AtPort{misnamed});
  const auto result = airlane_says({"user", "list", "--url", "https://" + stranger.host_and_port(),
                                    "--cacert", misnamed.certificate});
  stranger.stop();
  EXPECT_EQ(result.status, 69);
  EXPECT_THAT(result.err, HasSubstr("127.0.0.1"));
  EXPECT_THAT(stranger.head, IsEmpty()) << "it must not see the key";
}

TEST(Url, ThatCannotBeReachedSaysWhy) {
  std::signal(SIGPIPE, SIG_IGN);
  const Variable key("AIRLANE_KEY", "k3y");
  FakeServer server(200, kUsers, FakeServer::AtPort{});
  const auto port = server.host_and_port();
  const auto tls = airlane_says({"user", "list", "--url", "https://" + port});
  EXPECT_EQ(tls.status, 69) << "there is no TLS";
  EXPECT_THAT(tls.err, HasSubstr("cannot reach the server: 127.0.0.1: "));
  server.stop();
}

TEST(Url, ThatNobodyListensAtIsExitStatus69) {
  const Variable key("AIRLANE_KEY", "k3y");
  std::string port;
  {
    const FakeServer gone(200, kUsers, FakeServer::AtPort{});
    port = gone.host_and_port();
  }
  const auto result = airlane_says({"user", "list", "--url", "http://" + port});
  EXPECT_EQ(result.status, 69);
  EXPECT_THAT(result.err, HasSubstr("cannot reach the server: 127.0.0.1: "));
  EXPECT_THAT(result.err, Not(HasSubstr("k3y")));
}

TEST(Url, OfSomethingElseIsSaidToBeNoAirlane) {
  const Variable key("AIRLANE_KEY", "k3y");
  for (const int status : {200, 404}) {
    FakeServer server(status, "<html>", FakeServer::AtPort{});
    const auto result = airlane_says({"user", "list", "--url", "http://" + server.host_and_port()});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err, "airlane: The server answered with HTTP status " +
                              std::to_string(status) + " and not in JSON. Is it Airlane?\n");
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST(Key, ThatIsNotTakenIsSaidWithWhereItComesFrom) {
  const Variable key("AIRLANE_KEY", "k3y");
  for (const int status : {401, 403}) {
    FakeServer server(status, R"({"error": {"code": "denied", "message": "No."}})",
                      FakeServer::AtPort{});
    const auto result = airlane_says({"user", "list", "--url", "http://" + server.host_and_port()});
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err,
              "airlane: No.\nThe key must be one of an admin, and have the scope admin: "
              "--key-file FILE or $AIRLANE_KEY.\n");
  }
}

TEST(Key, ThatIsMissingOrNoneIsNotSent) {
  const TemporaryFolder folder;
  FakeServer server(200, kUsers, FakeServer::AtPort{});
  const auto url = "http://" + server.host_and_port();
  const auto says = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words{"user", "list", "--url", url};
    words.insert(words.end(), more.begin(), more.end());
    const auto result = airlane_says(words);
    EXPECT_EQ(result.status, 2);
    return result.err;
  };
  EXPECT_THAT(says({}), HasSubstr("--key-file FILE or $AIRLANE_KEY"));
  EXPECT_THAT(says({"--key-file", "/nonexistent"}),
              HasSubstr("/nonexistent cannot be read: No such file"));
  EXPECT_THAT(says({"--key-file", folder.path("")}), HasSubstr("cannot be read: Is a directory"));
  EXPECT_THAT(says({"--key-file", written(folder, "")}), HasSubstr("there is no key in "));
  EXPECT_THAT(says({"--key-file", written(folder, "two words")}), HasSubstr("is not a key"));
  EXPECT_THAT(says({"--key-file", written(folder, std::string(5000, 'x'))}),
              HasSubstr("is not a key"));
  server.stop();
  EXPECT_THAT(server.head, IsEmpty());
}

TEST(Key, ThatWouldTravelInTheClearIsWarnedOf) {
  const Variable key("AIRLANE_KEY", "k3y");
  const auto result = airlane_says({"user", "list", "--url", "http://0.0.0.0:1"});
  EXPECT_THAT(result.err, HasSubstr("the key travels in the clear: http://0.0.0.0:1 is not https"));
}

TEST(Connection, IsToOneServer) {
  const Variable key("AIRLANE_KEY", "k3y");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"user", "list", "--url", "https://a.test", "--socket", "/s"},
           {"user", "list", "--url", "https://a.test", "-c", "/c"},
           {"user", "list", "--socket", "/s", "-c", "/c"},
           {"user", "list", "--socket", "/s", "--key-file", "/k"},
           {"user", "list", "--cacert", "/k"},
           {"user", "list", "--url", "ftp://a.test"},
           {"user", "list", "--url", "a.test"},
           {"user", "list", "--url", "https://u:p@a.test"},
           {"user", "list", "--url", "https://a.test/?x"},
           {"--url", "https://a.test", "settings"},
           {"settings", "--socket", "/s"}}) {
    const auto result = airlane_says(words);
    EXPECT_EQ(result.status, 2) << testing::PrintToString(words) << result.err;
    EXPECT_THAT(result.out, IsEmpty());
  }
  const Variable url("AIRLANE_URL", "https://a.test");
  const Variable socket("AIRLANE_SOCKET", "/s");
  EXPECT_EQ(airlane_says({"user", "list"}).err,
            "airlane: $AIRLANE_URL and $AIRLANE_SOCKET name two servers: unset one\n");
  EXPECT_THAT(airlane_says({"user", "list", "--socket", "/nonexistent"}).err,
              HasSubstr("/nonexistent: No such file"))
      << "what the command line says is nearer";
}

TEST(Connection, MayBeSaidBeforeTheCommandAndAmongItsWords) {
  FakeServer server(200, R"({"success": true})");
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"--socket", server.socket(), "user", "remove", "list"},
           {"user", "--socket", server.socket(), "remove", "list"},
           {"user", "remove", "--socket", server.socket(), "list"},
           {"user", "remove", "list", "--socket=" + server.socket()}}) {
    const auto result = airlane_says(words);
    EXPECT_EQ(result.out, "user list removed\n") << result.err;
  }
  server.stop();
  EXPECT_EQ(server.request, "DELETE /api/admin/users/list HTTP/1.1");
}

}  // namespace
}  // namespace airlane::test
