// A name server on loopback, by UDP and TCP, that knows what a test tells it; any other name does
// not exist. It has a thread of its own, counts what it is asked, and can be told to hold back.
#pragma once

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "tests/support/dns_message.h"
#include "tests/support/loopback.h"

namespace airlane::test {

class DnsStub {
 public:
  using Names = std::map<std::string, DnsName>;

  explicit DnsStub(Names names = {}) : names_(std::move(names)), wake_(eventfd(0, EFD_CLOEXEC)) {
    while (!open()) {
    }
    thread_ = std::thread([this] { serve(); });
  }
  ~DnsStub() {
    change([this] { stopped_ = true; });
    thread_.join();
  }

  [[nodiscard]] const Address& address() const { return address_; }

  void set(const std::string& name, DnsName known) {
    change([&] { names_[name] = std::move(known); });
  }
  // Questions wait until it is let go.
  void hold() {
    change([this] { held_ = true; });
  }
  void let_go() {
    change([this] { held_ = false; });
  }

  // How often, over UDP and TCP; type 0 means both.
  int asked(const std::string& name, int type = 0) {
    const std::lock_guard lock(mutex_);
    return type == 0 ? asked_[{name, kTypeA}] + asked_[{name, kTypeAaaa}] : asked_[{name, type}];
  }
  int asked_in_all() {
    const std::lock_guard lock(mutex_);
    return asked_in_all_;
  }
  int asked_by_tcp() {
    const std::lock_guard lock(mutex_);
    return by_tcp_;
  }

 private:
  struct Waiting {
    std::string message;
    sockaddr_storage from;
    socklen_t from_size;
    Monotonic::time_point since;
  };

  template <class What>
  void change(What what) {
    const std::lock_guard lock(mutex_);
    what();
    eventfd_write(wake_.get(), 1);
  }

  // False when the port that UDP was given is taken by TCP.
  bool open() {
    sockaddr_storage storage;
    auto size = loopback(0).to_sockaddr(storage);
    auto* const address = reinterpret_cast<sockaddr*>(&storage);
    udp_.reset(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    tcp_.reset(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(udp_.get(), address, size) != 0) throw std::runtime_error("bind");
    getsockname(udp_.get(), address, &size);
    address_ = Address::from_sockaddr(address);
    return bind(tcp_.get(), address, size) == 0 && listen(tcp_.get(), 64) == 0;
  }

  void serve() {
    for (;;) {
      pollfd wait[] = {{udp_.get(), POLLIN, 0}, {tcp_.get(), POLLIN, 0}, {wake_.get(), POLLIN, 0}};
      poll(wait, 3, waiting_.empty() ? -1 : 5);
      if (wait[2].revents != 0) {
        eventfd_t count = 0;
        eventfd_read(wake_.get(), &count);
      }
      if (wait[0].revents != 0) take_datagram();
      if (wait[1].revents != 0) serve_stream();
      const std::lock_guard lock(mutex_);
      if (stopped_) return;
      answer_waiting();
    }
  }

  void take_datagram() {
    Waiting waiting{std::string(512, '\0'), {}, sizeof(sockaddr_storage), Monotonic::now()};
    const auto size = recvfrom(udp_.get(), waiting.message.data(), waiting.message.size(), 0,
                               reinterpret_cast<sockaddr*>(&waiting.from), &waiting.from_size);
    if (size <= 0) return;
    waiting.message.resize(static_cast<std::size_t>(size));
    const auto question = read_question(waiting.message);
    if (question.size == 0) return;
    const std::lock_guard lock(mutex_);
    count(question);
    waiting_.push_back(std::move(waiting));
  }

  void serve_stream() {
    Stream stream{UniqueFd(accept4(tcp_.get(), nullptr, nullptr, SOCK_CLOEXEC))};
    const auto length = stream.read(2);
    if (length.size() < 2) return;
    const auto high = static_cast<unsigned char>(length[0]);
    const auto message =
        stream.read(static_cast<std::size_t>(high << 8) + static_cast<unsigned char>(length[1]));
    const auto question = read_question(message);
    if (question.size == 0) return;
    const std::lock_guard lock(mutex_);
    count(question);
    ++by_tcp_;
    const auto known = look_up(question.name);
    if (known.silent) return;
    const auto reply = dns_answer(message, question, known, 0, true);
    stream.send(dns_number(static_cast<std::uint32_t>(reply.size()), 2) + reply);
  }

  void answer_waiting() {
    if (held_) return;
    const auto now = Monotonic::now();
    std::erase_if(waiting_, [&](const Waiting& waiting) {
      const auto question = read_question(waiting.message);
      const auto known = look_up(question.name);
      if (known.silent || known.silent_about == question.type) return true;
      const bool is_delayed = known.delayed == 0 || known.delayed == question.type;
      if (is_delayed && now < waiting.since + known.delay) return false;
      const auto turn = turns_[{question.name, question.type}]++;
      const auto reply = dns_answer(waiting.message, question, known, turn, false);
      sendto(udp_.get(), reply.data(), reply.size(), 0,
             reinterpret_cast<const sockaddr*>(&waiting.from), waiting.from_size);
      return true;
    });
  }

  DnsName look_up(const std::string& name) {
    const auto found = names_.find(name);
    if (found != names_.end()) return found->second;
    DnsName unknown;
    unknown.code = 3;
    return unknown;
  }

  void count(const DnsQuestion& question) {
    ++asked_[{question.name, question.type}];
    ++asked_in_all_;
  }

  std::mutex mutex_;  // Guards what follows.
  Names names_;
  std::map<std::pair<std::string, int>, int> asked_;
  std::map<std::pair<std::string, int>, std::size_t> turns_;
  int asked_in_all_ = 0;
  int by_tcp_ = 0;
  bool held_ = false;
  bool stopped_ = false;
  std::vector<Waiting> waiting_;  // Of the thread alone.

  UniqueFd udp_;
  UniqueFd tcp_;
  UniqueFd wake_;
  Address address_;
  std::thread thread_;
};

}  // namespace airlane::test
