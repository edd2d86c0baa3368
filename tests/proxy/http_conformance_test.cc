// RFC 9110, RFC 9112 and RFC 9931 as tables: what a client says, and what becomes of it. The rows
// about malformed heads follow the kinds of tests that llhttp and Http11Probe have; more of them
// are in http_smuggling_test.cc, those about bodies in http_body_test.cc.
//
// An outcome is the status of our own answer, after which the connection is closed, or the first
// line of what goes to the target.
#include <gtest/gtest.h>

#include "proxy/protocol/http_rewrite.h"
#include "tests/support/pieces.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

std::string outcome_of(const Error& error) { return std::to_string(http_status(error.code)); }

std::string first_line(const std::string& text) { return text.substr(0, text.find("\r\n")); }

std::string request_outcome(const Pieces& pieces) {
  using Form = RequestHead::Form;
  HeadReader reader(HeadReader::Kind::kRequest);
  for (const auto piece : pieces) {
    std::span<const char> input(piece);
    const auto complete = reader.feed(input);
    if (!complete) return outcome_of(complete.error());
    if (!*complete) continue;
    const auto head = parse_request(reader.text());
    if (!head) return outcome_of(head.error());
    if (is_for_proxy(*head)) return first_line(answer_for_proxy(*head)).substr(9, 3);
    if (head->form == Form::kOrigin) return "400";  // As the session has it.
    return head->form == Form::kAuthority ? "tunnel" : first_line(upstream_request(*head));
  }
  return "waits";
}

// And the same for however it is cut.
std::string request_outcome(std::string_view text) {
  return same_for_every_split(text, [](const Pieces& pieces) { return request_outcome(pieces); });
}

struct Row {
  std::string_view section;  // Of RFC 9112, unless it says 9110.
  std::string_view request;  // Without the empty line.
  std::string_view outcome;
};

void expect(const std::vector<Row>& rows) {
  for (const auto& row : rows) {
    EXPECT_EQ(request_outcome(std::string(row.request) + "\r\n"), row.outcome)
        << row.section << ": " << row.request;
  }
}

TEST(Conformance, OfMessageParsing) {
  expect({
      {"2.2 robust", "\r\nGET http://a/ HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1"},
      {"2.2 robust", "\r\n\r\nGET http://a/ HTTP/1.1\r\nHost: a\r\n", "400"},
      {"2.2 bare LF", "GET http://a/ HTTP/1.1\nHost: a\r\n", "400"},
      {"2.2 bare LF", "GET http://a/ HTTP/1.1\r\nHost: a\n", "400"},
      {"2.2 bare CR", "GET http://a/ HTTP/1.1\r\nX: a\rb\r\nHost: a\r\n", "400"},
      {"2.2 bare CR", "GET\rhttp://a/ HTTP/1.1\r\nHost: a\r\n", "400"},
      {"2.2 space after start line", "GET http://a/ HTTP/1.1\r\n Host: a\r\n", "400"},
      {"2.2 space after start line", "GET http://a/ HTTP/1.1\r\n\tX: y\r\nHost: a\r\n", "400"},
      {"2.3 case", "GET http://a/ hTTP/1.1\r\nHost: a\r\n", "400"},
      {"2.3 minor", "GET http://a/ HTTP/1.9\r\nHost: a\r\n", "GET / HTTP/1.1"},
      {"2.3 major", "GET http://a/ HTTP/2.0\r\nHost: a\r\n", "505"},
      {"2.3 major", "GET http://a/ HTTP/3.1\r\nHost: a\r\n", "505"},
      {"2.3 digits", "GET http://a/ HTTP/11.1\r\nHost: a\r\n", "400"},
      {"2.3 digits", "GET http://a/ HTTP/1.10\r\nHost: a\r\n", "400"},
      {"2.3 digits", "GET http://a/ HTTP/1,1\r\nHost: a\r\n", "400"},
      {"2.3 none", "GET http://a/\r\nHost: a\r\n", "400"},
      {"9113 3.4 preface", "PRI * HTTP/2.0\r\n", "505"},
  });
  EXPECT_EQ(request_outcome("GET http://a/ HTTP/1.1\r\nHost: a\r\nX"), "waits");
  EXPECT_EQ(request_outcome(""), "waits");
}

