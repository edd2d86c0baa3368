// A name server on loopback UDP that knows what a test tells it: names with IPv4 addresses. Any
// other name does not exist. AAAA questions about known names have no answer.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/eventfd.h>

#include <map>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/loopback.h"

namespace airlane::test {

class DnsStub {
 public:
  explicit DnsStub(std::map<std::string, std::vector<std::string>> names)
      : names_(std::move(names)),
        fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
        stop_(eventfd(0, EFD_CLOEXEC)) {
    sockaddr_storage storage;
    auto size = loopback(0).to_sockaddr(storage);
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    if (bind(fd_.get(), address, size) != 0) throw std::runtime_error("bind");
    getsockname(fd_.get(), address, &size);
    address_ = Address::from_sockaddr(address);
    thread_ = std::thread([this] { serve(); });
  }
  ~DnsStub() {
    eventfd_write(stop_.get(), 1);
    thread_.join();
  }

  [[nodiscard]] const Address& address() const { return address_; }

 private:
  void serve() {
    for (;;) {
      pollfd wait[] = {{fd_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      poll(wait, 2, -1);
      if (wait[1].revents != 0) return;
      std::string question(512, '\0');
      sockaddr_storage from;
      socklen_t from_size = sizeof from;
      const auto size = recvfrom(fd_.get(), question.data(), question.size(), 0,
                                 reinterpret_cast<sockaddr*>(&from), &from_size);
      if (size < 17) continue;
      question.resize(static_cast<std::size_t>(size));
      const auto reply = answer(question);
      sendto(fd_.get(), reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from),
             from_size);
    }
  }

  // RFC 1035, section 4.1: the header and the question again, then the records.
  [[nodiscard]] std::string answer(const std::string& question) const {
    std::string name;
    std::size_t at = 12;
    while (question[at] != 0) {
      const auto length = static_cast<std::size_t>(question[at]);
      if (!name.empty()) name += '.';
      name += question.substr(at + 1, length);
      at += length + 1;
    }
    const bool wants_v4 = question[at + 2] == 1;
    const auto known = names_.find(name);
    std::string reply = question.substr(0, at + 5);
    reply[2] = '\x81';
    reply[3] = static_cast<char>(known == names_.end() ? 0x83 : 0x80);
    reply[7] = reply[9] = reply[10] = reply[11] = 0;
    if (known == names_.end() || !wants_v4) return reply;
    for (const auto& ip : known->second) {
      ++reply[7];
      const auto address = *Address::parse(ip);
      reply += std::string("\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04", 12);
      reply.append(reinterpret_cast<const char*>(address.bytes()), 4);
    }
    return reply;
  }

  std::map<std::string, std::vector<std::string>> names_;
  UniqueFd fd_;
  UniqueFd stop_;
  Address address_;
  std::thread thread_;
};

}  // namespace airlane::test
