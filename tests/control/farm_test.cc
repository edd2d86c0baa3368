#include "control/farm.h"

#include <gtest/gtest.h>

#include "db/ip_history.h"
#include "db/users.h"
#include "tests/control/farm_fixture.h"

namespace airlane::test {
namespace {

TEST_F(FarmTest, BeginsWithAWorldEvenWhenThereIsNothing) {
  start();
  ASSERT_TRUE(world_);
  EXPECT_TRUE(world_->ports.empty());
  EXPECT_EQ(world_->destinations->own, (std::vector{ip("127.0.0.1"), ip("198.51.100.7")}));
}

TEST_F(FarmTest, ANewProxyIsInTheWorldWhenItsAnswerComes) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto proxy = add_proxy(ten, 20001);
  ASSERT_TRUE(proxy) << proxy.error().text;
  ASSERT_TRUE(world_->ports.contains(20001));
  EXPECT_EQ(world_->ports.at(20001)->id, proxy->id);
  EXPECT_TRUE(world_->egresses.at(ten)->up);
  EXPECT_EQ(farm_->proxy_at_port(20001), farm_->proxy(proxy->id));
}

TEST_F(FarmTest, ItsAnswerComesWhenTheEngineGoesByTheWorld) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  std::function<void()> settled;
  settle_ = [&](auto then) { settled = std::move(then); };
  bool told = false;
  farm_->add_proxy(proxy_on(ten, 20001), [&](const auto& added) { told = added.has_value(); });
  ASSERT_TRUE(run_until(loop_, [&] { return settled != nullptr; }));
  EXPECT_TRUE(world_->ports.contains(20001));
  EXPECT_FALSE(told);
  settled();
  EXPECT_TRUE(told);

  // By a worker, when the farm is gone.
  told = false;
  settled = nullptr;
  farm_->add_proxy(proxy_on(ten, 20002), [&](const auto&) { told = true; });
  ASSERT_TRUE(run_until(loop_, [&] { return settled != nullptr; }));
  farm_.reset();
  settled();
  EXPECT_FALSE(told);
}

TEST_F(FarmTest, TheWorldKnowsWhatIsLimitedAndWhereWeListen) {
  config_.limits.connections_per_proxy = 7;
  config_.control.listen = {*Address::parse("127.0.0.1", 8080)};
  start();
  const auto ten = add_dongle("ten", "wwan0");
  ASSERT_TRUE(add_proxy(ten, 20001));
  EXPECT_EQ(world_->ports.at(20001)->limits.connections, 7U);
  EXPECT_EQ(world_->destinations->own_ports, (std::vector<std::uint16_t>{20001, 8080}));
  EXPECT_EQ(world_->destinations->denied_ports, (std::vector{PortRange{25, 25}}));
}

TEST_F(FarmTest, EverythingIsThereAgainAfterARestart) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto proxy = *add_proxy(ten, 20001);
  farm_.reset();
  EXPECT_TRUE(kernel_.installed.empty());
  start();
  ASSERT_NE(farm_->proxy(proxy.id), nullptr);
  EXPECT_EQ(*farm_->proxy(proxy.id), proxy);
  EXPECT_EQ(farm_->dongle_by_name("ten")->id, ten);
  EXPECT_EQ(kernel_.installed.size(), 1U);
  EXPECT_TRUE(world_->egresses.at(ten)->up);
}

TEST_F(FarmTest, OneProxysChangeLeavesTheOthersObjectsAlone) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto one = *add_proxy(ten, 20001);
  (void)*add_proxy(ten, 20002);
  const auto before = world_;
  auto changed = one;
  changed.password = "another";
  changed.port = 30000;
  const auto answer_of_it = change_proxy(changed);
  ASSERT_TRUE(answer_of_it);
  EXPECT_EQ(answer_of_it->port, 20001) << "the port stays";
  EXPECT_EQ(world_->ports.at(20001)->password, "another");
  EXPECT_EQ(world_->ports.at(20002), before->ports.at(20002));
  EXPECT_EQ(world_->egresses.at(ten), before->egresses.at(ten));
}

TEST_F(FarmTest, APortBelongsToOneProxy) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto one = *add_proxy(ten, 20001);
  const auto two = add_proxy(ten, 20001);
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().kind, Failure::Kind::kConflict);
  EXPECT_EQ(two.error().text,
            "Port 20001 already belongs to proxy " + std::to_string(one.id) + ".");
}

