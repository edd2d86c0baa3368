// Every subcommand that asks the server: what goes over the socket, and what the operator sees.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/invocation.h"
#include "tests/cli/exchange.h"
#include "tests/cli/fake_server.h"
#include "tests/cli/shell.h"

namespace airlane::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kUser = R"({"name": "demo", "admin": false, "api_key": "k3y", "api": true})";

TEST(User, IsAddedWithAPasswordFromStandardInput) {
  const auto seen = ask({"user", "add", "demo", "--admin", "--password-stdin"}, 201, kUser,
                        "correct horse\r\nignored");
  EXPECT_EQ(seen.request, "POST /api/admin/users HTTP/1.1");
  EXPECT_EQ(json::parse(seen.body),
            json::parse(R"({"name": "demo", "password": "correct horse", "admin": true})"));
  EXPECT_EQ(seen.result.status, 0);
  EXPECT_EQ(seen.result.out, "NAME  ADMIN  API  API KEY\ndemo  no     yes  k3y\n");
}

TEST(Password, ThatIsNotThereIsSaidAndNothingIsSent) {
  for (const auto& words : std::vector<std::vector<std::string>>{
           {"user", "add", "demo", "--password-stdin"},
           {"user", "set", "demo", "--password-stdin", "--api", "on"},
           {"proxy", "set", "7", "--password-stdin"},
           {"credential", "add", "7", "phone", "--password-stdin"}}) {
    for (const auto* input : {"", "\n", "\r\n"}) {
      const auto seen = ask(words, 201, kUser, input);
      EXPECT_EQ(seen.result.status, 2);
      EXPECT_EQ(seen.result.err, "airlane: there is no password on standard input\n");
      EXPECT_THAT(seen.request, IsEmpty());
    }
  }
}

TEST(User, ListsAsATableOrAsTheServerSaidIt) {
  const std::string answer = R"({"users": [)" + std::string(kUser) + R"(], "count": 1})";
  const auto table = ask({"user", "list"}, 200, answer);
  EXPECT_EQ(table.request, "GET /api/admin/users HTTP/1.1");
  EXPECT_THAT(table.body, IsEmpty());
  EXPECT_EQ(table.result.out, "NAME  ADMIN  API  API KEY\ndemo  no     yes  k3y\n");
  EXPECT_EQ(ask({"user", "list", "--json"}, 200, answer).result.out, answer + "\n");
}

TEST(User, IsRemovedByItsNameWhateverThatIs) {
  const auto seen = ask({"user", "remove", "a/b c?"}, 200, R"({"success": true})");
  EXPECT_EQ(seen.request, "DELETE /api/admin/users/a%2Fb%20c%3F HTTP/1.1");
  EXPECT_EQ(seen.result.out, "user a/b c? removed\n");
}

TEST(Dongle, IsAddedWithWhatTheCommandLineSaysAndNothingElse) {
  const auto bare =
      ask({"dongle", "add", "ten", "--interface", "wwan0", "--driver", "none"}, 201, "{}");
  EXPECT_EQ(bare.request, "POST /api/admin/dongles HTTP/1.1");
  EXPECT_EQ(json::parse(bare.body),
            json::parse(R"({"name": "ten", "interface": "wwan0", "driver": "none"})"));

  const auto full = ask({"dongle", "add", "--dns", "192.0.2.1", "--dns", "192.0.2.2", "ten",
                         "--interface", "wwan0", "--driver", "command", "--gateway", "192.168.8.1",
                         "--isp", "Wind", "--option", "rotate=/bin/x a=b", "--option", "limit="},
                        201, "{}");
  EXPECT_EQ(json::parse(full.body), json::parse(R"({
    "name": "ten", "interface": "wwan0", "driver": "command", "gateway": "192.168.8.1",
    "dns": ["192.0.2.1", "192.0.2.2"], "isp": "Wind",
    "options": {"rotate": "/bin/x a=b", "limit": ""}})"));
}

