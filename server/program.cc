#include "server/program.h"

#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "base/spawn.h"

namespace airlane {
namespace {

std::vector<std::string> environment_with(const std::string& name, const std::string& value) {
  std::vector<std::string> all{name + "=" + value};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with(name + "=")) all.emplace_back(*entry);
  }
  return all;
}

}  // namespace

// AT_EXECFN and not /proc/self/exe: that one names a file that may be deleted by now, and follows
// the link that an upgrade switches over.
ThisProgram this_program(int argc, const char* const* argv) {
  ThisProgram program;
  program.words.assign(argv, argv + argc);
  // getauxval() gives pointers as numbers. NOLINTNEXTLINE(performance-no-int-to-ptr)
  const auto* const name = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  std::error_code failed;
  program.path = std::filesystem::absolute(name != nullptr ? name : "/proc/self/exe", failed);
  return program;
}

Outcome<pid_t> start_again(const ThisProgram& program, const char* variable, int fd) {
  const auto child = spawn({.path = program.path,
                            .words = program.words,
                            .environment = environment_with(variable, std::to_string(spawn_slot())),
                            .fd = fd});
  if (child) return pid_t{*child};
  return Failure{Failure::Kind::kUnavailable,
                 "Cannot start " + program.path + ": " + child.error().message() + "."};
}

Outcome<Done> detach() {
  const pid_t child = fork();
  if (child > 0) _exit(0);
  if (child == 0) return Done{};
  return Failure{Failure::Kind::kUnavailable,
                 "Cannot fork: " + std::system_category().message(errno) + "."};
}

int reap(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 0;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace airlane
