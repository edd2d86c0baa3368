// Certificates that are renewed under a running server.
#include "control/certificates.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include "proxy/world.h"
#include "tests/control/scratch.h"
#include "tests/support/certificate.h"

namespace airlane::test {
namespace {

class CertificatesTest : public testing::Test {
 protected:
  void make(std::vector<CertificateFiles> files) {
    certificates_ =
        std::make_unique<Certificates>(loop_, std::move(files), kTlsProtocols,
                                       Callback<void()>::to<&CertificatesTest::on_change>(*this));
  }
  void on_change() { ++changes_; }
  // Two looks of the watch, which is when a change that it missed would be missed for good.
  void look_twice() {
    Timer enough(loop_, Callback<void()>::to<&Loop::stop>(loop_));
    enough.start(2 * Certificates::kLook + std::chrono::milliseconds(500));
    loop_.run_forever();
  }

  TemporaryFolder folder_;
  Loop loop_;
  std::unique_ptr<Certificates> certificates_;
  int changes_ = 0;
};

TEST_F(CertificatesTest, NoneAreNoFailure) {
  make({});
  EXPECT_TRUE(certificates_->load());
  EXPECT_EQ(certificates_->current(), nullptr);
}

TEST_F(CertificatesTest, WhatCannotBeUsedIsAFailureAtTheStart) {
  make({{folder_.path("no.crt"), folder_.path("no.key")}});
  const auto loaded = certificates_->load();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().kind, Failure::Kind::kInvalid);
}

TEST_F(CertificatesTest, NewFilesAreReadAndBadOnesAreNot) {
  const auto files = make_certificate(folder_, "a", "DNS:a.test");
  make({files});
  ASSERT_TRUE(certificates_->load());
  const auto first = certificates_->current();
  ASSERT_NE(first, nullptr);

  std::ofstream(files.key) << "half a key";
  look_twice();
  EXPECT_EQ(certificates_->current(), first);
  EXPECT_EQ(changes_, 0);

  make_certificate(folder_, "a", "DNS:a.test");
  look_twice();
  EXPECT_NE(certificates_->current(), first);
  EXPECT_EQ(changes_, 1);

  std::filesystem::remove(files.certificate);
  look_twice();
  EXPECT_EQ(changes_, 1);
  EXPECT_NE(certificates_->current(), nullptr);
}

}  // namespace
}  // namespace airlane::test