TEST(Dongle, ListsAndIsRemoved) {
  const auto list = ask({"dongle", "list"}, 200, R"({"dongles": [{"name": "ten",
      "interface": "wwan0", "driver": "hilink", "gateway": null, "dns": [], "isp": "",
      "options": {}, "up": true, "state": "up"}], "count": 1})");
  EXPECT_EQ(list.request, "GET /api/admin/dongles HTTP/1.1");
  EXPECT_EQ(list.result.out,
            "NAME  INTERFACE  DRIVER  GATEWAY  DNS  ISP  STATE\n"
            "ten   wwan0      hilink  -        -    -    up\n");
  EXPECT_EQ(ask({"dongle", "remove", "ten"}, 200, R"({"success": true})").request,
            "DELETE /api/admin/dongles/ten HTTP/1.1");
}

TEST(Proxy, IsAddedAndPrintedAsJson) {
  const auto seen = ask({"proxy",
                         "add",
                         "--user",
                         "demo",
                         "--dongle",
                         "ten",
                         "--port",
                         "20000",
                         "--username",
                         "alice",
                         "--password",
                         "s3cret",
                         "--whitelist",
                         "203.0.113.0/24",
                         "--whitelist",
                         "198.51.100.7",
                         "--whitelist-mode",
                         "restrict",
                         "--from",
                         "2026-01-01T00:00:00Z",
                         "--till",
                         "2026-02-01T00:00:00Z",
                         "--comment",
                         "first"},
                        201, R"({"id": 1, "password": "s3cret"})");
  EXPECT_EQ(seen.request, "POST /api/admin/proxies HTTP/1.1");
  EXPECT_EQ(json::parse(seen.body), json::parse(R"({
    "user": "demo", "dongle": "ten", "port": 20000, "username": "alice", "password": "s3cret",
    "src_whitelist": ["203.0.113.0/24", "198.51.100.7"], "src_whitelist_mode": "restrict",
    "in_use_from": "2026-01-01T00:00:00Z", "in_use_till": "2026-02-01T00:00:00Z",
    "comment": "first"})"));
  EXPECT_EQ(seen.result.out, "{\"id\":1}\n");
}

TEST(Proxy, TakesItsPasswordFromStandardInputToo) {
  const auto added = ask({"proxy", "add", "--user", "demo", "--dongle", "ten", "--port", "20000",
                          "--username", "alice", "--password-stdin"},
                         201, "{}", "s3cret\n");
  EXPECT_EQ(json::parse(added.body)["password"], "s3cret");
  const auto set = ask({"proxy", "set", "7", "--password-stdin"}, 200, "{}", "n3w\n");
  EXPECT_EQ(set.body, R"({"password":"n3w"})");
}

TEST(Proxy, IsChangedOnlyInWhatIsSaid) {
  const auto seen = ask({"proxy", "set", "7", "--comment", "", "--dongle", "eleven"}, 200, "{}");
  EXPECT_EQ(seen.request, "PATCH /api/admin/proxies/7 HTTP/1.1");
  EXPECT_EQ(json::parse(seen.body), json::parse(R"({"comment": "", "dongle": "eleven"})"));
}

TEST(Proxy, CountsByDestinationAsManyAsAreWanted) {
  for (const auto& [number, told] :
       std::map<std::string, std::string>{{"100", "100"}, {"0", "0"}, {"default", "null"}}) {
    EXPECT_EQ(ask({"proxy", "top", "7", "--keep", number}, 200, "{}").body,
              R"({"top_destinations":)" + told + "}");
  }
}

