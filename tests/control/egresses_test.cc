#include "control/egresses.h"

#include <gtest/gtest.h>

#include "tests/control/fake_kernel.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

DongleRecord dongle(std::int64_t id, const std::string& interface) {
  DongleRecord record;
  record.id = id;
  record.name = "d" + std::to_string(id);
  record.interface = interface;
  record.driver = "none";
  return record;
}

class EgressesTest : public testing::Test {
 protected:
  EgressesTest() { kernel_.interfaces = {{"wwan0", hilink(7)}, {"wwan1", hilink(8)}}; }

  void start(std::shared_ptr<const World> before = nullptr) {
    egresses_.emplace(loop_, kernel_, dresser_, Callback<void()>::to<&EgressesTest::count>(*this));
    ASSERT_TRUE(egresses_->start(std::vector{dongle(1, "wwan0"), dongle(2, "wwan1")}, before));
    changes_ = 0;
  }
  void count() { ++changes_; }
  [[nodiscard]] const Egress& egress(std::int64_t id) const {
    return *egresses_->find(id)->egress();
  }

  Loop loop_;
  FakeKernel kernel_;
  Dresser dresser_{kernel_, 1};
  std::optional<Egresses> egresses_;
  int changes_ = 0;
};

TEST_F(EgressesTest, CleansUpWhatAnEarlierRunLeftBeforeTheyBegin) {
  start();
  EXPECT_EQ(kernel_.kept, 2U);
  EXPECT_EQ(kernel_.installed.size(), 2U);
}

TEST_F(EgressesTest, HaveATableOfTheirOwnEach) {
  start();
  EXPECT_NE(kernel_.installed["wwan0"], kernel_.installed["wwan1"]);
}

TEST_F(EgressesTest, LeaveTheirTablesToWhoeverTakesOver) {
  start();
  egresses_->leave();
  egresses_.reset();
  EXPECT_EQ(kernel_.installed.size(), 2U);
  start();
  egresses_.reset();
  EXPECT_TRUE(kernel_.installed.empty());
}

TEST_F(EgressesTest, GoOnWithTheGenerationsOfThoseBefore) {
  World before;
  for (const std::int64_t id : {1, 2}) {
    Egress then;
    then.up = true;
    then.generation = 7;
    before.egresses[id] = std::make_shared<const Egress>(then);
  }
  kernel_.interfaces.erase("wwan1");
  start(std::make_shared<const World>(before));
  EXPECT_EQ(egress(1).generation, 7U);
  EXPECT_EQ(egress(2).generation, 8U) << "it was up, and is not any more";
}

TEST_F(EgressesTest, ALossClosesOneDongleAtOnceAndNotItsTwin) {
  start();
  const auto twin = egresses_->find(2)->egress();
  kernel_.lose("wwan0");
  EXPECT_EQ(changes_, 1);
  EXPECT_FALSE(egress(1).up);
  EXPECT_EQ(egresses_->find(2)->egress(), twin);
  EXPECT_FALSE(egresses_->view(1)->ready());
}

TEST_F(EgressesTest, AfterALossTheTableIsPutBackAndTheDongleIsUpAgain) {
  start();
  kernel_.installed.clear();
  kernel_.lose("wwan0");
  EXPECT_TRUE(run_until(
      loop_, [&] { return egress(1).up; }, std::chrono::seconds(1)));
  EXPECT_TRUE(kernel_.installed.contains("wwan0"));
  EXPECT_TRUE(egresses_->view(1)->ready());
}

TEST_F(EgressesTest, ADongleThatComesBackWithAnotherIndexIsUpAgain) {
  start();
  kernel_.interfaces.erase("wwan0");
  kernel_.lose("wwan0");
  run_until(loop_, [&] { return egresses_->find(1)->state() == DongleState::kAbsent; });
  kernel_.interfaces["wwan0"] = hilink(21);
  kernel_.gain("wwan0");
  EXPECT_TRUE(run_until(
      loop_, [&] { return egress(1).up; }, std::chrono::milliseconds(500)));
}

TEST_F(EgressesTest, WhatNobodyReportedIsFoundWithinSeconds) {
  start();
  kernel_.interfaces.erase("wwan1");
  EXPECT_TRUE(run_until(
      loop_, [&] { return !egress(2).up; }, std::chrono::seconds(3)));
}

TEST_F(EgressesTest, TheHostsAddressesAreThoseOfNoDongle) {
  kernel_.host.push_back({"wwan0", ip("192.168.8.100")});
  start();
  EXPECT_EQ(egresses_->host_addresses(), (std::vector{ip("127.0.0.1"), ip("198.51.100.7")}));
  kernel_.host.push_back({"eth1", ip("203.0.113.9")});
  kernel_.gain("eth1");
  EXPECT_TRUE(run_until(loop_, [&] { return egresses_->host_addresses().size() == 3; }));
  EXPECT_GT(changes_, 0);
}

TEST_F(EgressesTest, TwinsForbidTheirCommonAddressesOnce) {
  start();
  EXPECT_EQ(egresses_->forbidden().size(), 2U);
}

TEST_F(EgressesTest, AKernelThatRefusesTheTableMakesAddingFail) {
  start();
  kernel_.refuses = true;
  EXPECT_FALSE(egresses_->add(dongle(3, "wwan2")));
  EXPECT_EQ(egresses_->find(3), nullptr);
}

TEST_F(EgressesTest, NothingStaysInTheKernel) {
  start();
  egresses_->remove(1);
  EXPECT_FALSE(kernel_.installed.contains("wwan0"));
  egresses_.reset();
  EXPECT_TRUE(kernel_.installed.empty());
}

}  // namespace
}  // namespace airlane::test
