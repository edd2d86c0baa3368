// Basic credentials: the vectors of RFC 4648 and RFC 7617, and the spellings that are refused.
#include "proxy/protocol/basic_credentials.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

TEST(Base64, DecodesTheVectorsOfItsRfc) {
  const std::pair<const char*, const char*> rows[] = {
      {"", ""},
      {"Zg==", "f"},
      {"Zm8=", "fo"},
      {"Zm9v", "foo"},
      {"Zm9vYg==", "foob"},
      {"Zm9vYmE=", "fooba"},
      {"Zm9vYmFy", "foobar"},
      {"+/+/", "\xfb\xff\xbf"},
  };
  for (const auto& [text, bytes] : rows) EXPECT_EQ(base64_decode(text), bytes) << text;
  EXPECT_EQ(base64_decode("AAAA"), std::string(3, '\0'));
}

TEST(Base64, RefusesEverySecondSpelling) {
  for (const auto* text : {"Zg",    "Zg=",      "Zg===",    "Z===", "====",     "=",    "Zm8",
                           "Zm9v=", "Zm9v====", "Zh==",     "Zm9=", "Zg==Zg==", "Z g=", " Zg==",
                           "Zg== ", "Zm9v\n",   "Zm\r\n9v", "-_-_", "Zm9!",     "Z=g=", "=Zg="}) {
    EXPECT_EQ(base64_decode(text), std::nullopt) << text;
  }
}

TEST(BasicCredentials, AreUserAndPassword) {
  const auto read = parse_basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->user, "Aladdin");
  EXPECT_EQ(read->password, "open sesame");
}

TEST(BasicCredentials, SplitAtTheFirstColon) {
  const auto read = parse_basic("bAsIc  YTpiOmM=");  // a:b:c

  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->user, "a");
  EXPECT_EQ(read->password, "b:c");
}

TEST(BasicCredentials, AreUtf8WhereTheClientSaysSo) {
  EXPECT_EQ(parse_basic("Basic dGVzdDoxMjPCow==")->password, "123\xc2\xa3");
}

TEST(BasicCredentials, MayBeEmpty) {
  const auto read = parse_basic("Basic Og==");

  ASSERT_TRUE(read.has_value());
  EXPECT_TRUE(read->user.empty() && read->password.empty());
}

TEST(BasicCredentials, AreAskedForAgainWhenTheyCannotBeRead) {
  for (const auto* value :
       {"", "Basic", "Basic ", "Basic\tYTpi", "BasicYTpi", "Bearer YTpi", "Basic YWI=" /* ab */,
        "Basic YTpi YTpi", "Basic YTpi, x", "Basic YTpi=", "Basic YToAYg==" /* a:\0b */,
        "Basic YToKYg==" /* a:\nb */}) {
    const auto read = parse_basic(value);
    ASSERT_FALSE(read.has_value()) << value;
    EXPECT_EQ(read.error().code, Errc::kUnauthenticated);
  }
}

}  // namespace
}  // namespace airlane::test