TEST(Proxy, ShowsWhereItsBytesWent) {
  const std::string answer = R"({"success": true, "destinations": [{"host": "a.test", "port": 443,
      "incoming": 1000, "outgoing": 20, "connections": 3}], "other": {"incoming": 5,
      "outgoing": 6, "connections": 7}, "missing_at_most": 0, "id": 7})";
  const auto seen = ask({"proxy", "top", "7", "--day", "2026-01-31", "--limit", "1"}, 200, answer);
  EXPECT_EQ(seen.request, "GET /api/admin/proxies/7/top?day=2026-01-31&limit=1 HTTP/1.1");
  EXPECT_EQ(seen.result.out,
            "HOST     PORT  INCOMING  OUTGOING  CONNECTIONS\n"
            "a.test   443   1000      20        3\n"
            "(other)  -     5         6         7\n");
  EXPECT_EQ(ask({"proxy", "top", "7", "--json"}, 200, answer).result.out, answer + "\n");
  EXPECT_THAT(ask({"proxy", "top", "7"}, 200, R"({"info": "No."})").result.out, HasSubstr("No.\n"));
  const auto gone = ask({"proxy", "top", "7", "--forget"}, 200, R"({"success": true})");
  EXPECT_EQ(gone.request, "DELETE /api/admin/proxies/7/top HTTP/1.1");
  EXPECT_EQ(gone.result.out, "the destinations of proxy 7 are forgotten\n");
}

TEST(Proxy, LosesItsWhitelistAndRentalByTheWordNone) {
  const auto seen = ask(
      {"proxy", "set", "--whitelist", "none", "--from", "none", "--till", "none", "7"}, 200, "{}");
  EXPECT_EQ(json::parse(seen.body),
            json::parse(R"({"src_whitelist": [], "in_use_from": null, "in_use_till": null})"));
}

TEST(Proxy, GetsAndLosesASchedule) {
  const auto set =
      ask({"proxy", "schedule", "--interval", "60-90", "--calendar", "Mon 8:00", "7"}, 200, "{}");
  EXPECT_EQ(json::parse(set.body),
            json::parse(R"({"ext_ip_upd_interval": "60-90", "ext_ip_upd_calendar": "Mon 8:00"})"));
  const auto lost =
      ask({"proxy", "schedule", "--interval", "none", "--calendar", "none", "7"}, 200, "{}");
  EXPECT_EQ(json::parse(lost.body),
            json::parse(R"({"ext_ip_upd_interval": null, "ext_ip_upd_calendar": ""})"));
  EXPECT_EQ(set.request, "PATCH /api/admin/proxies/7 HTTP/1.1");
}

TEST(Proxy, ListsWithoutPasswordsUnlessAskedForJson) {
  const std::string answer = R"({"proxies": [{"id": 7, "ip": "192.0.2.1", "port": 20000,
      "username": "alice", "password": "s3cret", "src_whitelist": [], "isp": "Wind",
      "comment": "", "in_use_from": null, "in_use_till": null, "src_whitelist_mode": "bypass",
      "user": "demo", "dongle": "ten", "fp": "ios", "ext_ip_upd_interval": "60-90",
      "ext_ip_upd_calendar": "", "next_rotation_at": "2026-06-01T12:00:00Z"}], "count": 1})";
  const auto table = ask({"proxy", "list"}, 200, answer).result.out;
  EXPECT_THAT(table, HasSubstr("7   192.0.2.1  20000  alice     demo  ten     -          bypass"));
  EXPECT_THAT(table, HasSubstr("60-90     -         2026-06-01T12:00:00Z  ios  "));
  EXPECT_THAT(table, testing::Not(HasSubstr("s3cret")));
  EXPECT_THAT(ask({"proxy", "list", "--json"}, 200, answer).result.out, HasSubstr("s3cret"));
}