TEST_F(FarmTest, TwoChangesAtOnceCannotContradictEachOther) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  std::vector<Outcome<ProxyRecord>> answers;
  for (int i = 0; i < 2; ++i) {
    farm_->add_proxy(proxy_on(ten, 20001), [&](auto outcome) { answers.push_back(outcome); });
  }
  ASSERT_TRUE(run_until(loop_, [&] { return answers.size() == 2; }));
  EXPECT_TRUE(answers[0]);
  EXPECT_FALSE(answers[1]);
}

TEST_F(FarmTest, APortThatAnotherProgramHasIsRefused) {
  start();
  busy_port_ = 20001;
  const auto proxy = add_proxy(add_dongle("ten", "wwan0"), 20001);
  ASSERT_FALSE(proxy);
  EXPECT_EQ(proxy.error().text, "The port is busy.");
}

TEST_F(FarmTest, RefusesAProxyWithoutItsDongleOrUser) {
  start();
  EXPECT_EQ(add_proxy(99, 20001).error().kind, Failure::Kind::kNotFound);
  auto orphan = proxy_on(add_dongle("ten", "wwan0"), 20001);
  orphan.user = 99;
  const auto added =
      answer<ProxyRecord>(loop_, [&](auto then) { farm_->add_proxy(orphan, std::move(then)); });
  EXPECT_EQ(added.error().kind, Failure::Kind::kNotFound);
  EXPECT_FALSE(world_->ports.contains(20001));
}

TEST_F(FarmTest, HoldsNoMoreProxiesThanItsLimit) {
  config_.limits.proxies = 2;
  start();
  const auto ten = add_dongle("ten", "wwan0");
  EXPECT_TRUE(add_proxy(ten, 20001));
  const auto second = *add_proxy(ten, 20002);
  EXPECT_FALSE(add_proxy(ten, 20003));
  EXPECT_TRUE(remove_proxy(second.id));
  EXPECT_TRUE(add_proxy(ten, 20003));
}

TEST_F(FarmTest, AProxyWhoseRowIsBeyondASmallerFileGetsAnother) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto first = *add_proxy(ten, 20001);
  (void)*add_proxy(ten, 20002);
  (void)*add_proxy(ten, 20003);
  ASSERT_TRUE(remove_proxy(first.id));
  farm_.reset();
  config_.limits.proxies = 2;
  start();
  for (const auto* proxy : farm_->proxies()) EXPECT_LT(proxy->counter_row, 2U);
  EXPECT_NE(farm_->proxies()[0]->counter_row, farm_->proxies()[1]->counter_row);
  farm_.reset();
  config_.limits.proxies = 1;
  make();
  const auto started = farm_->start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().text,
            "There are 2 proxies and credentials, but limits.proxies is 1; raise it.");
}

TEST_F(FarmTest, ARemovedProxyLeavesTheWorldAndItsRowRests) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto one = *add_proxy(ten, 20001);
  ASSERT_TRUE(remove_proxy(one.id));
  EXPECT_TRUE(world_->ports.empty());
  EXPECT_NE(add_proxy(ten, 20002)->counter_row, one.counter_row);
  EXPECT_EQ(farm_->counted_rows().size(), 2U) << "the last bytes of the old one count for it";
  EXPECT_EQ(remove_proxy(one.id).error().kind, Failure::Kind::kNotFound);
}

TEST_F(FarmTest, ADongleIsRemovedWhenNoProxyUsesIt) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto proxy = *add_proxy(ten, 20001);
  EXPECT_EQ(remove_dongle("ten").error().kind, Failure::Kind::kConflict);
  ASSERT_TRUE(remove_proxy(proxy.id));
  EXPECT_TRUE(remove_dongle("ten"));
  EXPECT_TRUE(kernel_.installed.empty());
  EXPECT_TRUE(world_->egresses.empty());
  EXPECT_EQ(remove_dongle("ten").error().kind, Failure::Kind::kNotFound);
}

TEST_F(FarmTest, ADongleThatTheKernelDoesNotKeepApartIsNotAdded) {
  start();
  kernel_.refuses = true;
  EXPECT_FALSE(try_dongle("ten", "wwan0"));
  kernel_.refuses = false;
  EXPECT_EQ(farm_->dongle_by_name("ten"), nullptr);
  EXPECT_TRUE(try_dongle("ten", "wwan0")) << "the name is free again";
}

TEST_F(FarmTest, AnInterfaceBelongsToOneDongle) {
  start();
  (void)add_dongle("ten", "wwan0");
  EXPECT_EQ(try_dongle("eleven", "wwan0").error().text,
            "Interface wwan0 already belongs to dongle ten.");
  EXPECT_EQ(try_dongle("ten", "wwan1").error().text, "There is already a dongle ten.");
}

