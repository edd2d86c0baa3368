#include "base/tls/crypto.h"

#include <gtest/gtest.h>

namespace airlane::test {
namespace {

TEST(Crypto, VerifiesThePasswordItHashedAndNoOther) {
  const auto hash = hash_password("correct horse");
  EXPECT_TRUE(verify_password("correct horse", hash));
  EXPECT_FALSE(verify_password("correct horsE", hash));
  EXPECT_FALSE(verify_password("", hash));
  EXPECT_NE(hash, hash_password("correct horse")) << "every hash has its own salt";
}

TEST(Crypto, TakesAPasswordWithANulForAWrongOne) {
  const std::string nul(1, '\0');
  const std::string right = "correct horse";
  const auto hash = hash_password(right);
  for (const auto& other : {right + nul, right + nul + nul, nul + right, right + nul + "x", nul}) {
    EXPECT_FALSE(verify_password(other, hash)) << other.size();
  }
  EXPECT_FALSE(verify_password(right + nul, hash_password(right + nul)));
}

TEST(Crypto, KnowsTheFormOfTheHashesThatItCanCheck) {
  const auto hash = hash_password("correct horse");
  EXPECT_TRUE(is_password_hash(hash));
  const std::string salt(32, 'a');
  const std::string digits(64, '0');
  const std::string prefix = "scrypt$ln=15,r=8,p=1$";
  EXPECT_TRUE(is_password_hash(prefix + salt + "$" + digits));
  for (const auto& other :
       {"scrypt$ln=20,r=0,p=1000$" + salt + "$" + digits, "argon2$" + salt + "$" + digits,
        prefix + salt, prefix + salt + "$", prefix + salt + digits, prefix + "$" + digits,
        prefix + salt + "$" + digits.substr(1), prefix + salt + "$" + digits + "0",
        prefix + salt.substr(1) + "$" + digits, prefix + salt + "a$" + digits,
        prefix + salt + "$" + digits.substr(1) + "A", prefix + salt.substr(1) + "g$" + digits,
        hash + "\n", std::string()}) {
    EXPECT_FALSE(is_password_hash(other)) << other;
    EXPECT_FALSE(verify_password("correct horse", other)) << other;
  }
}

TEST(Crypto, TakesABrokenHashForAWrongPassword) {
  for (const auto* hash :
       {"", "scrypt$", "scrypt$ln=15,r=8,p=1$", "scrypt$ln=15,r=8,p=1$00", "x"}) {
    EXPECT_FALSE(verify_password("", hash)) << hash;
  }
}

TEST(Crypto, ComparesContentAndLength) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
}

TEST(Crypto, KnowsTheTestVectors) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");  // RFC 4648, section 10
  EXPECT_EQ(base64_encode("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64_encode(""), "");
}

TEST(Crypto, DrawsRandomHex) {
  EXPECT_EQ(random_hex(16).size(), 32u);
  EXPECT_NE(random_hex(16), random_hex(16));
}

}  // namespace
}  // namespace airlane::test
