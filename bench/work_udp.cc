#include <netinet/in.h>

#include <array>
#include <cstring>
#include <memory>

#include "bench/client.h"
#include "bench/net.h"

namespace airlane::bench {
namespace {

constexpr std::size_t kInFlight = 16;  // Datagrams per association.
constexpr std::size_t kLargest = 2048;
constexpr auto kLost = std::chrono::milliseconds(100);

struct UdpTotal {
  std::uint64_t echoed = 0;
  std::uint64_t lost = 0;
};

// The socket of one association: keeps kInFlight numbered datagrams on their way to the origin's
// echo and back. What does not come back for a while is counted as lost, and sent anew.
class Flow : public Handler {
 public:
  Flow(Load& load, UdpTotal& total, std::string head, const Address& relay)
      : load_(load), total_(total), head_(std::move(head)), fd_(udp_on(Address())) {
    sockaddr_storage storage{};
    const auto size = relay.to_sockaddr(storage);
    if (::connect(fd_.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
      die_of_errno("connect a UDP socket");
    }
    load_.poller.add(fd_.get(), *this);
    send(kInFlight);
  }

  void ready(std::uint32_t events) override {
    if (events != 0 && !(events & EPOLLIN)) return;
    for (std::size_t i = 0; i < kInFlight; ++i) {
      parts_[i] = {slot(i), kLargest};
      messages_[i].msg_hdr = {nullptr, 0, &parts_[i], 1, nullptr, 0, 0};
    }
    const int n = ::recvmmsg(fd_.get(), messages_.data(), kInFlight, 0, nullptr);
    if (n <= 0) return;
    std::size_t good = 0;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) good += take(i);
    if (load_.measuring()) total_.echoed += good;
    heard_ = Monotonic::now();
    send(good);
    load_.poller.again(*this);
  }

  void mend() {
    if (Monotonic::now() - heard_ < kLost) return;
    if (load_.measuring()) total_.lost += kInFlight;
    first_ = number_;  // What comes late after all is not ours any more.
    heard_ = Monotonic::now();
    send(kInFlight);
  }

 private:
  char* slot(std::size_t i) { return bytes_.data() + i * kLargest; }
  [[nodiscard]] std::size_t size() const { return head_.size() + load_.options.datagram; }

  // Counts a datagram of ours once. Its latency is that of its number's sending.
  bool take(std::size_t i) {
    std::uint64_t number = 0;
    const char* payload = slot(i) + head_.size();
    if (messages_[i].msg_len != size()) die("a datagram came back with another size");
    std::memcpy(&number, payload, sizeof number);
    const auto rest = load_.options.datagram - sizeof number;
    if (!load_.pattern.matches(number, payload + sizeof number, rest)) {
      die("a datagram came back changed");
    }
    if (number < first_ || number >= number_) return false;
    load_.add_latency(sent_[number % sent_.size()]);
    return true;
  }

  void send(std::size_t count) {
    const auto now = Monotonic::now();
    for (std::size_t i = 0; i < count; ++i) {
      char* at = slot(i);
      std::memcpy(at, head_.data(), head_.size());
      std::memcpy(at + head_.size(), &number_, sizeof number_);
      std::memcpy(at + head_.size() + sizeof number_, load_.pattern.at(number_),
                  load_.options.datagram - sizeof number_);
      sent_[number_ % sent_.size()] = now;
      ++number_;
      parts_[i] = {at, size()};
      messages_[i].msg_hdr = {nullptr, 0, &parts_[i], 1, nullptr, 0, 0};
    }
    if (count > 0) ::sendmmsg(fd_.get(), messages_.data(), static_cast<unsigned>(count), 0);
  }

  Load& load_;
  UdpTotal& total_;
  std::string head_;  // Of SOCKS5; empty when there is no proxy.
  UniqueFd fd_;
  std::vector<char> bytes_ = std::vector<char>(kInFlight * kLargest);
  std::array<mmsghdr, kInFlight> messages_{};
  std::array<iovec, kInFlight> parts_{};
  std::array<Monotonic::time_point, 256> sent_{};
  std::uint64_t number_ = 0;
  std::uint64_t first_ = 0;
  Monotonic::time_point heard_ = Monotonic::now();
};

// The TCP connection that keeps a UDP association alive.
class Association : public Client {
 public:
  explicit Association(Load& load) : Client(load, Handshake::Command::kUdpAssociate) {}

  // A relay that answers 0.0.0.0 means the address that it was reached at.
  [[nodiscard]] Address relay() const {
    const auto& bound = handshake_->bound();
    if (!bound.same_ip(Address())) return bound;
    auto address = load_.route.first_hop;
    address.set_port(bound.port());
    return address;
  }

 private:
  void opened() override {}
  void serve(std::uint32_t events) override {
    if (events & kHangup) die("a UDP association was closed");
  }
};

}  // namespace

Findings run_udp(Load& load) {
  if (load.route.kind == Route::Kind::kHttp) die("udp needs a SOCKS5 proxy, or none");
  const bool proxied = load.route.kind == Route::Kind::kSocks5;
  std::vector<std::unique_ptr<Association>> associations;
  for (unsigned i = 0; proxied && i < load.options.n; ++i) {
    associations.push_back(std::make_unique<Association>(load));
  }
  open_all(load, associations);

  UdpTotal total;
  std::vector<std::unique_ptr<Flow>> flows;
  for (unsigned i = 0; i < load.options.n; ++i) {
    const auto head = proxied ? udp_head(load.route.target) : std::string();
    const auto to = proxied ? associations[i]->relay() : load.route.target;
    flows.push_back(std::make_unique<Flow>(load, total, head, to));
  }
  load.on_tick = [&flows] {
    for (auto& flow : flows) flow->mend();
  };
  load.measure([] {}, [] {});
  Findings found;
  found.done = 2.0 * static_cast<double>(total.echoed);  // There and back.
  found.value = found.done / load.window.seconds();
  found.unit = "datagrams/s";
  found.cpu_unit = "us/datagram";
  found.cpu_scale = 1e6;
  found.has_latencies = true;
  found.more["lost"] = static_cast<double>(total.lost);
  found.more["size"] = static_cast<double>(load.options.datagram);
  return found;
}

}  // namespace airlane::bench
