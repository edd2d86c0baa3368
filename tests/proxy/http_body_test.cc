// Where bodies end, what they carry, and what is refused, for every way in which a body can be cut.
#include "proxy/protocol/http_body.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "base/error.h"
#include "tests/support/pieces.h"

namespace airlane::test {
namespace {

using namespace std::string_view_literals;

// "payload|what is left", with a "..." when the body is not complete; or why it was refused.
std::string read(BodyReader reader, const Pieces& pieces) {
  std::string payload;
  std::string left;
  BodyReader raw = reader;
  for (const auto piece : pieces) {
    const auto taken = reader.feed_decoded(piece, payload);
    const auto passed = raw.feed(piece);
    EXPECT_EQ(taken.has_value(), passed.has_value());
    if (!taken) return describe(taken.error());
    EXPECT_EQ(*taken, *passed) << "decoding changed where the body ends";
    EXPECT_TRUE(*taken == piece.size() || reader.complete());
    left += piece.substr(*taken);
  }
  return payload + (reader.complete() ? "" : "...") + "|" + left;
}

std::string chunked(std::string_view text) {
  return same_for_every_split(
      text, [](const Pieces& pieces) { return read(BodyReader(BodyFraming::kChunked), pieces); });
}

bool refused(std::string_view text) {
  return chunked(text).find(": malformed") != std::string::npos;
}

TEST(BodyReader, EndsWhereTheHeadSaysSo) {
  EXPECT_EQ(read(BodyReader(BodyFraming::kNone), {"next"}), "|next");
  EXPECT_EQ(read(BodyReader(BodyFraming::kLength, 0), {"next"}), "|next");
  EXPECT_EQ(read(BodyReader(BodyFraming::kLength, 5), {"he", "llonext"}), "hello|next");
  EXPECT_EQ(read(BodyReader(BodyFraming::kLength, 5), {"hell"}), "hell...|");
  EXPECT_EQ(read(BodyReader(BodyFraming::kUntilClose), {"he", "llo"}), "hello...|");
}

TEST(BodyReader, KnowsWhetherItMayEnd) {
  EXPECT_TRUE(BodyReader(BodyFraming::kNone).may_end());
  EXPECT_TRUE(BodyReader(BodyFraming::kUntilClose).may_end());
  EXPECT_FALSE(BodyReader(BodyFraming::kUntilClose).complete());
  EXPECT_FALSE(BodyReader(BodyFraming::kLength, 1).may_end());
  EXPECT_FALSE(BodyReader(BodyFraming::kChunked).may_end());
}

TEST(BodyReader, LetsPayloadPassUnseen) {
  BodyReader length(BodyFraming::kLength, 1'000'000'000'000);
  EXPECT_EQ(*length.feed("abc"sv), 3U);
  EXPECT_EQ(length.remaining_length(), 999'999'999'997U);
  length.skip(999'999'999'997U);
  EXPECT_TRUE(length.complete());

  BodyReader chunks(BodyFraming::kChunked);
  EXPECT_EQ(chunks.remaining_length(), 0U);
  EXPECT_EQ(*chunks.feed("10\r\nab"sv), 6U);
  EXPECT_EQ(chunks.remaining_length(), 14U);
  chunks.skip(14);
  EXPECT_EQ(chunks.remaining_length(), 0U);
  EXPECT_EQ(*chunks.feed("\r\n0\r\n\r\n"sv), 7U);
  EXPECT_TRUE(chunks.complete());
}

TEST(BodyReader, ReadsChunks) {
  EXPECT_EQ(chunked("0\r\n\r\nnext"), "|next");
  EXPECT_EQ(chunked("5\r\nhello\r\n0\r\n\r\nGET /"), "hello|GET /");
  EXPECT_EQ(chunked("5\r\nhello\r\n000A\r\n, world\r\n!\r\n00\r\n\r\n"), "hello, world\r\n!|");
  EXPECT_EQ(chunked("5\r\nhello\r\n"), "hello...|");
  EXPECT_EQ(chunked("5\r\nhello\r\n0\r\n"), "hello...|");
  EXPECT_EQ(chunked("4\r\n0\r\n\r\r\n0\r\n\r\n"), "0\r\n\r|");
}

TEST(BodyReader, PassesExtensionsAndTrailers) {
  EXPECT_EQ(chunked("1;a=\"b;c\\\"\"\r\nx\r\n0; d ;e\r\n\r\n"), "x|");
  EXPECT_EQ(chunked("1\r\nx\r\n0\r\nA: b\r\nExpires:\r\nC:\td\xff \r\n\r\nnext"), "x|next");
}

TEST(BodyReader, RefusesSizesThatReadersReadDifferently) {
  for (const auto text : {"\r\n",
                          "x\r\n",
                          "-1\r\n",
                          "+1\r\n",
                          " 1\r\n",
                          "\t1\r\n",
                          "1 \r\n",
                          "1\t\r\n",
                          "0x1\r\n",
                          "1h\r\n",
                          "1_0\r\n",
                          "1,\r\n",
                          "1.0\r\n",
                          "\"1\"\r\n",
                          "g\r\n",
                          "\r\n1\r\n",
                          "1 ;a\r\n",
                          "00000000000000000\r\n",
                          "10000000000000005\r\n",
                          "ffffffffffffffff\r\n",
                          "8000000000000000\r\n",
                          "fffffffffffffffff\r\n",
                          "1\x0b\r\n",
                          "\xef\xbc\x91\r\n"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
  EXPECT_TRUE(refused("1\0\r\n"sv));
  EXPECT_EQ(chunked("3fffffffffffffff\r\nx"), "x...|");
}

TEST(BodyReader, RefusesLineEndsThatAreNotExact) {
  for (const auto text :
       {"1\nx\r\n0\r\n\r\n", "1\r\nx\n0\r\n\r\n", "1\r\nx\r\n0\n\r\n", "1\r\nx\r\n0\r\n\n", "1\rx",
        "1\r\r\nx", "1\r\nxy", "1\r\nx\r0", "1\r\nx\r\r\n", "1\r\nx0\r\n", "0\r\n\rx", "1\r\n\nx",
        "1\r\nx\r\n\r\n"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
}

TEST(BodyReader, RefusesLineEndsHiddenInExtensions) {
  for (const auto text :
       {"1;\nx", "1;a\nx", "1;a\rx", "1;a\r\r\n", "1;a=\"\n\"\r\n", "1;a=\"\r\n\"\r\nx\r\nz",
        "1;\r\n", "1;;\r\n", "1; \r\n", "1;=b\r\n", "1;a\x01\r\n", "0;\n\r\n",
        "1;\x0b"
        "a\r\n"}) {
    EXPECT_TRUE(refused(text)) << text;
  }
  EXPECT_TRUE(refused("1;a\0\r\n"sv));
}

TEST(BodyReader, RefusesTrailersThatAreNoFields) {
  for (const auto trailer :
       {"X\r\n", ": y\r\n", " X: y\r\n", "X : y\r\n", "X: y\n", "X: y\r\n z\r\n", "X: y\rz\r\n",
        "X: \x01\r\n", "X(: y\r\n", "GET / HTTP/1.1\r\n", "X\r\n: y\r\n"}) {
    EXPECT_TRUE(refused("0\r\n" + std::string(trailer) + "\r\n")) << trailer;
  }
  EXPECT_TRUE(refused("0\r\nX: \0\r\n\r\n"sv));
}

TEST(BodyReader, RefusesTrailersThatWouldReframeTheMessage) {
  for (const auto name : {"Content-Length", "transfer-encoding", "HOST", "Connection", "Trailer",
                          "Proxy-Authorization", "Upgrade", "TE", "Expect"}) {
    EXPECT_TRUE(refused("0\r\n" + std::string(name) + ": 1\r\n\r\n")) << name;
  }
  EXPECT_EQ(chunked("0\r\nProxy-Authorizationing: a\r\nContent-Lengths: 5\r\n\r\n"), "|");
}

TEST(BodyReader, BoundsExtensionsAndTrailers) {
  const auto outcome = [](const std::string& text) {
    const auto whole = read(BodyReader(BodyFraming::kChunked), {text});
    EXPECT_EQ(read(BodyReader(BodyFraming::kChunked), one_at_a_time(text)), whole);
    return whole.substr(whole.rfind(' ') + 1);
  };
  // One extension of 9 bytes with the CR that ends it, in every chunk.
  const auto chunks = [](std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += "1;abcd=fgh\r\nx\r\n";
    return text + "0\r\n\r\n";
  };
  EXPECT_NE(outcome(chunks(kChunkExtensionsMost / 9)), "too_large");
  EXPECT_EQ(outcome(chunks(kChunkExtensionsMost / 9 + 1)), "too_large");
  EXPECT_EQ(outcome("1;" + std::string(kChunkExtensionsMost + 1, 'a')), "too_large");

  const auto trailers = [](std::size_t count) {
    std::string text = "0\r\n";
    for (std::size_t i = 0; i < count; ++i) text += "a: b\r\n";
    return text + "\r\n";
  };
  EXPECT_EQ(outcome(trailers(kTrailersMost)), "|");
  EXPECT_EQ(outcome(trailers(kTrailersMost + 1)), "too_large");
  EXPECT_EQ(outcome("0\r\na: " + std::string(kTrailerBytesMost, 'b')), "too_large");
}

TEST(BodyReader, ReadsRowsOfChunksAsItReadsTheirBytes) {
  // Sizes that change and sizes that stay, zeros in front of them, and then something wrong.
  std::string row;
  for (const int size : {1, 1, 1, 2, 1, 10, 10, 15, 16, 16, 255, 256, 256, 256, 1, 1}) {
    char line[16];
    std::snprintf(line, sizeof line, "%0*X\r\n", size % 3 == 0 ? 5 : 1,
                  static_cast<unsigned>(size));
    row += line + std::string(static_cast<std::size_t>(size), '\r') + "\r\n";
  }
  for (const auto* end : {"0\r\n\r\nnext", "1;a=b\r\nx\r\n0\r\n\r\n", "0000001\r\nx\r\n0\r\n\r\n",
                          "100000\r\nx", "1\r\nxy\r\n", "1\r\nx\rz", "1\r\nx", "1\r\nx\r", "1\r\n",
                          "1\rx", "1\n", "x", "g\r\nx\r\n", "01\r\nx\r\n1\r\nx\n", "\r\n"}) {
    const auto text = row + end;
    EXPECT_EQ(read(BodyReader(BodyFraming::kChunked), {text}),
              read(BodyReader(BodyFraming::kChunked), one_at_a_time(text)))
        << end;
    chunked("1\r\nx\r\n1\r\nx\r\n" + std::string(end));
  }
}

// Long rows are compared by words: what is wrong in one must be found wherever in a word it is.
TEST(BodyReader, FindsWhatIsWrongAtEveryPlaceOfALongRow) {
  for (const int size : {1, 2, 3, 10, 16, 26, 27, 28, 29}) {
    char line[16];
    std::snprintf(line, sizeof line, "%X\r\n", static_cast<unsigned>(size));
    const auto chunk = line + std::string(static_cast<std::size_t>(size), '\n') + "\r\n";
    std::string row;
    for (int i = 0; i < 40; ++i) row += chunk;
    row += "0\r\n\r\nnext";
    EXPECT_EQ(read(BodyReader(BodyFraming::kChunked), {row}),
              read(BodyReader(BodyFraming::kChunked), one_at_a_time(row)));
    for (std::size_t at = 0; at < row.size(); ++at) {
      for (const char wrong : {'\r', '\0', '2', ';'}) {
        auto text = row;
        text[at] = wrong;
        ASSERT_EQ(read(BodyReader(BodyFraming::kChunked), {text}),
                  read(BodyReader(BodyFraming::kChunked), one_at_a_time(text)))
            << size << " at " << at;
      }
    }
  }
}

TEST(BodyReader, ReadsAHundredMegabytesOfOneByteChunksInBoundedMemory) {
  BodyReader reader(BodyFraming::kChunked);
  std::string block;
  for (int i = 0; i < 1000; ++i) block += "1\r\nx\r\n";
  for (int i = 0; i < 100; ++i) ASSERT_EQ(*reader.feed(block), block.size());
  EXPECT_FALSE(reader.complete());
  EXPECT_LE(sizeof reader, 64U);
}

TEST(ChunkedBody, GivesOutTheLinesOfItsTrailers) {
  const auto trailers_of = [](std::string_view text) {
    return same_for_every_split(text, [](const Pieces& pieces) {
      BodyReader reader(BodyFraming::kChunked);
      std::string payload;
      std::string trailers;
      for (const auto piece : pieces) EXPECT_TRUE(reader.feed_decoded(piece, payload, &trailers));
      EXPECT_TRUE(reader.complete());
      return payload + "|" + trailers;
    });
  };
  EXPECT_EQ(trailers_of("1\r\nx\r\n0\r\nA: 1\r\nb:2 \r\n\r\n"), "x|A: 1\r\nb:2 \r\n");
  EXPECT_EQ(trailers_of("1\r\nx\r\n0\r\n\r\n"), "x|");
}

}  // namespace
}  // namespace airlane::test
