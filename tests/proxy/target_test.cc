// What a client may name as its target, and what is refused before anybody resolves it.
#include "proxy/protocol/target.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

using namespace std::string_view_literals;

TEST(Target, ReadsNamesAndLiterals) {
  struct Row {
    std::string_view text;
    std::string_view read;
    bool literal;
  };
  const std::string label(63, 'a');
  const auto longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  const auto longest_read = longest + ":1";
  const auto longest_with_root = longest + ".:1";
  const Row rows[] = {
      {"example.com:443", "example.com:443", false},
      {"EXAMPLE.com", "EXAMPLE.com:80", false},
      {"example.com.:443", "example.com:443", false},
      {"localhost", "localhost:80", false},
      {"_dmarc.a_b.x-:65535", "_dmarc.a_b.x-:65535", false},
      {"1.2.3.4.example", "1.2.3.4.example:80", false},
      {"0x7f.example", "0x7f.example:80", false},
      {"xn--bcher-kva.example", "xn--bcher-kva.example:80", false},
      {"0xyz", "0xyz:80", false},
      {"example.com:00080", "example.com:80", false},
      {longest_with_root, longest_read, false},
      {"192.0.2.1", "192.0.2.1:80", true},
      {"192.0.2.1.:8080", "192.0.2.1:8080", true},
      {"[2001:DB8::1]:443", "[2001:db8::1]:443", true},
      {"[::1]", "[::1]:80", true},
      {"[::ffff:127.0.0.1]:80", "127.0.0.1:80", true},
  };
  for (const auto& row : rows) {
    const auto target = parse_authority(row.text, 80);
    ASSERT_TRUE(target.has_value()) << row.text;
    EXPECT_EQ(target->to_string(), row.read);
    EXPECT_EQ(target->literal.has_value(), row.literal) << row.text;
    EXPECT_TRUE(is_authority(row.text)) << row.text;
    EXPECT_TRUE(!row.literal || target->literal->port() == target->port);
  }
}

void expect_refused(std::initializer_list<std::string_view> rows) {
  for (const auto text : rows) {
    const auto target = parse_authority(text, 80);
    ASSERT_FALSE(target.has_value()) << text;
    EXPECT_EQ(target.error().code, Errc::kMalformed);
    EXPECT_FALSE(is_authority(text)) << text;
  }
}

TEST(Target, IsNotEmptyInAnyOfItsParts) {
  expect_refused({"", ":", ":80", ".", "..", ".a", "a..b", "a..", "a:", "[]", "[]:80", "[", "]"});
}

TEST(Target, HasAPortThatIsANumberFrom1) {
  expect_refused({"a:0", "a:65536", "a:99999", "a:000080", "a:+80", "a:-1", "a: 80", "a:80 "});
  expect_refused({"a:8o", "a:80:80", "[::1]:", "[::1]80", "[::1]:0", "[::1] :80"});
}

TEST(Target, IsNoNumberThatSomebodyTakesForAnAddress) {
  expect_refused({"0x7f.1", "2130706433", "017.0.0.1", "1.2.3", "127.1", "0", "0x", "0x7f000001"});
  expect_refused({"1.2.3.4.5", "256.1.1.1", "01.2.3.4", "example.1", "example.0xff", "example.09"});
  expect_refused({"1.2.3.4..", "a.0x.", "0X7F.1", "a.0xAb"});
}

TEST(Target, HasNoCharactersThatANameHasNot) {
  expect_refused({"a b", " a", "a ", "user@a", "user:pw@a:80", "a%2eb", "a%", "a/b", "a?b", "a#b"});
  expect_refused(
      {"a\\b", "a\tb", "a\r\nb", "a\0b"sv, "1.2.3.4\0"sv, "1.2.3.4\0.a"sv, "a,b", "a;b"});
  expect_refused({"*", "a:b", "<a>", "\xc3\xa9.example", "\xe3\x80\x82", "a\x7f"});
}

TEST(Target, HasNoLabelOrNameThatIsTooLong) {
  const std::string label(63, 'a');
  const auto name = label + "." + label + "." + label + "." + std::string(62, 'b');
  expect_refused({label + "a", label + "a.example", name, name + "."});
}

TEST(Target, HasBracketsAroundIpv6AndNothingElse) {
  expect_refused({"[1.2.3.4]", "::1", "::1:80", "[a]", "[v1.a]", "[[::1]]", "a[::1]", "[::1]."});
  expect_refused({"[::1", "::1]", "[::1.]", "[::1\0]"sv, "[:::1]", "[1:2:3:4:5:6:7:8:9]"});
}

TEST(Target, HasNoScope) {
  expect_refused({"[::1%lo]", "[::1%25lo]:80", "[fe80::1%eth0]:80", "fe80::1%1"});
}

TEST(Target, NeedsAPortWhereThereIsNoDefault) {
  EXPECT_FALSE(parse_authority("example.com", std::nullopt).has_value());
  EXPECT_FALSE(parse_authority("[::1]", std::nullopt).has_value());
  EXPECT_TRUE(parse_authority("example.com:443", std::nullopt).has_value());
}

TEST(Target, WritesAHostHeader) {
  EXPECT_EQ(parse_authority("Example.com:80", 80)->to_host_header(), "Example.com");
  EXPECT_EQ(parse_authority("Example.com:8080", 80)->to_host_header(), "Example.com:8080");
  EXPECT_EQ(parse_authority("[2001:DB8::1]", 80)->to_host_header(), "[2001:db8::1]");
  EXPECT_EQ(parse_authority("[::1]:8080", 80)->to_host_header(), "[::1]:8080");
  EXPECT_EQ(parse_authority("192.0.2.1", 80)->to_host_header(), "192.0.2.1");
  EXPECT_EQ(parse_authority("a:443", 80)->to_host_header(443), "a");
}

TEST(Target, IsMadeOfAHostAndAPort) {
  EXPECT_EQ(make_target("example.com.", 443)->to_string(), "example.com:443");
  EXPECT_EQ(make_target("::1", 443)->to_string(), "[::1]:443");
  EXPECT_EQ(make_target("192.0.2.1", 443)->literal, Address::parse("192.0.2.1", 443));
  for (const auto* host : {"", "[::1]", "::1%lo", "127.1", "a:80", "::1."}) {
    EXPECT_FALSE(make_target(host, 443).has_value()) << host;
  }
}

}  // namespace
}  // namespace airlane::test
