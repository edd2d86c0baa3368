#include "base/event/http_listen.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "base/log.h"

namespace airlane {
namespace {

constexpr int kBacklog = 128;

Failure cannot_listen(const std::string& where, int error) {
  const auto kind = error == EADDRINUSE ? Failure::Kind::kConflict : Failure::Kind::kUnavailable;
  return {kind, "Cannot listen on " + where + ": " + std::system_category().message(error) + "."};
}

// Whether somebody accepts connections there. Not sure counts as yes.
bool is_served(const sockaddr_un& address) {
  const UniqueFd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int connected =
      connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  return connected == 0 || errno != ECONNREFUSED;
}

// Makes `path` free to bind; false when it is somebody's.
bool clear_away(const sockaddr_un& address) {
  struct stat found {};
  if (lstat(address.sun_path, &found) != 0) return errno == ENOENT;
  if (!S_ISSOCK(found.st_mode) || is_served(address)) return false;
  return unlink(address.sun_path) == 0;
}

std::optional<gid_t> group_id(const std::string& name) {
  if (name.empty()) return std::nullopt;
  std::string buffer(std::size_t{16} * 1024, '\0');
  group entry{};
  group* found = nullptr;
  getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found ? std::optional(found->gr_gid) : std::nullopt;
}

void give_to_group(const char* path, gid_t group) {
  if (chown(path, static_cast<uid_t>(-1), group) != 0 || chmod(path, 0660) != 0) {
    log::warning(std::string("cannot give ") + path + " to its group: " + std::strerror(errno));
  }
}

std::optional<PeerCredentials> peer_credentials(int fd) {
  ucred peer{};
  socklen_t length = sizeof(peer);
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return std::nullopt;
  PeerCredentials credentials{peer.uid, peer.gid, {}};
  socklen_t bytes = 0;  // The first call only tells how many there are.
  getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, nullptr, &bytes);
  credentials.groups.resize(bytes / sizeof(gid_t));
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, credentials.groups.data(), &bytes) != 0) {
    credentials.groups.clear();
  }
  return credentials;
}

}  // namespace

Outcome<UniqueFd> listen_on_tcp(const Address& address) {
  UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int yes = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  sockaddr_storage where{};
  const socklen_t length = address.to_sockaddr(where);
  if (!fd || bind(fd.get(), reinterpret_cast<sockaddr*>(&where), length) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return cannot_listen(address.to_string(), errno);
  }
  return fd;
}

Outcome<UniqueFd> listen_on_path(const std::string& path, const std::string& group) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    return cannot_listen("\"" + path + "\"", ENAMETOOLONG);
  }
  path.copy(address.sun_path, path.size());
  // Its folder, /run/airlane say, is gone after each boot. Everybody may pass through it: who may
  // connect is decided by the socket.
  const auto folder = std::filesystem::path(path).parent_path();
  if (mkdir(folder.c_str(), 0755) == 0) chmod(folder.c_str(), 0755);
  if (!clear_away(address)) return cannot_listen(path, EADDRINUSE);
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // The mode of the socket becomes that of the file: there is no moment when it is open to all.
  if (!fd || fchmod(fd.get(), 0600) != 0 ||
      bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
    return cannot_listen(path, errno);
  }
  if (const auto owner = group_id(group)) give_to_group(address.sun_path, *owner);
  if (::listen(fd.get(), kBacklog) != 0) return cannot_listen(path, errno);
  return fd;
}

Address local_address(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  return Address::from_sockaddr(reinterpret_cast<sockaddr*>(&address));
}

Caller caller_of(int fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  auto* const plain = reinterpret_cast<sockaddr*>(&address);
  if (getpeername(fd, plain, &length) != 0) return {};
  if (address.ss_family == AF_UNIX) return {{}, peer_credentials(fd)};
  return {Address::from_sockaddr(plain), {}};
}

bool is_unread(int fd) {
  char byte = 0;
  return recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN;
}

}  // namespace airlane
