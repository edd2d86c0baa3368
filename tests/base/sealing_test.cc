// Secrets that are sealed, and what does not open them.
#include "base/tls/sealing.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

const auto kKey = SealingKey::from_hex(std::string(64, 'a'));

TEST(Sealing, GivesBackWhatWasSealed) {
  for (const std::string& secret : {std::string(), std::string("x"), std::string("EThohf9keaSa4h"),
                                    std::string("\0\xff\r\n", 4), std::string(100'000, 'p')}) {
    const auto sealed = kKey->seal(secret, "proxies.password");
    EXPECT_TRUE(sealed.starts_with("sealed:"));
    EXPECT_EQ(kKey->open(sealed, "proxies.password"), secret);
    if (secret.size() > 1) {
      EXPECT_EQ(sealed.find(secret), std::string::npos);
    }
  }
}

TEST(Sealing, IsNeverTheSameTwice) {
  EXPECT_NE(kKey->seal("secret", "p"), kKey->seal("secret", "p"));
}

TEST(Sealing, OpensForItsKeyAndItsPurposeOnly) {
  const auto sealed = kKey->seal("secret", "proxies.password");
  EXPECT_EQ(kKey->open(sealed, "users.api_key"), std::nullopt);
  EXPECT_EQ(SealingKey::random().open(sealed, "proxies.password"), std::nullopt);
}

TEST(Sealing, NoticesEachBitThatWasChanged) {
  const auto sealed = kKey->seal("secret", "p");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    auto changed = sealed;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    EXPECT_EQ(kKey->open(changed, "p"), std::nullopt) << at;
  }
  // Of the last digit some bits stand for nothing.
  const auto last = sealed.find_last_not_of('=');
  for (const char digit :
       std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")) {
    auto changed = sealed;
    changed[last] = digit;
    EXPECT_EQ(kKey->open(changed, "p").has_value(), digit == sealed[last]) << digit;
  }
  for (const char* nonsense : {"", "sealed:", "secret", "sealed:AAAA", "sealed:!!!!", "sealed:A"}) {
    EXPECT_EQ(kKey->open(nonsense, "p"), std::nullopt) << nonsense;
  }
}

TEST(Sealing, ReadsTheKeyThatItWrote) {
  const auto key = SealingKey::random();
  EXPECT_EQ(key.hex().size(), 64U);
  EXPECT_EQ(SealingKey::from_hex(key.hex())->open(key.seal("secret", "p"), "p"), "secret");
  EXPECT_EQ(SealingKey::from_hex(std::string(64, 'A'))->hex(), kKey->hex());
  for (const auto& wrong :
       {std::string(), std::string(63, 'a'), std::string(65, 'a'), std::string(63, 'a') + "g"}) {
    EXPECT_FALSE(SealingKey::from_hex(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace airlane::test
