// The command driver with real, small programs.
#include "control/modem/command.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/clock.h"
#include "control/modem/process.h"

namespace airlane::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr auto kGenerous = 30s;

Outcome<Ending> run_shell(const std::string& script, std::chrono::milliseconds timeout = 30s,
                          const Stop& stop = {}) {
  return run_program({{"/bin/sh", "-c", script}, {{"AIRLANE_DONGLE", "d1"}}, timeout}, stop);
}

bool exists(pid_t pid) { return ::kill(pid, 0) == 0; }

// A killed process stays visible until its parent, which may be init, has buried it.
bool goes_away(pid_t pid) {
  const auto until = Monotonic::now() + kGenerous;
  while (exists(pid) && Monotonic::now() < until) {
    std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
    const std::string line((std::istreambuf_iterator<char>(stat)), {});
    if (line.find(") Z ") != std::string::npos) return true;
    std::this_thread::sleep_for(5ms);
  }
  return !exists(pid);
}

TEST(Words, AreSplitWithoutAShell) {
  const auto words = split_words(R"(  /a/b  'c d' "e \"f" g\ h '' x"y"'z' $HOME *)");
  ASSERT_TRUE(words);
  EXPECT_THAT(*words, ElementsAre("/a/b", "c d", "e \"f", "g h", "", "xyz", "$HOME", "*"));
  EXPECT_FALSE(split_words(""));
  EXPECT_FALSE(split_words("/a 'b"));
}

TEST(Program, GivesItsExitCodeAndBothOutputs) {
  const auto ending = run_shell("echo out; echo err >&2; exit 7");
  ASSERT_TRUE(ending) << ending.error().text;
  EXPECT_EQ(ending->code, 7);
  EXPECT_EQ(ending->output, "out\nerr\n");
  EXPECT_EQ(run_shell("kill -TERM $$")->code, 128 + SIGTERM);
}

TEST(Program, GetsNothingOfOursButWhatItNeeds) {
  const int leaked = ::open("/dev/null", O_RDONLY);  // Without O_CLOEXEC, on purpose.
  ::setenv("AIRLANE_TEST_SECRET", "x", 1);
  const auto ending = run_shell(
      "cat; env | grep -c SECRET; echo $AIRLANE_DONGLE; ls /proc/self/fd | wc -l; "
      "grep SigBlk /proc/self/status");
  ::unsetenv("AIRLANE_TEST_SECRET");
  ::close(leaked);
  ASSERT_TRUE(ending);
  // 0, 1, 2 and the directory that ls reads.
  EXPECT_EQ(ending->output, "0\nd1\n4\nSigBlk:\t0000000000000000\n");
}

TEST(Program, IsKilledWithItsWholeGroupWhenTimeIsUp) {
  const auto file =
      std::filesystem::temp_directory_path() / ("airlane-group-" + std::to_string(::getpid()));
  const auto start = Monotonic::now();
  const auto ending = run_shell("sleep 600 & echo $! > " + file.string() + "; sleep 600", 200ms);
  ASSERT_FALSE(ending);
  EXPECT_THAT(ending.error().text, HasSubstr("was killed"));
  EXPECT_LT(Monotonic::now() - start, kGenerous);
  pid_t background = 0;
  std::ifstream(file) >> background;
  std::filesystem::remove(file);
  EXPECT_TRUE(background == 0 || goes_away(background));
}

TEST(Program, DoesNotHoldUsUpWithWhatItLeftBehind) {
  const auto start = Monotonic::now();
  const auto ending = run_shell("sleep 600 & echo $!");
  ASSERT_TRUE(ending) << ending.error().text;
  EXPECT_LT(Monotonic::now() - start, kGenerous);
  EXPECT_TRUE(goes_away(std::stoi(ending->output)));
}

TEST(Program, KeepsTheEndOfALongOutput) {
  const auto ending = run_shell("head -c 300000 /dev/zero | tr '\\0' x; echo; echo the end");
  ASSERT_TRUE(ending) << ending.error().text;
  EXPECT_LE(ending->output.size(), std::size_t{64} << 10);
  EXPECT_TRUE(ending->output.ends_with("\nthe end\n"));
}

TEST(Program, IsKilledWhenWeStop) {
  std::stop_source stop;
  std::thread stopper([&] { stop.request_stop(); });
  const auto start = Monotonic::now();
  const auto ending = run_shell("sleep 600", 600s, stop.get_token());
  stopper.join();
  ASSERT_FALSE(ending);
  EXPECT_THAT(ending.error().text, HasSubstr("stopping"));
  EXPECT_LT(Monotonic::now() - start, kGenerous);
}

TEST(Program, ThatIsNotThereIsAFailure) {
  const auto ending = run_program({{"/nonexistent/rotate"}, {}, 1s}, {});
  ASSERT_FALSE(ending);
  EXPECT_THAT(ending.error().text, HasSubstr("No such file"));
}

class CommandTest : public ::testing::Test {
 protected:
  static std::unique_ptr<Driver> driver(DriverOptions options) {
    auto made = make_command({"d1", "wwan7", *Address::parse("192.168.8.1"), std::move(options)});
    EXPECT_TRUE(made) << made.error().text;
    return *std::move(made);
  }
};

TEST_F(CommandTest, TellsTheProgramWhichDongle) {
  const auto done = driver({{"rotate",
                             "/bin/sh -c 'test \"$AIRLANE_DONGLE $AIRLANE_INTERFACE "
                             "$AIRLANE_GATEWAY\" = \"d1 wwan7 192.168.8.1\"'"}})
                        ->rotate({});
  EXPECT_TRUE(done) << done.error().text;
}

TEST_F(CommandTest, TellsTheProgramWhichAttemptItIs) {
  const auto modem = driver({{"rotate", "/bin/sh -c 'echo now; exit $AIRLANE_ATTEMPT'"}});
  EXPECT_THAT(modem->rotate({}).error().text, HasSubstr("ended with code 1: now"));
  EXPECT_THAT(modem->rotate_again(3, {}).error().text, HasSubstr("ended with code 3: now"));
  EXPECT_THAT(modem->rotate({}).error().text, HasSubstr("ended with code 1: now"));
}

TEST_F(CommandTest, FailsWithTheLastLineOfTheProgram) {
  const auto done =
      driver({{"rotate", R"(/bin/sh -c 'echo trying; printf "no \033[1msignal\n\n"; exit 3')"}})
          ->rotate({});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, Failure::Kind::kUnavailable);
  EXPECT_THAT(done.error().text, HasSubstr("code 3: no \\x1b[1msignal"));
}

TEST_F(CommandTest, RefusesWhatNobodyWroteAProgramFor) {
  const auto only_reboot = driver({{"reboot", "/bin/true"}});
  EXPECT_FALSE(only_reboot->can_rotate());
  EXPECT_FALSE(only_reboot->rotate({}));
  EXPECT_FALSE(only_reboot->status({}));
  EXPECT_TRUE(only_reboot->reboot({}));
}

}  // namespace
}  // namespace airlane::test
