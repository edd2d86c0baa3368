// SOCKS4 and SOCKS4a requests as clients send them. Each is played whole, a byte at a time, and cut
// in every way into two and three pieces.
#include "proxy/protocol/socks4.h"

#include <gtest/gtest.h>

#include "tests/support/dialogue.h"
#include "tests/support/pieces.h"

namespace airlane::test {
namespace {

// What a server makes of it, in words; the same for every split.
std::string understood(const std::string& bytes) {
  return same_for_every_split(bytes, [](const Pieces& pieces) -> std::string {
    Socks4 server;
    std::string rest;
    bool complete = false;
    for (const auto piece : pieces) {
      std::span<const char> input(piece);
      const auto fed = server.feed(input);
      if (!fed) return std::string(metric_label(fed.error().code));
      complete = *fed;
      if (complete) rest.append(input.data(), input.size());
    }
    if (!complete) return "more";
    const bool connect = server.command() == Socks4::Command::kConnect;
    return (connect ? "connect " : "bind ") + server.target().to_string() +
           (server.target().literal ? "" : " by name") + (rest.empty() ? "" : ", then " + rest);
  });
}

std::string label(Errc code) { return std::string(metric_label(code)); }

TEST(Socks4, ReadsAnAddress) {
  EXPECT_EQ(understood(octets("04 01 01 bb cb 00 71 07 00")), "connect 203.0.113.7:443");
  EXPECT_EQ(understood(octets("04 02 00 15 cb 00 71 07 00")), "bind 203.0.113.7:21");
}

TEST(Socks4, ReadsOverTheUserId) {
  EXPECT_EQ(understood(octets("04 01 00 50 cb 00 71 07 'alice' 00")), "connect 203.0.113.7:80");
}

TEST(Socks4, ReadsANameInItsLaterForm) {
  EXPECT_EQ(understood(octets("04 01 01 bb 00 00 00 01 00 'example.com' 00")),
            "connect example.com:443 by name");
  EXPECT_EQ(understood(octets("04 01 01 bb 00 00 00 ff 'me' 00 'example.com' 00")),
            "connect example.com:443 by name");
}

TEST(Socks4, TakesANameThatIsALiteralForTheLiteral) {
  EXPECT_EQ(understood(octets("04 01 00 50 00 00 00 01 00 '127.0.0.1' 00")),
            "connect 127.0.0.1:80");
  EXPECT_EQ(understood(octets("04 01 00 50 00 00 00 01 00 '::1' 00")), "connect [::1]:80");
}

TEST(Socks4, TakesZeroForAnAddressAndNotForTheMarkOfAName) {
  EXPECT_EQ(understood(octets("04 01 00 50 00 00 00 00 00")), "connect 0.0.0.0:80");
}

TEST(Socks4, LeavesTheFirstPayloadBytesAlone) {
  EXPECT_EQ(understood(octets("04 01 00 50 cb 00 71 07 00 'GET /'")),
            "connect 203.0.113.7:80, then GET /");
  EXPECT_EQ(understood(octets("04 01 00 50 00 00 00 01 00 'h' 00 'GET /'")),
            "connect h:80 by name, then GET /");
}

TEST(Socks4, WaitsForTheRest) {
  EXPECT_EQ(understood(octets("04 01 00 50 cb 00 71 07 'alice'")), "more");
  EXPECT_EQ(understood(octets("04 01 00 50 00 00 00 01 00 'example'")), "more");
}

TEST(Socks4, RefusesWhatMakesNoSense) {
  EXPECT_EQ(understood(octets("05 01 00")), label(Errc::kMalformed));
  EXPECT_EQ(understood(octets("04 03 00 50 cb 00 71 07 00")), label(Errc::kUnsupported));
  EXPECT_EQ(understood(octets("04 01 00 00 cb 00 71 07 00")), label(Errc::kMalformed));
  EXPECT_EQ(understood(octets("04 01 00 50 00 00 00 01 00 00")), label(Errc::kMalformed));
  EXPECT_EQ(understood(octets("04 01 00 50 00 00 00 01 00 '0x7f.1' 00")), label(Errc::kMalformed));
}

TEST(Socks4, HoldsNoMoreThanItSays) {
  const auto head = octets("04 01 00 50 00 00 00 01");
  Socks4 patient;
  const auto user = head + std::string(255, 'u') + std::string(1, '\0');
  const auto longest = user + std::string(63, 'a') + std::string(1, '\0');
  std::span<const char> input(longest);
  EXPECT_TRUE(*patient.feed(input));
  for (const auto& endless : {head + std::string(256, 'u'), user + std::string(256, 'a')}) {
    Socks4 server;
    input = endless;
    EXPECT_EQ(server.feed(input).error().code, Errc::kTooLarge);
    input = endless;
    EXPECT_EQ(server.feed(input).error().code, Errc::kTooLarge) << "for good";
    EXPECT_EQ(input.size(), endless.size()) << "nothing more is read";
  }
}

TEST(Socks4, Answers) {
  EXPECT_EQ(Socks4::reply(true, *Address::parse("203.0.113.7", 0x1234)),
            octets("00 5a 12 34 cb 00 71 07"));
  EXPECT_EQ(Socks4::reply(false, {}), octets("00 5b 00 00 00 00 00 00"));
  EXPECT_EQ(Socks4::reply(true, *Address::parse("2001:db8::1", 0x1234)),
            octets("00 5a 12 34 00 00 00 00"));
}

}  // namespace
}  // namespace airlane::test
