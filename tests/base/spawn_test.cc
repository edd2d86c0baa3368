#include "base/spawn.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "base/unique_fd.h"

namespace airlane::test {
namespace {

struct Pipe {
  Pipe() {
    reserve_spawn_slot();  // As a program does: before anything else has a descriptor.
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
    reader = UniqueFd(ends[0]);
    writer = UniqueFd(ends[1]);
  }
  std::string read_all() {
    writer.reset();
    std::string all;
    std::array<char, 1024> bytes{};
    for (ssize_t n = 0; (n = read(reader.get(), bytes.data(), bytes.size())) > 0;) {
      all.append(bytes.data(), static_cast<std::size_t>(n));
    }
    return all;
  }
  UniqueFd reader;
  UniqueFd writer;
};

int wait_for(pid_t pid) {
  int status = 0;
  waitpid(pid, &status, 0);
  return WEXITSTATUS(status);
}

TEST(Spawn, GivesOneDescriptorBesideTheStandardThree) {
  Pipe pipe;
  const UniqueFd kept(open("/dev/null", O_RDONLY));  // Without close-on-exec, even.
  const auto child = spawn({.path = "/bin/bash",     // Others know descriptors of one digit only.
                            .words = {"bash", "-c", "ls /proc/$$/fd >&$SLOT; echo $A >&$SLOT"},
                            .environment = {"A=b", "SLOT=" + std::to_string(spawn_slot())},
                            .fd = pipe.writer.get()});
  ASSERT_TRUE(child) << child.error().message();
  std::istringstream lines(pipe.read_all());
  EXPECT_EQ(wait_for(*child), 0);
  std::set<std::string> got;  // And what the shell has of its own.
  for (std::string line; std::getline(lines, line);) got.insert(line);
  for (const auto& line :
       {std::string("0"), std::string("2"), std::to_string(spawn_slot()), std::string("b")}) {
    EXPECT_TRUE(got.contains(line)) << line;
  }
  EXPECT_FALSE(got.contains(std::to_string(kept.get())));
  EXPECT_FALSE(got.contains(std::to_string(pipe.reader.get())));
}

TEST(Spawn, TakesTheOutputOfAProgram) {
  Pipe pipe;
  const auto child = spawn({.path = "/bin/sh",
                            .words = {"sh", "-c", "echo out; echo err >&2; cat; exit 7"},
                            .environment = {},
                            .fd = pipe.writer.get(),
                            .as_output = true});
  ASSERT_TRUE(child);
  EXPECT_EQ(pipe.read_all(), "out\nerr\n");
  EXPECT_EQ(wait_for(*child), 7);
}

TEST(Spawn, SaysWhyAProgramCannotBeStarted) {
  Pipe pipe;
  const auto child = spawn({.path = "/nonexistent/program",
                            .words = {"program"},
                            .environment = {},
                            .fd = pipe.writer.get()});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().value(), ENOENT);
  EXPECT_EQ(pipe.read_all(), "") << "a copy of the writing end is left somewhere";
}

// What close() means must not depend on somebody starting a program at that moment.
TEST(Spawn, HoldsNoDescriptorOpenThatIsClosedMeanwhile) {
  std::atomic<bool> done = false;
  std::thread starter([&] {
    Pipe pipe;
    for (int i = 0; i < 100; ++i) {
      const auto child = spawn(
          {.path = "/bin/true", .words = {"true"}, .environment = {}, .fd = pipe.writer.get()});
      if (child) wait_for(*child);
    }
    done = true;
  });
  while (!done) {
    Pipe pipe;
    pipe.writer.reset();
    // With a copy of the writing end anywhere, this would be EAGAIN instead of the end.
    fcntl(pipe.reader.get(), F_SETFL, O_NONBLOCK);
    char byte = 0;
    if (read(pipe.reader.get(), &byte, 1) != 0) {
      ADD_FAILURE() << "somebody else has the writing end";
      break;
    }
  }
  starter.join();
}

}  // namespace
}  // namespace airlane::test
