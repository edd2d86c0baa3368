// The name server's bytes, and the names of .test with their moods.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/dns_message.h"
#include "sim/zone.h"

namespace airlane::sim::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A query as a resolver sends it: id 0x1234, recursion desired.
std::string query_for(const std::string& name, std::uint16_t type = kTypeA, bool edns = false) {
  std::string out("\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00", 11);
  out += edns ? '\x01' : '\x00';
  for (std::size_t start = 0; start < name.size();) {
    const auto dot = std::min(name.find('.', start), name.size());
    out += static_cast<char>(dot - start) + name.substr(start, dot - start);
    start = dot + 1;
  }
  out += std::string("\x00\x00", 2) + static_cast<char>(type) + std::string("\x00\x01", 2);
  if (edns) out += std::string("\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00", 11);
  return out;
}

std::vector<std::string> look_up(Zone& zone, const std::string& name) {
  const auto reply = zone.look_up(*parse_query(query_for(name)));
  std::vector<std::string> found;
  for (const auto& address : reply.answer.addresses) found.push_back(address.ip());
  return found;
}

TEST(DnsMessage, ReadsAQueryInAnyCaseAndKeepsItsSpelling) {
  const auto query = parse_query(query_for("OriGin.TEST", kTypeA, true));
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(query->id, 0x1234);
  EXPECT_EQ(query->name, "origin.test");
  EXPECT_EQ(query->question.substr(0, 8), "\x06OriGin\x04");
  EXPECT_TRUE(query->edns);
  EXPECT_EQ(query->udp_limit, 1232U);
}

TEST(DnsMessage, RefusesEveryPrefixOfAQuery) {
  const auto whole = query_for("origin.test");
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_query(whole.substr(0, size)).has_value()) << size;
  }
}

TEST(DnsMessage, AnswersWithTheQuestionAndTheAddress) {
  const auto query = parse_query(query_for("origin.test"));
  const auto answer = build_answer(*query, {kNoError, {*Address::parse("198.19.0.1")}, 60}, 512);
  const std::string expected =
      std::string("\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00", 12) + query->question +
      std::string("\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc6\x13\x00\x01", 16);
  EXPECT_EQ(answer, expected);
}

TEST(DnsMessage, AnswersWithIpv6) {
  const auto query = parse_query(query_for("six.test", kTypeAaaa));
  const auto answer = build_answer(*query, {kNoError, {*Address::parse("2001:db8::1")}, 60}, 512);
  const std::string expected = std::string("\x12\x34\x85\x80\x00\x01\x00\x01\x00\x00\x00\x00", 12) +
                               query->question +
                               std::string("\xc0\x0c\x00\x1c\x00\x01\x00\x00\x00\x3c\x00\x10", 12) +
                               std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  EXPECT_EQ(answer, expected);
}

TEST(DnsMessage, SaysHowLongThereIsNothing) {
  const auto query = parse_query(query_for("gone.test"));
  const auto answer = build_answer(*query, {kNoSuchName, {}}, 512);
  EXPECT_EQ(answer.substr(6, 6), std::string("\0\0\0\1\0\0", 6));
  EXPECT_TRUE(answer.ends_with(std::string("\0\0\0\5", 4)));
  EXPECT_EQ(build_answer(*query, {kServerFailure, {}}, 512).substr(6, 6), std::string(6, '\0'));
}

TEST(DnsMessage, TruncatesWhatDoesNotFit) {
  Zone zone;
  const auto query = parse_query(query_for("big.test", kTypeA, true));
  const auto reply = zone.look_up(*query);
  const auto by_udp = build_answer(*query, reply.answer, query->udp_limit);
  EXPECT_LE(by_udp.size(), 512U);
  EXPECT_TRUE(by_udp[2] & 0x02) << "TC";
  EXPECT_GT(build_answer(*query, reply.answer, 65535).size(), 4096U);
}

TEST(Zone, KnowsBothFamilies) {
  Zone zone;
  const auto in_v6 = [&zone](const std::string& name) {
    const auto reply = zone.look_up(*parse_query(query_for(name, kTypeAaaa)));
    return reply.answer.addresses.empty() ? "" : reply.answer.addresses.front().ip();
  };
  EXPECT_EQ(in_v6("both.test"), "2001:db8:19::2");
  EXPECT_THAT(look_up(zone, "both.test"), ElementsAre("198.19.0.2"));
  EXPECT_EQ(in_v6("six.test"), "2001:db8:19::2");
  EXPECT_THAT(look_up(zone, "six.test"), IsEmpty());
  EXPECT_EQ(in_v6("origin.test"), "");
}

TEST(Zone, KnowsItsNames) {
  Zone zone;
  EXPECT_THAT(look_up(zone, "origin.test"), ElementsAre("198.19.0.1"));
  EXPECT_THAT(look_up(zone, "ip.test"), ElementsAre("198.19.0.2"));
  EXPECT_THAT(look_up(zone, "10-1-2-3.ip.test"), ElementsAre("10.1.2.3"));
  EXPECT_THAT(look_up(zone, "mixed.test"), ElementsAre("127.0.0.1", "198.19.0.1"));
  EXPECT_THAT(look_up(zone, "rebind.test"), ElementsAre("198.19.0.1"));
  EXPECT_THAT(look_up(zone, "rebind.test"), ElementsAre("127.0.0.1"));
}

TEST(Zone, TellsAMissingNameFromAMissingRecord) {
  Zone zone;
  const auto nowhere = zone.look_up(*parse_query(query_for("nowhere.test")));
  EXPECT_EQ(nowhere.answer.code, kNoSuchName);
  const auto no_v6 = zone.look_up(*parse_query(query_for("origin.test", 28)));
  EXPECT_EQ(no_v6.answer.code, kNoError);
  EXPECT_THAT(no_v6.answer.addresses, IsEmpty());
}

TEST(Zone, IsSlowOrSilentWhereItSaysSo) {
  Zone zone;
  EXPECT_EQ(zone.look_up(*parse_query(query_for("slow.test"))).delay, std::chrono::seconds(10));
  EXPECT_TRUE(zone.look_up(*parse_query(query_for("silent.test"))).silent);
}

}  // namespace
}  // namespace airlane::sim::test
