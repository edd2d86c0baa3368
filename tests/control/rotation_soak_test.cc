// Rotation after rotation, as in years: nothing grows but what is meant to, up to where it is meant
// to.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "control/dongle.h"
#include "control/jobs.h"
#include "db/dongles.h"
#include "db/ip_history.h"
#include "tests/control/fake_driver.h"
#include "tests/control/scratch.h"
#include "tests/support/scale.h"

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

constexpr unsigned kJobs = 50;
constexpr std::int64_t kAddresses = 70;
constexpr int kDifferent = 200;

std::int64_t descriptors() {
  using Files = std::filesystem::directory_iterator;
  return std::distance(Files("/proc/self/fd"), Files());
}

std::int64_t resident_bytes() {
  std::int64_t all = 0;
  std::int64_t resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * 4096;
}

// A dongle of a modem that does what it is told at once, with its jobs and its history.
class RotationSoak : public ::testing::Test {
 protected:
  void SetUp() override {
    DongleRecord record;
    record.name = "ten";
    record.interface = "wwan0";
    record.driver = "none";
    const auto added =
        store_->wait([&](Database& database) { return dongles::insert(database, record); });
    ASSERT_TRUE(added);
    ASSERT_EQ(*added, 1);
    DongleParts parts;
    parts.name = "ten";
    parts.driver = std::make_unique<FakeDriver>(modem_);
    parts.probe = [this](auto, const Stop&) -> Outcome<std::string> { return address(); };
    parts.link_ready = [] { return true; };
    parts.hooks.external_ip = [this](const std::string& ip) { record_ip(ip); };
    parts.hooks.ended = [this](auto, const auto& result) { jobs_.end(1, result); };
    dongle_ = std::make_unique<Dongle>(loop_, std::move(parts));
    ASSERT_TRUE(jobs_.load());
  }
  std::string address() { return "203.0.113." + std::to_string(1 + probes_++ % kDifferent); }
  void record_ip(const std::string& ip) {
    const auto work = [address = *Address::parse(ip), now = wall_now()](Database& database) {
      return ip_history::record(database, 1, address, now, "rotation", kAddresses);
    };
    store_->write(
        work, [](const Outcome<Done>& done) { EXPECT_TRUE(done); }, loop_);
  }
  void rotate(int times) {
    for (int i = 0; i < times; ++i) {
      last_ = jobs_.begin({.proxy = 1, .user = 1, .dongle = 1});
      dongle_->rotate(Dongle::OldIp::kCached, [this](const RotationResult& result) {
        worked_ += result.failure ? 0 : 1;
        new_ip_ = result.new_ip.value_or("");
        loop_.stop();
      });
      loop_.run_forever();
      if (i % 500 == 0) store_->flush();
    }
    store_->flush();
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  Jobs jobs_{loop_, *store_, {}, kJobs};
  FakeModem modem_;
  int probes_ = 0;  // On the dongle's thread.
  std::int64_t last_ = 0;
  std::int64_t worked_ = 0;
  std::string new_ip_;
  std::unique_ptr<Dongle> dongle_;
};

TEST_F(RotationSoak, LeavesNothingBehindButWhatIsKept) {
  const int rotations = at_full_scale() ? 1'000'000 : 4'000;
  rotate(2'000);
  const auto fds = descriptors();
  const auto memory = resident_bytes();
  rotate(rotations);
  EXPECT_EQ(descriptors(), fds);
  if (kMeasurable) {
    EXPECT_LE(resident_bytes() - memory, 1 << 20);
  }
  EXPECT_EQ(last_, 2'000 + rotations);
  EXPECT_EQ(worked_, last_);
  const auto kept =
      store_->wait([](Database& database) { return jobs::list(database, {.limit = 1'000'000}); });
  ASSERT_TRUE(kept);
  ASSERT_EQ(kept->size(), kJobs);
  EXPECT_EQ(kept->front().id, last_);
  EXPECT_EQ(kept->front().state, "done");
  EXPECT_EQ(kept->front().new_ip, new_ip_);
  const auto addresses = store_->wait([](Database& database) {
    return ip_history::list(database, {.dongle = 1, .limit = 1'000'000});
  });
  ASSERT_TRUE(addresses);
  ASSERT_EQ(addresses->size(), static_cast<std::size_t>(kAddresses));
  EXPECT_EQ(addresses->front().ip.ip(), new_ip_);
  EXPECT_LE(std::filesystem::file_size(folder_.file("airlane.db")), std::uintmax_t{1} << 20);
}

}  // namespace
}  // namespace airlane::test