TEST(Proxy, IsRemovedRotatedAndRebootedByItsNumber) {
  EXPECT_EQ(ask({"proxy", "remove", "7"}, 200, R"({"success": true})").result.out,
            "proxy 7 removed\n");

  const auto rotated = ask({"rotate", "7"}, 200, R"({"success": true,
      "new_ip": "203.0.113.177", "old_ip": null, "id": 7})");
  EXPECT_EQ(rotated.request, "POST /api/admin/proxies/7/rotate HTTP/1.1");
  EXPECT_EQ(rotated.result.out, "proxy 7: - -> 203.0.113.177\n");

  const auto unknown = ask({"rotate", "7"}, 200, R"({"success": true, "new_ip": null,
      "old_ip": "203.0.113.80", "id": 7, "reason": "Nobody answers."})");
  EXPECT_EQ(unknown.result.out, "proxy 7: 203.0.113.80 -> not known\n");
  EXPECT_EQ(unknown.result.err,
            "airlane: rotated, but the new external IP is not known: Nobody answers.\n");
  EXPECT_EQ(unknown.result.status, 3);

  const auto rebooted = ask({"reboot", "7"}, 200, R"({"success": true, "info": "Soon.", "id": 7})");
  EXPECT_EQ(rebooted.request, "POST /api/admin/proxies/7/reboot HTTP/1.1");
  EXPECT_EQ(rebooted.result.out, "proxy 7: Soon.\n");
}

TEST(Proxy, IsRotatedUntilItsAddressIsOneThatIsWanted) {
  const auto reached = ask({"rotate", "7", "--until", "unused", "--tries", "5", "--hours", "48"},
                           200, R"({"success": true, "new_ip": "203.0.113.9",
      "old_ip": "203.0.113.7", "id": 7, "job": 17, "attempts": 2, "reached": true})");
  EXPECT_EQ(reached.request, "POST /api/admin/proxies/7/rotate HTTP/1.1");
  EXPECT_EQ(json::parse(reached.body),
            json::parse(R"({"until": "unused", "tries": 5, "hours": 48})"));
  EXPECT_EQ(reached.result.out, "proxy 7: 203.0.113.7 -> 203.0.113.9\n");
  EXPECT_EQ(reached.result.status, 0);

  const auto missed = ask({"rotate", "7", "--until", "different"}, 200, R"({"success": true,
      "new_ip": "203.0.113.7", "old_ip": "203.0.113.7", "id": 7, "job": 18, "attempts": 3,
      "reached": false, "reason": "3 tries have not."})");
  EXPECT_EQ(missed.result.out, "proxy 7: 203.0.113.7 -> 203.0.113.7\n");
  EXPECT_EQ(missed.result.err, "airlane: rotated, but not to what was wanted: 3 tries have not.\n");
  EXPECT_EQ(missed.result.status, 3);
}

TEST(Job, IsListedAndShown) {
  const auto listed = ask({"job", "list", "--dongle", "d 1", "--state", "failed", "--limit", "9"},
                          200, R"({"jobs": [{"id": 17, "action": "rotate", "proxy": 7,
      "dongle": "d 1", "state": "failed", "cause": "link", "old_ip": null, "new_ip": null,
      "started": "2026-03-01T00:00:00Z", "ended": null, "seconds": null, "attempts": 1,
      "until": null, "reached": null, "error": "It sulks."}], "count": 9, "next": 17})");
  EXPECT_EQ(listed.request, "GET /api/admin/jobs?dongle=d%201&state=failed&limit=9 HTTP/1.1");
  EXPECT_THAT(listed.result.out, HasSubstr("OLD IP"));
  EXPECT_THAT(listed.result.out, HasSubstr("It sulks."));
  EXPECT_EQ(ask({"job", "list"}, 200, R"({"jobs": []})").request, "GET /api/admin/jobs HTTP/1.1");
  const auto shown = ask({"job", "show", "17"}, 200, R"({"id": 17})");
  EXPECT_EQ(shown.request, "GET /api/admin/jobs/17 HTTP/1.1");
  EXPECT_THAT(shown.result.out, HasSubstr("17"));
}

