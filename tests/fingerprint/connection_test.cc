// Connections behind a fingerprint: that they work, at every scale, and that every packet of theirs
// has its TTL.
#include <netinet/icmp6.h>
#include <netinet/udp.h>

#include <future>

#include "netlink/fingerprint/presets.h"
#include "tests/fingerprint/database.h"
#include "tests/fingerprint/wire.h"

namespace airlane::test {
namespace {

constexpr auto kWindows = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";

class FingerprintConnection : public WireTest {
 protected:
  void SetUp() override {
    WireTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    listener_ = listen_there();
    capture_ = there([] { return std::make_unique<Capture>("mdg0"); });
  }

  static bool send_all(int fd, std::size_t size) {
    const std::string data(65536, 'x');
    while (size > 0) {
      pollfd ready{fd, POLLOUT, 0};
      if (::poll(&ready, 1, 20'000) != 1) return false;
      const auto sent =
          ::send(fd, data.data(), std::min(size, data.size()), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent > 0) size -= static_cast<std::size_t>(sent);
    }
    return true;
  }
  static bool receive_all(int fd, std::size_t size) {
    std::string data(65536, '\0');
    while (size > 0) {
      pollfd ready{fd, POLLIN, 0};
      if (::poll(&ready, 1, 20'000) != 1) return false;
      const auto received = ::recv(fd, data.data(), std::min(size, data.size()), MSG_DONTWAIT);
      if (received == 0 || (received < 0 && errno != EAGAIN)) return false;
      if (received > 0) size -= static_cast<std::size_t>(received);
    }
    return true;
  }

  UniqueFd accept() { return UniqueFd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)); }

  // So many bytes there and back again.
  static void exchange(const UniqueFd& here, const UniqueFd& there, std::size_t size) {
    auto upload = std::async(std::launch::async, [&] { return receive_all(there.get(), size); });
    EXPECT_TRUE(send_all(here.get(), size));
    EXPECT_TRUE(upload.get());
    auto download = std::async(std::launch::async, [&] { return send_all(there.get(), size); });
    EXPECT_TRUE(receive_all(here.get(), size));
    EXPECT_TRUE(download.get());
  }

  // From the other end, at a port where nobody is.
  UniqueFd knock(const char* to) {
    return there([to] {
      const auto address = *Address::parse(to, 4444);
      UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
      sockaddr_storage storage{};
      const auto size = address.to_sockaddr(storage);
      ::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size);
      return fd;
    });
  }

  static int scale_of(const UniqueFd& fd) {
    tcp_info info{};
    socklen_t size = sizeof info;
    getsockopt(fd.get(), IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_rcv_wscale;
  }

  static Capture::Wanted from_here() {
    return [](const Packet& packet) {
      if (packet.v6()) return packet.ip()[8] == 0x20 && packet.ip()[23] == 0x00;
      return number(packet.ip(), 12, 4) == 0xc0a80864;
    };
  }

  UniqueFd listener_;
  std::unique_ptr<Capture> capture_;
};

TEST_F(FingerprintConnection, WorksWithEverySignature) {
  auto entries = read_database();
  ASSERT_GE(entries.size(), 90U) << "p0f is missing: script/setup installs it";
  for (const auto& entry : entries) {
    for (const auto* to : {kThere, kThere6}) {
      SCOPED_TRACE(entry.signature + " to " + to);
      const auto here = open(1, dress(1, entry.signature), to);
      const auto there = accept();
      ASSERT_EQ(outcome(here), 0);
      exchange(here, there, 100'000);
    }
  }
  const auto of_ipv4 = static_cast<std::uint64_t>(
      std::count_if(entries.begin(), entries.end(),
                    [](const DatabaseEntry& entry) { return entry.signature.front() == '4'; }));
  const auto counts = *fingerprints_->counts();
  EXPECT_GE(counts.rewritten, 2 * entries.size() - of_ipv4);
  EXPECT_EQ(counts.malformed + counts.not_offered + counts.other_scale + counts.too_wide, 0U);
}

TEST_F(FingerprintConnection, CountsByTheScaleThatItTold) {
  for (int scale = 0; scale <= 14; ++scale) {
    SCOPED_TRACE(scale);
    const auto text =
        "*:128:0:*:64240," + std::to_string(scale) + ":mss,nop,ws,nop,nop,sok:df,id+:0";
    const auto here = open(1, dress(1, text), kThere);
    const auto there = accept();
    ASSERT_EQ(outcome(here), 0);
    EXPECT_EQ(scale_of(here), scale);
    const auto syn = capture_->next(syn_from(port_of(here)));
    ASSERT_TRUE(syn);
    EXPECT_EQ(read_options(syn->tcp().subspan(20)).scale, scale);
    exchange(here, there, 3'000'000);
  }
}

TEST_F(FingerprintConnection, HasItsTtlOnEveryPacketToTheLast) {
  const auto recipe = dress(1, kWindows);
  for (const auto* to : {kThere, kThere6}) {
    for (const bool reset : {false, true}) {
      SCOPED_TRACE(std::string(to) + (reset ? ", reset" : ", closed"));
      auto here = open(1, recipe, to);
      auto there = accept();
      ASSERT_EQ(outcome(here), 0);
      exchange(here, there, 300'000);
      const linger at_once{1, 0};
      if (reset) setsockopt(here.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      const auto port = port_of(here);
      here.reset();
      int flags = 0;
      int packets = 0;
      const int last = reset ? 0x04 : 0x01;
      ASSERT_TRUE(capture_->next([&](const Packet& packet) {
        if (!from_here()(packet) || packet.from_port() != port) return false;
        EXPECT_EQ(packet.ttl(), 128);
        if (!packet.v6()) {
          EXPECT_EQ(sum(packet.ip()), 0xffffU);
        }
        flags |= packet.flags();
        ++packets;
        return (flags & last) != 0;
      }));
      EXPECT_EQ(flags & 0x12, 0x12);
      EXPECT_GE(packets, 6);
    }
  }
}

TEST_F(FingerprintConnection, LeavesTtlToTheInterfaceWhereThereIsNoSocket) {
  ASSERT_TRUE(fingerprints_->set_ttl(index("dg0"), 77));
  for (const auto* to : {kHere, kHere6}) {
    SCOPED_TRACE(to);
    const auto stray = knock(to);
    const auto reset = capture_->next(
        [](const Packet& packet) { return from_here()(packet) && (packet.flags() & 0x04) != 0; });
    ASSERT_TRUE(reset);
    EXPECT_EQ(reset->ttl(), 77);
    expect_right_sums(*reset);
    EXPECT_EQ(outcome(stray), ECONNREFUSED);
  }
}

TEST_F(FingerprintConnection, HasItsTtlOnDatagramsToo) {
  dress(1, kWindows);
  for (const auto* to : {kThere, kThere6}) {
    const auto address = *Address::parse(to, 9);
    const UniqueFd fd(::socket(address.family(), SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const std::uint32_t mark = 1;
    setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark);
    sockaddr_storage storage{};
    const auto size = address.to_sockaddr(storage);
    const std::string large(4000, 'x');  // In three fragments.
    ASSERT_GT(::sendto(fd.get(), large.data(), large.size(), 0,
                       reinterpret_cast<sockaddr*>(&storage), size),
              0);
    for (int i = 0; i < 3; ++i) {
      const auto packet = capture_->next([](const Packet& seen) {
        return from_here()(seen) && (seen.protocol() == IPPROTO_UDP || seen.protocol() == 44);
      });
      ASSERT_TRUE(packet);
      EXPECT_EQ(packet->ttl(), 128);
    }
  }
}

// Whoever rewrites neighbour discovery cuts the link: the other end believes 255 only.
TEST_F(FingerprintConnection, LeavesNeighbourDiscoveryAlone) {
  ASSERT_TRUE(fingerprints_->set_ttl(index("dg0"), 77));
  const auto recipe = dress(1, kWindows);
  for (int round = 0; round < 2; ++round) {
    ip("-6 neigh flush dev dg0");
    there([] { ip("-6 neigh flush dev mdg0"); });
    EXPECT_EQ(outcome(knock(kHere6)), ECONNREFUSED) << "it was told where we are";
    const auto here = open(1, recipe, kThere6);
    const auto other = accept();
    EXPECT_EQ(outcome(here), 0);
  }
  int discoveries = 0;
  for (const auto& packet : capture_->all([](const Packet&) { return true; })) {
    if (!packet.v6() || packet.protocol() != IPPROTO_ICMPV6) continue;
    const auto kind = packet.tcp()[0];
    if (kind != ND_NEIGHBOR_SOLICIT && kind != ND_NEIGHBOR_ADVERT) continue;
    ++discoveries;
    EXPECT_EQ(packet.ttl(), 255);
  }
  EXPECT_GT(discoveries, 0);
}

}  // namespace
}  // namespace airlane::test
