// A server on a Unix socket that answers every request alike and remembers the last one. It reads
// HTTP only as far as our own client writes it.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "base/unique_fd.h"

namespace airlane::test {

class FakeServer {
 public:
  FakeServer(int status, std::string answer) : status_(status), answer_(std::move(answer)) {
    std::array<char, 32> folder{"/tmp/airlane-cli-XXXXXX"};
    if (::mkdtemp(folder.data()) == nullptr) std::abort();
    folder_ = folder.data();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const auto path = socket();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listener_ = UniqueFd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_.get(), 4) != 0) {
      std::abort();
    }
    thread_ = std::thread([this] { serve(); });
  }
  FakeServer(FakeServer&&) = delete;
  ~FakeServer() {
    stop();
    std::filesystem::remove_all(folder_);
  }

  // Ends the thread; after that `request` may be read.
  void stop() {
    ::shutdown(listener_.get(), SHUT_RDWR);  // Wakes accept.
    if (thread_.joinable()) thread_.join();
  }

  [[nodiscard]] std::string socket() const { return folder_ + "/control.sock"; }
  [[nodiscard]] std::string folder() const { return folder_; }

  std::string request;  // The request line.
  std::string body;

 private:
  void serve() {
    for (;;) {
      const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client) return;
      std::string text;
      while (!complete(text)) {
        std::array<char, 4096> piece{};
        const auto got = ::read(client.get(), piece.data(), piece.size());
        if (got <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
      }
      const auto reply = "HTTP/1.1 " + std::to_string(status_) +
                         " Whatever\r\nContent-Length: " + std::to_string(answer_.size()) +
                         "\r\n\r\n" + answer_;
      static_cast<void>(::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL));
    }
  }

  bool complete(const std::string& text) {
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto field = text.find("Content-Length: ");
    const auto length = field < head ? std::strtoul(text.c_str() + field + 16, nullptr, 10) : 0;
    request = text.substr(0, text.find("\r\n"));
    body = text.substr(head + 4);
    return body.size() >= length;
  }

  int status_;
  std::string answer_;
  std::string folder_;
  UniqueFd listener_;
  std::thread thread_;
};

}  // namespace airlane::test