TEST_F(FarmTest, ALossReachesTheDataPathInTheSameMoment) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto before = world_->egresses.at(ten)->generation;
  kernel_.lose("wwan0");
  ASSERT_TRUE(run_until(
      loop_, [&] { return !world_->egresses.at(ten)->up; }, std::chrono::milliseconds(10)));
  EXPECT_GT(world_->egresses.at(ten)->generation, before);
  EXPECT_TRUE(run_until(loop_, [&] { return world_->egresses.at(ten)->up; }));
}

TEST_F(FarmTest, ManyChangesOfAMomentMakeOneWorld) {
  start();
  (void)add_dongle("ten", "wwan0");
  (void)add_dongle("eleven", "wwan1");
  worlds_ = 0;
  kernel_.lose("wwan0");
  kernel_.lose("wwan1");
  kernel_.lose("wwan0");
  run_until(loop_, [&] { return worlds_ > 0; });
  EXPECT_EQ(worlds_, 1);
}

TEST_F(FarmTest, CustomersMayNotGoToTheDonglesGateway) {
  start();
  (void)add_dongle("ten", "wwan0");
  const auto& never = world_->destinations->never;
  EXPECT_NE(std::find(never.begin(), never.end(), ip("192.168.8.1")), never.end());
  EXPECT_NE(std::find(never.begin(), never.end(), ip("192.168.8.100")), never.end());
}

TEST_F(FarmTest, ADongleWithoutAModemSaysThatItCannotRotateAndClosesNothing) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto proxy = *add_proxy(ten, 20001);
  const auto before = world_->egresses.at(ten);
  const auto rotated = rotate(proxy.id);
  ASSERT_FALSE(rotated);
  EXPECT_EQ(rotated.error().kind, Failure::Kind::kUnavailable);
  EXPECT_EQ(world_->egresses.at(ten), before);
  EXPECT_EQ(rotate(99).error().kind, Failure::Kind::kNotFound);
}

TEST_F(FarmTest, ARotationClosesTheTunnelsAndEndsUpAgain) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 0.3"}});
  const auto one = *add_proxy(ten, 20001);
  const auto two = *add_proxy(ten, 20002);
  const auto before = world_->egresses.at(ten)->generation;
  std::optional<Outcome<Rotated>> first;
  farm_->rotate({one.id}, [&](std::int64_t, auto outcome) { first = outcome; });
  EXPECT_EQ(farm_->state_of(ten), DongleState::kRotating);
  EXPECT_TRUE(farm_->busy_since(ten));
  EXPECT_EQ(rotate(two.id).error().kind, Failure::Kind::kConflict) << "they share the dongle";
  EXPECT_TRUE(run_until(loop_, [&] { return !world_->egresses.at(ten)->up; }));
  EXPECT_EQ(remove_dongle("ten").error().kind, Failure::Kind::kConflict);
  ASSERT_TRUE(run_until(loop_, [&] { return first.has_value(); }));
  EXPECT_TRUE(*first) << first->error().text;
  EXPECT_TRUE(run_until(loop_, [&] { return world_->egresses.at(ten)->up; }));
  EXPECT_GT(world_->egresses.at(ten)->generation, before);
  EXPECT_EQ(farm_->state_of(ten), DongleState::kUp);
}

TEST_F(FarmTest, ChangesOfOneProxyThatWaitTogetherKeepWhatTheOtherDid) {
  start();
  const auto one = *add_proxy(add_dongle("ten", "wwan0"), 20001);
  std::vector<Outcome<ProxyRecord>> answers;
  const auto told = [&](auto outcome) { answers.push_back(outcome); };
  farm_->change_proxy(
      one.id, [](auto& row) { return row.comment = "mine", true; }, told);
  farm_->change_proxy(
      one.id, [](auto& row) { return row.password = "yours", true; }, told);
  farm_->change_proxy(
      one.id, [](auto& row) { return row.comment = "never", false; }, told);
  farm_->remove_proxy(
      one.id, [](const auto& row) { return row.comment == "never"; },
      [&](const auto& removed) { EXPECT_FALSE(removed); });
  ASSERT_TRUE(run_until(loop_, [&] { return answers.size() == 3; }));
  EXPECT_TRUE(answers[1]);
  EXPECT_EQ(answers[2].error().kind, Failure::Kind::kConflict);
  EXPECT_EQ(farm_->proxy(one.id)->comment, "mine");
  EXPECT_EQ(farm_->proxy(one.id)->password, "yours");
}