TEST(Conformance, OfRequestTargets) {
  expect({
      {"3.2.1 origin", "GET /a HTTP/1.1\r\nHost: a\r\n", "400"},
      {"3.2.2 absolute", "GET http://a/b HTTP/1.1\r\nHost: a\r\n", "GET /b HTTP/1.1"},
      {"3.2.2 absolute", "GET http://a HTTP/1.1\r\nHost: a\r\n", "GET / HTTP/1.1"},
      {"3.2.2 query", "GET http://a?b HTTP/1.1\r\nHost: a\r\n", "GET /?b HTTP/1.1"},
      {"3.2.2 bytes", "GET http://a/%0d%0a%C0%AF\\| HTTP/1.1\r\nHost: a\r\n",
       "GET /%0d%0a%C0%AF\\| HTTP/1.1"},
      {"3.2.2 unmerged", "GET http://a//b/../c HTTP/1.1\r\nHost: a\r\n", "GET //b/../c HTTP/1.1"},
      {"3.2.3 authority", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n", "tunnel"},
      {"3.2.3 no port", "CONNECT a HTTP/1.1\r\nHost: a\r\n", "400"},
      {"3.2.3 empty port", "CONNECT a: HTTP/1.1\r\nHost: a\r\n", "400"},
      {"3.2.3 path", "CONNECT /a HTTP/1.1\r\nHost: a\r\n", "400"},
      {"3.2.4 asterisk", "OPTIONS * HTTP/1.1\r\nHost: a\r\n", "200"},
      {"3.2.4 asterisk", "GET * HTTP/1.1\r\nHost: a\r\n", "400"},
      {"3.2.4 the last proxy", "OPTIONS http://a HTTP/1.1\r\nHost: a\r\n", "OPTIONS * HTTP/1.1"},
      {"3.2.4 a path", "OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n", "OPTIONS / HTTP/1.1"},
      {"3.2.4 a query", "OPTIONS http://a?b HTTP/1.1\r\nHost: a\r\n", "OPTIONS /?b HTTP/1.1"},
      {"3 space", "GET http://a/b c HTTP/1.1\r\nHost: a\r\n", "400"},
      {"3 fragment", "GET http://a/#b HTTP/1.1\r\nHost: a\r\n", "400"},
      {"3 no ASCII", "GET http://a/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n", "400"},
      {"9110 4.2.4 userinfo", "GET http://u:p@a/ HTTP/1.1\r\nHost: a\r\n", "400"},
      {"9110 15.6.2 scheme", "GET https://a/ HTTP/1.1\r\nHost: a\r\n", "501"},
  });
}

TEST(Conformance, OfHost) {
  expect({
      {"3.2 none", "GET http://a/ HTTP/1.1\r\n", "400"},
      {"3.2 none, 1.0", "GET http://a/ HTTP/1.0\r\n", "GET / HTTP/1.1"},
      {"3.2 two", "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n", "400"},
      {"3.2 two, 1.0", "GET http://a/ HTTP/1.0\r\nHost: a\r\nHost: b\r\n", "400"},
      {"3.2 list", "GET http://a/ HTTP/1.1\r\nHost: a, b\r\n", "400"},
      {"3.2 invalid", "GET http://a/ HTTP/1.1\r\nHost: a b\r\n", "400"},
      {"3.2 userinfo", "GET http://a/ HTTP/1.1\r\nHost: u@a\r\n", "400"},
      {"3.2 path", "GET http://a/ HTTP/1.1\r\nHost: a/b\r\n", "400"},
      {"3.2.2 mismatch", "GET http://a/ HTTP/1.1\r\nHost: other\r\n", "GET / HTTP/1.1"},
  });
}

TEST(Conformance, OfMethods) {
  for (const auto* method : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND",
                             "M-SEARCH", "QUERY", "get", "FOO"}) {
    EXPECT_EQ(request_outcome(method + " http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"s),
              method + " / HTTP/1.1"s);
  }
  expect({
      {"9110 9.3.6 no body", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n", "400"},
      {"9110 9.3.7 here", "OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n", "200"},
      {"9110 9.3.8 here", "TRACE http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n", "200"},
      {"9110 9.3.8 no body", "TRACE http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n", "400"},
      {"9110 9.3.8 no body",
       "TRACE http://a/ HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n", "400"},
      {"9110 7.6.2", "TRACE http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: -1\r\n", "400"},
      {"9110 7.6.2", "TRACE http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards:\r\n", "400"},
      {"9110 7.6.2",
       "TRACE http://a/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 1\r\nMax-Forwards: 2\r\n", "400"},
      {"9110 9.1 token", "GE T http://a/ HTTP/1.1\r\nHost: a\r\n", "400"},
      {"9110 9.1 token", "G:ET http://a/ HTTP/1.1\r\nHost: a\r\n", "400"},
      {"9110 9.1 token", "\"GET\" http://a/ HTTP/1.1\r\nHost: a\r\n", "400"},
  });
}

TEST(Conformance, OfFields) {
  const auto with = [](std::string_view field) {
    return request_outcome("GET http://a/ HTTP/1.1\r\nHost: a\r\n" + std::string(field) +
                           "\r\n\r\n");
  };
  for (const auto field : {"X:", "X: ", "X:y", "X:\ty\t", "X: \"", "X: a:b", "X: \xff\x80",
                           "Transfer_Encoding: chunked", "Expect: something", "!#$%&'*+-.^_`|~: y",
                           "TE: gzip", "Content-Length: 0", "Content-Length:\t0 \t"}) {
    EXPECT_EQ(with(field), "GET / HTTP/1.1") << field;
  }
  for (const auto field :
       {"X", ":", ": y", "X : y", "X\t: y", " X: y", "X: a\r\n b", "X: a\r\n\r b", "X: a\x01",
        "X: a\x7f", "X: a\x0b", "X y: z", "X,: y", "X;: y", "{X}: y", "\xe9: y", "X\x01: y"}) {
    EXPECT_EQ(with(field), "400") << field;
  }
  EXPECT_EQ(with("X: a\0b"sv), "400");
  EXPECT_EQ(with("X\0: b"sv), "400");
}

TEST(Conformance, OfEveryByteAtEveryPlace) {
  for (int byte = 0; byte < 256; ++byte) {
    const auto c = static_cast<char>(byte);
    const bool fits = c == '\t' || (byte >= ' ' && byte != 0x7f);
    for (std::size_t at = 0; at < 20; ++at) {
      std::string value(20, 'v');
      value[at] = c;
      const auto text = "GET http://a/ HTTP/1.1\r\nHost: a\r\nX: " + value + "\r\n\r\n";
      EXPECT_EQ(request_outcome(Pieces{text}), fits ? "GET / HTTP/1.1" : "400") << byte << at;
    }
  }
}

TEST(Conformance, OfMessageLength) {
  const auto post = [](std::string_view fields, std::string_view version = "1.1") {
    return request_outcome("POST http://a/ HTTP/" + std::string(version) + "\r\nHost: a\r\n" +
                           std::string(fields) + "\r\n");
  };
  EXPECT_EQ(post("Transfer-Encoding: gzip, chunked\r\n"), "501");
  EXPECT_EQ(post("Transfer-Encoding: gzip\r\n"), "400") << "6.3, rule 4: its end cannot be known";
  EXPECT_EQ(post("Transfer-Encoding: chunked, gzip\r\n"), "400");
  EXPECT_EQ(post("Transfer-Encoding: chunked\r\n", "1.0"), "400") << "6.1";
  EXPECT_EQ(post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), "400");
  EXPECT_EQ(post("Content-Length: 3\r\nContent-Length: 3\r\n"), "400");
  for (const auto* value : {"3 3", "3,3", "+3", "-3", "0x3", "3h", "3.0", "1e1", "", "3;", "\"3\"",
                            "9223372036854775808", "0o3"}) {
    EXPECT_EQ(post("Content-Length: "s + value + "\r\n"), "400") << value;
  }
  EXPECT_EQ(post("Content-Length: 3\r\n"), "POST / HTTP/1.1");
}

