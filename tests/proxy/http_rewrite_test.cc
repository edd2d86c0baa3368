// What passes through, to the byte.
#include "proxy/protocol/http_rewrite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace airlane::test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string upstream(std::string_view text, bool pass_upgrade = false) {
  const auto head = parse_request(text);
  EXPECT_TRUE(head.has_value()) << text;
  return head ? upstream_request(*head, pass_upgrade) : "";
}

std::string to_client(std::string_view text, ClientSide client = {},
                      std::string_view method = "GET") {
  const auto head = parse_response(text, method);
  EXPECT_TRUE(head.has_value()) << text;
  return head ? client_response(*head, client) : "";
}

TEST(UpstreamRequest, IsWhatTheClientWouldHaveSentItself) {
  EXPECT_EQ(upstream("GET http://Example.com/a?b HTTP/1.1\r\n"
                     "User-Agent: curl\r\n"
                     "hOST: other:81\r\n"
                     "aCCept:  */* \r\n"
                     "Proxy-Authorization: Basic YTpi\r\n"
                     "Proxy-Connection: Keep-Alive\r\n"
                     "X-Empty:\r\n"
                     "Accept: text/html\r\n\r\n"),
            "GET /a?b HTTP/1.1\r\n"
            "User-Agent: curl\r\n"
            "hOST: Example.com\r\n"
            "aCCept: */*\r\n"
            "X-Empty: \r\n"
            "Accept: text/html\r\n\r\n");
}

