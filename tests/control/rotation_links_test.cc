#include "control/rotation_links.h"

#include <gtest/gtest.h>

#include "db/dongles.h"
#include "db/proxies.h"
#include "db/rotation_links.h"
#include "db/users.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

class RotationLinksTest : public testing::Test {
 protected:
  RotationLinksTest() {
    const auto made = store_->wait([](Database& database) -> Outcome<std::int64_t> {
      UserRecord user;
      user.name = user.api_key = user.password_hash = "alice";
      DongleRecord dongle;
      dongle.name = dongle.interface = "ten";
      dongle.driver = "none";
      const auto owner = users::insert(database, user);
      const auto leads = dongles::insert(database, dongle);
      ProxyRecord proxy;
      proxy.user = *owner;
      proxy.dongle = *leads;
      proxy.port = 20001;
      proxy.username = proxy.password = "u";
      return proxies::insert(database, proxy);
    });
    proxy_ = *made;
    reload();
  }
  void reload() {
    links_ = std::make_unique<RotationLinks>(loop_, *store_);
    ASSERT_TRUE(links_->load());
  }
  Outcome<std::string> make(std::int64_t proxy) {
    return answer<std::string>(loop_, [&](auto then) { links_->make(proxy, std::move(then)); });
  }
  Outcome<Done> revoke(std::int64_t proxy) {
    return answer<Done>(loop_, [&](auto then) { links_->revoke(proxy, std::move(then)); });
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::unique_ptr<RotationLinks> links_;
  std::int64_t proxy_ = 0;
};

TEST_F(RotationLinksTest, AreFoundByTheirTokenAlsoAfterARestart) {
  const auto token = make(proxy_);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->size(), 64U);
  EXPECT_EQ(links_->proxy_of(*token), proxy_);
  EXPECT_EQ(links_->proxy_of("another"), std::nullopt);
  EXPECT_EQ(links_->proxy_of(""), std::nullopt);
  reload();
  EXPECT_EQ(links_->proxy_of(*token), proxy_);
}

TEST_F(RotationLinksTest, AreStoredAsAHashOnly) {
  const auto token = make(proxy_);
  const auto stored = store_->wait(rotation_links::all);
  ASSERT_EQ(stored->size(), 1U);
  EXPECT_NE(stored->front().token_hash, *token);
  EXPECT_EQ(links_->proxy_of(stored->front().token_hash), std::nullopt);
}

TEST_F(RotationLinksTest, AreReplacedAndRevoked) {
  const auto first = make(proxy_);
  const auto second = make(proxy_);
  EXPECT_EQ(links_->proxy_of(*first), std::nullopt);
  EXPECT_EQ(links_->proxy_of(*second), proxy_);
  ASSERT_TRUE(revoke(proxy_));
  EXPECT_EQ(links_->proxy_of(*second), std::nullopt);
  ASSERT_TRUE(revoke(proxy_)) << "there is nothing to revoke";
  reload();
  EXPECT_EQ(links_->proxy_of(*second), std::nullopt);
}

TEST_F(RotationLinksTest, NeedAProxyAndEndWithIt) {
  EXPECT_EQ(make(4711).error().kind, Failure::Kind::kNotFound);
  const auto token = make(proxy_);
  ASSERT_TRUE(store_->wait([&](Database& database) { return proxies::remove(database, proxy_); }));
  reload();
  EXPECT_EQ(links_->proxy_of(*token), std::nullopt);
}

}  // namespace
}  // namespace airlane::test
