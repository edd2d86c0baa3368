#include "control/state_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <system_error>

namespace airlane {
namespace {

Failure cannot_use(const std::string& path, int os_error) {
  return {Failure::Kind::kUnavailable,
          "Cannot use " + path + ": " + std::system_category().message(os_error) +
              "; check server.state in the configuration and the permissions of the folder."};
}

std::string holder(int fd) {
  std::array<char, 32> text{};
  const auto length = pread(fd, text.data(), text.size() - 1, 0);
  const std::string pid(text.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
  return pid.empty() ? "Another process" : "Process " + pid;
}

}  // namespace

// An abstract socket belongs to a network namespace and goes with its process (unix(7)).
Outcome<UniqueFd> take_network() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  constexpr std::string_view kName("\0airlane/egress", 15);
  kName.copy(address.sun_path, kName.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + kName.size());
  UniqueFd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (fd && bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size) == 0) return fd;
  if (errno == EADDRINUSE) {
    return Failure{Failure::Kind::kConflict,
                   "Another Airlane already routes in this network namespace; stop it first."};
  }
  return cannot_use("the network namespace", errno);
}

Outcome<UniqueFd> take_state_folder(const std::string& folder) {
  std::error_code failed;
  const auto parent = std::filesystem::path(folder).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, failed);
  if (failed) return cannot_use(parent, failed.value());
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot_use(folder, errno);
  const auto path = folder + "/lock";
  UniqueFd lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock) return cannot_use(path, errno);
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return cannot_use(path, errno);
    return Failure{Failure::Kind::kConflict,
                   holder(lock.get()) + " already serves from " + folder +
                       "; stop it, or give this one a server.state of its own."};
  }
  sign_state_folder(lock.get());
  return lock;
}

Outcome<UniqueFd> adopt_state_folder(const std::string& folder, UniqueFd lock) {
  struct stat ours {};
  struct stat theirs {};
  const bool known = fstat(lock.get(), &theirs) == 0;
  const bool same = known && stat((folder + "/lock").c_str(), &ours) == 0 &&
                    ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
  if (same) return lock;
  return Failure{Failure::Kind::kInvalid,
                 "server.state cannot be changed by an upgrade: " + folder +
                     " is not the folder of the running server; stop it and start anew."};
}

// For a sentence only; on a full disk it stays empty.
void sign_state_folder(int lock) {
  const auto pid = std::to_string(getpid());
  if (ftruncate(lock, 0) != 0 || pwrite(lock, pid.data(), pid.size(), 0) < 0) errno = 0;
}

}  // namespace airlane
