#include "server/channel.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <thread>

#include "base/clock.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kSendingMost{10};
constexpr std::chrono::milliseconds kPause{20};

Failure broken(int error) {
  return {Failure::Kind::kUnavailable, std::system_category().message(error)};
}

// False when `most` is over.
bool wait_for(int fd, short what, std::chrono::milliseconds most) {
  const auto until = Monotonic::now() + most;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Monotonic::now());
    pollfd one{fd, what, 0};
    const int ready = poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

using Control = std::array<char, CMSG_SPACE(sizeof(int) * Channel::kFdsMost)>;

// The kernel has installed them already: whoever is handed the message owns them.
std::vector<UniqueFd> fds_of(msghdr& header) {
  std::vector<UniqueFd> fds;
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
      fds.emplace_back(fd);
    }
  }
  return fds;
}

}  // namespace

std::string_view Message::word() const { return std::string_view(text).substr(0, text.find(' ')); }

std::string_view Message::rest() const {
  const auto blank = text.find(' ');
  return blank == std::string::npos ? std::string_view() : std::string_view(text).substr(blank + 1);
}

Outcome<std::pair<Channel, Channel>> Channel::make_pair() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) {
    return broken(errno);
  }
  return std::pair(Channel(UniqueFd(ends[0])), Channel(UniqueFd(ends[1])));
}

Outcome<Done> Channel::send(std::string_view text, std::span<const int> fds) const {
  if (text.size() > kTextMost || fds.size() > kFdsMost) return broken(EMSGSIZE);
  alignas(cmsghdr) Control control{};
  iovec bytes{const_cast<char*>(text.data()), text.size()};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(fds.size_bytes());
    auto* const part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }
  const auto until = Monotonic::now() + kSendingMost;
  while (sendmsg(fd_.get(), &header, MSG_NOSIGNAL) < 0) {
    const int error = errno;
    if (error != EINTR && error != EAGAIN && error != ETOOMANYREFS) return broken(error);
    if (Monotonic::now() >= until) return broken(ETIMEDOUT);
    // Descriptors that are on their way have a limit, too, and nothing to wait for.
    if (error == EAGAIN) wait_for(fd_.get(), POLLOUT, kPause);
    if (error == ETOOMANYREFS) std::this_thread::sleep_for(kPause);
  }
  return Done{};
}

Outcome<Done> Channel::send_all(std::string_view text, std::span<const int> fds) const {
  do {
    const auto some = fds.first(std::min(fds.size(), kFdsMost));
    if (auto sent = send(text, some); !sent) return sent;
    fds = fds.subspan(some.size());
  } while (!fds.empty());
  return Done{};
}

Outcome<Message> Channel::receive(std::chrono::milliseconds most) const {
  if (!wait_for(fd_.get(), POLLIN, most)) return broken(ETIMEDOUT);
  alignas(cmsghdr) Control control{};
  Message message;
  message.text.resize(kTextMost);
  iovec bytes{message.text.data(), message.text.size()};
  msghdr header{};
  header.msg_iov = &bytes;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t length = 0;
  do {  // ECONNRESET comes once, when the other end has not read all, and before its last words.
    length = recvmsg(fd_.get(), &header, MSG_CMSG_CLOEXEC);
  } while (length < 0 && (errno == EINTR || errno == ECONNRESET));
  if (length < 0) return broken(errno);
  if (length == 0) return Failure{Failure::Kind::kNotFound, "the other process has ended"};
  message.fds = fds_of(header);
  if ((header.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) != 0) return broken(EMSGSIZE);
  message.text.resize(static_cast<std::size_t>(length));
  return message;
}

}  // namespace airlane
