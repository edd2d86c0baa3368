// An HTTP server on loopback or a Unix socket that says, byte for byte, what a test tells it to.
//
// One connection at a time, one request each, on a thread of its own. The handler gets the whole
// request and returns the whole answer; kSilence keeps the connection open and says nothing.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "base/unique_fd.h"

namespace airlane::test {

inline const std::string kSilence = "(silence)";

inline std::string answer(std::string_view body, std::string_view more_headers = "") {
  return "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(more_headers) + "\r\n" + std::string(body);
}

class HttpServer {
 public:
  using Handler = std::function<std::string(const std::string& request)>;

  explicit HttpServer(Handler handler, const std::string& unix_path = "")
      : handler_(std::move(handler)), stop_(::eventfd(0, EFD_CLOEXEC)) {
    if (!(unix_path.empty() ? listen_on_loopback() : listen_on(unix_path))) {
      throw std::runtime_error("test server: cannot listen");
    }
    thread_ = std::thread([this] { serve(); });
  }
  HttpServer(HttpServer&&) = delete;
  ~HttpServer() {
    ::eventfd_write(stop_.get(), 1);
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }

 private:
  bool listen_on_loopback() {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof in;
    auto* address = reinterpret_cast<sockaddr*>(&in);
    const bool bound = ::bind(listener_.get(), address, size) == 0 &&
                       ::getsockname(listener_.get(), address, &size) == 0;
    port_ = ntohs(in.sin_port);
    return bound && ::listen(listener_.get(), 16) == 0;
  }

  bool listen_on(const std::string& path) {
    listener_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un un{};
    un.sun_family = AF_UNIX;
    std::strncpy(un.sun_path, path.c_str(), sizeof un.sun_path - 1);
    return ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&un), sizeof un) == 0 &&
           ::listen(listener_.get(), 16) == 0;
  }

  void serve() {
    while (readable(listener_.get())) {
      const UniqueFd client(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      const auto request = read_request(client.get());
      if (request.empty()) continue;
      const auto reply = handler_(request);
      if (reply == kSilence) {
        static_cast<void>(readable(client.get()));  // Until the client gives up, or the test ends.
        continue;
      }
      for (std::size_t sent = 0; sent < reply.size();) {
        const auto n = ::send(client.get(), &reply[sent], reply.size() - sent, MSG_NOSIGNAL);
        if (n <= 0) break;
        sent += static_cast<std::size_t>(n);
      }
    }
  }

  // False when the server is to stop.
  [[nodiscard]] bool readable(int fd) const {
    pollfd fds[] = {{fd, POLLIN, 0}, {stop_.get(), POLLIN, 0}};
    ::poll(fds, 2, -1);
    return fds[1].revents == 0;
  }

  [[nodiscard]] std::string read_request(int fd) const {
    std::string request;
    while (!complete(request) && readable(fd)) {
      char bytes[4096];
      const auto n = ::recv(fd, bytes, sizeof bytes, 0);
      if (n <= 0) return {};
      request.append(bytes, static_cast<std::size_t>(n));
    }
    return request;
  }

  static bool complete(const std::string& request) {
    const auto head = request.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    std::size_t length = 0;
    static constexpr std::string_view kField = "Content-Length: ";
    if (const auto at = request.find(kField); at < head) {
      std::from_chars(&request[at + kField.size()], &request[head], length);
    }
    return request.size() >= head + 4 + length;
  }

  Handler handler_;
  UniqueFd listener_;
  UniqueFd stop_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace airlane::test
