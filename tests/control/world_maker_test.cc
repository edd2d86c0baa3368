#include "control/world_maker.h"

#include <gtest/gtest.h>

#include "tests/control/fake_kernel.h"

namespace airlane::test {
namespace {

ProxyRecord proxy(std::int64_t id, std::uint16_t port) {
  ProxyRecord record;
  record.id = id;
  record.dongle = 1;
  record.port = port;
  record.username = "alice";
  record.password = "secret";
  record.counter_row = static_cast<std::uint32_t>(id);
  return record;
}

Destinations destinations() {
  return {.allow = {}, .own = {ip("198.51.100.7")}, .never = {ip("192.168.8.1")}};
}

TEST(WorldMaker, TellsTheDataPathAllItNeedsOfAProxy) {
  auto record = proxy(3, 20003);
  record.whitelist = {Cidr::of("203.0.113.0/24")};
  record.whitelist_mode = "only";
  record.in_use_from = from_unix(1000);
  record.in_use_till = from_unix(2000);
  Limits limits;
  limits.connections = 7;
  WorldMaker maker(limits);
  const auto world = maker.make({{3, record}}, {}, destinations());

  ProxyPort expected;
  expected.id = 3;
  expected.port = 20003;
  expected.username = "alice";
  expected.password = "secret";
  expected.whitelist = {Cidr::of("203.0.113.0/24")};
  expected.whitelist_mode = WhitelistMode::kOnly;
  expected.in_use_from = from_unix(1000);
  expected.in_use_till = from_unix(2000);
  expected.dongle = 1;
  expected.counter_row = 3;
  expected.limits = limits;
  expected.gate = world->ports.at(20003)->gate;
  EXPECT_EQ(*world->ports.at(20003), expected);
}

TEST(WorldMaker, AProxyWithoutTheLooksThatItShouldHaveLeadsNowhere) {
  std::optional<Looks> looks = Looks{77, 65535};
  WorldMaker maker({}, nullptr, {}, [&](const ProxyRecord&) { return looks; });
  const auto dressed = maker.make({{1, proxy(1, 20001)}}, {}, destinations());
  EXPECT_EQ(dressed->ports.at(20001)->looks, *looks);
  EXPECT_EQ(dressed->ports.at(20001)->dongle, 1);
  looks.reset();
  const auto closed = maker.make({{1, proxy(1, 20001)}}, {}, destinations());
  EXPECT_EQ(closed->ports.at(20001)->dongle, 0);
}

TEST(WorldMaker, KeepsTheObjectsOfWhatDidNotChange) {
  WorldMaker maker;
  std::map<std::int64_t, ProxyRecord> proxies{{1, proxy(1, 20001)}, {2, proxy(2, 20002)}};
  const auto before = maker.make(proxies, {}, destinations());
  proxies.at(2).password = "another";
  proxies.emplace(3, proxy(3, 20003));
  const auto after = maker.make(proxies, {}, destinations());

  EXPECT_EQ(after->ports.at(20001), before->ports.at(20001));
  EXPECT_NE(after->ports.at(20002), before->ports.at(20002));
  EXPECT_EQ(after->ports.at(20002)->password, "another");
  EXPECT_EQ(after->destinations, before->destinations);
  EXPECT_EQ(before->ports.size(), 2U) << "a published World never changes";
}

TEST(WorldMaker, TheConfigurationLimitsEachProxy) {
  Config config;
  config.limits.connections_per_proxy = 1;
  config.limits.connections_per_source = 2;
  config.limits.new_per_second = 3;
  config.limits.upload = 4;
  config.limits.download = 5;
  EXPECT_EQ(proxy_limits(config), (Limits{.connections = 1,
                                          .connections_per_source = 2,
                                          .new_per_second = 3,
                                          .upload_bytes_per_second = 4,
                                          .download_bytes_per_second = 5}));
  EXPECT_EQ(proxy_limits({}), Limits()) << "by default there is none";
}

TEST(WorldMaker, AProxyKeepsItsGateAsLongAsItExists) {
  WorldMaker maker;
  std::map<std::int64_t, ProxyRecord> proxies{{1, proxy(1, 20001)}, {2, proxy(2, 20002)}};
  const auto before = maker.make(proxies, {}, destinations());
  proxies.at(1).password = "another";
  proxies.erase(2);
  proxies.emplace(3, proxy(3, 20002));
  const auto after = maker.make(proxies, {}, destinations());

  ASSERT_NE(before->ports.at(20001)->gate, nullptr);
  EXPECT_EQ(after->ports.at(20001)->gate, before->ports.at(20001)->gate);
  EXPECT_NE(before->ports.at(20001)->gate, before->ports.at(20002)->gate);
  EXPECT_NE(after->ports.at(20002)->gate, before->ports.at(20002)->gate) << "another customer's";
}

TEST(WorldMaker, AChangeThatTheDataPathDoesNotSeeMakesNoNewObject) {
  WorldMaker maker;
  std::map<std::int64_t, ProxyRecord> proxies{{1, proxy(1, 20001)}};
  const auto before = maker.make(proxies, {}, destinations());
  proxies.at(1).comment = "paid until May";
  EXPECT_EQ(maker.make(proxies, {}, destinations())->ports.at(20001), before->ports.at(20001));
}

TEST(WorldMaker, TellsTargetsApartAsTheProxyOrElseTheConfigurationSays) {
  auto record = proxy(1, 20001);
  const auto kept = [&](unsigned configured) {
    WorldMaker maker({}, nullptr, {}, {}, {}, configured);
    return maker.make({{1, record}}, {}, destinations())->ports.at(20001)->targets_kept;
  };
  EXPECT_EQ(kept(Config().usage.destinations), 0U) << "off by default";
  EXPECT_EQ(kept(100), 100U);
  record.targets_kept = 7;
  EXPECT_EQ(kept(0), 7U);
  EXPECT_EQ(kept(100), 7U);
  record.targets_kept = 0;
  EXPECT_EQ(kept(100), 0U);
}

TEST(WorldMaker, ReplacesTheDestinationsWhenAnAddressOfTheHostCameOrWent) {
  WorldMaker maker;
  const auto before = maker.make({}, {}, destinations());
  auto more = destinations();
  more.own.push_back(ip("203.0.113.9"));
  const auto after = maker.make({}, {}, more);
  EXPECT_NE(after->destinations, before->destinations);
  EXPECT_EQ(after->destinations->own.size(), 2U);
}

CredentialRecord credential(std::int64_t id, std::int64_t proxy, const std::string& name) {
  CredentialRecord record;
  record.id = id;
  record.proxy = proxy;
  record.name = name;
  record.password = "another";
  record.counter_row = static_cast<std::uint32_t>(100 + id);
  return record;
}

TEST(WorldMaker, TellsOfTheCredentialsOfEachProxyThatAreSwitchedOn) {
  WorldMaker maker(Limits{.connections = 7});
  const std::map<std::int64_t, ProxyRecord> proxies{{1, proxy(1, 20001)}, {2, proxy(2, 20002)}};
  WorldMaker::Credentials credentials{{5, credential(5, 1, "bob")}, {6, credential(6, 1, "carol")}};
  credentials.at(5).limits = {.connections = 3, .destinations = {"deny *"}};
  credentials.at(6).enabled = false;
  const auto world = maker.make(proxies, {}, destinations(), nullptr, credentials);
  EXPECT_TRUE(world->ports.at(20002)->credentials.empty());
  ASSERT_EQ(world->ports.at(20001)->credentials.size(), 1U);
  const auto& bob = *world->ports.at(20001)->credentials.front();
  EXPECT_EQ(bob.id, -5);
  EXPECT_EQ(bob.username, "bob");
  EXPECT_EQ(bob.password, "another");
  EXPECT_EQ(bob.counter_row, 105U);
  EXPECT_EQ(bob.limits, (Limits{.connections = 3, .destinations = {DestinationRule{}}}))
      << "what is configured for proxies is not multiplied by their credentials";
}

TEST(WorldMaker, KeepsACredentialThatDidNotChangeAndTheGateOfOneThatDid) {
  WorldMaker maker;
  const std::map<std::int64_t, ProxyRecord> proxies{{1, proxy(1, 20001)}};
  WorldMaker::Credentials credentials{{5, credential(5, 1, "bob")}, {6, credential(6, 1, "carol")}};
  const auto before = maker.make(proxies, {}, destinations(), nullptr, credentials);
  EXPECT_EQ(maker.make(proxies, {}, destinations(), nullptr, credentials)->ports.at(20001),
            before->ports.at(20001));
  credentials.at(6).password = "third";
  const auto after = maker.make(proxies, {}, destinations(), nullptr, credentials);
  const auto& was = before->ports.at(20001)->credentials;
  const auto& is = after->ports.at(20001)->credentials;
  EXPECT_EQ(is[0], was[0]);
  EXPECT_NE(is[1], was[1]);
  EXPECT_EQ(is[1]->gate, was[1]->gate);
  EXPECT_EQ(after->ports.at(20001)->gate, before->ports.at(20001)->gate);
}

}  // namespace
}  // namespace airlane::test
