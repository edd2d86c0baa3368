// A conversation with the kernel about links, addresses, routes and rules.
//
// Blocking, but only on the kernel, which answers within the call: microseconds for a change, a
// millisecond or so for a list of a thousand routes. Used by one thread at a time, the control
// loop's; never by the data path. What the kernel refuses comes back as a Failure whose sentence
// carries the kernel's own explanation, and names the missing capability where that was the reason.
#pragma once

#include <netlink/netlink.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "netlink/message.h"

namespace airlane {

class RtnlSocket {
 public:
  static Outcome<RtnlSocket> open();

  // Asks for a change. `doing` is the imperative for the Failure: "add the rule of dg0". An errno
  // in `fine` counts as success: what was asked for is so already.
  Outcome<Done> change(nl_msg& message, std::string_view doing,
                       std::initializer_list<int> fine = {});

  // Asks for a list, and keeps what `decode(nlmsghdr&)` makes an object of. A list that changed
  // while it was read is read again. An errno in `fine` stands for an empty list.
  template <class T, class Decode>
  Outcome<std::vector<T>> list(nl_msg& message, std::string_view doing, Decode decode,
                               std::initializer_list<int> fine = {});

  // The address of this socket: the kernel's notifications name the socket that caused them.
  [[nodiscard]] std::uint32_t port() const { return nl_socket_get_local_port(socket_.get()); }

 private:
  using OnAnswer = std::function<void(nlmsghdr&)>;
  struct Verdict {
    int os_error = 0;         // 0: done. EINTR: the list changed while it was read.
    std::string explanation;  // The kernel's, if it gave one.
  };
  static constexpr int kListAttempts = 10;

  explicit RtnlSocket(Handle<nl_sock, nl_socket_free> socket) : socket_(std::move(socket)) {}

  Verdict exchange(nl_msg& message, const OnAnswer& on_answer);
  static bool contains(std::initializer_list<int> errors, int error) {
    return std::find(errors.begin(), errors.end(), error) != errors.end();
  }
  static Failure failure(std::string_view doing, const Verdict& verdict);

  Handle<nl_sock, nl_socket_free> socket_;
};

template <class T, class Decode>
Outcome<std::vector<T>> RtnlSocket::list(nl_msg& message, std::string_view doing, Decode decode,
                                         std::initializer_list<int> fine) {
  Verdict verdict;
  for (int attempt = 0; attempt < kListAttempts; ++attempt) {
    std::vector<T> items;
    verdict = exchange(message, [&](nlmsghdr& answer) {
      if (auto item = decode(answer)) items.push_back(std::move(*item));
    });
    if (verdict.os_error == 0) return items;
    if (verdict.os_error != EINTR) break;
  }
  if (contains(fine, verdict.os_error)) return std::vector<T>();
  return failure(doing, verdict);
}

}  // namespace airlane
