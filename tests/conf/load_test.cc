// A configuration file, and everything that can be wrong with one. Each test is one file.
#include "conf/load.h"

#include <gmock/gmock.h>

namespace airlane::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// Every problem of the text as an operator would see it.
std::vector<std::string> problems(std::string_view text) {
  std::vector<std::string> lines;
  const auto loaded = conf::parse(text, "a.toml");
  if (loaded) return lines;
  for (const auto& problem : loaded.error()) lines.push_back(problem.to_string());
  return lines;
}

TEST(Load, AnEmptyFileIsTheDefaults) {
  const auto loaded = conf::parse("", "a.toml");
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(*loaded, Config{});
}

TEST(Load, EveryKindOfValueArrives) {
  const auto loaded = conf::parse(R"(
    server = { workers = 2, log = "debug" }
    control.listen = ["127.0.0.1:80", "[::1]:80"]
    proxy.listen = "192.0.2.1"
    destinations.allow = ["198.18.0.0/15"]
    destinations.denied_ports = ["25", "6660-6669"]
    timeouts.relay = "2h"
    limits.api_body = "1MiB"
    [external_ip]
    urls = ["http://198.18.0.1/ip"]
  )",
                                  "a.toml");
  Config wanted;
  wanted.server = {.workers = 2, .log = log::Level::kDebug};
  wanted.control.listen = {*Address::parse("127.0.0.1", 80), *Address::parse("::1", 80)};
  wanted.proxy.listen = *Address::parse("192.0.2.1");
  wanted.destinations.allow = {Cidr::of("198.18.0.0/15")};
  wanted.destinations.denied_ports = {{25, 25}, {6660, 6669}};
  wanted.timeouts.relay = std::chrono::hours(2);
  wanted.limits.api_body = std::size_t{1} << 20;
  wanted.external_ip.urls = {"http://198.18.0.1/ip"};
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  EXPECT_EQ(*loaded, wanted);
}

TEST(Load, ListsReplaceTheirDefault) {
  const auto loaded =
      conf::parse("control.listen = []\nexternal_ip.urls = ['http://h/']", "a.toml");
  ASSERT_TRUE(loaded.has_value());
  EXPECT_THAT(loaded->control.listen, IsEmpty());
  EXPECT_THAT(loaded->external_ip.urls, ElementsAre("http://h/"));
}

TEST(Load, SaysAllProblemsAtOnceInTheOrderOfTheFile) {
  EXPECT_THAT(
      problems("[timeouts]\n"
               "idle = \"5s\"\n"
               "connect = \"5\"\n"
               "[server]\n"
               "workers = \"many\"\n"
               "[limits]\n"
               "proxies = 70000\n"),
      ElementsAre(StartsWith("a.toml:2:1: timeouts.idle: is an unknown setting"),
                  StartsWith("a.toml:3:11: timeouts.connect: \"5\" has no unit"),
                  "a.toml:5:11: server.workers: is text in quotes, but must be a whole number",
                  "a.toml:7:11: limits.proxies: 70000 is out of range: it must be from 1 "
                  "to 65535"));
}

TEST(Load, SuggestsTheKeyThatWasMeant) {
  EXPECT_THAT(problems("[server]\nwokers = 1"),
              ElementsAre(HasSubstr("server.wokers: is an unknown setting; did you mean "
                                    "server.workers?")));
  EXPECT_THAT(problems("[sever]\nworkers = 1"),
              ElementsAre(HasSubstr("sever: is an unknown table; did you mean [server]?")));
  EXPECT_THAT(problems("[server]\nsocket = '/s'"),
              ElementsAre(HasSubstr("did you mean control.socket?")));
  EXPECT_THAT(
      problems("workers = 1"),
      ElementsAre("a.toml:1:1: workers: is not in any table; did you mean server.workers?"));
  EXPECT_THAT(problems("[zzzzzz]"), ElementsAre("a.toml:1:2: zzzzzz: is an unknown table"));
}

