// The HiLink driver against a stick with real token rules. Each test is one habit of the sticks.
#include "control/modem/hilink.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/clock.h"
#include "tests/control/modem/fake_hilink.h"

namespace airlane::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds kGenerous{40};

std::unique_ptr<Driver> driver_for(const FakeHilink& modem, DriverOptions options = {}) {
  options.emplace("url", modem.url());
  options.emplace("hold", "0ms");
  auto driver = make_hilink({"d1", "lo", {}, std::move(options)});
  EXPECT_TRUE(driver) << driver.error().text;
  return *std::move(driver);
}

const char* const kOff = "POST dialup/mobile-dataswitch 0";
const char* const kOn = "POST dialup/mobile-dataswitch 1";

TEST(Hilink, RotatesByTakingMobileDataOffAndOn) {
  const FakeHilink modem;
  const auto done = driver_for(modem)->rotate({});
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_THAT(modem.writes(), ElementsAre(kOff, kOn));
}

TEST(Hilink, StaysAwayLongerEachTimeThatItIsToldAgain) {
  const FakeHilink modem;
  const auto driver = driver_for(modem, {{"hold", "100ms"}});
  EXPECT_EQ(driver->hold(1), std::chrono::milliseconds(100));
  EXPECT_EQ(driver->hold(2), std::chrono::milliseconds(300));
  EXPECT_EQ(driver->hold(3), std::chrono::milliseconds(900));
  EXPECT_EQ(driver->hold(10), std::chrono::seconds(60)) << "and no longer";
  EXPECT_EQ(driver_for(modem)->hold(10), std::chrono::seconds(0));
  const auto begun = Monotonic::now();
  ASSERT_TRUE(driver->rotate_again(3, {}));
  EXPECT_GE(Monotonic::now() - begun, driver->hold(3));
  EXPECT_THAT(modem.writes(), ElementsAre(kOff, kOn));
}

TEST(Hilink, FindsItsTokenWhereverTheFirmwareKeepsIt) {
  for (const bool in_page : {true, false}) {
    for (const bool new_tokens : {true, false}) {
      const FakeHilink modem({.tokens_in_page = in_page, .new_tokens = new_tokens});
      const auto done = driver_for(modem)->rotate({});
      ASSERT_TRUE(done) << done.error().text << in_page << new_tokens;
      EXPECT_THAT(modem.writes(), ElementsAre(kOff, kOn));
    }
  }
}

TEST(Hilink, ShowsItsTokenOnReadingToAModemThatInsists) {
  const FakeHilink modem({.tokens_in_page = false, .reading_takes_token = true});
  const auto status = driver_for(modem)->status({});
  ASSERT_TRUE(status) << status.error().text;
  EXPECT_TRUE(status->connected);
}

TEST(Hilink, OpensANewSessionOnceWhenTheModemForgotTheOld) {
  FakeHilink modem({.sessions_to_lose = 1});
  const auto driver = driver_for(modem);
  EXPECT_TRUE(driver->rotate({}));
  modem.turn([](HilinkKnobs& knobs) { knobs.sessions_to_lose = 1000; });
  const auto failed = driver->status({});
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error().text, HasSubstr("125003"));
}

TEST(Hilink, WaitsForABusyModem) {
  const FakeHilink modem({.busy = 1});
  const auto done = driver_for(modem)->rotate({});
  EXPECT_TRUE(done) << done.error().text;
}

TEST(Hilink, DoesNotBelieveOkBeforeItHasReadItBack) {
  const FakeHilink modem({.ignores_writes = true});
  const auto done = driver_for(modem)->rotate({});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text, HasSubstr("said OK but did not change dataswitch to 0"));
}

TEST(Hilink, RotatesByNetworkModeAndWritesEveryFieldBackInOrder) {
  const FakeHilink modem;
  const auto done = driver_for(modem, {{"method", "net-mode"}})->rotate({});
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_THAT(modem.writes(), ElementsAre("POST net/net-mode 02 3FFFFFFF 7FFFFFFFFFFFFFFF",
                                          "POST net/net-mode 03 3FFFFFFF 7FFFFFFFFFFFFFFF"));
}

TEST(Hilink, RebootsWhetherTheModemSaysOkOrFallsSilent) {
  const FakeHilink polite;
  EXPECT_TRUE(driver_for(polite)->reboot({}));
  EXPECT_THAT(polite.writes(), ElementsAre("POST device/control 1"));
  const FakeHilink hasty({.dies_on_reboot = true});
  EXPECT_TRUE(driver_for(hasty)->reboot({}));
}

