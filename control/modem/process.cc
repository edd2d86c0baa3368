#include "control/modem/process.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <system_error>

#include "base/clock.h"
#include "base/spawn.h"
#include "base/unique_fd.h"

namespace airlane {
namespace {

constexpr std::size_t kOutputMost = 64 << 10;

Failure unavailable(std::string text) { return {Failure::Kind::kUnavailable, std::move(text)}; }

std::vector<std::string> environment_of(const Program& program) {
  std::vector<std::string> all;
  const auto add = [&](std::string name, std::string_view value) {
    all.push_back((name += "=").append(value));
  };
  const char* path = std::getenv("PATH");
  add("PATH", path != nullptr ? path : "/usr/sbin:/usr/bin:/sbin:/bin");
  for (const char* name : {"HOME", "LANG"}) {
    if (const char* value = std::getenv(name)) add(name, value);
  }
  for (const auto& [name, value] : program.environment) add(name, value);
  return all;
}

// A running program and, until it is reaped here, its process group. The leader stays a zombie
// until after the group was killed, so its id cannot come to mean somebody else's group.
class Group {
 public:
  // Not ::pidfd_open: glibc 2.36 forgot to declare it extern "C".
  explicit Group(pid_t pid)
      : pid_(pid), ended_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  Group(Group&&) = delete;
  ~Group() { end(); }

  [[nodiscard]] int ended_fd() const { return ended_.get(); }

  // Kills whatever is left of the group; returns the leader's exit code.
  int end() {
    if (pid_ <= 0) return 0;
    ::kill(-pid_, SIGKILL);
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

 private:
  pid_t pid_;
  UniqueFd ended_;
};

// False at the end of the stream.
bool read_some(int fd, std::string& output) {
  std::array<char, 4096> bytes{};
  const auto n = ::read(fd, bytes.data(), bytes.size());
  if (n <= 0) return n < 0 && (errno == EAGAIN || errno == EINTR);
  output.append(bytes.data(), static_cast<std::size_t>(n));
  if (output.size() > kOutputMost) output.erase(0, output.size() - kOutputMost);
  return true;
}

enum class Wait { kEnded, kTimedOut, kStopped };

Wait wait_for(int ended, int stopped, UniqueFd& output, std::string& text,
              Monotonic::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Monotonic::now());
    if (left.count() <= 0) return Wait::kTimedOut;
    // poll ignores negative descriptors: a stream that has ended is no longer asked.
    std::array<pollfd, 3> fds{
        {{ended, POLLIN, 0}, {stopped, POLLIN, 0}, {output.get(), POLLIN, 0}}};
    ::poll(fds.data(), fds.size(), static_cast<int>(left.count()));
    if (fds[1].revents != 0) return Wait::kStopped;
    if (fds[2].revents != 0 && !read_some(output.get(), text)) output.reset();
    if (fds[0].revents == 0) continue;
    // At most what a pipe holds: a writer left behind cannot hold us up.
    for (int i = 0; i < 16 && output && read_some(output.get(), text); ++i) {
    }
    return Wait::kEnded;
  }
}

}  // namespace

Outcome<Ending> run_program(const Program& program, const Stop& stop) {
  const auto& name = program.words[0];
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    return Failure{Failure::Kind::kInternal, "There are too many open files."};
  }
  UniqueFd output(ends[0]);
  UniqueFd writer(ends[1]);
  ::fcntl(writer.get(), F_SETFL, 0);  // The program expects a pipe that blocks.
  const auto pid = spawn({.path = name,
                          .words = program.words,
                          .environment = environment_of(program),
                          .fd = writer.get(),
                          .as_output = true});
  if (!pid) return unavailable(name + " cannot be started: " + pid.error().message() + ".");
  writer.reset();
  Group group(*pid);
  const UniqueFd stopped(::eventfd(0, EFD_CLOEXEC));
  const std::stop_callback wake(stop, [&] { ::eventfd_write(stopped.get(), 1); });
  Ending ending;
  const auto until = Monotonic::now() + program.timeout;
  switch (wait_for(group.ended_fd(), stopped.get(), output, ending.output, until)) {
    case Wait::kTimedOut:
      return unavailable(name + " did not end within " +
                         std::to_string(program.timeout.count() / 1000) + " s and was killed.");
    case Wait::kStopped:
      return unavailable(name + " was killed: we are stopping.");
    case Wait::kEnded:
      break;
  }
  ending.code = group.end();
  return ending;
}

Outcome<std::vector<std::string>> split_words(std::string_view line) {
  std::vector<std::string> words;
  char quote = 0;
  bool in_word = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (quote == 0 && blank) {
      in_word = false;
      continue;
    }
    if (!std::exchange(in_word, true)) words.emplace_back();
    if (c == quote) {
      quote = 0;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (quote != '\'' && c == '\\' && i + 1 < line.size()) {
      words.back() += line[++i];
    } else {
      words.back() += c;
    }
  }
  if (quote != 0) return Failure{Failure::Kind::kInvalid, "A quote is left open."};
  if (words.empty()) return Failure{Failure::Kind::kInvalid, "There is no program to run."};
  return words;
}

}  // namespace airlane
