// The header before every datagram of a UDP association.
#include "proxy/protocol/socks_udp.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/dialogue.h"

namespace airlane::test {
namespace {

std::string understood(const std::string& bytes) {
  const auto read = read_socks_datagram(bytes);
  if (!read) return std::string(metric_label(read.error().code));
  const std::string payload(read->payload.data(), read->payload.size());
  const auto where = read->name.empty() ? read->address.to_string()
                                        : std::string(read->name) + " port " +
                                              std::to_string(read->address.port());
  return where + " <- " + payload;
}

std::string label(Errc code) { return std::string(metric_label(code)); }

TEST(SocksUdp, ReadsAllThreeAddressTypes) {
  EXPECT_EQ(understood(octets("0000 00 01 cb 00 71 07 00 35 'hello'")), "203.0.113.7:53 <- hello");
  EXPECT_EQ(understood(octets("0000 00 04 2001 0db8 0000 0000 0000 0000 0000 0001 01 bb 'x'")),
            "[2001:db8::1]:443 <- x");
  EXPECT_EQ(understood(octets("0000 00 03 04 'name' 00 35 'hello'")), "name port 53 <- hello");
}

TEST(SocksUdp, SeesThroughDisguises) {
  EXPECT_EQ(understood(octets("0000 00 04 0000 0000 0000 0000 0000 ffff 7f00 0001 00 35")),
            "127.0.0.1:53 <- ");
  EXPECT_EQ(understood(octets("0000 00 03 09 '127.0.0.1' 00 35 'x'")), "127.0.0.1:53 <- x");
  EXPECT_EQ(understood(octets("0000 00 03 03 '::1' 00 35 'x'")), "[::1]:53 <- x");
}

TEST(SocksUdp, RefusesFragmentsUnknownTypesAndPortZero) {
  for (const auto* fragment : {"01", "7f", "81", "ff"}) {
    EXPECT_EQ(understood(octets("0000 " + std::string(fragment) + " 01 cb 00 71 07 00 35 'x'")),
              label(Errc::kUnsupported));
  }
  for (const auto* type : {"00", "02", "05", "ff"}) {
    EXPECT_EQ(understood(octets("0000 00 " + std::string(type) + " cb 00 71 07 00 35 'x'")),
              label(Errc::kUnsupportedType));
  }
  EXPECT_EQ(understood(octets("0000 00 01 cb 00 71 07 00 00 'x'")), label(Errc::kMalformed));
  EXPECT_EQ(understood(octets("0000 00 03 00 00 35 'x'")), label(Errc::kMalformed));
}

TEST(SocksUdp, RefusesEveryHeaderThatIsCutShort) {
  for (const auto& whole :
       {octets("0000 00 01 cb 00 71 07 00 35"), octets("0000 00 03 04 'name' 00 35"),
        octets("0000 00 04 2001 0db8 0000 0000 0000 0000 0000 0001 01 bb")}) {
    EXPECT_TRUE(read_socks_datagram(whole)) << "an empty datagram is one";
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_EQ(understood(whole.substr(0, size)), label(Errc::kMalformed)) << size;
    }
  }
}

TEST(SocksUdp, WritesWhatItReads) {
  for (const auto* text : {"203.0.113.7:53", "[2001:db8::1]:443"}) {
    const auto source = *Address::parse_with_port(text);
    std::array<char, kSocksDatagramHeaderMost> header{};
    const auto size = write_socks_datagram_header(source, header);
    EXPECT_EQ(understood(std::string(header.data(), size) + "hello"),
              std::string(text) + " <- hello");
  }
}

}  // namespace
}  // namespace airlane::test