TEST_F(FarmTest, AChangedDongleLeavesTheOtherOnesAlone) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  const auto eleven = add_dongle("eleven", "wwan1");
  const auto before = world_;
  ASSERT_TRUE(change_dongle("ten", [](auto& row) { return row.isp = "O2", true; }));
  EXPECT_EQ(farm_->dongle(ten)->isp, "O2");
  EXPECT_EQ(world_->egresses.at(ten), before->egresses.at(ten)) << "nobody leaves another way";
  ASSERT_TRUE(change_dongle("ten", [](auto& row) { return row.dns = {ip("9.9.9.9")}, true; }));
  EXPECT_EQ(world_->egresses.at(ten)->dns_servers.front().ip(), "9.9.9.9");
  EXPECT_GT(world_->egresses.at(ten)->generation, before->egresses.at(ten)->generation);
  EXPECT_EQ(world_->egresses.at(eleven), before->egresses.at(eleven));
  kernel_.interfaces["wwan5"] = hilink(9);
  ASSERT_TRUE(change_dongle("ten", [](auto& row) { return row.interface = "wwan5", true; }));
  EXPECT_EQ(world_->egresses.at(ten)->interface, "wwan5");
  EXPECT_TRUE(kernel_.installed.contains("wwan5"));
  EXPECT_FALSE(kernel_.installed.contains("wwan0"));
  EXPECT_EQ(world_->egresses.at(eleven), before->egresses.at(eleven));
  farm_.reset();
  start();
  EXPECT_EQ(farm_->dongle_by_name("ten")->interface, "wwan5") << "it is stored";
}

TEST_F(FarmTest, ADongleThatCannotBeChangedIsAsItWas) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  (void)add_dongle("eleven", "wwan1");
  const auto to = [](const char* interface) {
    return [interface](DongleRecord& row) { return row.interface = interface, true; };
  };
  EXPECT_EQ(change_dongle("ten", to("wwan1")).error().kind, Failure::Kind::kConflict);
  EXPECT_EQ(change_dongle("ten", to("a b")).error().kind, Failure::Kind::kInvalid);
  EXPECT_EQ(change_dongle("none", to("x")).error().kind, Failure::Kind::kNotFound);
  kernel_.refused = "wwan5";
  EXPECT_EQ(change_dongle("ten", to("wwan5")).error().text, "No CAP_NET_ADMIN.");
  EXPECT_EQ(farm_->dongle(ten)->interface, "wwan0");
  EXPECT_TRUE(kernel_.installed.contains("wwan0"));
  EXPECT_TRUE(world_->egresses.at(ten)->up);
  farm_.reset();
  start();
  EXPECT_EQ(farm_->dongle_by_name("ten")->interface, "wwan0");
}

TEST_F(FarmTest, ADongleThatRotatesIsNotChanged) {
  start();
  const auto ten = add_dongle("ten", "wwan0", "command", {{"rotate", "/bin/sleep 0.3"}});
  const auto one = *add_proxy(ten, 20001);
  std::optional<Outcome<Rotated>> rotated;
  farm_->rotate({one.id, JobCause::kApi}, [&](std::int64_t, auto outcome) { rotated = outcome; });
  EXPECT_EQ(
      change_dongle("ten", [](auto& row) { return row.dns = {ip("9.9.9.9")}, true; }).error().kind,
      Failure::Kind::kConflict);
  EXPECT_TRUE(change_dongle("ten", [](auto& row) { return row.isp = "O2", true; }));
  ASSERT_TRUE(run_until(loop_, [&] { return rotated.has_value(); }));
  EXPECT_TRUE(*rotated);
}

TEST_F(FarmTest, AnExpiredRentalMakesAWorldSoThatItsSessionsEnd) {
  start();
  const auto ten = add_dongle("ten", "wwan0");
  auto rented = proxy_on(ten, 20001);
  rented.in_use_till = wall_now() + std::chrono::seconds(1);
  ASSERT_TRUE(
      answer<ProxyRecord>(loop_, [&](auto then) { farm_->add_proxy(rented, std::move(then)); }));
  worlds_ = 0;
  EXPECT_TRUE(run_until(
      loop_, [&] { return worlds_ > 0; }, std::chrono::seconds(3)));
  EXPECT_GE(wall_now(), *rented.in_use_till);
}

}  // namespace
}  // namespace airlane::test
