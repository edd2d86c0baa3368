// Extra credentials of proxies, as the farm keeps them.
#include "tests/control/farm_fixture.h"

namespace airlane::test {
namespace {

class FarmCredentialsTest : public FarmTest {
 protected:
  void SetUp() override {
    config_.limits.credentials = 3;
    start();
    dongle_ = add_dongle("ten", "wwan0");
    proxy_ = *add_proxy(dongle_, 20001);
  }
  [[nodiscard]] CredentialRecord named(const std::string& name) const {
    return {.proxy = proxy_.id, .name = name, .password = "word"};
  }
  Outcome<CredentialRecord> add(const CredentialRecord& record) {
    return answer<CredentialRecord>(
        loop_, [&](auto then) { farm_->add_credential(record, std::move(then)); });
  }
  Outcome<CredentialRecord> change(const CredentialRecord& record) {
    return answer<CredentialRecord>(loop_, [&](auto then) {
      const auto edit = [record](CredentialRecord& now) {
        now = record;
        return true;
      };
      farm_->change_credential(record.id, edit, std::move(then));
    });
  }
  Outcome<Done> remove(std::int64_t id) {
    return answer<Done>(loop_, [&](auto then) {
      const auto may = [](const CredentialRecord&) { return true; };
      farm_->remove_credential(id, may, std::move(then));
    });
  }
  const auto& published() const { return world_->ports.at(20001)->credentials; }
  std::map<std::uint32_t, std::int64_t> counted() const {
    std::map<std::uint32_t, std::int64_t> rows;
    for (const auto& row : farm_->counted_rows()) rows[row.row] = row.owner;
    return rows;
  }

  std::int64_t dongle_ = 0;
  ProxyRecord proxy_;
};

TEST_F(FarmCredentialsTest, AreToldToTheEngineAndCountInARowOfTheirOwn) {
  const auto bob = *add(named("bob"));
  EXPECT_NE(bob.counter_row, proxy_.counter_row);
  EXPECT_EQ(counted().at(bob.counter_row), -bob.id);
  EXPECT_EQ(counted().at(proxy_.counter_row), proxy_.id);
  ASSERT_EQ(published().size(), 1U);
  EXPECT_EQ(published().front()->username, "bob");

  auto changed = bob;
  changed.password = "other";
  changed.counter_row = 4711;
  changed.proxy = 4711;
  EXPECT_EQ(change(changed)->counter_row, bob.counter_row) << "that, and the proxy, stay";
  EXPECT_EQ(published().front()->password, "other");
  changed.enabled = false;
  ASSERT_TRUE(change(changed));
  EXPECT_TRUE(published().empty());
  ASSERT_TRUE(remove(bob.id));
  EXPECT_EQ(remove(bob.id).error().kind, Failure::Kind::kNotFound);
  EXPECT_EQ(change(bob).error().kind, Failure::Kind::kNotFound);
  EXPECT_TRUE(farm_->credentials().empty());
}

TEST_F(FarmCredentialsTest, ALogInIsOneAccount) {
  const auto bob = *add(named("bob"));
  EXPECT_EQ(add(named("bob")).error().text, "The name bob already logs in at proxy 1.");
  EXPECT_EQ(add(named("alice")).error().kind, Failure::Kind::kConflict) << "the proxy's own";
  auto proxy = proxy_;
  proxy.username = "bob";
  EXPECT_EQ(change_proxy(proxy).error().kind, Failure::Kind::kConflict);
  auto carol = *add(named("carol"));
  carol.name = "bob";
  EXPECT_EQ(change(carol).error().kind, Failure::Kind::kConflict);
  const auto other = *add_proxy(dongle_, 20002);
  auto elsewhere = named("bob");
  elsewhere.proxy = other.id;
  EXPECT_TRUE(add(elsewhere)) << "another proxy has its own names";
}

TEST_F(FarmCredentialsTest, AProxyHasSoManyAndNoMore) {
  for (const auto* name : {"a", "b", "c"}) ASSERT_TRUE(add(named(name)));
  EXPECT_EQ(add(named("d")).error().text,
            "Proxy 1 has 3 credentials, as many as limits.credentials allows.");
}

TEST_F(FarmCredentialsTest, WhatMakesNoSenseIsRefused) {
  EXPECT_EQ(add(named("b:b")).error().kind, Failure::Kind::kInvalid);
  EXPECT_EQ(add(named("")).error().kind, Failure::Kind::kInvalid);
  auto bob = named("bob");
  bob.password = "";
  EXPECT_EQ(add(bob).error().kind, Failure::Kind::kInvalid);
  bob = named("bob");
  bob.limits.destinations = {"deny ?"};
  EXPECT_EQ(add(bob).error().kind, Failure::Kind::kInvalid);
  bob = named("bob");
  bob.quota = QuotaRecord{};
  EXPECT_EQ(add(bob).error().kind, Failure::Kind::kInvalid);
  bob = named("bob");
  bob.proxy = 4711;
  EXPECT_EQ(add(bob).error().kind, Failure::Kind::kNotFound);
  EXPECT_TRUE(farm_->credentials().empty());
}

TEST_F(FarmCredentialsTest, GoWithTheirProxy) {
  const auto bob = *add(named("bob"));
  ASSERT_TRUE(remove_proxy(proxy_.id));
  EXPECT_TRUE(farm_->credentials().empty());
  EXPECT_EQ(counted().at(bob.counter_row), -bob.id) << "until its last sessions have ended";
}

TEST_F(FarmCredentialsTest, SurviveARestart) {
  auto bob = named("bob");
  bob.limits = {.connections = 4, .destinations = {"deny example.com"}};
  bob.quota = QuotaRecord{.bytes = 1'000'000};
  bob = *add(bob);
  farm_.reset();
  start();
  EXPECT_EQ(farm_->credentials().at(bob.id), bob);
  ASSERT_EQ(published().size(), 1U);
  const auto& limits = published().front()->limits;
  EXPECT_EQ(limits.connections, 4U);
  EXPECT_EQ(limits.destinations.front().suffix, "example.com");
  EXPECT_EQ(limits.quota->bytes, 1'000'000U);
  EXPECT_TRUE(farm_->quota_use(bob.owner()));
  EXPECT_FALSE(farm_->quota_use(proxy_.id));
}

}  // namespace
}  // namespace airlane::test
