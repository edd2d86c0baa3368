// The HTTP client against servers that behave and servers that do not. Everything on loopback.
#include "base/http/client.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "base/clock.h"
#include "tests/base/http_server.h"

namespace airlane::test {
namespace {

using http::Request;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr auto kGenerous = 30s;  // An upper bound for what should take milliseconds.

TEST(HttpClient, SendsWhatItIsToldAndReturnsTheWholeAnswer) {
  std::string seen;
  HttpServer server([&](const std::string& request) {
    seen = request;
    return answer("hello", "X-One: 1\r\nx-two:   2 \r\nX-One: again\r\n");
  });
  Request request{.url = server.url("/a?b=c"), .method = "POST", .body = "<x/>"};
  request.headers = {{"Content-Type", "application/xml"}, {"X-Empty", ""}};
  const auto response = http::fetch(request);
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "hello");
  EXPECT_EQ(response->header("x-one"), "1");
  EXPECT_EQ(response->header("X-Two"), "2");
  EXPECT_EQ(response->header("X-Three"), std::nullopt);
  EXPECT_THAT(seen, HasSubstr("POST /a?b=c HTTP/1.1\r\n"));
  EXPECT_THAT(seen, HasSubstr("Content-Type: application/xml\r\n"));
  EXPECT_THAT(seen, HasSubstr("X-Empty:\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("urlencoded")));
  EXPECT_THAT(seen, HasSubstr("\r\n\r\n<x/>"));
}

TEST(HttpClient, SaysNothingAboutABodyWhoseTypeIsNotGiven) {
  std::string seen;
  HttpServer server([&](const std::string& request) { return seen = request, answer(""); });
  ASSERT_TRUE(http::fetch({.url = server.url(), .method = "PATCH", .body = "{}"}));
  EXPECT_THAT(seen, HasSubstr("PATCH / HTTP/1.1\r\n"));
  EXPECT_THAT(seen, Not(HasSubstr("Content-Type")));
}

TEST(HttpClient, DoesNotFollowARedirect) {
  HttpServer server([](const std::string&) {
    return "HTTP/1.1 302 Found\r\nLocation: /home.html\r\nContent-Length: 0\r\n\r\n";
  });
  const auto response = http::fetch({.url = server.url()});
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->status, 302);
  EXPECT_EQ(response->header("location"), "/home.html");
}

TEST(HttpClient, IgnoresProxiesFromTheEnvironment) {
  HttpServer server([](const std::string&) { return answer("direct"); });
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) {
    ::setenv(name, "http://127.0.0.1:1", 1);
  }
  const auto response = http::fetch({.url = server.url()});
  for (const char* name : {"http_proxy", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->body, "direct");
}

TEST(HttpClient, SpeaksOverAUnixSocket) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("airlane-http-test-" + std::to_string(::getpid()) + ".sock");
  {
    HttpServer server([](const std::string&) { return answer("local"); }, path);
    const auto response = http::fetch({.url = "http://airlane/x", .unix_socket = path});
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->body, "local");
  }
  std::filesystem::remove(path);
}

TEST(HttpClient, RefusesABodyThatIsLongerThanAllowed) {
  HttpServer server([](const std::string&) { return answer(std::string(5000, 'x')); });
  const auto response = http::fetch({.url = server.url(), .body_most = 4999});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, Failure::Kind::kUnavailable);
  EXPECT_THAT(response.error().text, HasSubstr("longer than 4999 bytes"));
  EXPECT_TRUE(http::fetch({.url = server.url(), .body_most = 5000}));
}

TEST(HttpClient, RefusesAnEndlessHead) {
  HttpServer server([](const std::string&) {
    std::string head = "HTTP/1.1 200 OK\r\n";
    for (int i = 0; i < 200; ++i) head += "X-Long: " + std::string(1000, 'x') + "\r\n";
    return head + "\r\n";
  });
  EXPECT_FALSE(http::fetch({.url = server.url()}));
}

TEST(HttpClient, GivesUpOnAServerThatNeverAnswers) {
  HttpServer server([](const std::string&) { return kSilence; });
  const auto start = Monotonic::now();
  const auto response = http::fetch({.url = server.url(), .timeout = 50ms});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, Failure::Kind::kUnavailable);
  EXPECT_LT(Monotonic::now() - start, kGenerous);
}