TEST(Conformance, HandsOnALengthThatNobodyTakesForOctal) {
  const auto head =
      parse_request("POST http://a/ HTTP/1.1\r\nHost: a\r\nContent-Length: 0010\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->content_length, 10U);
  EXPECT_EQ(upstream_request(*head), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
}

TEST(Conformance, OfSizes) {  // RFC 9112, section 3, and RFC 6585, section 5
  const auto of = [](const std::string& text) { return request_outcome(Pieces{text}); };
  const std::string rest = " HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(of("GET http://a/" + std::string(kStartLineMost, 'a') + rest), "414");
  EXPECT_EQ(of(std::string(kStartLineMost + 3, 'G')), "414") << "without waiting for its end";
  EXPECT_EQ(of("GET http://a/" + rest + "X: " + std::string(kHeadMost, 'a')), "431");
  std::string many = "GET http://a/" + rest;
  for (std::size_t i = 0; i < kFieldsMost; ++i) many += "X: y\r\n";
  EXPECT_EQ(of(many + "\r\n"), "431");
}

// What a target says, and what its client gets to see of it.
std::string response_outcome(std::string_view text, std::string_view method = "GET") {
  return same_for_every_split(text, [&](const Pieces& pieces) -> std::string {
    HeadReader reader(HeadReader::Kind::kResponse);
    for (const auto piece : pieces) {
      std::span<const char> input(piece);
      const auto complete = reader.feed(input);
      if (!complete) return "bad";
      if (!*complete) continue;
      const auto head = parse_response(reader.text(), method);
      return head ? client_response(*head, {}) : "bad";
    }
    return "waits";
  });
}

TEST(Conformance, OfResponses) {
  EXPECT_EQ(response_outcome("HTTP/1.1 999 Request denied\r\n\r\n"),
            "HTTP/1.1 999 Request denied\r\n\r\n");
  EXPECT_EQ(response_outcome("HTTP/1.3 200\r\nX  : y\r\n\r\n"), "HTTP/1.1 200 \r\nX: y\r\n\r\n");
  for (const auto* text :
       {"\r\nHTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nX: y\n\r\n",
        "HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", "HTTP/2.0 200 OK\r\n\r\n", "HTTP/1.1 0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: br\r\n\r\n"}) {
    EXPECT_EQ(response_outcome(text), "bad") << text;
  }
}

}  // namespace
}  // namespace airlane::test