TEST(Load, RefusesTheWrongTypeOfValue) {
  EXPECT_THAT(problems("server = 5"),
              ElementsAre("a.toml:1:10: server: is a table: write it as [server]"));
  EXPECT_THAT(
      problems("[server]\nlog = true"),
      ElementsAre("a.toml:2:7: server.log: is true or false, but must be a level in quotes"));
  EXPECT_THAT(problems("[server]\nworkers = 1.5"),
              ElementsAre(HasSubstr("is a number with a fraction, but must be a whole number")));
  EXPECT_THAT(problems("[control]\nlisten = '127.0.0.1:80'"),
              ElementsAre(HasSubstr("is text in quotes, but must be a list like")));
  EXPECT_THAT(problems("[proxy]\nlisten = ['0.0.0.0']"),
              ElementsAre(HasSubstr("is a list, but must be an address in quotes")));
  EXPECT_THAT(problems("[proxy]\nlisten = 2026-01-01"), ElementsAre(HasSubstr("is a date")));
  EXPECT_THAT(problems("[[server]]\nworkers = 1"), ElementsAre(HasSubstr("server: is a table")));
  EXPECT_THAT(problems("[external_ip]\nurls = []"), ElementsAre(HasSubstr("at least one")));
}

TEST(Load, ACertificateIsAPairOfPathsOrOne) {
  const auto loaded = conf::parse(
      "tls.certificates = [{ certificate = '/a.crt', key = '/a.key' }, '/both.pem']", "a.toml");
  ASSERT_TRUE(loaded.has_value()) << loaded.error().front().to_string();
  EXPECT_THAT(loaded->tls.certificates, ElementsAre(CertificateFiles{"/a.crt", "/a.key"},
                                                    CertificateFiles{"/both.pem", "/both.pem"}));
  const auto tables =
      conf::parse("[[tls.certificates]]\ncertificate = '/a.crt'\nkey = '/a.key'\n", "a.toml");
  ASSERT_TRUE(tables.has_value()) << tables.error().front().to_string();
  EXPECT_THAT(tables->tls.certificates, ElementsAre(CertificateFiles{"/a.crt", "/a.key"}));
}

TEST(Load, SaysWhatIsWrongWithACertificate) {
  const auto says = [](const std::string& element) {
    return problems("[tls]\ncertificates = [" + element + "]");
  };
  EXPECT_THAT(says("{ certificate = '/a' }"),
              ElementsAre("a.toml:2:17: tls.certificates: has an element without key"));
  EXPECT_THAT(says("{ key = '/a' }"), ElementsAre(HasSubstr("without certificate")));
  EXPECT_THAT(says("{ certificate = '/a', keys = '/b' }"),
              ElementsAre(HasSubstr("\"keys\" is neither certificate nor key")));
  EXPECT_THAT(says("{ certificate = 5, key = '/b' }"),
              ElementsAre(HasSubstr("certificate must be a path in quotes")));
  EXPECT_THAT(says("{ certificate = 'a', key = '/b' }"),
              ElementsAre(HasSubstr("\"a\" is not an absolute path")));
  EXPECT_THAT(says("5"), ElementsAre(HasSubstr("has an element")));
  EXPECT_THAT(problems("destinations.allow = [{ a = 'b' }]"),
              ElementsAre(HasSubstr("has an element that is not text in quotes")));
}

TEST(Load, BlamesTheElementOfAListNotTheList) {
  EXPECT_THAT(problems("[destinations]\nallow = [\n  '10.0.0.0/8',\n  '10.0.0.1/8',\n  7,\n]"),
              ElementsAre(StartsWith("a.toml:4:3: destinations.allow: \"10.0.0.1/8\" is not"),
                          StartsWith("a.toml:5:3: destinations.allow: has an element")));
}

TEST(Load, SaysWhereTheSyntaxBreaks) {
  EXPECT_THAT(problems("[server]\nworkers = \n"), ElementsAre(StartsWith("a.toml:2:")));
  EXPECT_THAT(problems("[server]\nlog = \"info"), ElementsAre(StartsWith("a.toml:2:")));
  EXPECT_THAT(problems("[server]\nworkers = 1\nworkers = 2"), ElementsAre(StartsWith("a.toml:3:")));
  EXPECT_THAT(problems("\xff\xfe"), ElementsAre(StartsWith("a.toml:1:1: ")));
}

TEST(Load, SaysWhyAFileCannotBeRead) {
  const auto missing = conf::load("/nonexistent/airlane.toml");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().front().to_string(),
            "/nonexistent/airlane.toml: cannot be read: No such file or directory");
  EXPECT_EQ(conf::load("/").error().front().to_string(), "/: cannot be read: Is a directory");
  EXPECT_EQ(conf::load("/dev/zero").error().front().text, "cannot be read: File too large");
}

}  // namespace
}  // namespace airlane::test
