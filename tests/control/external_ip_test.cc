// Who may tell us our external IP, and who may not.
#include "control/external_ip.h"

#include <gmock/gmock.h>

#include "tests/base/http_server.h"

namespace airlane::test {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

Outcome<std::string> ask(std::vector<std::string> urls, const ResolveHost& resolve = {}) {
  return ask_external_ip({"lo", std::move(urls)}, resolve, 30s, {});
}

TEST(ExternalIp, IsABareAddressWithBlanksAroundIt) {
  for (const char* body : {"203.0.113.9", " 203.0.113.9\r\n", "\n203.0.113.9"}) {
    HttpServer echo([&](const std::string&) { return answer(body); });
    const auto ip = ask({echo.url()});
    ASSERT_TRUE(ip) << ip.error().text;
    EXPECT_EQ(*ip, "203.0.113.9");
  }
}

TEST(ExternalIp, IsNotGuessedFromAnythingElse) {
  const std::string html = "<html>203.0.113.9</html>";
  for (const std::string& body :
       {html, std::string(), std::string("2001:db8::1"), std::string("203.0.113.9 203.0.113.8"),
        std::string("0.0.0.0"), std::string("203.0.113.999"), std::string("203.0.113.9\0x", 13),
        std::string(100'000, '1')}) {
    HttpServer echo([&](const std::string&) { return answer(body); });
    EXPECT_FALSE(ask({echo.url()})) << body.substr(0, 50);
  }
}

TEST(ExternalIp, IsNotTakenFromACaptivePortal) {
  HttpServer portal([](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 11\r\n\r\n"
           "203.0.113.9";
  });
  EXPECT_THAT(ask({portal.url()}).error().text, HasSubstr("HTTP 302"));
}

TEST(ExternalIp, IsAskedOfTheNextWhenOneFails) {
  HttpServer broken([](const std::string&) { return answer("<html>"); });
  HttpServer good([](const std::string&) { return answer("203.0.113.9"); });
  const auto ip = ask({"http://127.0.0.1:1/", broken.url(), good.url()});
  ASSERT_TRUE(ip) << ip.error().text;
  EXPECT_EQ(*ip, "203.0.113.9");
}

TEST(ExternalIp, SaysOfEachWhyItFailed) {
  HttpServer broken([](const std::string&) { return answer("<b>\x1b</b>"); });
  const auto text = ask({"http://127.0.0.1:1/", broken.url()}).error().text;
  EXPECT_THAT(text, HasSubstr("http://127.0.0.1:1/: 127.0.0.1: "));
  EXPECT_THAT(text, HasSubstr("not an IPv4 address: \"<b>\\x1b</b>\""));
  EXPECT_THAT(ask({}).error().text, HasSubstr("names no"));
}

TEST(ExternalIp, ResolvesNamesThroughTheDongleOnly) {
  HttpServer echo([](const std::string&) { return answer("203.0.113.9"); });
  const auto url = "http://echo.test:" + std::to_string(echo.port()) + "/";
  std::string asked;
  const auto ip =
      ask({url},
          [&](const std::string& host, std::chrono::milliseconds, const Stop&) -> Outcome<Address> {
            asked = host;
            return *Address::parse("127.0.0.1");
          });
  ASSERT_TRUE(ip) << ip.error().text;
  EXPECT_EQ(asked, "echo.test");

  EXPECT_THAT(ask({url}).error().text, HasSubstr("nobody to resolve"));
  const auto no_such_name = [](const std::string&, std::chrono::milliseconds,
                               const Stop&) -> Outcome<Address> {
    return Failure{Failure::Kind::kUnavailable, "no such name"};
  };
  EXPECT_THAT(ask({url}, no_such_name).error().text, HasSubstr("no such name"));
}

TEST(ExternalIp, IsNeverAskedOverIpv6) {
  const auto resolve = [](const std::string&, std::chrono::milliseconds,
                          const Stop&) -> Outcome<Address> { return *Address::parse("::1"); };
  EXPECT_THAT(ask({"http://[::1]:1/"}).error().text, HasSubstr("over IPv6"));
  EXPECT_THAT(ask({"http://echo.test/"}, resolve).error().text, HasSubstr("over IPv6"));
}

TEST(ExternalIp, IsGivenUpInTime) {
  HttpServer silent([](const std::string&) { return kSilence; });
  const std::vector<std::string> urls(100, silent.url());
  const auto start = Monotonic::now();
  EXPECT_FALSE(ask_external_ip({"lo", urls}, {}, 50ms, {}));
  EXPECT_LT(Monotonic::now() - start, 30s);
}

TEST(ExternalIp, IsAskedOfTheNextWhenOneNeverAnswers) {
  HttpServer silent([](const std::string&) { return kSilence; });
  HttpServer good([](const std::string&) { return answer("203.0.113.9"); });
  const auto ip = ask_external_ip({"lo", {silent.url(), good.url()}}, {}, 2s, {});
  EXPECT_TRUE(ip) << ip.error().text;
}

TEST(ExternalIp, IsNeverAskedWithoutAnInterface) {
  HttpServer echo([](const std::string&) { return answer("203.0.113.9"); });
  EXPECT_FALSE(ask_external_ip({"", {echo.url()}}, {}, 30s, {}));
}

TEST(ExternalIpCache, ForgetsAfterTwoMinutes) {
  ExternalIpCache cache(120s);
  const auto now = Monotonic::now();
  EXPECT_EQ(cache.get(now), std::nullopt);
  cache.put("203.0.113.9", now);
  EXPECT_EQ(cache.get(now + 120s), "203.0.113.9");
  EXPECT_EQ(cache.get(now + 121s), std::nullopt);
  cache.put("203.0.113.8", now);
  EXPECT_EQ(cache.get(now), "203.0.113.8");
  cache.clear();
  EXPECT_EQ(cache.get(now), std::nullopt);
}

}  // namespace
}  // namespace airlane::test
