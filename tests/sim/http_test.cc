// Requests out of bytes and replies into bytes, without a socket between them.
#include <gtest/gtest.h>

#include "sim/http_parser.h"
#include "sim/origin.h"
#include "sim/reply_writer.h"

namespace airlane::sim::test {
namespace {

struct Parsed {
  HttpRequest request;
  std::string body;
  std::string rest;
  bool complete = false;
  bool failed = false;
};

// Feeds `bytes` in pieces of `size`, as TCP might.
Parsed parse(std::string_view bytes, std::size_t size) {
  HttpParser parser;
  Parsed parsed;
  while (!bytes.empty() && !parsed.complete && !parsed.failed) {
    auto input = bytes.substr(0, size);
    bytes.remove_prefix(input.size());
    for (;;) {
      const auto step = parser.feed(input);
      parsed.failed = !step;
      parsed.complete = step && *step == HttpParser::Step::kComplete;
      if (step && *step == HttpParser::Step::kBody) parsed.body += parser.body();
      if (parsed.failed || parsed.complete || *step == HttpParser::Step::kNeedMore) break;
    }
    parsed.rest = std::string(input) + std::string(bytes);
  }
  parsed.request = parser.request();
  return parsed;
}

HttpRequest get(const std::string& path, const std::string& method = "GET") {
  return parse(method + " " + path + " HTTP/1.1\r\nHost: origin.test\r\n\r\n", 4096).request;
}

std::string written(const HttpRequest& request, Reply reply) {
  ReplyWriter writer(request, std::move(reply));
  std::string all;
  while (!writer.peek().empty()) {
    const auto piece = writer.peek().substr(0, 1000);
    all += piece;
    writer.consume(piece.size());
  }
  return all;
}

std::string answer(const HttpRequest& request) {
  const PeerLog peers;
  return written(request, Origin(peers).answer(request));
}

TEST(HttpParser, ReadsAnyFramingInPiecesOfAnySize) {
  const std::string by_length =
      "POST /upload HTTP/1.1\r\nHost: a\r\nX-Odd-CASE:  v  \r\ncontent-length: 5\r\n\r\nhelloNEXT";
  const std::string chunked =
      "POST /upload HTTP/1.1\nHost: a\nX-Odd-CASE: v\nTransfer-Encoding: chunked\n\n"
      "2\r\nhe\r\n3;ext=1\r\nllo\r\n0\r\nTrailer: t\r\n\r\nNEXT";
  for (const auto& text : {by_length, chunked}) {
    for (std::size_t size = 1; size <= text.size(); ++size) {
      const auto parsed = parse(text, size);
      ASSERT_TRUE(parsed.complete) << size;
      EXPECT_EQ(parsed.body, "hello");
      EXPECT_EQ(parsed.rest, "NEXT");
      EXPECT_EQ(parsed.request.fields[1].first, "X-Odd-CASE");
      EXPECT_EQ(parsed.request.fields[1].second, "v");
    }
  }
}

TEST(HttpParser, RefusesNonsense) {
  for (const auto* text :
       {"hello\r\n\r\n", "GET / HTTP/2\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}) {
    EXPECT_TRUE(parse(text, 4096).failed) << text;
  }
}

TEST(HttpRequest, KnowsItsPathInAbsoluteForm) {
  EXPECT_EQ(get("http://origin.test/bytes/3?x=/").path(), "/bytes/3");
  EXPECT_EQ(get("http://origin.test").path(), "/");
}

TEST(Origin, EchoesTheHeadAsItCame) {
  const std::string head = "GET /echo HTTP/1.1\r\nhOsT:   a\r\nAccept: */*\r\n\r\n";
  const auto reply = answer(parse(head, 4096).request);
  EXPECT_TRUE(reply.ends_with("\r\n\r\n" + head)) << reply;
}

TEST(Origin, SendsThePatternByLengthAndInChunks) {
  const auto plain = answer(get("/bytes/3"));
  EXPECT_NE(plain.find("Content-Length: 3\r\n"), plain.npos);
  EXPECT_TRUE(plain.ends_with(std::string("\r\n\r\n\x00\x9e\x3c", 7))) << plain;
  const auto chunked = answer(get("/chunked/3"));
  EXPECT_TRUE(chunked.ends_with(std::string("\r\n\r\n3\r\n\x00\x9e\x3c\r\n0\r\n\r\n", 17)));
  const auto long_one = answer(get("/chunked/1000000"));
  EXPECT_GT(long_one.size(), 1000000U);
  EXPECT_TRUE(long_one.ends_with("\r\n0\r\n\r\n"));
  EXPECT_TRUE(answer(get("/bytes/0")).find("Content-Length: 0\r\n") != std::string::npos);
}

TEST(Origin, SendsNoBodyWhereNoneMayBe) {
  for (const auto& request : {get("/bytes/3", "HEAD"), get("/204"), get("/304")}) {
    EXPECT_TRUE(answer(request).ends_with("\r\n\r\n")) << request.head;
  }
  EXPECT_NE(answer(get("/bytes/3", "HEAD")).find("Content-Length: 3\r\n"), std::string::npos);
}

TEST(Origin, BreaksItsWordOnDemand) {
  EXPECT_NE(answer(get("/cut/10")).find("Content-Length: 20\r\n"), std::string::npos);
  EXPECT_EQ(answer(get("/close")).find("Content-Length"), std::string::npos);
  EXPECT_TRUE(answer(get("/continue")).starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200"));
  EXPECT_TRUE(answer(get("/status/503")).starts_with("HTTP/1.1 503 "));
  EXPECT_TRUE(answer(get("/bytes/x")).starts_with("HTTP/1.1 404 "));
}

}  // namespace
}  // namespace airlane::sim::test
