// HTTP/2 fields and the HTTP/1.1 heads that they become. Each test is one message.
#include "proxy/protocol/http2_message.h"

#include <gmock/gmock.h>

#include <array>
#include <optional>

namespace airlane::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

// The head, or why there is none.
std::string head_of(const Fields& fields, bool ended = true) {
  Http2Request request;
  for (const auto& [name, value] : fields) {
    if (const auto added = request.add(name, value); !added) return describe(added.error());
  }
  const auto head = request.head(ended);
  return head ? *head : describe(head.error());
}

Fields get(std::string_view path = "/") {
  return {{":method", "GET"}, {":scheme", "http"}, {":authority", "a.test"}, {":path", path}};
}

Fields with(Fields fields, std::string_view name, std::string_view value) {
  fields.emplace_back(name, value);
  return fields;
}

bool is_refused(const Fields& fields) { return !head_of(fields).starts_with("GET "); }

TEST(Http2Request, BecomesARequestInAbsoluteForm) {
  EXPECT_EQ(head_of(with(get("/p?q=1"), "accept", "*/*")),
            "GET http://a.test/p?q=1 HTTP/1.1\r\nhost: a.test\r\naccept: */*\r\n"
            "connection: close\r\n\r\n");
}

TEST(Http2Request, ConnectHasMethodAndAuthorityOnly) {
  const Fields connect{{":method", "CONNECT"}, {":authority", "a.test:443"}};
  EXPECT_EQ(head_of(with(connect, "proxy-authorization", "Basic eA=="), false),
            "CONNECT a.test:443 HTTP/1.1\r\nhost: a.test:443\r\n"
            "proxy-authorization: Basic eA==\r\nconnection: close\r\n\r\n");
  EXPECT_EQ(head_of(with(connect, ":path", "/")), "read CONNECT: malformed");
  EXPECT_EQ(head_of(with(connect, ":scheme", "https")), "read CONNECT: malformed");
  EXPECT_EQ(head_of(with(connect, ":protocol", "websocket")), "read pseudo-field: malformed");
  EXPECT_EQ(head_of({{":method", "CONNECT"}}), "read request: malformed");
}

TEST(Http2Request, AsksAboutAWholeServer) {
  EXPECT_EQ(
      head_of(
          {{":method", "OPTIONS"}, {":scheme", "http"}, {":authority", "a.test"}, {":path", "*"}}),
      "OPTIONS http://a.test HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n");
  EXPECT_TRUE(is_refused(get("*")));
}

TEST(Http2Request, ABodyOfUnknownLengthComesInChunks) {
  EXPECT_EQ(head_of(get(), false),
            "GET http://a.test/ HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n"
            "transfer-encoding: chunked\r\n\r\n");
  EXPECT_EQ(head_of(with(get(), "content-length", "5"), false),
            "GET http://a.test/ HTTP/1.1\r\nhost: a.test\r\ncontent-length: 5\r\n"
            "connection: close\r\n\r\n");
}

TEST(Http2Request, JoinsTheCookies) {
  EXPECT_EQ(head_of(with(with(with(get(), "cookie", "a=1"), "x", "y"), "cookie", "b=2")),
            "GET http://a.test/ HTTP/1.1\r\nhost: a.test\r\nx: y\r\ncookie: a=1; b=2\r\n"
            "connection: close\r\n\r\n");
}

TEST(Http2Request, TakesHostForTheAuthorityAndRefusesTwo) {
  const Fields hostless{{":method", "GET"}, {":scheme", "http"}, {":path", "/"}};
  EXPECT_EQ(head_of(with(hostless, "host", "b.test")),
            "GET http://b.test/ HTTP/1.1\r\nhost: b.test\r\nconnection: close\r\n\r\n");
  EXPECT_FALSE(is_refused(with(get(), "host", "a.test")));
  EXPECT_EQ(head_of(with(get(), "host", "b.test")), "compare host: malformed");
  EXPECT_EQ(head_of(hostless), "read request: malformed");
}