TEST(HttpClient, GivesUpOnAnAnswerThatNeverEnds) {
  HttpServer server([](const std::string&) {
    return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";  // And then it closes.
  });
  EXPECT_FALSE(http::fetch({.url = server.url(), .timeout = 5s}));
}

TEST(HttpClient, EndsAtOnceWhenAskedToStop) {
  std::stop_source stop;
  HttpServer server([&](const std::string&) {
    stop.request_stop();
    return kSilence;
  });
  const auto start = Monotonic::now();
  const auto response =
      http::fetch({.url = server.url(), .timeout = 600s, .stop = stop.get_token()});
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().text, HasSubstr("stopping"));
  EXPECT_LT(Monotonic::now() - start, kGenerous);
}

TEST(HttpClient, LeavesByTheInterfaceItIsTold) {
  HttpServer server([](const std::string&) { return answer("by lo"); });
  const auto response = http::fetch({.url = server.url(), .interface = "lo"});
  ASSERT_TRUE(response) << response.error().text;
  EXPECT_EQ(response->body, "by lo");
}

TEST(HttpClient, FailsWhenTheInterfaceIsMissingRatherThanGoUnbound) {
  bool reached = false;
  HttpServer server([&](const std::string&) { return reached = true, answer(""); });
  const auto response = http::fetch({.url = server.url(), .interface = "nodongle7"});
  ASSERT_FALSE(response);
  EXPECT_THAT(response.error().text, HasSubstr("cannot leave by nodongle7"));
  EXPECT_FALSE(reached);
  EXPECT_FALSE(http::fetch({.url = server.url(), .interface = "0123456789abcdefg"}));
}

TEST(HttpClient, NeverAsksTheHostsResolverForANameThatLeavesByAnInterface) {
  const auto response = http::fetch({.url = "http://localhost:1/", .interface = "lo"});
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, Failure::Kind::kInvalid);
  EXPECT_THAT(response.error().text, HasSubstr("must be resolved through lo"));
}

TEST(HttpClient, TakesTheAddressThatTheCallerResolved) {
  std::string seen;
  HttpServer server([&](const std::string& request) { return seen = request, answer("found"); });
  const auto port = std::to_string(server.port());
  for (const std::string host : {"Echo.Test", "echo.test."}) {
    Request request{.url = "http://", .interface = "lo"};
    request.url.append(host).append(":").append(port);
    request.resolved = Address::parse("127.0.0.1");
    const auto response = http::fetch(request);
    ASSERT_TRUE(response) << response.error().text;
    EXPECT_EQ(response->body, "found");
    EXPECT_THAT(seen, ::testing::ContainsRegex("Host: [Ee]cho.[Tt]est"));
  }
}

TEST(HttpClient, RefusesWhatItCouldNeverSend) {
  for (const char* url : {"", "nonsense://x/", "file:///etc/passwd", "http://", "http://a b/"}) {
    const auto response = http::fetch({.url = url});
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().kind, Failure::Kind::kInvalid) << url;
  }
  EXPECT_FALSE(http::fetch({.url = "http://127.0.0.1:1/", .timeout = 0ms}));
  EXPECT_FALSE(http::fetch({.url = "http://127.0.0.1:1/", .method = "GET / X"}));
  EXPECT_FALSE(http::fetch({.url = "http://127.0.0.1:1/", .headers = {{"a", "b\r\nc: d"}}}));
}

TEST(HttpTarget, ReadsAUrlAsTheClientDoes) {
  const auto name = http::target_of("https://ip.example/path");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->host, "ip.example");
  EXPECT_EQ(name->port, 443);
  EXPECT_FALSE(name->address);
  const auto v4 = http::target_of("http://192.0.2.1:8080/");
  EXPECT_EQ(v4->address, Address::parse("192.0.2.1", 8080));
  const auto v6 = http::target_of("http://[2001:db8::1]/");
  EXPECT_EQ(v6->address, Address::parse("2001:db8::1", 80));
  EXPECT_FALSE(http::target_of("gopher://x/"));
}

}  // namespace
}  // namespace airlane::test
