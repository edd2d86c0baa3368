// The PROXY protocol as a balancer speaks it. Every header is read whole, a byte at a time, and cut
// in two and in three anywhere; the answer and what is left for the client are always the same.
#include "proxy/protocol/proxy_header.h"

#include "tests/support/dialogue.h"
#include "tests/support/pieces.h"

namespace airlane::test {
namespace {

constexpr const char* kSignature = "0d 0a 0d 0a 00 0d 0a 'QUIT' 0a ";

// "source rest", or the label of the error; "more" when the header does not end.
std::string understood(std::string_view bytes) {
  return same_for_every_split(bytes, [](const Pieces& pieces) -> std::string {
    ProxyHeader header;
    std::string rest;
    bool complete = false;
    for (const auto piece : pieces) {
      std::span<const char> input(piece);
      const auto fed = header.feed(input);
      if (!fed) return std::string(metric_label(fed.error().code));
      complete = *fed;
      rest.append(input.data(), input.size());
    }
    if (!complete) return rest.empty() ? "more" : "lost: " + rest;
    return (header.source() ? header.source()->to_string() : "unknown") + " " + rest;
  });
}

std::string line(std::string_view text) { return understood(std::string(text) + "\r\nGET /"); }

// Version 2, from what follows the signature.
std::string block(const std::string& text, std::string_view rest = "GET /") {
  return understood(octets(kSignature + text) + std::string(rest));
}

std::string tail(std::size_t size) { return std::string(size, 'x'); }

TEST(ProxyHeader, ReadsTheClientFromALine) {
  EXPECT_EQ(line("PROXY TCP4 203.0.113.7 198.51.100.1 56324 443"), "203.0.113.7:56324 GET /");
  EXPECT_EQ(line("PROXY TCP6 2001:db8::7 2001:db8::1 56324 443"), "[2001:db8::7]:56324 GET /");
  EXPECT_EQ(line("PROXY TCP4 0.0.0.0 0.0.0.0 0 65535"), "0.0.0.0:0 GET /");
}

TEST(ProxyHeader, SeesIpv4InsideIpv6) {
  EXPECT_EQ(line("PROXY TCP6 ::ffff:203.0.113.7 ::1 1 2"), "203.0.113.7:1 GET /");
  EXPECT_EQ(block("21 21 00 24"
                  "00000000 00000000 0000ffff cb007107 20010db8 00000000 00000000 00000001"
                  "dc04 01bb"),
            "203.0.113.7:56324 GET /");
}

TEST(ProxyHeader, TakesTheLongestLineAndNoLonger) {
  // As long as section 2.1 says that the longest one is.
  EXPECT_EQ(line("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
                 " ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535"),
            "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535 GET /");
  const std::string longest = "PROXY UNKNOWN " + tail(ProxyHeader::kLineMost - 16);
  EXPECT_EQ(line(longest), "unknown GET /");
  EXPECT_EQ(line(longest + "x"), "too_large");
}

TEST(ProxyHeader, KeepsTheConnectionsOwnAddressWhenTheFrontDoesNotKnow) {
  EXPECT_EQ(line("PROXY UNKNOWN"), "unknown GET /");
  EXPECT_EQ(line("PROXY UNKNOWN ffff::f anything  1 \x01"), "unknown GET /");
  EXPECT_EQ(block("21 00 00 00"), "unknown GET /");
  EXPECT_EQ(block("21 00 00 03", "abcGET /"), "unknown GET /");
  EXPECT_EQ(block("21 31 00 d8", tail(216) + "GET /"), "unknown GET /");
}

TEST(ProxyHeader, KeepsTheConnectionsOwnAddressForAHealthCheck) {
  EXPECT_EQ(block("20 00 00 00"), "unknown GET /");
  EXPECT_EQ(block("20 11 00 0c 7f000001 7f000001 0001 0002"), "unknown GET /");
  EXPECT_EQ(block("20 ff 00 01", "xGET /"), "unknown GET /") << "the family is not looked at";
}

TEST(ProxyHeader, ReadsTheClientFromABlock) {
  EXPECT_EQ(block("21 11 00 0c cb007107 c6336401 dc04 01bb"), "203.0.113.7:56324 GET /");
  EXPECT_EQ(block("21 21 00 24"
                  "20010db8 00000000 00000000 00000007 20010db8 00000000 00000000 00000001"
                  "dc04 01bb"),
            "[2001:db8::7]:56324 GET /");
}

TEST(ProxyHeader, SkipsWhatFollowsTheAddresses) {
  EXPECT_EQ(block("21 11 00 17 cb007107 c6336401 dc04 01bb"
                  "01 0002 'h2'"    // PP2_TYPE_ALPN
                  "04 0003 000000"  // PP2_TYPE_NOOP
                  ),
            "203.0.113.7:56324 GET /");
  const std::string address = "cb007107 c6336401 dc04 01bb";
  EXPECT_EQ(block("21 11 10 00 " + address, tail(4096 - 12) + "GET /"), "203.0.113.7:56324 GET /");
}

TEST(ProxyHeader, RefusesABlockThatIsTooLarge) {
  EXPECT_EQ(block("21 11 10 01", tail(4097)), "too_large");
  EXPECT_EQ(block("20 00 ff ff"), "too_large");
}

TEST(ProxyHeader, LeavesTheFirstByteOfTheClientAlone) {
  EXPECT_EQ(understood("PROXY UNKNOWN\r\n\r\n"), "unknown \r\n");
  EXPECT_EQ(understood("PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n"), "unknown PROXY UNKNOWN\r\n");
  EXPECT_EQ(understood("PROXY UNKNOWN\r\n"), "unknown ");
  EXPECT_EQ(block("21 11 00 0c cb007107 c6336401 dc04 01bb", ""), "203.0.113.7:56324 ");
}

TEST(ProxyHeader, WaitsForTheRest) {
  EXPECT_EQ(understood("P"), "more");
  EXPECT_EQ(understood("PROXY TCP4 203.0.113.7 198.51.100.1 56324 443\r"), "more");
  EXPECT_EQ(understood(octets(kSignature)), "more");
  EXPECT_EQ(block("21 11 00 0c cb007107 c6336401 dc04 01", ""), "more");
  EXPECT_EQ(block("21 11 00 0d cb007107 c6336401 dc04 01bb", ""), "more");
}

TEST(ProxyHeader, RefusesAClientThatSendsNone) {
  for (const auto* text :
       {"GET http://h/ HTTP/1.1\r\n", "\x05\x01\x02", "\x16\x03\x01", "POST", "PRI * HTTP/2.0\r\n",
        "PROPFIND /", "proxy TCP4", "\r\n\r\nGET", " ", "PROXY\tTCP4", "\n"}) {
    EXPECT_EQ(understood(text), "malformed") << text;
  }
  EXPECT_EQ(understood(std::string_view("\0", 1)), "malformed");
}

TEST(ProxyHeader, RefusesALineThatIsNotWrittenAsItMustBe) {
  for (const auto* text : {
           "PROXY ",
           "PROXY TCP4",
           "PROXY tcp4 1.2.3.4 1.2.3.4 1 2",
           "PROXY TCP5 1.2.3.4 1.2.3.4 1 2",
           "PROXY UDP4 1.2.3.4 1.2.3.4 1 2",
           "PROXY UNKNOWNS",
           "PROXY  TCP4 1.2.3.4 1.2.3.4 1 2",
           "PROXY TCP4  1.2.3.4 1.2.3.4 1 2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1  2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 ",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 ",
           "PROXY TCP4 1.2.3.4 1.2.3.4 -1 2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 +1 2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 01 2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 00",
           "PROXY TCP4 1.2.3.4 1.2.3.4 65536 2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1x 2",
           "PROXY TCP4 1.2.3.256 1.2.3.4 1 2",
           "PROXY TCP4 1.2.3 1.2.3.4 1 2",
           "PROXY TCP4 localhost 1.2.3.4 1 2",
           "PROXY TCP4 ::1 ::1 1 2",
           "PROXY TCP6 1.2.3.4 1.2.3.4 1 2",
           "PROXY TCP6 ::1 1.2.3.4 1 2",
           "PROXY TCP6 fe80::1%lo ::1 1 2",
           "PROXY TCP6 [::1] ::1 1 2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r",
           "PROXY TCP4 1.2.3.4\r1.2.3.4 1 2",
           "PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n",
       }) {
    EXPECT_EQ(line(text), "malformed") << text;
  }
  EXPECT_EQ(line(std::string_view("PROXY TCP4 1.2.3.4\0 1.2.3.4 1 2", 32)), "malformed");
}

TEST(ProxyHeader, RefusesABlockThatIsNotWrittenAsItMustBe) {
  EXPECT_EQ(block("11 11 00 0c"), "malformed") << "version 1";
  EXPECT_EQ(block("31 11 00 0c"), "malformed") << "version 3";
  EXPECT_EQ(block("22 11 00 0c"), "malformed") << "a command that is not known";
  EXPECT_EQ(block("21 11 00 0b"), "malformed") << "too short for its addresses";
  EXPECT_EQ(block("21 21 00 23"), "malformed");
  EXPECT_EQ(block("21 31 00 d7"), "malformed");
  EXPECT_EQ(block("21 11 00 00"), "malformed");
  for (const auto* family : {"01", "02", "10", "13", "20", "30", "41", "ff"}) {
    EXPECT_EQ(block("21 " + std::string(family) + " 00 0c"), "malformed") << family;
  }
  for (const auto* datagrams : {"12", "22", "32"}) {
    EXPECT_EQ(block("21 " + std::string(datagrams) + " 00 0c"), "unsupported") << datagrams;
  }
  EXPECT_EQ(understood(octets("0d 0a 0d 0a 00 0d 0a 'QUIX'")), "malformed");
}

}  // namespace
}  // namespace airlane::test
