#include "netlink/watch.h"

#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/socket.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "base/log.h"

namespace airlane {
namespace {

// Room for a burst of hundreds of dongles; the kernel may round or limit it.
constexpr int kReceiveBytes = 4 << 20;
// More than the longest message that the kernel makes about a link.
constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
// Then others on the loop have their turn; the event fires again.
constexpr int kReadsPerTurn = 64;
// What is in the queue when it has overflowed is older than what we look at next: all of it goes.
constexpr int kReadsAfterOverrun = 100'000;

Failure cannot_watch(const char* why) {
  return {Failure::Kind::kInternal,
          std::string("Cannot watch the network interfaces: ") + why + "."};
}

}  // namespace

Outcome<std::unique_ptr<Watch>> Watch::open(Loop& loop, RtnlSocket& own, OnChange on_change,
                                            OnOverrun on_overrun) {
  Handle<nl_sock, nl_socket_free> socket(nl_socket_alloc());
  if (!socket) throw std::bad_alloc();
  if (const int error = nl_connect(socket.get(), NETLINK_ROUTE); error < 0) {
    return cannot_watch(nl_geterror(error));
  }
  const int error =
      nl_socket_add_memberships(socket.get(), RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
                                RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV6_ROUTE, 0);
  if (error < 0) return cannot_watch(nl_geterror(error));
  // Beyond the limit for everybody, if we may; up to it otherwise.
  const int fd = nl_socket_get_fd(socket.get());
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes, sizeof kReceiveBytes) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kReceiveBytes, sizeof kReceiveBytes);
  }
  std::unique_ptr<Watch> watch(new Watch(loop, std::move(socket), own, on_change, on_overrun));
  // Subscribed first, looked second: what happens in between is in both, and no news twice.
  if (const auto looked = watch->look_around(); !looked) return looked.error();
  watch->readable_.arm();
  return watch;
}

Watch::Watch(Loop& loop, Handle<nl_sock, nl_socket_free> socket, RtnlSocket& own,
             OnChange on_change, OnOverrun on_overrun)
    : own_(own),
      on_change_(on_change),
      on_overrun_(on_overrun),
      buffer_(kBufferBytes),
      socket_(std::move(socket)),
      readable_(loop, nl_socket_get_fd(socket_.get()), FdEvent::When::kReadable,
                Callback<void()>::to<&Watch::read>(*this)) {}

Outcome<Done> Watch::look_around() {
  const auto links = read_links(own_);
  if (!links) return links.error();
  const auto addresses = read_addresses(own_);
  if (!addresses) return addresses.error();
  picture_.reset(*links, *addresses);
  return Done{};
}

// Changes are told only when the reading is over: libnl and the picture are at rest by then.
void Watch::read() {
  std::vector<Change> changes;
  bool overrun = false;
  for (int reads = 0; reads < (overrun ? kReadsAfterOverrun : kReadsPerTurn); ++reads) {
    const auto turn = read_once(changes);
    if (turn == Turn::kDrained) break;
    overrun = overrun || turn == Turn::kOverrun;
  }
  for (const auto& change : changes) on_change_(change);
  if (!overrun) return;
  log::warning("netlink: messages were lost, looking at every interface again");
  if (const auto looked = look_around(); !looked) log::error(looked.error().text);
  on_overrun_();
}

Watch::Turn Watch::read_once(std::vector<Change>& changes) {
  const int fd = nl_socket_get_fd(socket_.get());
  const auto length = recv(fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT | MSG_TRUNC);
  if (length < 0) {
    if (errno == EINTR) return Turn::kMore;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return Turn::kDrained;
    if (errno == ENOBUFS) return Turn::kOverrun;
    log::error("netlink: " + std::system_category().message(errno));
    return Turn::kDrained;
  }
  if (length > static_cast<ssize_t>(buffer_.size())) return Turn::kOverrun;  // Cut off.
  int left = static_cast<int>(length);
  auto* message = reinterpret_cast<nlmsghdr*>(buffer_.data());
  for (; nlmsg_ok(message, left) != 0; message = nlmsg_next(message, &left)) {
    if (message->nlmsg_pid != own_.port()) picture_.apply(*message, changes);
  }
  return Turn::kMore;
}

}  // namespace airlane
