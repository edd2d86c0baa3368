// What the proxy says itself, to the byte.
#include "proxy/protocol/http_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace airlane::test {
namespace {

using testing::HasSubstr;

TEST(ErrorResponse, AsksForAPassword) {
  EXPECT_EQ(error_response(Errc::kUnauthenticated, false),
            "HTTP/1.1 407 Proxy Authentication Required\r\n"
            "Proxy-Status: airlane; error=http_request_denied\r\n"
            "Proxy-Authenticate: Basic realm=\"airlane\", charset=\"UTF-8\"\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 43\r\n"
            "Connection: close\r\n\r\n"
            "Proxy user name and password are required.\n");
}

TEST(ErrorResponse, IsWellFormedForEveryError) {
  for (int code = 0; code <= static_cast<int>(kLastErrc); ++code) {
    const auto errc = static_cast<Errc>(code);
    const auto whole = error_response(errc, false);
    const auto head_only = error_response(errc, true);
    EXPECT_TRUE(whole.starts_with(head_only));
    EXPECT_TRUE(head_only.ends_with("\r\n\r\n"));
    const auto head = parse_response(head_only, "GET");
    ASSERT_TRUE(head.has_value()) << head_only;
    EXPECT_EQ(head->status, http_status(errc));
    EXPECT_NE(head->reason, "Error") << "no reason phrase for " << head->status;
    EXPECT_EQ(head->content_length, whole.size() - head_only.size());
    EXPECT_FALSE(head->keep_alive);
    EXPECT_EQ(head_only.find("Proxy-Authenticate") != std::string::npos, head->status == 407);
  }
}

TEST(ConnectEstablished, DeclaresNoBody) {
  EXPECT_EQ(connect_established(), "HTTP/1.1 200 Connection established\r\n\r\n");
}

TEST(ErrorResponse, SaysWhatWasWrong) {
  EXPECT_EQ(error_response(Error{Errc::kMalformed, "read Host"}, false),
            "HTTP/1.1 400 Bad Request\r\n"
            "Proxy-Status: airlane; error=http_request_error; details=\"read Host\"\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 50\r\n"
            "Connection: close\r\n\r\n"
            "The request is not well-formed: cannot read Host.\n");
  // But never why a password was not good enough, nor what our own part in it was.
  EXPECT_EQ(error_response(Error{Errc::kUnauthenticated, "read credentials"}, false),
            error_response(Errc::kUnauthenticated, false));
  EXPECT_EQ(error_response(Error{Errc::kSystem, "socket"}, true),
            error_response(Errc::kSystem, true));
}

class ForTheProxy : public ::testing::Test {
 protected:
  static std::string answer(std::string_view text) {
    const auto request = parse_request(text);
    EXPECT_TRUE(request.has_value()) << text;
    return request && is_for_proxy(*request) ? answer_for_proxy(*request) : "passed on";
  }
};

TEST_F(ForTheProxy, OptionsOfTheProxyAreAnsweredHere) {
  const std::string_view allow =
      "HTTP/1.1 200 OK\r\n"
      "Allow: CONNECT, DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE\r\n"
      "Content-Length: 0\r\nConnection: close\r\n\r\n";
  EXPECT_EQ(answer("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"), allow);
  EXPECT_EQ(answer("OPTIONS http://a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n"), allow);
  EXPECT_EQ(answer("OPTIONS http://a/b HTTP/1.1\r\nHost: a\r\nMax-Forwards: 00\r\n\r\n"), allow);
}

TEST_F(ForTheProxy, EverythingElseGoesOn) {
  for (const auto* text : {"OPTIONS http://a HTTP/1.1\r\nHost: a\r\n\r\n",
                           "OPTIONS http://a HTTP/1.1\r\nHost: a\r\nMax-Forwards: 1\r\n\r\n",
                           "TRACE http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
                           "GET http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n"}) {
    EXPECT_EQ(answer(text), "passed on") << text;
  }
}

TEST_F(ForTheProxy, TraceGetsItsRequestBackWithoutItsSecrets) {
  EXPECT_EQ(answer("TRACE http://Ex.com:81/a?b HTTP/1.0\r\nhOst: x\r\nX-b: c\r\n"
                   "Max-Forwards: 0\r\nproxy-authorization: Basic YTpi\r\nCookie: s=1\r\n"
                   "AUTHORIZATION: Bearer x\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: message/http\r\nContent-Length: 73\r\n"
            "Connection: close\r\n\r\n"
            "TRACE http://Ex.com:81/a?b HTTP/1.0\r\nhOst: x\r\nX-b: c\r\nMax-Forwards: 0\r\n\r\n");
}

}  // namespace
}  // namespace airlane::test
