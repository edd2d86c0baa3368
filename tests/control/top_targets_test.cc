// From the workers' reports into the database, and what is asked for meanwhile; and the way by
// which a process that has no database gets its own there.
#include "control/top_targets.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "db/dongles.h"
#include "db/proxies.h"
#include "db/targets.h"
#include "db/users.h"
#include "tests/control/scratch.h"

namespace airlane::test {
namespace {

constexpr std::int64_t kDay = 20'000;

class TopTargetsTest : public testing::Test {
 protected:
  TopTargetsTest() {
    proxy_ = *store_->wait([](Database& database) -> Outcome<std::int64_t> {
      UserRecord user;
      user.name = "alice";
      user.api_key = "key";
      user.password_hash = "hash";
      DongleRecord dongle;
      dongle.name = "ten";
      dongle.interface = "wwan0";
      dongle.driver = "none";
      ProxyRecord proxy;
      proxy.user = *users::insert(database, user);
      proxy.dongle = *dongles::insert(database, dongle);
      proxy.port = 20'001;
      return proxies::insert(database, proxy);
    });
    make();
  }
  void make() {
    top_.reset();
    book_ = std::make_unique<TargetBook>(
        loop_,
        TargetBook::Options{.workers = 1, .queue = 64, .most = most_, .folder = folder_.file("")});
    top_ = std::make_unique<TopTargets>(loop_, *store_, *book_,
                                        TopTargets::Options{.folder = folder_.file("")});
  }
  void tell(const std::string& host, std::uint64_t incoming, std::uint32_t kept = 10) {
    TargetRecord record;
    record.proxy = proxy_;
    record.day = kDay;
    record.kept = kept;
    record.set_host(host);
    record.port = 443;
    record.incoming = incoming;
    record.connections = 1;
    book_->reports().add(0, record);
  }
  TargetSummary report() {
    const auto summary = answer<TargetSummary>(
        loop_, [&](auto then) { top_->report(proxy_, kDay, kDay, std::move(then)); });
    EXPECT_TRUE(summary);
    return summary ? *summary : TargetSummary();
  }
  std::uint64_t incoming(const std::string& host) {
    const auto summary = report();
    const auto found = summary.entries().find({host, 443});
    return found == summary.entries().end() ? 0 : found->second.sum.incoming;
  }
  TargetSummary stored() {
    return *store_->wait(
        [&](Database& database) { return targets::read(database, proxy_, kDay, kDay); });
  }
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.file(""))) {
      const auto name = entry.path().filename().string();
      if (name.starts_with("targets-")) names.push_back(name);
    }
    return names;
  }
  // Folds all there are, as the server does at its start.
  void fold_files() {
    while (*store_->wait(
        [&](Database& database) { return target_files::fold(database, folder_.file("")); })) {
    }
  }

  Folder folder_;
  Loop loop_;
  std::unique_ptr<Store> store_ = open_store(folder_);
  std::int64_t proxy_ = 0;
  std::size_t most_ = 1000;
  std::unique_ptr<TargetBook> book_;
  std::unique_ptr<TopTargets> top_;
};

TEST_F(TopTargetsTest, AreKnownAtOnceAndWrittenWithoutBeingCountedTwice) {
  tell("a.test", 10);
  EXPECT_EQ(incoming("a.test"), 10U);
  EXPECT_TRUE(stored().empty());
  top_->stop();
  EXPECT_EQ(stored().entries().at({"a.test", 443}).sum, (TargetSum{10, 0, 1}));
  tell("a.test", 5);
  EXPECT_EQ(incoming("a.test"), 15U);
  make();
  EXPECT_EQ(incoming("a.test"), 10U) << "what a kill -9 leaves";
}

TEST_F(TopTargetsTest, AreWrittenEarlyWhenThereAreMany) {
  most_ = 20;
  make();
  top_->start();
  for (int i = 0; i < 15; ++i) tell("host-" + std::to_string(i) + ".test", 10, 100);
  EXPECT_TRUE(run_until(loop_, [&] { return stored().size() == 15; }));
}

