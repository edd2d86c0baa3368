// A dongle with fingerprints, and what leaves by it: sockets as the engine opens them at one end,
// everything that the wire carries at the other, which is in a network namespace of its own.
#pragma once

#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "netlink/fingerprint/fingerprints.h"
#include "tests/fingerprint/looks.h"
#include "tests/netlink/network.h"

namespace airlane::test {

// Everything that arrives at an interface from the wire, from the moment this is made.
class Capture {
 public:
  explicit Capture(const std::string& interface)
      : socket_(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))) {
    const int on = 1;
    const int room = 8 << 20;
    setsockopt(socket_.get(), SOL_PACKET, PACKET_AUXDATA, &on, sizeof on);
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }

  using Wanted = std::function<bool(const Packet&)>;

  // The next packet that is wanted; those before it are forgotten. Nothing after ten seconds.
  std::optional<Packet> next(const Wanted& wanted) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
      pollfd ready{socket_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 100) == 1) {
        if (auto packet = take(); packet && wanted(*packet)) return packet;
      }
    }
    return std::nullopt;
  }

  // What is there by now.
  std::vector<Packet> all(const Wanted& wanted) {
    std::vector<Packet> packets;
    pollfd ready{socket_.get(), POLLIN, 0};
    while (::poll(&ready, 1, 0) == 1) {
      if (auto packet = take(); packet && wanted(*packet)) packets.push_back(*std::move(packet));
    }
    return packets;
  }

 private:
  // Nothing for what leaves, and for what is not IP.
  std::optional<Packet> take() {
    Bytes bytes(70'000);
    sockaddr_ll from{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
    iovec buffer{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &buffer;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const auto size = ::recvmsg(socket_.get(), &message, 0);
    if (size < 14 || from.sll_pkttype == PACKET_OUTGOING) return std::nullopt;
    const auto type = number(bytes, 12, 2);
    if (type != ETH_P_IP && type != ETH_P_IPV6) return std::nullopt;
    tpacket_auxdata about{};
    std::memcpy(&about, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof about);
    return Packet(Bytes(bytes.begin() + 14, bytes.begin() + size),
                  (about.tp_status & TP_STATUS_CSUMNOTREADY) != 0);
  }

  UniqueFd socket_;
};

class WireTest : public NetworkTest {
 protected:
  static constexpr auto kHere = "192.168.8.100";
  static constexpr auto kHere6 = "2001:db8::100";
  static constexpr auto kThere = "192.168.8.1";
  static constexpr auto kThere6 = "2001:db8::1";

  void SetUp() override {
    NetworkTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    home_ = UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    far_ = UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    ASSERT_EQ(setns(home_.get(), CLONE_NEWNET), 0);
    setting("ipv4/tcp_rmem", "4096 131072 536870912");  // For every scale there is.
    setting("ipv4/tcp_ecn", "1");
    plug_in_dongle();
    auto loaded = Fingerprints::load({.first = 1, .count = 10});
    ASSERT_TRUE(loaded) << loaded.error().text;
    fingerprints_ = *std::move(loaded);
    const auto attached = fingerprints_->attach(index("dg0"));
    ASSERT_TRUE(attached) << attached.error().text;
  }

  void TearDown() override {
    if (home_) setns(home_.get(), CLONE_NEWNET);
  }

  // In the other namespace: the modem, and with it the internet.
  template <class Function>
  auto there(Function function) {
    struct Return {
      int home;
      ~Return() { setns(home, CLONE_NEWNET); }
    } const back{home_.get()};
    EXPECT_EQ(setns(far_.get(), CLONE_NEWNET), 0);
    return function();
  }

  static void setting(const std::string& name, const std::string& value) {
    std::ofstream file("/proc/sys/net/" + name);
    file << value << std::flush;
    EXPECT_TRUE(file) << name;
  }

  static int index(const std::string& name) {
    return static_cast<int>(if_nametoindex(name.c_str()));
  }

  // Without, the kernel completes check sums before a packet goes to the wire.
  static void set_offload(const std::string& interface, bool on) {
    const UniqueFd socket(::socket(AF_INET, SOCK_DGRAM, 0));
    ethtool_value value{ETHTOOL_STXCSUM, on ? 1U : 0U};
    ifreq request{};
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
    request.ifr_data = reinterpret_cast<char*>(&value);
    ASSERT_EQ(ioctl(socket.get(), SIOCETHTOOL, &request), 0) << strerror(errno);
  }

  Recipe dress(std::uint32_t mark, std::string_view text) {
    const auto signature = parse_signature(text);
    EXPECT_TRUE(signature) << signature.error().text;
    const auto recipe = make_recipe(*signature);
    EXPECT_TRUE(recipe) << recipe.error().text;
    const auto possible = check_host(*recipe);
    EXPECT_TRUE(possible) << possible.error().text;
    EXPECT_TRUE(fingerprints_->set(mark, *recipe));
    return *recipe;
  }

  // A socket as the engine opens it, on its way to port 80 of the other end.
  static UniqueFd open(std::uint32_t mark, const Recipe& recipe, const char* to,
                       std::uint16_t port = 80) {
    const auto address = *Address::parse(to, port);
    UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    EXPECT_EQ(setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, "dg0", 3), 0);
    if (mark != 0) {
      EXPECT_EQ(setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark), 0);
    }
    if (const int clamp = recipe.window_clamp(); clamp != 0) {
      EXPECT_EQ(setsockopt(fd.get(), IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, sizeof clamp), 0);
    }
    sockaddr_storage storage{};
    const auto size = address.to_sockaddr(storage);
    const int connected = ::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size);
    EXPECT_TRUE(connected == 0 || errno == EINPROGRESS) << strerror(errno);
    return fd;
  }

  static unsigned port_of(const UniqueFd& fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    getsockname(fd.get(), reinterpret_cast<sockaddr*>(&storage), &size);
    return Address::from_sockaddr(reinterpret_cast<sockaddr*>(&storage)).port();
  }

  static Capture::Wanted syn_from(unsigned port) {
    return [port](const Packet& packet) { return packet.is_syn() && packet.from_port() == port; };
  }

  // That a connection is there, or what became of it.
  static int outcome(const UniqueFd& fd) {
    pollfd ready{fd.get(), POLLOUT, 0};
    if (::poll(&ready, 1, 10'000) != 1) return ETIMEDOUT;
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }

  // Of both families, on port 80 of the other end.
  UniqueFd listen_there() {
    return there([] {
      UniqueFd fd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
      sockaddr_in6 any{};
      any.sin6_family = AF_INET6;
      any.sin6_port = htons(80);
      EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
      EXPECT_EQ(::listen(fd.get(), 100), 0);
      return fd;
    });
  }

  std::unique_ptr<Fingerprints> fingerprints_;
  UniqueFd home_;
  UniqueFd far_;

 private:
  void plug_in_dongle() {
    plug_in("dg0");
    ip("link set mdg0 netns /proc/" + std::to_string(getpid()) + "/fd/" +
       std::to_string(far_.get()));
    there([] {
      ip("link set lo up");
      std::ofstream("/proc/sys/net/ipv6/conf/mdg0/accept_dad") << 0;
      ip("link set mdg0 up");
      ip("addr add 192.168.8.1/24 dev mdg0");
      ip("addr add 2001:db8::1/64 dev mdg0 nodad");
      await_state("mdg0", "UP");
    });
    await_state("dg0", "UP");
    ip("route add 192.168.8.0/24 dev dg0");
    ip("addr add 2001:db8::100/64 dev dg0 nodad");
  }
};

}  // namespace airlane::test