TEST(Hilink, TellsHowTheModemIs) {
  const FakeHilink modem;
  const auto status = driver_for(modem)->status({});
  ASSERT_TRUE(status) << status.error().text;
  EXPECT_TRUE(status->connected);
  EXPECT_EQ(status->carrier, "A&B Mobile");
  EXPECT_EQ(status->network, "LTE");
  EXPECT_EQ(status->signal, 4);
  EXPECT_EQ(status->address, "10.64.1.2");
}

TEST(Hilink, LogsInWhereTheModemWantsIt) {
  const FakeHilink modem({.drops_login_state = 1, .password = "s<cret"});
  const auto driver = driver_for(modem, {{"password", "s<cret"}});
  const auto done = driver->rotate({});
  ASSERT_TRUE(done) << done.error().text;
  EXPECT_THAT(modem.writes(), ElementsAre(kOff, kOn));
}

TEST(Hilink, LogsInWithTheSingleTokenOfOtherFirmwares) {
  const FakeHilink modem({.tokens_in_page = false, .password = "secret"});
  const auto done = driver_for(modem, {{"password", "secret"}})->rotate({});
  EXPECT_TRUE(done) << done.error().text;
}

TEST(Hilink, TriesAWrongPasswordOnlyOnceSoAsNotToLockTheStick) {
  const FakeHilink modem({.password = "secret"});
  const auto driver = driver_for(modem, {{"password", "guess"}});
  const auto first = driver->rotate({});
  ASSERT_FALSE(first);
  EXPECT_THAT(first.error().text, HasSubstr("108006"));
  EXPECT_THAT(driver->rotate({}).error().text, HasSubstr("not tried again"));
  EXPECT_FALSE(driver->reboot({}));
  EXPECT_FALSE(driver->status({}));
  EXPECT_EQ(modem.logins(), 1);
}

TEST(Hilink, SaysThatAPasswordIsMissing) {
  const FakeHilink modem({.password = "secret"});
  const auto done = driver_for(modem)->rotate({});
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().text, HasSubstr("set option \"password\""));
}

// The stick must not stay off the network because we happened to stop.
TEST(Hilink, BringsTheModemBackWhenStoppedInTheMiddle) {
  const FakeHilink modem;
  const auto driver = driver_for(modem, {{"hold", "60s"}});
  std::stop_source stop;
  std::thread stopper([&] {
    while (modem.writes().empty()) std::this_thread::yield();
    stop.request_stop();
  });
  const auto start = Monotonic::now();
  static_cast<void>(driver->rotate(stop.get_token()));
  stopper.join();
  EXPECT_LT(Monotonic::now() - start, kGenerous);
  EXPECT_EQ(modem.value("dialup/mobile-dataswitch", "dataswitch"), "1");
}

TEST(Hilink, EndsAtOnceWhenStoppedBeforeItBegan) {
  const FakeHilink modem;
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(driver_for(modem)->rotate(stop.get_token()));
  EXPECT_THAT(modem.writes(), IsEmpty());
}

TEST(Hilink, AHungModemEndsWithTheStop) {
  const FakeHilink modem({.silent = true});
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  const auto start = Monotonic::now();
  EXPECT_FALSE(driver_for(modem)->status(stop.get_token()));
  stopper.join();
  EXPECT_LT(Monotonic::now() - start, kGenerous);
}

TEST(Hilink, RefusesWhatDoesNotSpeakHilink) {
  for (const std::string body : {"", "{\"result\":\"ok\"}", "<html><body>", "<a></b>", "<html/>"}) {
    HttpServer server([&](const std::string&) { return answer(body); });
    const auto driver = make_hilink({"d1", "lo", {}, {{"url", server.url()}}});
    ASSERT_TRUE(driver);
    EXPECT_FALSE((*driver)->rotate({})) << body;
  }
}

TEST(Hilink, RefusesAnEndlessAnswer) {
  HttpServer server([&](const std::string&) { return answer(std::string(2 << 20, 'x')); });
  const auto driver = make_hilink({"d1", "lo", {}, {{"url", server.url()}}});
  EXPECT_THAT((*driver)->status({}).error().text, HasSubstr("longer than"));
}

TEST(Hilink, NeedsToKnowWhereTheModemIsAndWhichWayToGo) {
  const auto driver = make_hilink({"d1", "lo", {}, {}});
  ASSERT_TRUE(driver);
  EXPECT_THAT((*driver)->rotate({}).error().text, HasSubstr("set the gateway"));
  const FakeHilink modem;
  const auto unbound = make_hilink({"d1", "", {}, {{"url", modem.url()}}});
  EXPECT_THAT((*unbound)->rotate({}).error().text, HasSubstr("no interface"));
}

}  // namespace
}  // namespace airlane::test
