// A blocking HTTP client for tests: it sends exactly the bytes that it is told to.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/unique_fd.h"

namespace airlane::test {

struct HttpAnswer {
  int status = 0;
  std::string head;  // Status line and fields.
  std::string body;

  [[nodiscard]] std::string field(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 4;
    return head.substr(from, head.find("\r\n", from) - from);
  }
};

class HttpClient {
 public:
  explicit HttpClient(const Address& server) {
    fd_.reset(socket(server.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage where{};
    const socklen_t length = server.to_sockaddr(where);
    finish_connect(reinterpret_cast<sockaddr*>(&where), length);
  }
  explicit HttpClient(const std::string& path) {
    fd_.reset(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un where{};
    where.sun_family = AF_UNIX;
    path.copy(where.sun_path, sizeof(where.sun_path) - 1);
    finish_connect(reinterpret_cast<sockaddr*>(&where), sizeof(where));
  }

  // Sends and goes on at once.
  HttpClient& say(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return *this;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return *this;
  }

  // The next answer; its status is 0 when the connection ended first. That of a HEAD has no body.
  HttpAnswer hear(bool has_body = true) {
    HttpAnswer answer;
    std::size_t end = 0;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return answer;
    }
    answer.head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    std::from_chars(answer.head.data() + 9, answer.head.data() + 12, answer.status);
    std::size_t length = 0;
    const std::string text = has_body ? answer.field("Content-Length") : "0";
    std::from_chars(text.data(), text.data() + text.size(), length);
    while (pending_.size() < length && receive()) {
    }
    answer.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return answer;
  }

  HttpAnswer ask(std::string_view method, std::string_view target, std::string_view fields = {},
                 std::string_view body = {}) {
    std::string text =
        std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: test\r\n";
    text += fields;
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    say(text + "\r\n" + std::string(body));
    return hear(method != "HEAD");
  }

  // Whether the server closes without another byte.
  bool is_closed_by_server() { return pending_.empty() && !receive(); }
  void close() { fd_.reset(); }
  [[nodiscard]] int fd() const { return fd_.get(); }

 private:
  void finish_connect(const sockaddr* where, socklen_t length) {
    const timeval patience{20, 0};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (connect(fd_.get(), where, length) != 0) fd_.reset();
  }
  bool receive() {
    char bytes[16 * 1024];
    const auto got = recv(fd_.get(), bytes, sizeof(bytes), 0);
    if (got <= 0) return false;
    pending_.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  UniqueFd fd_;
  std::string pending_;
};

}  // namespace airlane::test