TEST(Dongle, HasAHistoryOfItsAddresses) {
  const auto told = ask({"dongle", "history", "ten", "--before", "5"}, 200, R"({"addresses": [
      {"ip": "203.0.113.9", "from": "2026-03-01T00:00:00Z", "till": null, "seconds": 42,
       "cause": "rotation"}], "count": 9, "next": 4,
      "unique": {"days": 14, "periods": 40, "addresses": 37, "share": 0.925}})");
  EXPECT_EQ(told.request, "GET /api/admin/dongles/ten/history?limit=50&before=5 HTTP/1.1");
  EXPECT_THAT(told.result.out, HasSubstr("203.0.113.9"));
  EXPECT_THAT(told.result.out, HasSubstr("37 different ones in 40 periods of the last 14 days\n"));
}

TEST(Metrics, ArePrintedAsTheyCome) {
  const std::string text = "# TYPE airlane_x counter\nairlane_x{y=\"z\"} 1\n";
  const auto seen = ask({"metrics"}, 200, text);
  EXPECT_EQ(seen.request, "GET /api/admin/metrics HTTP/1.1");
  EXPECT_EQ(seen.result.out, text);
  EXPECT_EQ(seen.result.status, 0);
  const auto refused = ask({"metrics"}, 403, R"({"error": {"message": "No."}})");
  EXPECT_EQ(refused.result.err, "airlane: No.\n");
  EXPECT_EQ(refused.result.status, 1);
}