TEST_F(TopTargetsTest, ThatAreTooManyAreAddedUpWithoutTheirNames) {
  most_ = 3;
  make();
  for (int i = 0; i < 5; ++i) tell("host-" + std::to_string(i) + ".test", 10);
  tell("host-0.test", 1);
  const auto summary = report();
  EXPECT_EQ(summary.size(), 3U);
  EXPECT_EQ(summary.entries().at({"host-0.test", 443}).sum.incoming, 11U);
  EXPECT_EQ(summary.other(), (TargetSum{20, 0, 2}));
}

TEST_F(TopTargetsTest, OfAClientThatVisitsEverybodyTakeNoMoreRoom) {
  constexpr std::uint64_t kHosts = 20'000;
  for (std::uint64_t i = 0; i < kHosts; ++i) {
    tell("host-" + std::to_string(i) + ".test", 1);
    if (i % 32 != 0) continue;
    EXPECT_LE(book_->of(proxy_, kDay, kDay).size(), 20U);
  }
  tell("a.test", kHosts);
  top_->stop();
  const auto all = stored();
  EXPECT_EQ(all.size(), 10U);
  EXPECT_EQ(all.entries().at({"a.test", 443}).sum.incoming, kHosts);
  auto total = all.other();
  for (const auto& [name, entry] : all.entries()) total += entry.sum;
  EXPECT_EQ(total, (TargetSum{2 * kHosts, 0, kHosts + 1}));
}

TEST_F(TopTargetsTest, AreForgottenWhereverTheyAre) {
  tell("a.test", 10);
  top_->stop();
  tell("b.test", 10);
  EXPECT_TRUE(answer<Done>(loop_, [&](auto then) { top_->forget(proxy_, std::move(then)); }));
  EXPECT_TRUE(report().empty());
}

TEST_F(TopTargetsTest, OfAProcessThatDrainsComeByAFileAndCountOnce) {
  tell("a.test", 10);
  for (int i = 0; i < 30; ++i) tell("host-" + std::to_string(i) + ".test", 1, 5);
  book_->leave();
  book_->end();
  ASSERT_EQ(files().size(), 1U);
  make();
  fold_files();
  fold_files();
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(incoming("a.test"), 10U);
  const auto all = stored();
  auto total = all.other();
  for (const auto& [name, entry] : all.entries()) total += entry.sum;
  EXPECT_EQ(total, (TargetSum{40, 0, 31}));
}

TEST_F(TopTargetsTest, OfAFileThatIsThereAgainAfterACrashAreNotCountedAgain) {
  tell("a.test", 10);
  book_->end();
  const auto name = files().at(0);
  std::filesystem::copy_file(folder_.file(name), folder_.file("copy"));
  EXPECT_TRUE(*store_->wait(
      [&](Database& database) { return target_files::fold(database, folder_.file("")); }));
  std::filesystem::rename(folder_.file("copy"), folder_.file(name));  // As if it were still there.
  fold_files();
  EXPECT_EQ(stored().entries().at({"a.test", 443}).sum.incoming, 10U);
}

TEST_F(TopTargetsTest, OfADamagedFileAreSetAside) {
  for (const auto* text :
       {"", "airlane-targets-1\n", "airlane-targets-1\ntarget a 1 1 1 1 1\nend\n",
        "airlane-targets-1\npage 1 2 0 0 0 0 0\nend\n",
        "airlane-targets-1\npage 1 2 3 0 0 0 0\ntarget a 99999 1 1 1 1\nend\n"}) {
    std::ofstream(folder_.file("targets-x")) << text;
    EXPECT_FALSE(target_files::read(folder_.file("targets-x"))) << text;
  }
  fold_files();
  EXPECT_EQ(files(), std::vector<std::string>{"targets-x.damaged"});
}

TEST_F(TopTargetsTest, StayInTheBookWhenNoFileCanBeMade) {
  tell("a.test", 10);
  std::filesystem::create_directory(folder_.file("gone"));
  TargetBook book(loop_, {.workers = 1, .queue = 16, .folder = folder_.file("nowhere")});
  TargetRecord record;
  record.proxy = proxy_;
  record.day = kDay;
  record.kept = 3;
  record.set_host("a.test");
  record.incoming = 4;
  book.reports().add(0, record);
  book.end();
  EXPECT_EQ(book.of(proxy_, kDay, kDay).size(), 1U);
}

}  // namespace
}  // namespace airlane::test
