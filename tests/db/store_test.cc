// The writer thread: order, isolation, answers and limits.
#include "db/store.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/db/scratch.h"

namespace airlane::test {
namespace {

using ::testing::HasSubstr;

class StoreTest : public ::testing::Test {
 protected:
  static auto insert(const std::string& name) {
    return [name](Database& database) { return users::insert(database, user(name)); };
  }
  std::vector<std::string> names() {
    std::vector<std::string> found;
    for (const auto& user : must(store_->wait(users::all))) found.push_back(user.name);
    return found;
  }
  // The store's thread waits here until `released_` is set, so that what follows is one batch.
  void hold() {
    std::promise<void> holding;
    store_->read(
        [this, &holding](Database&) -> Outcome<Done> {
          holding.set_value();
          released_.get_future().wait();
          return Done{};
        },
        [](const Outcome<Done>&) {}, loop_);
    holding.get_future().wait();
  }
  void run_replies() {
    store_->flush();
    loop_.post([this] { loop_.stop(); });
    loop_.run_forever();
  }

  Scratch scratch_;
  Loop loop_;
  std::promise<void> released_;
  std::unique_ptr<Store> store_ = must(Store::open(scratch_.path()));
};

using Names = std::vector<std::string>;

TEST_F(StoreTest, AnswersOnTheCallersLoopWithTheValue) {
  std::int64_t id = 0;
  std::thread::id answered_by;
  store_->write(
      insert("alice"),
      [&](Outcome<std::int64_t> answer) {
        id = must(std::move(answer));
        answered_by = std::this_thread::get_id();
      },
      loop_);
  run_replies();
  EXPECT_EQ(id, 1);
  EXPECT_EQ(answered_by, std::this_thread::get_id());
  EXPECT_EQ(names(), Names{"alice"});
}

TEST_F(StoreTest, ReadsWhatWasWrittenBefore) {
  std::size_t seen = 0;
  const auto ignore = [](const Outcome<std::int64_t>&) {};
  hold();
  store_->write(insert("alice"), ignore, loop_);
  store_->read(
      users::all,
      [&](Outcome<std::vector<UserRecord>> users) { seen = must(std::move(users)).size(); }, loop_);
  store_->write(insert("bob"), ignore, loop_);
  released_.set_value();
  run_replies();
  EXPECT_EQ(seen, 1u);
  EXPECT_EQ(names(), (Names{"alice", "bob"}));
}

TEST_F(StoreTest, UndoesAWorkThatFailsAndNoOther) {
  std::vector<std::string> answers;
  const auto note = [&](const Outcome<std::int64_t>& answer) {
    answers.push_back(answer ? "id " + std::to_string(*answer) : answer.error().text);
  };
  hold();
  store_->write(insert("alice"), note, loop_);
  store_->write(
      [](Database& database) -> Outcome<std::int64_t> {
        must(users::insert(database, user("bob")));
        return users::insert(database, user("alice"));
      },
      note, loop_);
  store_->write(insert("carol"), note, loop_);
  released_.set_value();
  run_replies();
  EXPECT_EQ(answers, (Names{"id 1", "There is already a user alice.", "id 2"}));
  EXPECT_EQ(names(), (Names{"alice", "carol"}));
}

TEST_F(StoreTest, TellsEveryoneWhenTheCommitFails) {
  std::vector<bool> worked;
  const auto note = [&](const auto& answer) { worked.push_back(bool(answer)); };
  hold();
  store_->write(insert("alice"), note, loop_);
  store_->write(  // Its session of nobody is noticed at the commit only.
      [](Database& database) -> Outcome<Done> {
        must(database.execute("PRAGMA defer_foreign_keys = ON"));
        return database.execute("INSERT INTO sessions VALUES ('token', 4711, 0, 0)");
      },
      note, loop_);
  released_.set_value();
  run_replies();
  EXPECT_EQ(worked, (std::vector{false, false}));
  EXPECT_EQ(names(), Names{});
  must(store_->wait(insert("bob")));
  EXPECT_EQ(names(), Names{"bob"});
}

TEST_F(StoreTest, RefusesWhatItsQueueCannotHold) {
  store_.reset();
  store_ = must(Store::open(scratch_.path(), {.queue_limit = 2}));
  std::vector<bool> worked;
  std::string why;
  const auto note = [&](const Outcome<std::int64_t>& answer) {
    worked.push_back(bool(answer));
    if (!answer) why = answer.error().text;
  };
  hold();
  for (const char* name : {"alice", "bob", "carol"}) store_->write(insert(name), note, loop_);
  released_.set_value();
  run_replies();
  EXPECT_EQ(worked, (std::vector{false, true, true})) << "the third is turned away at once";
  EXPECT_THAT(why, HasSubstr("too far behind"));
  EXPECT_EQ(names(), (Names{"alice", "bob"}));
}

TEST_F(StoreTest, FinishesWhatIsQueuedWhenItEnds) {
  int answers = 0;
  hold();
  for (int i = 0; i < 100; ++i) {
    store_->write(
        insert("user" + std::to_string(i)), [&](const Outcome<std::int64_t>&) { ++answers; },
        loop_);
  }
  released_.set_value();
  store_.reset();
  loop_.post([this] { loop_.stop(); });
  loop_.run_forever();
  EXPECT_EQ(answers, 100);
  EXPECT_EQ(must(users::all(*open(scratch_))).size(), 100u);
}

TEST_F(StoreTest, TakesWritesFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 250;
  std::array<LoopThread, 2> loops{LoopThread("reply0"), LoopThread("reply1")};
  for (auto& thread : loops) thread.start();
  std::atomic<int> answers = 0;
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kThreads; ++writer) {
    writers.emplace_back([&, writer] {
      auto& reply_to = loops[static_cast<std::size_t>(writer) % loops.size()].loop();
      for (int i = 0; i < kEach; ++i) {
        store_->write(
            insert(std::to_string(writer) + "-" + std::to_string(i)),
            [&](Outcome<std::int64_t> id) { answers += must(std::move(id)) > 0 ? 1 : 0; },
            reply_to);
        if (i % 50 == 0) must(store_->wait(users::all));
      }
    });
  }
  for (auto& writer : writers) writer.join();
  store_->flush();
  for (auto& thread : loops) thread.stop();
  EXPECT_EQ(answers, kThreads * kEach);
  EXPECT_EQ(names().size(), static_cast<std::size_t>(kThreads * kEach));
}

}  // namespace
}  // namespace airlane::test
