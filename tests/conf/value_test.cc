// Each kind of value, from the text of the file and back.
#include "conf/value.h"

#include <gmock/gmock.h>

namespace airlane::test {
namespace {

using conf::read_number;
using conf::read_text;
using conf::written;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;
using testing::HasSubstr;
using testing::Optional;

TEST(Duration, IsReadInEveryUnitAndWrittenInTheLargest) {
  std::chrono::milliseconds value{};
  const conf::Duration field{&value, 0ms, 24h};
  for (const auto& [text, wanted, back] :
       {std::tuple{"150ms", 150ms, "\"150ms\""}, std::tuple{"90s", 90'000ms, "\"90s\""},
        std::tuple{"5m", 300'000ms, "\"5m\""}, std::tuple{"120m", 7'200'000ms, "\"2h\""},
        std::tuple{"0s", 0ms, "\"0s\""}, std::tuple{"24h", 86'400'000ms, "\"1d\""}}) {
    EXPECT_EQ(read_text(field, text), std::nullopt) << text;
    EXPECT_EQ(value, wanted) << text;
    EXPECT_EQ(written(field), back);
  }
}

TEST(Duration, NeedsAUnit) {
  std::chrono::milliseconds value = 7s;
  const conf::Duration field{&value, 1s, 60s};
  EXPECT_EQ(read_text(field, "5"),
            R"("5" has no unit; write it like "150ms", "30s", "5m", "2h" or "35d")");
  EXPECT_EQ(read_number(field, 5),
            R"(5 has no unit; write it like "150ms", "30s", "5m", "2h" or "35d")");
  EXPECT_EQ(value, 7s) << "a refused value leaves the old one";
}

TEST(Duration, StaysWithinItsBounds) {
  std::chrono::milliseconds value{};
  const conf::Duration field{&value, 1s, 165s};
  EXPECT_EQ(read_text(field, "165s"), std::nullopt);
  EXPECT_EQ(read_text(field, "166s"), R"("166s" is out of range: it must be from 1s to 165s)");
  EXPECT_THAT(read_text(field, "999ms"), Optional(HasSubstr("out of range")));
  EXPECT_THAT(read_text(field, "99999999999999999999s"), Optional(HasSubstr("out of range")));
  EXPECT_THAT(read_text(field, "9223372036854775807h"), Optional(HasSubstr("out of range")));
}

TEST(Duration, IsOneWholeNumberAndOneUnit) {
  std::chrono::milliseconds value{};
  const conf::Duration field{&value, 0ms, 24h};
  for (const auto* text :
       {"", "s", "-5s", "+5s", "1.5s", "5 s", "5S", "5sec", " 5s", "1m30s", "1w"}) {
    EXPECT_TRUE(read_text(field, text)) << text;
  }
}

TEST(Size, IsReadInPowersOfTwo) {
  std::size_t value = 0;
  const conf::Size field{&value, 512, std::size_t{1} << 30};
  EXPECT_EQ(read_text(field, "64KiB"), std::nullopt);
  EXPECT_EQ(value, 65'536u);
  EXPECT_EQ(written(field), R"("64KiB")");
  EXPECT_THAT(read_text(field, "64KB"), Optional(HasSubstr("unknown unit")));
  EXPECT_THAT(read_number(field, 65'536), Optional(HasSubstr("65536 has no unit")));
  EXPECT_EQ(read_text(field, "511B"), R"("511B" is out of range: it must be from 512B to 1GiB)");
}

TEST(Count, IsABareNumberWithinItsBounds) {
  unsigned value = 3;
  const conf::Count field{&value, 1, 65'535};
  EXPECT_EQ(read_number(field, 65'535), std::nullopt);
  EXPECT_EQ(value, 65'535u);
  EXPECT_EQ(read_number(field, 0), "0 is out of range: it must be from 1 to 65535");
  EXPECT_TRUE(read_number(field, -1));
  EXPECT_TRUE(read_number(field, std::int64_t{1} << 32));
}

TEST(Path, IsAbsoluteAndFitsItsSocket) {
  std::string value;
  const conf::Path field{&value, 107};
  EXPECT_EQ(read_text(field, "/run/airlane/control.sock"), std::nullopt);
  EXPECT_EQ(read_text(field, "control.sock"), R"("control.sock" is not an absolute path)");
  EXPECT_EQ(read_text(field, "/" + std::string(106, 'x')), std::nullopt);
  EXPECT_THAT(read_text(field, "/" + std::string(107, 'x')), Optional(HasSubstr("107 bytes")));
}

TEST(Path, MayBeEmptyWhereTheSettingSaysSo) {
  std::string value = "/before";
  EXPECT_TRUE(read_text(conf::Path{&value, 107}, ""));
  EXPECT_EQ(value, "/before");
  EXPECT_EQ(read_text(conf::Path{&value, 107, true}, ""), std::nullopt);
  EXPECT_EQ(value, "");
}

TEST(Host, IsANameOrAnAddressOrNothing) {
  std::string value;
  const conf::Host field{&value};
  for (const auto* text : {"", "s1.example.com", "192.0.2.1", "2001:db8::1"}) {
    EXPECT_EQ(read_text(field, text), std::nullopt) << text;
  }
  for (const auto* text : {"example.com:80", "http://example.com", "a b", "[::1]"}) {
    EXPECT_TRUE(read_text(field, text)) << text;
  }
}

TEST(Listeners, AreAddressesWithAPort) {
  std::vector<Address> value;
  const conf::Listeners field{&value};
  EXPECT_EQ(read_text(field, "127.0.0.1:8080"), std::nullopt);
  EXPECT_EQ(read_text(field, "[::1]:8080"), std::nullopt);
  EXPECT_EQ(written(field), R"(["127.0.0.1:8080", "[::1]:8080"])");
  EXPECT_EQ(read_text(field, "[::1]:8080"), R"("[::1]:8080" is listed twice)");
  for (const auto* text : {"8080", "127.0.0.1", "localhost:8080", "127.0.0.1:0", ":8080"}) {
    EXPECT_TRUE(read_text(field, text)) << text;
  }
}

TEST(Networks, HaveNoHostBits) {
  std::vector<Cidr> value;
  const conf::Networks field{&value};
  EXPECT_EQ(read_text(field, "192.168.50.0/24"), std::nullopt);
  EXPECT_EQ(written(field), R"(["192.168.50.0/24"])");
  EXPECT_THAT(read_text(field, "192.168.50.1/24"), Optional(HasSubstr("host bits")));
}

TEST(Urls, AreHttpAndThereIsOne) {
  std::vector<std::string> value;
  const conf::Urls field{&value};
  EXPECT_EQ(read_text(field, "https://api.ipify.org"), std::nullopt);
  EXPECT_EQ(read_text(field, "http://192.0.2.1:8080/ip?format=text"), std::nullopt);
  for (const auto* text : {"", "api.ipify.org", "ftp://host/", "https://", "http:///ip",
                           "http://a b", "http://a\nb", "HTTP//x"}) {
    EXPECT_TRUE(read_text(field, text)) << text;
  }
  EXPECT_THAT(conf::read_list_end(field, 0), Optional(HasSubstr("at least one")));
}

TEST(LogLevel, IsOneOfFourWords) {
  log::Level value{};
  const conf::LogLevel field{&value};
  EXPECT_EQ(read_text(field, "warning"), std::nullopt);
  EXPECT_EQ(value, log::Level::kWarning);
  EXPECT_THAT(read_text(field, "verbose"), Optional(HasSubstr("debug, info, warning or error")));
}

TEST(Objection, StaysOnOneLine) {
  log::Level value{};
  EXPECT_THAT(read_text(conf::LogLevel{&value}, "a\nb\x1b"),
              Optional(testing::StartsWith(R"("a\x0ab\x1b" is not a level)")));
}

}  // namespace
}  // namespace airlane::test
