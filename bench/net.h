// Sockets of the bench: all non-blocking, all with TCP_NODELAY. What cannot be set up ends the
// program with one sentence, because a bench that goes on without a socket measures something else.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/unique_fd.h"

namespace airlane::bench {

[[noreturn]] void die(const std::string& what);           // "airlane-bench: what", exit 1
[[noreturn]] void die_of_errno(const std::string& what);  // The same with strerror(errno).

Address address_or_die(const std::string& text);  // "192.0.2.1:80"

// Whose packets a socket takes. `device` binds it (SO_BINDTODEVICE); `shared` lets sockets with
// another device have the same address.
struct Scope {
  std::string device = {};
  bool shared = false;
};
UniqueFd listen_on(const Address& address, const Scope& scope = {});
UniqueFd udp_on(const Address& address, const Scope& scope = {});
UniqueFd accept_one(int listener);  // Empty when nobody waits.

// Begins to connect. `receive_buffer` of 0 leaves the kernel's.
UniqueFd begin_connect(const Address& address, int receive_buffer = 0);

void limit_send_buffer(int fd, int bytes);
void raise_descriptor_limit();

// What a read or write did: a count, or one of these.
inline constexpr ssize_t kWouldBlock = -1;
inline constexpr ssize_t kBroken = -2;
ssize_t read_some(int fd, void* data, std::size_t size, int flags = 0);  // 0: the end.
ssize_t write_some(int fd, const void* data, std::size_t size);
inline ssize_t write_some(int fd, std::string_view text) {
  return write_some(fd, text.data(), text.size());
}

}  // namespace airlane::bench
