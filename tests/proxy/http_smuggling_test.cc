// Heads that two parsers could read differently, and how we refuse to be one of them. Each row is a
// known way to hide a request, or the end of one.
#include <gtest/gtest.h>

#include "proxy/protocol/http_head.h"
#include "tests/support/pieces.h"

namespace airlane::test {
namespace {

using namespace std::string_view_literals;

// The outcome of a request that arrives in these pieces: a metric label, or "taken".
std::string outcome(const Pieces& pieces) {
  HeadReader reader(HeadReader::Kind::kRequest);
  for (const auto piece : pieces) {
    std::span<const char> input(piece);
    const auto complete = reader.feed(input);
    if (!complete) return std::string(metric_label(complete.error().code));
    if (!*complete) continue;
    const auto head = parse_request(reader.text());
    return head ? "taken" : std::string(metric_label(head.error().code));
  }
  return "unfinished";
}

std::string outcome(std::string_view text) {
  return same_for_every_split(text, [](const Pieces& pieces) { return outcome(pieces); });
}

// A POST with these field lines, complete but for them.
std::string post(std::string_view fields) {
  return outcome("POST http://a/ HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n");
}

TEST(Smuggling, HasAPlainCaseThatIsTaken) {
  EXPECT_EQ(post(""), "taken");
  EXPECT_EQ(post("Content-Length: 5\r\n"), "taken");
  EXPECT_EQ(post("Transfer-Encoding: chunked\r\n"), "taken");
}

TEST(Smuggling, ByTwoLengths) {
  const std::string_view rows[] = {
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",  // CL.TE
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",  // TE.CL
      "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",  // 0.TE
      "Content-Length: 5\r\nTransfer-Encoding: gzip\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\ncontent-length: 0\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: 5,6\r\n",
  };
  for (const auto fields : rows) EXPECT_EQ(post(fields), "malformed") << fields;
}

TEST(Smuggling, ByALengthThatReadersReadDifferently) {
  const std::string_view values[] = {
      "",
      "+5",
      "-5",
      "-0",
      "0x5",
      "5 5",
      "5;",
      "5.0",
      "5e1",
      "5a",
      "a5",
      ",5",
      "5,",
      "\"5\"",
      "5_0",
      "٥",
      "5\x0b",
      "5\x0c",
      "\x0b"
      "5",
      "9223372036854775808",
      "18446744073709551616",
      "99999999999999999999999999",
  };
  for (const auto value : values) {
    EXPECT_EQ(post("Content-Length: " + std::string(value) + "\r\n"), "malformed") << value;
  }
  EXPECT_EQ(post("Content-Length: 5\0\r\n"sv), "malformed");
  EXPECT_EQ(post("Content-Length: 5\r6\r\n"), "malformed");
}

TEST(Smuggling, ByADisguisedTransferEncoding) {
  const std::string_view rows[] = {
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: chunkedx\r\n",
      "Transfer-Encoding: \"chunked\"\r\n",
      "Transfer-Encoding: chunked;q=1\r\n",
      "Transfer-Encoding: chunked,\r\n",
      "Transfer-Encoding: ,chunked\r\n",
      "Transfer-Encoding: chunked chunked\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip\r\n",
      "Transfer-Encoding:\r\n",
      "Transfer-Encoding: \x0b"
      "chunked\r\n",
      "Transfer-Encoding: chunked\x0c\r\n",
      "Transfer-Encoding: \x7f"
      "chunked\r\n",
      "Transfer-Encoding\x0b: chunked\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Transfer-Encoding\t: chunked\r\n",
      " Transfer-Encoding: chunked\r\n",
      "Transfer-Encoding:\r\n chunked\r\n",
      "Transfer-Encoding: chunked\r\n , identity\r\n",
      "X: y\rTransfer-Encoding: chunked\r\n",
      "X: y\nTransfer-Encoding: chunked\r\n",
      "X: y\r\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding\r\n: chunked\r\n",
      "Transfer-Encoding\xc2\xa0: chunked\r\n",
      "Transfer-Encoding\0: chunked\r\n"sv,
      "Transfer-Encoding: chunked\0\r\n"sv,
  };
  for (const auto fields : rows) EXPECT_EQ(post(fields), "malformed") << fields;
}

TEST(Smuggling, DoesNotPassCodingsThatItCannotRead) {
  EXPECT_EQ(post("Transfer-Encoding: gzip, chunked\r\n"), "unsupported");
  EXPECT_EQ(post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n"), "unsupported");
}

TEST(Smuggling, ByBrokenFields) {
  const std::string_view rows[] = {
      "X\r\n",           ": y\r\n",
      "X Y: z\r\n",      " X: y\r\n",
      "\tX: y\r\n",      "X : y\r\n",
      "X: y\r\n z\r\n",  "X: y\r\n\tz\r\n",
      "X: y\n",          "X: y\n\n",
      "X: \x01\r\n",     "X: \x1b[0m\r\n",
      "X: \x7f\r\n",     "X: y\rz\r\n",
      "X(: y\r\n",       "X\": y\r\n",
      "\xc3\xa9: y\r\n", "X[]: y\r\n",
      "X/: y\r\n",       "X: y\r\r\n",
      "X@: y\r\n",       "GET / HTTP/1.1\r\n",
      "\r: y\r\n",       "X\0: y\r\n"sv,
      "X: \0\r\n"sv,
  };
  for (const auto fields : rows) EXPECT_EQ(post(fields), "malformed") << fields;
  EXPECT_EQ(outcome("GET http://a/ HTTP/1.1\r\n Host: a\r\nHost: a\r\n\r\n"), "malformed");
}

TEST(Smuggling, ByHost) {
  const auto with = [](std::string_view fields) {
    return outcome("GET http://a/ HTTP/1.1\r\n" + std::string(fields) + "\r\n");
  };
  EXPECT_EQ(with("Host: b:81\r\n"), "taken");
  EXPECT_EQ(with("Host: [::1]:81\r\n"), "taken");
  const std::string_view rows[] = {
      "",
      "Host:\r\n",
      "Host: a\r\nHost: a\r\n",
      "Host: a\r\nhost: b\r\n",
      "Host: a b\r\n",
      "Host: a, b\r\n",
      "Host: a:b\r\n",
      "Host: a:0\r\n",
      "Host: a/b\r\n",
      "Host: u@a\r\n",
      "Host: http://a\r\n",
      "Host: a#b\r\n",
      "Host: a\\b\r\n",
      "Host : a\r\n",
      "Host: [a]\r\n",
      "X-Host: a\r\n",
  };
  for (const auto fields : rows) EXPECT_EQ(with(fields), "malformed") << fields;
  EXPECT_EQ(outcome("GET http://a/ HTTP/1.0\r\n\r\n"), "taken");
  EXPECT_EQ(outcome("GET http://a/ HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"), "malformed");
}

TEST(Smuggling, ByTheRequestLine) {
  const std::string_view lines[] = {
      "GET",
      "GET http://a/",
      "GET  http://a/ HTTP/1.1",
      "GET http://a/  HTTP/1.1",
      "GET http://a/ HTTP/1.1 ",
      " GET http://a/ HTTP/1.1",
      "GET\thttp://a/\tHTTP/1.1",
      "GET http://a/\tHTTP/1.1",
      "GET http://a/\x0b HTTP/1.1",
      "GET http://a/b c HTTP/1.1",
      "GET http://a/ HTTP/1.1\rX: y",
      "GET http://a/ HTTP/1.1.1",
      "GET http://a/ HTTP/01.1",
      "GET http://a/ HTTP/1.",
      "GET http://a/ http/1.1",
      "GET http://a/ HTTP 1.1",
      "GET http://a/ XTTP/1.1",
      "G(T http://a/ HTTP/1.1",
      "G\xc3\xa9T http://a/ HTTP/1.1",
      "GET http://a/#b HTTP/1.1",
      "GET http://a/\xc3\xa9 HTTP/1.1",
      "GET http://a/\x7f HTTP/1.1",
      "GET a HTTP/1.1",
      "GET a:80 HTTP/1.1",
      "GET * HTTP/1.1",
      "GET http:a HTTP/1.1",
      "GET http:/a HTTP/1.1",
      "GET http:// HTTP/1.1",
      "GET http:///a HTTP/1.1",
      "GET http://?a HTTP/1.1",
      "GET http://:80/ HTTP/1.1",
      "GET http://a:/ HTTP/1.1",
      "GET http://a:0/ HTTP/1.1",
      "GET http://u:p@a/ HTTP/1.1",
      "GET http://a@b/ HTTP/1.1",
      "GET http://a%2f/ HTTP/1.1",
      "GET http://a\\b/ HTTP/1.1",
      "GET http://2130706433/ HTTP/1.1",
      "GET http://[::1%25lo]/ HTTP/1.1",
      "GET ://a/ HTTP/1.1",
      "connect a:443 HTTP/1.1",
  };
  for (const auto line : lines) {
    EXPECT_EQ(outcome(std::string(line) + "\r\nHost: a\r\n\r\n"), "malformed") << line;
  }
  EXPECT_EQ(outcome("GET http://a/\0 HTTP/1.1\r\nHost: a\r\n\r\n"sv), "malformed");
  EXPECT_EQ(outcome(std::string(33, 'A') + " http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), "malformed");
}

TEST(Smuggling, ByConnect) {
  const std::string_view rows[] = {
      "CONNECT a HTTP/1.1\r\nHost: a\r\n",
      "CONNECT a: HTTP/1.1\r\nHost: a\r\n",
      "CONNECT a:0 HTTP/1.1\r\nHost: a\r\n",
      "CONNECT a:65536 HTTP/1.1\r\nHost: a\r\n",
      "CONNECT http://a/ HTTP/1.1\r\nHost: a\r\n",
      "CONNECT http://a:80 HTTP/1.1\r\nHost: a\r\n",
      "CONNECT a:80/ HTTP/1.1\r\nHost: a\r\n",
      "CONNECT /a HTTP/1.1\r\nHost: a\r\n",
      "CONNECT * HTTP/1.1\r\nHost: a\r\n",
      "CONNECT u@a:80 HTTP/1.1\r\nHost: a\r\n",
      "CONNECT ::1:80 HTTP/1.1\r\nHost: a\r\n",
      "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n",
      "CONNECT a:443 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
      "CONNECT a:443 HTTP/1.1\r\n",
  };
  for (const auto head : rows) EXPECT_EQ(outcome(std::string(head) + "\r\n"), "malformed") << head;
  EXPECT_EQ(outcome("CONNECT a:443 HTTP/1.0\r\n\r\n"), "taken");
  EXPECT_EQ(outcome("CONNECT a:443 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), "taken");
}

TEST(Smuggling, ByAnOldVersionThatKnowsNoChunks) {
  EXPECT_EQ(outcome("POST http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"), "malformed");
}

TEST(Smuggling, ByTwoPasswords) {
  EXPECT_EQ(post("Proxy-Authorization: Basic YTpi\r\nproxy-authorization: Basic YTpj\r\n"),
            "malformed");
}

TEST(Refusal, OfWhatWeDoNotSpeak) {
  for (const auto line :
       {"GET https://a/ HTTP/1.1", "GET ftp://a/ HTTP/1.1", "GET ws://a/ HTTP/1.1"}) {
    EXPECT_EQ(outcome(std::string(line) + "\r\nHost: a\r\n\r\n"), "unsupported") << line;
  }
}

TEST(Refusal, OfVersionsThatWeDoNotSpeak) {
  for (const auto line : {"GET http://a/ HTTP/2.0", "GET http://a/ HTTP/0.9", "PRI * HTTP/2.0"}) {
    EXPECT_EQ(outcome(std::string(line) + "\r\nHost: a\r\n\r\n"), "unknown_version") << line;
  }
  // A later HTTP/1 is read as the one that we know (RFC 9110, section 2.5).
  EXPECT_EQ(outcome("GET http://a/ HTTP/1.2\r\nHost: a\r\n\r\n"), "taken");
}

TEST(Refusal, OfResponsesThatAreNotClear) {
  const std::string_view heads[] = {
      "HTTP/1.1\r\n",
      "HTTP/1.1 20 OK\r\n",
      "HTTP/1.1 2000 OK\r\n",
      "HTTP/1.1 099 OK\r\n",
      "HTTP/1.1 +20 OK\r\n",
      "HTTP/1.1  200 OK\r\n",
      "HTTP/1.1 200OK\r\n",
      "HTTP/1.1 200\tOK\r\n",
      "HTTP/1.1 200 O\x01K\r\n",
      "HTTP/1.1 200 O\rK\r\n",
      "HTTP/2 200 OK\r\n",
      "ICY 200 OK\r\n",
      " HTTP/1.1 200 OK\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n",
      "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n",
      "HTTP/1.1 200 OK\r\n X: y\r\n",
      "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n",
      "HTTP/1.1 200 OK\r\nX Y: z\r\n",
      "HTTP/1.1 200 OK\r\n : z\r\n",
      "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
  };
  for (const auto head : heads) {
    const auto text = std::string(head) + "\r\n";
    const auto parsed = parse_response(text, "GET");
    ASSERT_FALSE(parsed.has_value()) << head;
    EXPECT_EQ(parsed.error().code, Errc::kMalformed) << head;
  }
}

}  // namespace
}  // namespace airlane::test
