// A server that answers every request alike and remembers the last one: on a Unix socket, or on a
// port of loopback, with TLS if it has a certificate. It reads HTTP only as far as our own client
// writes it.
#pragma once

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "base/handle.h"
#include "base/tls/certificate_files.h"
#include "base/unique_fd.h"

namespace airlane::test {

class FakeServer {
 public:
  // What it answers to a request line.
  using Answer = std::function<std::string(const std::string& request)>;

  FakeServer(int its_status, std::string answer)
      : FakeServer(its_status, [answer = std::move(answer)](const auto&) { return answer; }) {}

  FakeServer(int its_status, Answer answer) : status(its_status), answer_(std::move(answer)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    make_folder();
    const auto path = socket();
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    listen_on(reinterpret_cast<sockaddr*>(&address), sizeof address);
  }

  struct AtPort {
    CertificateFiles files{};  // None: without TLS.
  };
  FakeServer(int its_status, std::string answer, const AtPort& at)
      : status(its_status), answer_([answer = std::move(answer)](const auto&) { return answer; }) {
    if (!at.files.certificate.empty()) {
      tls_.reset(SSL_CTX_new(TLS_server_method()));
      if (SSL_CTX_use_certificate_file(tls_.get(), at.files.certificate.c_str(),
                                       SSL_FILETYPE_PEM) != 1 ||
          SSL_CTX_use_PrivateKey_file(tls_.get(), at.files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
        std::abort();
      }
    }
    make_folder();
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listen_on(reinterpret_cast<sockaddr*>(&address), sizeof address);
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
  [[nodiscard]] std::string host_and_port() const {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    return "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }

  int status;           // Of its answers; an Answer may change it.
  std::string request;  // The request line.
  std::string head;     // With its fields.
  std::string body;
  std::string fields;  // Of its answers, each with its end of line; to be set before it is asked.

 private:
  static constexpr char kTlsRecord = 0x16;  // What the greeting of a client begins with.
  using Tls = Handle<SSL, SSL_free>;

  void make_folder() {
    std::array<char, 32> folder{"/tmp/airlane-cli-XXXXXX"};
    if (::mkdtemp(folder.data()) == nullptr) std::abort();
    folder_ = folder.data();
  }

  void listen_on(const sockaddr* address, socklen_t size) {
    listener_ = UniqueFd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::bind(listener_.get(), address, size) != 0 || ::listen(listener_.get(), 4) != 0) {
      std::abort();
    }
    thread_ = std::thread([this] { serve(); });
  }

  void serve() {
    for (;;) {
      const UniqueFd client(::accept(listener_.get(), nullptr, nullptr));
      if (!client) return;
      Tls tls;
      if (tls_) {
        tls.reset(SSL_new(tls_.get()));
        SSL_set_fd(tls.get(), client.get());
        if (SSL_accept(tls.get()) != 1) continue;  // It does not trust us.
      }
      std::string text;
      while (!complete(text)) {
        std::array<char, 4096> piece{};
        const auto got = tls ? SSL_read(tls.get(), piece.data(), static_cast<int>(piece.size()))
                             : static_cast<int>(::read(client.get(), piece.data(), piece.size()));
        if (got <= 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
        if (!tls && text.front() == kTlsRecord) break;  // There is no request to wait for.
      }
      const auto answer = answer_(request);
      const auto reply = "HTTP/1.1 " + std::to_string(status) +
                         " Whatever\r\nContent-Length: " + std::to_string(answer.size()) + "\r\n" +
                         fields + "\r\n" + answer;
      if (tls) {
        static_cast<void>(SSL_write(tls.get(), reply.data(), static_cast<int>(reply.size())));
      } else {
        static_cast<void>(::send(client.get(), reply.data(), reply.size(), MSG_NOSIGNAL));
      }
    }
  }

  bool complete(const std::string& text) {
    const auto end = text.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto field = text.find("Content-Length: ");
    const auto length = field < end ? std::strtoul(text.c_str() + field + 16, nullptr, 10) : 0;
    request = text.substr(0, text.find("\r\n"));
    head = text.substr(0, end + 2);
    body = text.substr(end + 4);
    return body.size() >= length;
  }

  Answer answer_;
  std::string folder_;
  Handle<SSL_CTX, SSL_CTX_free> tls_;
  UniqueFd listener_;
  std::thread thread_;
};

}  // namespace airlane::test