TEST(UpstreamRequest, HasAPathAndAHostOfItsOwn) {
  struct Row {
    std::string_view line;
    std::string_view upstream;
  };
  const Row rows[] = {
      {"GET http://a HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"GET http://a?b HTTP/1.1", "GET /?b HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"GET http://a:80/ HTTP/1.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"GET http://a:81/ HTTP/1.1", "GET / HTTP/1.1\r\nHost: a:81\r\n\r\n"},
      {"GET http://[::1]:81/ HTTP/1.1", "GET / HTTP/1.1\r\nHost: [::1]:81\r\n\r\n"},
      {"OPTIONS http://a HTTP/1.1", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(upstream(std::string(row.line) + "\r\nHost: x\r\n\r\n"), row.upstream);
  }
}

TEST(UpstreamRequest, SpeaksForAnOldClient) {
  EXPECT_EQ(upstream("GET http://a/ HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\n"
                     "X: y\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX: y\r\n\r\n");
}

TEST(UpstreamRequest, KeepsTheFramingAndTheExpectation) {
  EXPECT_EQ(upstream("POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                     "Expect: 100-continue\r\n\r\n"),
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(upstream("POST http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                     "Trailer: X\r\nTE: gzip;q=1\r\nConnection: TE\r\n\r\n"),
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n");
}

TEST(UpstreamRequest, LosesWhatConnectionNames) {
  EXPECT_EQ(
      upstream("GET http://a/ HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nConnection: x-a, ,keep-alive\r\n"
               "X-B: 2\r\nX-C: 3\r\nConnection: X-C\r\nKeep-Alive: timeout=5\r\n\r\n"),
      "GET / HTTP/1.1\r\nHost: a\r\nX-B: 2\r\n\r\n");
}

TEST(UpstreamRequest, KeepsWhatConnectionMayNotName) {
  EXPECT_EQ(upstream("POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                     "Connection: Content-Length, Host, Expect, close\r\n"
                     "Expect: 100-continue\r\n\r\n"),
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n"
            "Expect: 100-continue\r\n\r\n");
  EXPECT_THAT(upstream("POST http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
                       "Proxy-Connection: transfer-encoding\r\n\r\n"),
              HasSubstr("Transfer-Encoding: chunked\r\n"));
}

TEST(UpstreamRequest, SaysThatTrailersAreWelcome) {
  EXPECT_EQ(upstream("GET http://a/ HTTP/1.1\r\nHost: a\r\nte: gzip, Trailers\r\nX: y\r\n"
                     "connection: TE\r\nTE: trailers\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nte: trailers\r\nX: y\r\nconnection: TE\r\n\r\n");
  EXPECT_EQ(upstream("GET http://a/ HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n"
                     "Proxy-Connection: close\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n");
  EXPECT_EQ(upstream("GET http://a/ HTTP/1.0\r\nHost: a\r\nTE: trailers\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
}

TEST(UpstreamRequest, CountsItselfOffMaxForwards) {
  EXPECT_EQ(upstream("OPTIONS http://a HTTP/1.1\r\nHost: a\r\nmax-Forwards: 010\r\n\r\n"),
            "OPTIONS * HTTP/1.1\r\nHost: a\r\nmax-Forwards: 9\r\n\r\n");
  EXPECT_EQ(upstream("TRACE http://a/ HTTP/1.1\r\nHost: a\r\nConnection: Max-Forwards\r\n"
                     "Max-Forwards: 1\r\n\r\n"),
            "TRACE / HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n");
  // Of other methods it means nothing, and says what it said.
  EXPECT_EQ(upstream("GET http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: x\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\nMax-Forwards: x\r\n\r\n");
}

TEST(Via, IsSaidOnlyWhereTheOperatorWantsIt) {
  const auto request =
      parse_request("GET http://a/ HTTP/1.0\r\nHost: a\r\nVia: 1.1 first\r\nX: y\r\n\r\n");
  ASSERT_TRUE(request);
  std::string out;
  write_upstream_request(*request, {.via = "lane"}, out);
  EXPECT_EQ(out,
            "GET / HTTP/1.1\r\nHost: a\r\nVia: 1.1 first\r\nX: y\r\nVia: 1.0 lane\r\n"
            "Connection: close\r\n\r\n");
  out.clear();
  write_upstream_request(*request, {.via = "lane", .from_http2 = true}, out);
  EXPECT_NE(out.find("\r\nVia: 2.0 lane\r\n"), std::string::npos);
  EXPECT_EQ(to_client("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", {.via = "lane"}),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nVia: 1.1 lane\r\n\r\n");
}

TEST(Rewriting, WritesBehindWhatIsThere) {
  std::string out = "before";
  write_upstream_request(*parse_request("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), {}, out);
  write_client_response(*parse_response("HTTP/1.1 204 No\r\n\r\n", "GET"), {}, out);
  EXPECT_EQ(out, "beforeGET / HTTP/1.1\r\nHost: a\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
}

TEST(UpstreamRequest, IsReadTheSameWayByAnEquallyStrictTarget) {
  for (const auto* fields : {"", "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n",
                             "Content-Length: 7\r\nConnection: content-length, host, close\r\n",
                             "Transfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n"}) {
    const auto text = "POST http://a:81/b?c HTTP/1.1\r\nhost: x\r\n" + std::string(fields) + "\r\n";
    const auto rewritten = upstream(text);
    const auto sent = parse_request(text);
    const auto seen = parse_request(rewritten);
    ASSERT_TRUE(seen.has_value()) << rewritten;
    EXPECT_EQ(seen->form, RequestHead::Form::kOrigin);
    EXPECT_EQ(seen->path, sent->path);
    EXPECT_EQ(seen->framing, sent->framing);
    EXPECT_EQ(seen->content_length, sent->content_length);
    EXPECT_EQ(seen->keep_alive, sent->keep_alive);
  }
}

TEST(UpstreamRequest, UpgradesOnlyWhenToldTo) {
  const std::string_view request =
      "GET http://a/chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: x\r\n\r\n";
  EXPECT_EQ(upstream(request, false),
            "GET /chat HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Key: x\r\n\r\n");
  EXPECT_EQ(upstream(request, true),
            "GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: x\r\n\r\n");
  EXPECT_EQ(upstream("GET http://a/ HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n", true),
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(UpstreamRequest, TellsNobodyThatThereIsAProxy) {
  const auto request = upstream(
      "GET http://a/ HTTP/1.1\r\nHost: a\r\nProxy-Authorization: Basic YTpi\r\n"
      "Proxy-Authenticate: x\r\nProxy-Connection: close\r\n\r\n");
  EXPECT_THAT(request, Not(HasSubstr("Proxy")));
  EXPECT_THAT(request, Not(HasSubstr("Via")));
  EXPECT_THAT(request, Not(HasSubstr("Forwarded")));
}

TEST(ClientResponse, KeepsOrderCaseAndReason) {
  EXPECT_EQ(to_client("HTTP/1.0 404 Nope \xff\r\nsErver: x\r\nConnection: keep-alive, X-Hop\r\n"
                      "Keep-Alive: 5\r\nX-Hop: 1\r\nContent-Length: 5\r\nVia: 1.1 cdn\r\n\r\n"),
            "HTTP/1.1 404 Nope \xff\r\nsErver: x\r\nContent-Length: 5\r\nVia: 1.1 cdn\r\n\r\n");
}

TEST(ClientResponse, SaysWhenTheConnectionWillClose) {
  EXPECT_EQ(to_client("HTTP/1.1 200 OK\r\n\r\n", {.keep_alive = false}),
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(to_client("HTTP/1.1 100 Continue\r\n\r\n", {.keep_alive = false}),
            "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(ClientResponse, DoesNotSpeakForAnotherProxy) {
  EXPECT_EQ(to_client("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nproxy-status: x\r\n"
                      "Proxy-Connection: close\r\nProxy-Authentication-Info: y\r\n"
                      "Content-Length: 0\r\n\r\n"),
            "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
}

TEST(ClientResponse, TakesTheChunksOffForAnOldClient) {
  const std::string_view chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\nA: b\r\n\r\n";
  EXPECT_TRUE(must_dechunk(*parse_response(chunked, "GET"), 0));
  EXPECT_FALSE(must_dechunk(*parse_response(chunked, "GET"), 1));
  EXPECT_FALSE(must_dechunk(*parse_response(chunked, "HEAD"), 0));
  EXPECT_EQ(to_client(chunked, {.minor_version = 0, .keep_alive = false, .dechunk = true}),
            "HTTP/1.1 200 OK\r\nA: b\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(to_client(chunked),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\nA: b\r\n\r\n");
}

TEST(ClientResponse, DeclaresNoBodyThatCannotFollow) {
  EXPECT_EQ(to_client("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
            "HTTP/1.1 204 No Content\r\n\r\n");
  EXPECT_EQ(to_client("HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\nLink: x\r\n\r\n"),
            "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  EXPECT_EQ(to_client("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"),
            "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n");
}

TEST(ClientResponse, PassesAnUpgradeOn) {
  EXPECT_EQ(
      to_client("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                "Upgrade: websocket\r\n\r\n"),
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n");
  EXPECT_EQ(to_client("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nUpgrade: h2c\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace airlane::test