TEST(Refusal, IsTheServersSentenceOnTheErrorStreamAndExitStatus1) {
  for (const auto& [status, answer, sentence] :
       {std::tuple{409, R"({"error": {"code": "conflict", "message": "Port 20000 is taken."}})",
                   "airlane: Port 20000 is taken.\n"},
        std::tuple{429, R"({"detail": "Request was throttled."})",
                   "airlane: Request was throttled.\n"},
        std::tuple{200, R"({"success": false, "error": "Failed to call reboot", "id": 7})",
                   "airlane: Failed to call reboot\n"},
        std::tuple{
            500, "<html>",
            "airlane: The server answered with HTTP status 500 and not in JSON. Is it Airlane?\n"},
        std::tuple{403, R"({"error": {"message": 7}})",
                   "airlane: The server answered with HTTP status 403.\n"}}) {
    const auto result = ask({"rotate", "7", "--json"}, status, answer).result;
    EXPECT_EQ(result.status, 1);
    EXPECT_EQ(result.err, sentence);
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST(Server, ThatDoesNotRunIsNamedWithItsSocketAndExitStatus69) {
  const auto result = airlane_says({"user", "list", "--socket", "/nonexistent/control.sock"});
  EXPECT_EQ(result.status, 69);
  EXPECT_EQ(
      result.err,
      "airlane: cannot reach the server: /nonexistent/control.sock: No such file or directory\n"
      "`airlane serve` must be running; --socket, -c FILE or $AIRLANE_SOCKET names its socket.\n");
}

TEST(Server, ThatDiedLeavesASocketThatRefuses) {
  FakeServer server(200, "{}");
  server.stop();
  const auto result = airlane_says({"user", "list", "--socket", server.socket()});
  EXPECT_EQ(result.status, 69);
  EXPECT_THAT(result.err,
              HasSubstr("reach the server: nobody listens at " + server.socket() + "\n"));
  EXPECT_THAT(result.err, HasSubstr("`airlane serve` must be running"));
}

TEST(Socket, ComesFromTheConfigurationOrTheEnvironment) {
  FakeServer server(200, R"({"users": []})");
  const auto file = server.folder() + "/airlane.toml";
  std::ofstream(file) << "[control]\nsocket = '" << server.socket() << "'\n";
  EXPECT_EQ(airlane_says({"user", "list", "-c", file}).status, 0);
  ::setenv("AIRLANE_SOCKET", server.socket().c_str(), 1);
  EXPECT_EQ(airlane_says({"user", "list"}).status, 0);
  EXPECT_EQ(airlane_says({"user", "list", "--socket", "/nonexistent"}).status, 69);
  EXPECT_EQ(airlane_says({"user", "list", "-c", "/nonexistent"}).status, 78);
  ::unsetenv("AIRLANE_SOCKET");
}

TEST(Upgrade, IsWaitedForNoLongerWhereTheServerDoesNotTellHowItWent) {
  FakeServer* its = nullptr;
  FakeServer server(202, [&its](const std::string& request) {
    if (request.starts_with("POST")) return R"({"pid": 7})";
    its->status = 401;
    return R"({"error": {"message": "The key has ended."}})";
  });
  its = &server;
  const auto result = airlane_says({"upgrade", "--socket", server.socket()});
  EXPECT_EQ(result.status, 3);
  EXPECT_EQ(result.err,
            "airlane: The key has ended.\n"
            "The upgrade was ordered, and how it went is not known; the server's log says more.\n");
}

TEST(Upgrade, SaysWhyTheOldProcessStillServes) {
  const auto failed = ask(
      {"upgrade"}, 200, R"({"pid": 7, "version": "1", "upgrade": "failed", "reason": "No luck."})");
  EXPECT_EQ(failed.result.status, cli::kRefused);
  EXPECT_THAT(failed.result.err, HasSubstr("No luck."));
  EXPECT_EQ(failed.request, "GET /api/admin/server HTTP/1.1");

  const auto refused =
      ask({"upgrade"}, 409, R"({"error": {"code": "conflict", "message": "Not now."}})");
  EXPECT_EQ(refused.result.status, cli::kRefused);
  EXPECT_THAT(refused.result.err, HasSubstr("Not now."));
  EXPECT_EQ(refused.request, "POST /api/admin/server/upgrade HTTP/1.1");
}

TEST(List, IsReadToItsLastPage) {
  FakeServer server(200, [](const std::string& request) -> std::string {
    if (request == "GET /api/admin/users HTTP/1.1") {
      return R"({"users": [{"name": "a"}, {"name": "b"}], "count": 3, "next": 2})";
    }
    EXPECT_EQ(request, "GET /api/admin/users?after=2 HTTP/1.1");
    return R"({"users": [{"name": "c"}], "count": 3, "next": null})";
  });
  const auto table = airlane_says({"user", "list", "--socket", server.socket()});
  EXPECT_EQ(table.out,
            "NAME  ADMIN  API  API KEY\na     -      -    -\nb     -      -    -\n"
            "c     -      -    -\n");
  const auto whole = airlane_says({"user", "list", "--json", "--socket", server.socket()});
  EXPECT_EQ(whole.out, R"({"users":[{"name":"a"},{"name":"b"},{"name":"c"}],"count":3,"next":null})"
                       "\n");
}

TEST(List, WhosePagesDoNotEndIsGivenUp) {
  const auto endless = ask({"user", "list"}, 200, R"({"users": [{"name": "a"}], "next": 7})");
  EXPECT_EQ(endless.result.status, 1);
  EXPECT_EQ(endless.result.err, "airlane: the pages of the list do not end\n");
  EXPECT_THAT(endless.result.out, IsEmpty());
}

TEST(Refusal, SaysEveryFieldThatIsWrong) {
  const auto result = ask({"proxy", "set", "7", "--comment", "x"}, 422, R"({"error": {
      "code": "invalid", "message": "It is taken.", "field": "port", "fields": [
        {"field": "port", "message": "It is taken."},
        {"field": "in_use_till", "message": "The field \"in_use_till\" must be a time, or null."}
      ]}})")
                          .result;
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.err, "airlane: port: It is taken.\n--till must be a time, or none.\n");
}

TEST(Argument, ThatIsNotUtf8IsNotSent) {
  const auto seen = ask({"proxy", "set", "7", "--comment", "\xff"}, 200, "{}");
  EXPECT_EQ(seen.result.status, 2);
  EXPECT_THAT(seen.request, IsEmpty());
}

}  // namespace
}  // namespace airlane::test
