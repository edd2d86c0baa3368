#include "server/doors.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/event/http_listen.h"

namespace airlane {
namespace {

// Empty for a TCP socket.
std::string path_of(int fd) {
  sockaddr_un address{};
  socklen_t length = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) return {};
  if (address.sun_family != AF_UNIX) return {};
  return {address.sun_path, strnlen(address.sun_path, sizeof address.sun_path)};
}

template <class Fits>
UniqueFd take(std::vector<UniqueFd>& from, Fits fits) {
  const auto found =
      std::find_if(from.begin(), from.end(), [&](const auto& fd) { return fd && fits(fd.get()); });
  return found == from.end() ? UniqueFd() : std::move(*found);
}

// Port 0 is whichever the kernel chose for the predecessor.
UniqueFd take_address(std::vector<UniqueFd>& from, const Address& wanted) {
  return take(from, [&](int fd) {
    if (!path_of(fd).empty()) return false;
    const auto has = local_address(fd);
    return has.same_ip(wanted) && (wanted.port() == 0 || has.port() == wanted.port());
  });
}

}  // namespace

Doors& Doors::operator=(Doors&& other) noexcept {
  std::swap(fds_, other.fds_);
  std::swap(unwanted_, other.unwanted_);
  std::swap(path_, other.path_);
  std::swap(is_ours_, other.is_ours_);
  return *this;
}

Doors::~Doors() {
  if (is_ours_ && !path_.empty()) unlink(path_.c_str());
}

Outcome<Doors> Doors::open(const Config::Control& config, std::vector<UniqueFd> inherited) {
  Doors doors;
  for (const Address& address : config.listen) {
    if (auto done = doors.open_tcp(address, false, inherited); !done) return done.error();
  }
  for (const Address& address : config.listen_tls) {
    if (auto done = doors.open_tcp(address, true, inherited); !done) return done.error();
  }
  if (!config.socket.empty()) {
    auto fd = take(inherited, [&](int one) { return path_of(one) == config.socket; });
    doors.is_ours_ = !fd;
    if (!fd) {
      auto opened = listen_on_path(config.socket, kAdminGroup);
      if (!opened) return opened.error();
      fd = *std::move(opened);
    }
    doors.path_ = config.socket;
    doors.fds_.push_back({std::move(fd)});
  }
  doors.unwanted_ = std::move(inherited);
  return doors;
}

Outcome<Done> Doors::open_tcp(const Address& address, bool is_tls,
                              std::vector<UniqueFd>& inherited) {
  auto fd = take_address(inherited, address);
  if (!fd) {
    auto opened = listen_on_tcp(address);
    if (!opened) return opened.error();
    fd = *std::move(opened);
  }
  fds_.push_back({std::move(fd), is_tls});
  return Done{};
}

void Doors::settle() {
  is_ours_ = true;
  for (const auto& fd : std::exchange(unwanted_, {})) {
    if (!fd) continue;
    if (const auto path = path_of(fd.get()); !path.empty()) unlink(path.c_str());
  }
}

std::vector<int> Doors::fds() const {
  std::vector<int> fds;
  for (const auto& door : fds_) fds.push_back(door.fd.get());
  return fds;
}

Outcome<std::vector<Api::Door>> Doors::copies() const {
  std::vector<Api::Door> copies;
  for (const auto& door : fds_) {
    copies.push_back({UniqueFd(fcntl(door.fd.get(), F_DUPFD_CLOEXEC, 0)), door.is_tls});
    if (!copies.back().fd) {
      return Failure{Failure::Kind::kUnavailable, "There are too many open files."};
    }
  }
  return copies;
}

}  // namespace airlane
