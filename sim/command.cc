#include "sim/command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/unique_fd.h"

namespace airlane::sim {
namespace {

// Files in memory instead of pipes: nobody has to read while somebody else writes.
UniqueFd memory_file(std::string_view content) {
  UniqueFd file(memfd_create("airlane-sim", MFD_CLOEXEC));
  while (file && !content.empty()) {
    const auto written = write(file.get(), content.data(), content.size());
    if (written <= 0) return {};
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (file) lseek(file.get(), 0, SEEK_SET);
  return file;
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 8192> buffer;
  lseek(fd, 0, SEEK_SET);
  for (;;) {
    const auto got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

Failure failed(const std::string& program, const std::string& why) {
  return {Failure::Kind::kInternal, program + ": " + why};
}

}  // namespace

Outcome<std::string> run(const std::vector<std::string>& command, std::string_view input) {
  const auto in = memory_file(input);
  const auto out = memory_file({});
  const auto err = memory_file({});
  if (!in || !out || !err) return failed(command[0], std::strerror(errno));

  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, in.get(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, out.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err.get(), STDERR_FILENO);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &files, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return failed(command[0], std::strerror(error));

  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return failed(command[0], read_all(err.get()));
  return read_all(out.get());
}

}  // namespace airlane::sim
