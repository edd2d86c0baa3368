#include "base/address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace airlane::test {
namespace {

TEST(Address, ReadsAndWritesBothFamilies) {
  EXPECT_EQ(Address::parse("192.0.2.1", 80)->to_string(), "192.0.2.1:80");
  EXPECT_EQ(Address::parse("2001:DB8::1", 443)->to_string(), "[2001:db8::1]:443");
  EXPECT_EQ(Address::parse_with_port("[::1]:8080")->to_string(), "[::1]:8080");
  EXPECT_EQ(Address::parse_with_port("127.0.0.1:1")->to_string(), "127.0.0.1:1");
}

TEST(Address, RefusesWhatIsNotALiteral) {
  for (const auto* text : {"", "localhost", "127.1", "0x7f.0.0.1", "1.2.3.4.5", "::1%lo", "[::1]",
                           "0127.0.0.1", "1.2.3.256"}) {
    EXPECT_FALSE(Address::parse(text)) << text;
  }
  for (const auto* text :
       {"1.2.3.4", "::1:80", "[1.2.3.4]:80", "1.2.3.4:65536", "1.2.3.4:-1", "1.2.3.4:", "[]:80"}) {
    EXPECT_FALSE(Address::parse_with_port(text)) << text;
  }
}

TEST(Address, ReadsToTheEndOfTheText) {
  EXPECT_FALSE(Address::parse(std::string_view("1.2.3.4\0x", 9)));
}

TEST(Address, UnmapsIpv4InIpv6) {
  EXPECT_EQ(Address::parse("::ffff:127.0.0.1", 1), Address::parse("127.0.0.1", 1));
}

TEST(Address, SurvivesTheTripThroughTheKernelsForm) {
  for (const auto* text : {"192.0.2.1:80", "[2001:db8::1]:443"}) {
    sockaddr_storage storage{};
    const auto address = *Address::parse_with_port(text);
    EXPECT_EQ(address.to_sockaddr(storage),
              address.is_v4() ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
    EXPECT_EQ(Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage)), address);
  }
}

TEST(Cidr, ContainsItsNetworkAndNothingElse) {
  const auto net = Cidr::of("198.18.0.0/15");
  EXPECT_TRUE(net.contains(*Address::parse("198.19.255.255")));
  EXPECT_FALSE(net.contains(*Address::parse("198.20.0.0")));
  EXPECT_FALSE(net.contains(*Address::parse("::1")));
  EXPECT_TRUE(Cidr::of("0.0.0.0/0").contains(*Address::parse("203.0.113.9")));
  EXPECT_FALSE(Cidr::of("0.0.0.0/0").contains(*Address::parse("2001:db8::1")));
  EXPECT_TRUE(Cidr::of("fe80::/10").contains(*Address::parse("febf::1")));
  EXPECT_FALSE(Cidr::of("fe80::/10").contains(*Address::parse("fec0::1")));
}

TEST(Cidr, IsWrittenWithItsPrefix) {
  EXPECT_EQ(Cidr::parse("203.0.113.200")->to_string(), "203.0.113.200/32");
  EXPECT_EQ(Cidr::parse("2001:db8::/32")->to_string(), "2001:db8::/32");
}

TEST(Cidr, RefusesNonsense) {
  for (const auto* text : {"", "/8", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8",
                           "::/129", "example.com/8"}) {
    EXPECT_FALSE(Cidr::parse(text)) << text;
  }
}

}  // namespace
}  // namespace airlane::test
