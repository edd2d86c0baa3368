// A farm with a fake kernel under it, a fake engine above it and a real database.
#pragma once

#include <memory>
#include <string>

#include "control/farm.h"
#include "db/users.h"
#include "tests/control/fake_kernel.h"
#include "tests/control/scratch.h"

namespace airlane::test {

class FarmTest : public testing::Test {
 protected:
  FarmTest() {
    kernel_.interfaces = {{"wwan0", hilink(7)}, {"wwan1", hilink(8)}};
    config_.external_ip.urls.clear();  // Nobody to ask: every external IP is unknown at once.
    config_.rotation.limit = std::chrono::milliseconds(1500);
    UserRecord user;
    user.name = "alice";
    user.api_key = "key";
    user.password_hash = "hash";
    user_ = *store_->wait([&](Database& database) { return users::insert(database, user); });
  }

  void make() {
    farm_ = std::make_unique<Farm>(
        loop_, config_, *store_,
        Surroundings{.kernel = kernel_,
                     .publish =
                         [this](std::shared_ptr<const World> world) {
                           world_ = std::move(world);
                           ++worlds_;
                         },
                     .probe = [this](std::uint16_t port) { return probe(port); },
                     .resolve = [](const Egress&, const std::string&, std::chrono::milliseconds,
                                   const Stop&) -> Outcome<Address> {
                       return Failure{Failure::Kind::kUnavailable, "No names here."};
                     },
                     .clocks = clocks_,
                     .settle = [this](auto then) { settle_(std::move(then)); }});
  }
  void start() {
    make();
    const auto started = farm_->start();
    ASSERT_TRUE(started) << started.error().text;
  }
  Outcome<Done> probe(std::uint16_t port) const {
    if (port == busy_port_) return Failure{Failure::Kind::kConflict, "The port is busy."};
    return Done{};
  }

  Outcome<DongleRecord> try_dongle(const std::string& name, const std::string& interface,
                                   const std::string& driver = "none",
                                   const std::map<std::string, std::string>& options = {}) {
    DongleRecord dongle;
    dongle.name = name;
    dongle.interface = interface;
    dongle.driver = driver;
    dongle.options = options;
    return answer<DongleRecord>(loop_,
                                [&](auto then) { farm_->add_dongle(dongle, std::move(then)); });
  }
  std::int64_t add_dongle(const std::string& name, const std::string& interface,
                          const std::string& driver = "none",
                          const std::map<std::string, std::string>& options = {}) {
    const auto dongle = try_dongle(name, interface, driver, options);
    if (dongle) return dongle->id;
    ADD_FAILURE() << dongle.error().text;
    return 0;
  }
  Outcome<Done> remove_dongle(const std::string& name) {
    return answer<Done>(loop_, [&](auto then) {
      farm_->remove_dongle(
          name, [](const auto&) { return true; }, std::move(then));
    });
  }

  [[nodiscard]] ProxyRecord proxy_on(std::int64_t dongle, std::uint16_t port) const {
    ProxyRecord proxy;
    proxy.user = user_;
    proxy.dongle = dongle;
    proxy.port = port;
    proxy.username = "alice";
    proxy.password = "secret";
    return proxy;
  }
  Outcome<ProxyRecord> add_proxy(std::int64_t dongle, std::uint16_t port) {
    return answer<ProxyRecord>(
        loop_, [&](auto then) { farm_->add_proxy(proxy_on(dongle, port), std::move(then)); });
  }
  Outcome<DongleRecord> change_dongle(const std::string& name, const Edit<DongleRecord>& edit) {
    return answer<DongleRecord>(
        loop_, [&](auto then) { farm_->change_dongle(name, edit, std::move(then)); });
  }
  Outcome<ProxyRecord> change_proxy(const ProxyRecord& proxy) {
    return answer<ProxyRecord>(loop_, [&](auto then) {
      farm_->change_proxy(
          proxy.id, [&](ProxyRecord& row) { return row = proxy, true; }, std::move(then));
    });
  }
  Outcome<Done> remove_proxy(std::int64_t id) {
    return answer<Done>(loop_, [&](auto then) {
      farm_->remove_proxy(
          id, [](const auto&) { return true; }, std::move(then));
    });
  }
  Outcome<Rotated> rotate(std::int64_t proxy) {
    return answer<Rotated>(loop_, [&](auto then) {
      farm_->rotate({proxy}, [then](std::int64_t, auto outcome) { then(std::move(outcome)); });
    });
  }

  Folder folder_;
  Loop loop_;
  Config config_;
  Clocks clocks_;
  FakeKernel kernel_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::int64_t user_ = 0;
  std::uint16_t busy_port_ = 0;
  std::shared_ptr<const World> world_;  // The last that was published.
  int worlds_ = 0;
  std::function<void(std::function<void()>)> settle_ = [](const auto& then) { then(); };
  std::unique_ptr<Farm> farm_;
};

}  // namespace airlane::test