TEST(Http2Request, LetsNothingThroughThatCouldEndALine) {
  constexpr std::array<std::string_view, 4> kBad{"a\r\nx: y", "a\nb", "a\rb", {"a\0b", 3}};
  for (const auto bad : kBad) {
    EXPECT_TRUE(is_refused(with(get(), "x", bad)));
    EXPECT_TRUE(is_refused(with(get(), "cookie", bad)));
    EXPECT_TRUE(is_refused(get(std::string("/").append(bad))));
  }
  EXPECT_TRUE(is_refused(get("/a HTTP/1.1")));
  EXPECT_TRUE(is_refused(with(get(), "x y", "z")));
  EXPECT_TRUE(is_refused(with(get(), "x:", "z")));
  EXPECT_TRUE(is_refused(with(get(), "", "z")));
  EXPECT_TRUE(is_refused(with(get(), "x", " z")));
  EXPECT_TRUE(is_refused(with(get(), "X", "z"))) << "names are in lower case";
}

TEST(Http2Request, RefusesWhatBelongsToAConnection) {
  for (const std::string_view name :
       {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"}) {
    EXPECT_TRUE(is_refused(with(get(), name, "x"))) << name;
  }
  EXPECT_TRUE(is_refused(with(get(), "te", "gzip")));
  EXPECT_FALSE(is_refused(with(get(), "te", "trailers")));
}

TEST(Http2Request, RefusesPseudoFieldsThatAreTwiceUnknownOrLate) {
  EXPECT_TRUE(is_refused(with(get(), ":path", "/")));
  EXPECT_TRUE(is_refused(with(get(), ":status", "200")));
  EXPECT_TRUE(is_refused(with(with(Fields{{":method", "GET"}}, "x", "y"), ":path", "/")));
}

TEST(Http2Request, HasABound) {
  Http2Request request;
  const std::string value(1000, 'v');
  std::optional<Error> error;
  for (int i = 0; i < 100 && !error; ++i) {
    if (const auto added = request.add("x", value); !added) error = added.error();
  }
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, Errc::kTooLarge);
}

TEST(Http2Trailers, LeaveOutWhatFrames) {
  Http2Trailers trailers;
  EXPECT_EQ(trailers.end_of_body(), "0\r\n\r\n");
  EXPECT_TRUE(trailers.add("x-sum", "1"));
  EXPECT_TRUE(trailers.add("content-length", "1"));
  EXPECT_FALSE(trailers.add("x", "a\r\nb"));
  EXPECT_EQ(trailers.end_of_body(), "0\r\nx-sum: 1\r\n\r\n");
}

Http2Fields response_of(std::string_view text, bool of_tunnel = false) {
  const auto head = parse_response(text, of_tunnel ? "CONNECT" : "GET");
  EXPECT_TRUE(head);
  return head ? http2_response(*head, of_tunnel) : Http2Fields{};
}

TEST(Http2Response, LosesWhatBelongsToTheConnection) {
  EXPECT_THAT(response_of("HTTP/1.1 200 OK\r\nConnection: close\r\nServer: S\r\n"
                          "Transfer-Encoding: chunked\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n"
                          "Proxy-Status: airlane\r\n\r\n"),
              ElementsAre(Pair(":status", "200"), Pair("server", "S"), Pair("set-cookie", "a"),
                          Pair("set-cookie", "b"), Pair("proxy-status", "airlane")));
}

TEST(Http2Response, ATunnelHasNoLength) {
  EXPECT_THAT(response_of("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true),
              ElementsAre(Pair(":status", "200")));
  EXPECT_THAT(response_of("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"),
              ElementsAre(Pair(":status", "200"), Pair("content-length", "7")));
}

TEST(Http2Response, TrailersComeFromTheirLines) {
  EXPECT_THAT(*http2_trailers("X-Sum: 1\r\nY: 2\r\n"),
              ElementsAre(Pair("x-sum", "1"), Pair("y", "2")));
  EXPECT_THAT(*http2_trailers(""), IsEmpty());
}

}  // namespace
}  // namespace airlane::test
