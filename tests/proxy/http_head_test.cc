// What is understood of well-formed heads, where limits are, and how heads are collected. What must
// be refused is in http_smuggling_test.cc.
#include "proxy/protocol/http_head.h"

#include <gtest/gtest.h>

#include "tests/support/pieces.h"

namespace airlane::test {
namespace {

using Form = RequestHead::Form;

std::string collect(const Pieces& pieces, HeadReader::Kind kind) {
  HeadReader reader(kind);
  std::string left;
  for (const auto piece : pieces) {
    std::span<const char> input(piece);
    const auto fed = reader.feed(input);
    if (!fed) return describe(fed.error());
    left.append(input.data(), input.size());
    if (!*fed && !left.empty()) return "bytes left of an unfinished head";
  }
  return std::string(reader.text()) + "|" + left;
}

std::string collect_request(std::string_view text) {
  return same_for_every_split(
      text, [](const Pieces& pieces) { return collect(pieces, HeadReader::Kind::kRequest); });
}

RequestHead request(std::string_view text) {
  auto head = parse_request(text);
  EXPECT_TRUE(head.has_value()) << text << describe(head ? Error{} : head.error());
  return head ? *std::move(head) : RequestHead{};
}

ResponseHead response(std::string_view text, std::string_view method = "GET") {
  auto head = parse_response(text, method);
  EXPECT_TRUE(head.has_value()) << text;
  return head ? *std::move(head) : ResponseHead{};
}

TEST(HeadReader, EndsWithTheEmptyLineAndLeavesTheRest) {
  EXPECT_EQ(collect_request("GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\r\n\r\n"),
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n|body\r\n\r\n");
  EXPECT_EQ(collect_request("GET / HTTP/1.0\r\n\r\n"), "GET / HTTP/1.0\r\n\r\n|");
  EXPECT_EQ(collect_request("GET / HTTP/1.0\r\nHos"), "GET / HTTP/1.0\r\nHos|");
}

TEST(HeadReader, SkipsOneEmptyLineBeforeARequest) {
  EXPECT_EQ(collect_request("\r\nGET / HTTP/1.0\r\n\r\n"), "GET / HTTP/1.0\r\n\r\n|");
  EXPECT_EQ(collect_request("\r\n\r\nGET / HTTP/1.0\r\n\r\n"), "read start line: malformed");
  EXPECT_EQ(collect({"\r\nHTTP/1.1 200 OK\r\n\r\n"}, HeadReader::Kind::kResponse),
            "read start line: malformed");
}

TEST(HeadReader, RefusesABareLineFeedAtOnce) {
  EXPECT_EQ(collect_request("\nGET / HTTP/1.1\r\n"), "read line end: malformed");
  EXPECT_EQ(collect_request("GET / HTTP/1.1\n"), "read line end: malformed");
  EXPECT_EQ(collect_request("GET / HTTP/1.1\r\nHost: a\n"), "read line end: malformed");
  EXPECT_EQ(collect_request("GET / HTTP/1.1\r\nHost: a\r\n\n"), "read line end: malformed");
}

TEST(HeadReader, StopsAtItsLimits) {
  const auto exactly = [](std::size_t start_line) {
    return "GET /" + std::string(start_line - 14, 'a') + " HTTP/1.1\r\n";
  };
  const auto outcome = [](const std::string& text) {
    const auto whole = collect({text}, HeadReader::Kind::kRequest);
    EXPECT_EQ(collect(one_at_a_time(text), HeadReader::Kind::kRequest), whole);
    return whole.find(": too_l") != std::string::npos ? whole : "taken";
  };
  EXPECT_EQ(outcome(exactly(kStartLineMost) + "\r\n"), "taken");
  EXPECT_EQ(outcome(exactly(kStartLineMost + 1) + "\r\n"), "read start line: too_long");
  EXPECT_EQ(outcome(std::string(kStartLineMost + 3, 'a')), "read start line: too_long");
  EXPECT_EQ(outcome(std::string(100'000, 'a') + "\n"), "read start line: too_long");

  const std::string start = "GET / HTTP/1.1\r\n";
  const auto filler = "a: " + std::string(kHeadMost - start.size() - 7, 'b') + "\r\n\r\n";
  EXPECT_EQ(outcome(start + filler), "taken");
  EXPECT_EQ(outcome(start + "b" + filler), "read head: too_large");

  std::string fields = start;
  for (std::size_t i = 0; i < kFieldsMost; ++i) fields += "a: b\r\n";
  EXPECT_EQ(outcome(fields + "\r\n"), "taken");
  EXPECT_EQ(outcome(fields + "a: b\r\n\r\n"), "count fields: too_large");
}

TEST(HeadReader, ReadsOneHeadAfterAnother) {
  HeadReader reader(HeadReader::Kind::kRequest);
  const std::string_view pipelined = "GET /1 HTTP/1.0\r\n\r\n\r\nGET /2 HTTP/1.0\r\n\r\n";
  std::span<const char> input(pipelined);

  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(*reader.feed(input));
  EXPECT_EQ(reader.text(), "GET /1 HTTP/1.0\r\n\r\n");
  reader.reset();
  EXPECT_TRUE(reader.empty());
  EXPECT_TRUE(*reader.feed(input));
  EXPECT_EQ(reader.text(), "GET /2 HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(input.empty());
}

TEST(RequestHead, ReadsTheFourForms) {
  struct Row {
    std::string_view line;
    Form form;
    std::string_view target;
    std::string_view path;
  };
  const Row rows[] = {
      {"CONNECT example.com:443 HTTP/1.1", Form::kAuthority, "example.com:443", ""},
      {"CONNECT [::1]:443 HTTP/1.1", Form::kAuthority, "[::1]:443", ""},
      {"GET http://example.com/a?b=c HTTP/1.1", Form::kAbsolute, "example.com:80", "/a?b=c"},
      {"GET HTTP://example.com:8080 HTTP/1.1", Form::kAbsolute, "example.com:8080", "/"},
      {"GET http://example.com?b HTTP/1.1", Form::kAbsolute, "example.com:80", "?b"},
      {"GET http://[::1]/ HTTP/1.1", Form::kAbsolute, "[::1]:80", "/"},
      {"GET http://a/http://b/ HTTP/1.1", Form::kAbsolute, "a:80", "/http://b/"},
      {"GET http://a//b/../c@d HTTP/1.1", Form::kAbsolute, "a:80", "//b/../c@d"},
      {"OPTIONS http://example.com HTTP/1.1", Form::kAbsolute, "example.com:80", "*"},
      {"OPTIONS http://example.com/ HTTP/1.1", Form::kAbsolute, "example.com:80", "/"},
      {"OPTIONS * HTTP/1.1", Form::kAsterisk, ":0", "*"},
      {"GET /a?b HTTP/1.1", Form::kOrigin, ":0", "/a?b"},
      {"M-SEARCH http://a/ HTTP/1.1", Form::kAbsolute, "a:80", "/"},
  };
  for (const auto& row : rows) {
    const auto text = std::string(row.line) + "\r\nHost: other\r\n\r\n";
    const auto head = request(text);
    EXPECT_EQ(head.form, row.form) << row.line;
    EXPECT_EQ(head.target.to_string(), row.target) << row.line;
    EXPECT_EQ(head.path, row.path) << row.line;
    EXPECT_EQ(head.method, row.line.substr(0, row.line.find(' ')));
  }
}

TEST(RequestHead, KeepsFieldsInOrderAndCase) {
  const auto head =
      request("GET / HTTP/1.1\r\nhOsT: a\r\nX-b:  c d \t\r\nEmpty:\r\nx-B: \xff\r\n\r\n");

  ASSERT_EQ(head.fields.size(), 4U);
  EXPECT_EQ(head.fields[0].name, "hOsT");
  EXPECT_EQ(head.fields[0].id, FieldId::kHost);
  EXPECT_EQ(head.fields[1].name, "X-b");
  EXPECT_EQ(head.fields[1].value, "c d");
  EXPECT_EQ(head.fields[2].value, "");
  EXPECT_EQ(head.fields[3].value, "\xff");
}

TEST(RequestHead, KnowsWhetherTheClientGoesOn) {
  const auto keep_alive = [](std::string_view version, std::string_view fields) {
    return request("GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n" + std::string(fields) +
                   "\r\n")
        .keep_alive;
  };
  EXPECT_TRUE(keep_alive("1.1", ""));
  EXPECT_TRUE(keep_alive("1.1", "Proxy-Connection: keep-alive\r\n"));
  EXPECT_FALSE(keep_alive("1.1", "Connection: a, CLOSE\r\n"));
  EXPECT_FALSE(keep_alive("1.1", "Connection: keep-alive\r\nConnection: close\r\n"));
  EXPECT_FALSE(keep_alive("1.1", "Proxy-Connection: close\r\n"));
  EXPECT_FALSE(keep_alive("1.0", "Connection: keep-alive\r\n"));
}

TEST(RequestHead, KnowsWhereTheBodyEnds) {
  const std::string start = "POST http://a/ HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(request(start + "\r\n").framing, BodyFraming::kNone);
  EXPECT_EQ(request(start + "Content-Length: 0\r\n\r\n").framing, BodyFraming::kNone);
  EXPECT_EQ(request(start + "Transfer-Encoding: Chunked\r\n\r\n").framing, BodyFraming::kChunked);
  const auto head = request(start + "content-length:\t9223372036854775807 \r\n\r\n");
  EXPECT_EQ(head.framing, BodyFraming::kLength);
  EXPECT_EQ(head.content_length, 9223372036854775807U);
}

TEST(RequestHead, ReadsWhatAProxyMustKnow) {
  const auto head = request(
      "GET http://a/ HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nProxy-Authorization: Basic YTpi\r\n\r\n");
  EXPECT_TRUE(head.expects_continue);
  EXPECT_TRUE(head.upgrade);
  EXPECT_EQ(head.proxy_authorization, "Basic YTpi");

  const auto old = request(
      "GET http://a/ HTTP/1.0\r\nExpect: 100-continue\r\nUpgrade: websocket\r\n"
      "Connection: upgrade\r\n\r\n");
  EXPECT_FALSE(old.expects_continue || old.upgrade);
  EXPECT_FALSE(request("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: x\r\n\r\n").upgrade);
}

TEST(ResponseHead, ReadsStatusLines) {
  const auto head = response("HTTP/1.0 404 Not  Found\xff\r\n\r\n");
  EXPECT_EQ(head.status, 404);
  EXPECT_EQ(head.reason, "Not  Found\xff");
  EXPECT_EQ(head.minor_version, 0);
  EXPECT_EQ(response("HTTP/1.1 200 \r\n\r\n").reason, "");
  EXPECT_EQ(response("HTTP/1.1 200\r\n\r\n").reason, "");
  EXPECT_TRUE(response("HTTP/1.1 103 Early Hints\r\n\r\n").is_interim());
  EXPECT_FALSE(response("HTTP/1.1 101 Switching Protocols\r\n\r\n").is_interim());
}

TEST(ResponseHead, DropsSpaceBeforeTheColon) {
  const auto head = response("HTTP/1.1 200 OK\r\nContent-Length \t: 5\r\n\r\n");
  EXPECT_EQ(head.fields[0].name, "Content-Length");
  EXPECT_EQ(head.content_length, 5U);
}

TEST(ResponseHead, KnowsWhereTheBodyEnds) {
  struct Row {
    std::string_view method;
    std::string_view head;
    BodyFraming framing;
    bool keep_alive;
  };
  const Row rows[] = {
      {"GET", "1.1 200 OK\r\nContent-Length: 5\r\n", BodyFraming::kLength, true},
      {"GET", "1.1 200 OK\r\nContent-Length: 0\r\n", BodyFraming::kLength, true},
      {"GET", "1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", BodyFraming::kChunked, true},
      {"GET", "1.1 200 OK\r\n", BodyFraming::kUntilClose, false},
      {"GET", "1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n", BodyFraming::kLength,
       false},
      {"GET", "1.0 200 OK\r\nContent-Length: 5\r\n", BodyFraming::kLength, false},
      {"HEAD", "1.1 200 OK\r\nContent-Length: 5\r\n", BodyFraming::kNone, true},
      {"HEAD", "1.1 200 OK\r\n", BodyFraming::kNone, true},
      {"GET", "1.1 100 Continue\r\nContent-Length: 5\r\n", BodyFraming::kNone, true},
      {"GET", "1.1 101 Switching Protocols\r\n", BodyFraming::kNone, true},
      {"GET", "1.1 204 No Content\r\nContent-Length: 5\r\n", BodyFraming::kNone, true},
      {"GET", "1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n", BodyFraming::kNone, true},
      {"GET", "1.1 205 Reset Content\r\n", BodyFraming::kUntilClose, false},
  };
  for (const auto& row : rows) {
    const auto head = response("HTTP/" + std::string(row.head) + "\r\n", row.method);
    EXPECT_EQ(head.framing, row.framing) << row.method << ' ' << row.head;
    EXPECT_EQ(head.keep_alive, row.keep_alive) << row.method << ' ' << row.head;
  }
}

}  // namespace
}  // namespace airlane::test
