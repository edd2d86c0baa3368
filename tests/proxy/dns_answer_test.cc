// What name servers may send, whole and damaged.
#include "proxy/protocol/dns_answer.h"

#include <gtest/gtest.h>

#include "tests/support/dns_message.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;

const auto kAsked = "\x12\x34\x01\0\0\1\0\0\0\0\0\0\3one\4test\0\0\1\0\1"s;

std::optional<DnsAnswer> read(const std::string& bytes, int family = AF_INET) {
  return read_dns_answer({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()},
                         family);
}

std::string answer(const DnsName& known, int type = kTypeA) {
  auto question = read_question(kAsked);
  question.type = type;
  return dns_answer(kAsked, question, known, 0, true);
}

DnsName name(std::vector<std::string> addresses, std::uint32_t ttl = 60) {
  DnsName made;
  made.addresses = std::move(addresses);
  made.ttl = ttl;
  return made;
}

TEST(DnsAnswer, HasTheAddressesOfOneFamilyInTheirOrder) {
  const auto known = name({"192.0.2.2", "2001:db8::1", "192.0.2.1"}, 77);
  const auto v4 = read(answer(known));
  ASSERT_TRUE(v4);
  ASSERT_EQ(v4->addresses.size(), 2u);
  EXPECT_EQ(v4->addresses[0].to_string(), "192.0.2.2:0");
  EXPECT_EQ(v4->addresses[1].to_string(), "192.0.2.1:0");
  EXPECT_EQ(v4->ttl, 77u);
  const auto v6 = read(answer(known, kTypeAaaa), AF_INET6);
  ASSERT_TRUE(v6);
  ASSERT_EQ(v6->addresses.size(), 1u);
  EXPECT_EQ(v6->addresses[0].to_string(), "[2001:db8::1]:0");
}

TEST(DnsAnswer, MappedAddressesAreWhatTheyMap) {
  const auto found = read(answer(name({}), kTypeAaaa), AF_INET6);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->addresses.empty());
  auto bytes = answer(name({"2001:db8::1"}), kTypeAaaa);
  bytes.replace(bytes.size() - 16, 16, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1"s);
  const auto mapped = read(bytes, AF_INET6);
  ASSERT_TRUE(mapped);
  EXPECT_EQ(mapped->addresses.front().ip(), "127.0.0.1");
}

TEST(DnsAnswer, HoldsAsLongAsTheShortestOfItsParts) {
  auto known = name({"192.0.2.1"}, 300);
  known.alias = "two.test";
  known.alias_ttl = 20;
  EXPECT_EQ(read(answer(known))->ttl, 20u);
  known.alias_ttl = 400;
  EXPECT_EQ(read(answer(known))->ttl, 300u);
  known.ttl = 0;
  EXPECT_EQ(read(answer(known))->ttl, 0u);
  known.ttl = 0x80000000;
  EXPECT_EQ(read(answer(known))->ttl, 0u) << "RFC 2181: no time at all";
}

TEST(DnsAnswer, WithoutAddressesHoldsAsLongAsTheZoneSays) {
  auto known = name({});
  EXPECT_EQ(read(answer(known))->ttl, 0u) << "it says nothing";
  known.authority = 30;
  EXPECT_EQ(read(answer(known))->ttl, 30u);
  known.authority = 100'000;
  EXPECT_EQ(read(answer(known))->ttl, 3600u) << "the record itself holds for an hour";
  known.alias = "two.test";
  known.alias_ttl = 5;
  EXPECT_EQ(read(answer(known))->ttl, 5u);
}

TEST(DnsAnswer, HasABoundedNumberOfAddresses) {
  DnsName many;
  for (int i = 0; i < 250; ++i) many.addresses.push_back("192.0.2." + std::to_string(i));
  const auto found = read(answer(many));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->addresses.size(), DnsAnswer::kAddressesMost);
}

TEST(DnsAnswer, CutAnywhereItIsDamagedAndNothingElse) {
  auto known = name({"192.0.2.1", "192.0.2.2"});
  known.alias = "two.test";
  const auto whole = answer(known);
  ASSERT_TRUE(read(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(read(whole.substr(0, size))) << size;
  }
  auto empty = name({});
  empty.authority = 30;
  const auto negative = answer(empty);
  for (std::size_t size = 0; size < negative.size(); ++size) {
    EXPECT_FALSE(read(negative.substr(0, size))) << size;
  }
}

TEST(DnsAnswer, IsReadWithoutHarmWhateverItsBytesAre) {
  auto known = name({"192.0.2.1", "192.0.2.2"});
  known.alias = "two.test";
  const auto whole = answer(known);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const int value : {0, 1, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xff}) {
      auto bytes = whole;
      bytes[at] = static_cast<char>(value);
      const auto found = read(bytes);
      EXPECT_TRUE(!found || found->addresses.size() <= DnsAnswer::kAddressesMost);
    }
  }
}

}  // namespace
}  // namespace airlane::test
