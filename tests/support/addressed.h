// Targets at an address of the test's choice: one that greets and one that never answers.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <atomic>
#include <string>
#include <thread>

#include "tests/support/loopback.h"

namespace airlane::test {

inline UniqueFd bound(const Address& at) {
  UniqueFd fd(socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  const auto size = at.to_sockaddr(storage);
  const int on = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    throw std::runtime_error("bind");
  }
  return fd;
}

// Sends its greeting to whoever connects, waits for the end and counts.
class Greeter {
 public:
  Greeter(const Address& at, std::string greeting)
      : greeting_(std::move(greeting)), listener_(bound(at)), stop_(eventfd(0, EFD_CLOEXEC)) {
    if (listen(listener_.get(), 64) != 0) throw std::runtime_error("listen");
    thread_ = std::thread([this] { serve(); });
  }
  ~Greeter() {
    eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void serve() {
    for (;;) {
      pollfd wait[] = {{listener_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      poll(wait, 2, -1);
      if (wait[1].revents != 0) return;
      const UniqueFd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      ++connections_;
      send(client.get(), greeting_.data(), greeting_.size(), MSG_NOSIGNAL);
    }
  }

  const std::string greeting_;
  UniqueFd listener_;
  UniqueFd stop_;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// Neither accepts nor refuses: its backlog is full, so the kernel drops what comes.
class BlackHole {
 public:
  explicit BlackHole(const Address& at) : listener_(bound(at)) {
    if (listen(listener_.get(), 0) != 0) throw std::runtime_error("listen");
    sockaddr_storage storage;
    const auto size = at.to_sockaddr(storage);
    filler_.reset(socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (connect(filler_.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
      throw std::runtime_error("connect");
    }
  }

 private:
  UniqueFd listener_;
  UniqueFd filler_;
};

}  // namespace airlane::test
