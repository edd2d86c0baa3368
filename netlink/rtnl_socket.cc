#include "netlink/rtnl_socket.h"

#include <linux/netlink.h>
#include <netlink/errno.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace airlane {
namespace {

// What one request has brought so far. The trampolines are noexcept: nothing may unwind through
// libnl's C frames.
struct Progress {
  const std::function<void(nlmsghdr&)>& on_answer;
  bool finished = false;
  int os_error = 0;
  std::string explanation;
};

Progress& progress(void* argument) { return *static_cast<Progress*>(argument); }

int on_valid(nl_msg* message, void* argument) noexcept {
  if (progress(argument).on_answer) progress(argument).on_answer(*nlmsg_hdr(message));
  return NL_OK;
}

int on_ack(nl_msg*, void* argument) noexcept {
  progress(argument).finished = true;
  return NL_STOP;
}

// The end of a list carries the error, if any, that ended it.
int on_finish(nl_msg* message, void* argument) noexcept {
  progress(argument).finished = true;
  if (const auto error = header_of<int>(*nlmsg_hdr(message)); error && *error < 0) {
    progress(argument).os_error = -*error;
  }
  return NL_STOP;
}

// With NETLINK_CAP_ACK the request is not echoed, so the explanation follows the error directly.
int on_error(sockaddr_nl*, nlmsgerr* error, void* argument) noexcept {
  progress(argument).finished = true;
  progress(argument).os_error = -error->error;
  auto* message = reinterpret_cast<nlmsghdr*>(reinterpret_cast<char*>(error) - NLMSG_HDRLEN);
  if ((message->nlmsg_flags & NLM_F_ACK_TLVS) != 0) {
    progress(argument).explanation =
        Attributes<nlmsgerr, NLMSGERR_ATTR_MSG>(*message).text(NLMSGERR_ATTR_MSG);
  }
  return NL_STOP;
}

}  // namespace

Outcome<RtnlSocket> RtnlSocket::open() {
  Handle<nl_sock, nl_socket_free> socket(nl_socket_alloc());
  if (!socket) throw std::bad_alloc();
  if (const int error = nl_connect(socket.get(), NETLINK_ROUTE); error < 0) {
    return Failure{Failure::Kind::kInternal,
                   std::string("Cannot talk to the kernel's routing: ") + nl_geterror(error) + "."};
  }
  // Explanations are a convenience: a kernel that knows none still answers with an error number.
  const int on = 1;
  const int fd = nl_socket_get_fd(socket.get());
  setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
  setsockopt(fd, SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
  // Lists obey their filters (kernel 4.20); without it they are longer, and filtered here anyway.
  setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof on);
  return RtnlSocket(std::move(socket));
}

Outcome<Done> RtnlSocket::change(nl_msg& message, std::string_view doing,
                                 std::initializer_list<int> fine) {
  const auto verdict = exchange(message, {});
  if (verdict.os_error == 0 || contains(fine, verdict.os_error)) return Done{};
  return failure(doing, verdict);
}

RtnlSocket::Verdict RtnlSocket::exchange(nl_msg& message, const OnAnswer& on_answer) {
  Progress so_far{on_answer, false, 0, {}};
  const Handle<nl_cb, nl_cb_put> callbacks(nl_cb_alloc(NL_CB_DEFAULT));
  if (!callbacks) throw std::bad_alloc();
  nl_cb_set(callbacks.get(), NL_CB_VALID, NL_CB_CUSTOM, on_valid, &so_far);
  nl_cb_set(callbacks.get(), NL_CB_ACK, NL_CB_CUSTOM, on_ack, &so_far);
  nl_cb_set(callbacks.get(), NL_CB_FINISH, NL_CB_CUSTOM, on_finish, &so_far);
  nl_cb_err(callbacks.get(), NL_CB_CUSTOM, on_error, &so_far);

  nlmsg_hdr(&message)->nlmsg_seq = NL_AUTO_SEQ;  // A repeated request is a new one.
  if (nl_send_auto(socket_.get(), &message) < 0) return {errno != 0 ? errno : EIO, {}};
  while (!so_far.finished) {
    const int error = nl_recvmsgs(socket_.get(), callbacks.get());
    if (error == -NLE_DUMP_INTR) return {EINTR, {}};
    if (error < 0 && !so_far.finished) return {EIO, nl_geterror(error)};
  }
  return {so_far.os_error, std::move(so_far.explanation)};
}

Failure RtnlSocket::failure(std::string_view doing, const Verdict& verdict) {
  std::string text = "Cannot " + std::string(doing) + ": ";
  if (verdict.os_error == EPERM) {
    text += "needs CAP_NET_ADMIN; run as root or give the service that capability.";
    return {Failure::Kind::kUnavailable, text};
  }
  text += std::system_category().message(verdict.os_error);
  if (!verdict.explanation.empty()) text += " (" + verdict.explanation + ")";
  return {Failure::Kind::kUnavailable, text + "."};
}

}  // namespace airlane
