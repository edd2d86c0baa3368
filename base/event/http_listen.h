// Listening sockets for the HTTP server, and who is at the other end of one. Plain system calls;
// any thread.
#pragma once

#include <string>

#include "base/address.h"
#include "base/event/http_message.h"
#include "base/result.h"
#include "base/unique_fd.h"

namespace airlane {

Outcome<UniqueFd> listen_on_tcp(const Address& address);

// Takes the place of a socket file that nobody listens on; anything else at `path` is a conflict.
// Mode 0660 and of `group` if there is such a group, 0600 otherwise.
Outcome<UniqueFd> listen_on_path(const std::string& path, const std::string& group);

Address local_address(int fd);

struct Caller {
  Address peer;                                  // By IP.
  std::optional<PeerCredentials> credentials{};  // By a Unix socket.
};
Caller caller_of(int fd);

// Bytes are there that nobody has read, or the news that the other end has left.
bool is_unread(int fd);

}  // namespace airlane
