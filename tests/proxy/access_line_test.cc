// The format that operators' tools read: these tests change only when docs/operating.md says so.
#include "proxy/access_line.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace airlane::test {
namespace {

using std::chrono_literals::operator""us;

std::string line(const AccessRecord& record) {
  std::string out;
  append_access_line(out, record);
  return out;
}

AccessRecord to_target(std::string_view target) {
  AccessRecord record;
  record.target = target;
  return record;
}

std::string target_field(std::string_view target) {
  const auto text = line(to_target(target));
  const auto start = text.find(" target=") + 8;
  return text.substr(start, text.find(' ', start) - start);
}

TEST(AccessLine, SaysEverythingOfAConnection) {
  AccessRecord record;
  record.begun = Wall::time_point(std::chrono::milliseconds(1'772'366'400'123));
  record.proxy = 12;
  record.port = 20001;
  record.client = *Address::parse("203.0.113.7", 56324);
  record.front = Address::parse("192.0.2.1", 4000);
  record.protocol = "socks5";
  record.requests = 1;
  record.target = "origin.test:443";
  record.address = Address::parse("2001:db8::1", 443);
  record.interface = "wwan0";
  record.credential = "bob";
  record.stage = "relay";
  record.error = "broken";
  record.reason = "read first byte";
  record.os_error = ECONNRESET;
  record.incoming = 18446744073709551615U;
  record.outgoing = 567;
  record.spent = {1us, 20us, 300us, 4000us, 86'400'000'000us};
  record.total = 86'400'004'321us;

  EXPECT_EQ(line(record),
            "time=2026-03-01T12:00:00.123Z proxy=12 port=20001 client=203.0.113.7:56324"
            " front=192.0.2.1:4000 protocol=socks5 requests=1 target=origin.test:443"
            " address=[2001:db8::1]:443 interface=wwan0 stage=relay error=broken"
            " reason=read_first_byte errno=ECONNRESET incoming=18446744073709551615 outgoing=567"
            " ms=86400004.321 detect_ms=0.001 authenticate_ms=0.020 resolve_ms=0.300"
            " connect_ms=4.000 relay_ms=86400000.000 credential=bob\n");
}

TEST(AccessLine, KeepsItsKeysWhenThereIsNothingToSay) {
  EXPECT_EQ(line({}),
            "time=1970-01-01T00:00:00.000Z proxy=0 port=0 client=0.0.0.0:0 front=- protocol=-"
            " requests=0 target=- address=- interface=- stage=- error=- reason=- errno=-"
            " incoming=0 outgoing=0 ms=0.000 detect_ms=- authenticate_ms=- resolve_ms=-"
            " connect_ms=- relay_ms=- credential=-\n");
}

TEST(AccessLine, StaysOneLineOfPrintableAsciiWhateverAClientChooses) {
  EXPECT_EQ(target_field("a\r\nb"), "a\\x0d\\x0ab");
  EXPECT_EQ(target_field("\x1b[2J"), "\\x1b[2J");
  EXPECT_EQ(target_field(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(target_field("\xff\xc3\x28\xe2\x80\xa8"), "\\xff\\xc3(\\xe2\\x80\\xa8");
  EXPECT_EQ(target_field("a b"), "a\\x20b") << "or it would begin another field";
  EXPECT_EQ(target_field("a\\x20b"), "a\\x5cx20b") << "or it could not be told from the above";
  EXPECT_EQ(target_field("\x7f\t\x85"), "\\x7f\\x09\\x85");
}

TEST(AccessLine, CanBeReadBackByteForByte) {
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every += static_cast<char>(byte);
  const auto field = target_field(every);
  std::string back;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] == '\\') {
      back += static_cast<char>(std::stoi(field.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else {
      back += field[i];
    }
  }
  EXPECT_EQ(back, every);
}

TEST(AccessLine, CutsATargetThatIsLongerThanAnyCanBe) {
  EXPECT_EQ(target_field(std::string(300, 'a')), std::string(262, 'a'));
}

TEST(AccessLine, HasAnUpperLimit) {
  auto record = to_target(std::string(300, '\n'));
  const auto longest = Address::parse("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535);
  record.proxy = INT64_MAX;
  record.client = *longest;
  record.front = record.address = longest;
  record.interface = std::string(20, '\xff');
  record.requests = UINT32_MAX;
  record.incoming = record.outgoing = UINT64_MAX;
  record.protocol = record.stage = record.error = std::string_view("a_word_of_ours_that_is_long");
  record.reason = "what was being done at that moment";
  record.os_error = ECONNREFUSED;
  record.spent.fill(AccessRecord::Time::max());
  record.total = AccessRecord::Time::max();
  EXPECT_LE(line(record).size(), kAccessLineMost);
}

}  // namespace
}  // namespace airlane::test
