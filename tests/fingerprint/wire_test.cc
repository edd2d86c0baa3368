// What leaves by a dongle, byte by byte: SYNs of real sockets with every signature of p0f's
// database.
#include <linux/if_tun.h>

#include "netlink/fingerprint/presets.h"
#include "netlink/fingerprint/read_syn.h"
#include "tests/fingerprint/database.h"
#include "tests/fingerprint/wire.h"

namespace airlane::test {
namespace {

class FingerprintWire : public WireTest {
 protected:
  // Every signature once, on connections that the other end refuses. Returns how many.
  int look_at_every_signature(const char* to) {
    auto capture = there([] { return std::make_unique<Capture>("mdg0"); });
    const bool v6 = std::string_view(to).find(':') != std::string_view::npos;
    int looked = 0;
    for (const auto& text : signatures()) {
      SCOPED_TRACE(text);
      const auto signature = *parse_signature(text);
      if (signature.version == (v6 ? Signature::Version::kV4 : Signature::Version::kV6)) continue;
      const auto recipe = dress(1, text);
      const auto socket = open(1, recipe, to);
      const auto packet = capture->next(syn_from(port_of(socket)));
      if (!packet) {
        ADD_FAILURE() << "no SYN";
        continue;
      }
      expect_looks(signature, *packet, {v6 ? 1440 : 1460});
      EXPECT_EQ(packet->check_pending(), pending_);
      const auto seen = read_syn(packet->all());
      EXPECT_TRUE(seen && fits(signature, *seen)) << (seen ? to_string(*seen) : "no SYN");
      ++looked;
    }
    return looked;
  }

  static std::vector<std::string> signatures() {
    std::vector<std::string> all;
    for (const auto& entry : read_database()) all.push_back(entry.signature);
    for (const auto& preset : presets()) all.emplace_back(preset.signature);
    return all;
  }

  bool pending_ = true;  // Check sums are completed by the device, which a veth never does.
};

TEST_F(FingerprintWire, CarriesEverySignatureOverIpv4) {
  EXPECT_GE(look_at_every_signature(kThere), 90) << "p0f is missing: script/setup installs it";
  EXPECT_EQ(fingerprints_->counts()->failed, 0U);
}

TEST_F(FingerprintWire, CarriesEverySignatureOverIpv6) {
  EXPECT_GE(look_at_every_signature(kThere6), 85);
}

TEST_F(FingerprintWire, HasRightCheckSumsWithoutOffload) {
  set_offload("dg0", false);
  pending_ = false;
  EXPECT_GE(look_at_every_signature(kThere), 90);
  EXPECT_GE(look_at_every_signature(kThere6), 85);
}

TEST_F(FingerprintWire, RepeatsASynAsItWas) {
  const auto* const text = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";
  there([] { ip("addr del 192.168.8.1/24 dev mdg0"); });  // Nobody answers,
  ip("neigh replace 192.168.8.1 lladdr 02:00:00:00:00:01 dev dg0 nud permanent");
  auto capture = there([] { return std::make_unique<Capture>("mdg0"); });
  const auto socket = open(1, dress(1, text), kThere);

  for (int i = 0; i < 3; ++i) {  // and after a second, and after another, it is said again.
    const auto packet = capture->next(syn_from(port_of(socket)));
    ASSERT_TRUE(packet) << i;
    expect_looks(*parse_signature(text), *packet);
  }
}

TEST_F(FingerprintWire, TellsTwoProxiesOfOneDongleApart) {
  const auto* const windows = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";
  const auto* const mac = "*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df:0";
  auto capture = there([] { return std::make_unique<Capture>("mdg0"); });
  const auto first = dress(1, windows);
  const auto second = dress(2, mac);

  for (int round = 0; round < 10; ++round) {
    const auto* const to = round % 2 == 0 ? kThere : kThere6;
    const Native native{round % 2 == 0 ? 1460 : 1440};
    const auto one = open(1, first, to);
    const auto other = open(2, second, to);
    const auto neither = open(11, Recipe(), to);
    const auto of_one = capture->next(syn_from(port_of(one)));
    const auto of_other = capture->next(syn_from(port_of(other)));
    const auto of_neither = capture->next(syn_from(port_of(neither)));
    ASSERT_TRUE(of_one && of_other && of_neither);
    expect_looks(*parse_signature(windows), *of_one, native);
    expect_looks(*parse_signature(mac), *of_other, native);
    expect_looks(*parse_signature("*:64:0:*:*,*:mss,sok,ts,nop,ws:ecn,df,id+,flow:0"), *of_neither,
                 native);
  }
}

TEST_F(FingerprintWire, ChangesWithTheNextConnectionAndBackToNative) {
  const auto* const native = "*:64:0:*:*,*:mss,sok,ts,nop,ws:ecn,df,id+:0";
  auto capture = there([] { return std::make_unique<Capture>("mdg0"); });
  const auto looks_like = [&](std::uint32_t mark, const Recipe& recipe, const char* text) {
    const auto socket = open(mark, recipe, kThere);
    const auto packet = capture->next(syn_from(port_of(socket)));
    ASSERT_TRUE(packet);
    expect_looks(*parse_signature(text), *packet);
  };
  looks_like(0, Recipe(), native);
  for (const auto* text :
       {"*:128:0:*:8192,2:mss,nop,ws,nop,nop,sok:df,id+:0", "*:255:0:536:%8192,*:mss:id-:0"}) {
    looks_like(1, dress(1, text), text);
  }
  looks_like(0, Recipe(), native);
}

TEST_F(FingerprintWire, KeepsASynBackWhoseSocketWasNotClamped) {
  dress(1, "*:128:0:*:64240,3:mss,nop,ws,nop,nop,sok:df,id+:0");
  auto capture = there([] { return std::make_unique<Capture>("mdg0"); });
  const auto silent = open(1, Recipe(), kThere);
  const auto native = open(0, Recipe(), kThere);  // What comes after it has come past it.
  ASSERT_TRUE(capture->next([&](const Packet& packet) {
    EXPECT_NE(packet.from_port(), port_of(silent));
    return packet.is_syn() && packet.from_port() == port_of(native);
  }));
  EXPECT_EQ(fingerprints_->counts()->other_scale, 1U);
}

// Modems without Ethernet: packets begin with IP.
class RawIp {
 public:
  RawIp() : fd_(::open("/dev/net/tun", O_RDWR | O_CLOEXEC)) {
    ifreq request{};
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::string("wwan0").copy(request.ifr_name, IFNAMSIZ - 1);
    EXPECT_EQ(ioctl(fd_.get(), TUNSETIFF, &request), 0) << strerror(errno);
  }

  std::optional<Packet> next_syn() {
    for (int tries = 0; tries < 20; ++tries) {
      pollfd ready{fd_.get(), POLLIN, 0};
      if (::poll(&ready, 1, 5'000) != 1) break;
      Bytes bytes(2048);
      const auto size = ::read(fd_.get(), bytes.data(), bytes.size());
      if (size <= 0) break;
      bytes.resize(static_cast<std::size_t>(size));
      if (const Packet packet(bytes); packet.is_syn()) return packet;
    }
    return std::nullopt;
  }

 private:
  UniqueFd fd_;
};

TEST_F(FingerprintWire, CarriesSignaturesOnAModemWithoutEthernet) {
  RawIp modem;
  ip("link set wwan0 up");
  ip("addr add 10.0.0.2/32 dev wwan0");
  ip("addr add 2001:db8:1::2/128 dev wwan0 nodad");
  ip("route add 198.19.0.1/32 dev wwan0");
  ip("route add 2001:db8:2::1/128 dev wwan0");
  const auto attached = fingerprints_->attach(index("wwan0"));
  ASSERT_TRUE(attached) << attached.error().text;

  for (const auto& text : signatures()) {
    SCOPED_TRACE(text);
    const auto signature = *parse_signature(text);
    const auto recipe = dress(5, text);
    for (const auto* to : {"198.19.0.1", "2001:db8:2::1"}) {
      const bool v6 = to[0] == '2';
      if (signature.version == (v6 ? Signature::Version::kV4 : Signature::Version::kV6)) continue;
      const auto address = *Address::parse(to, 80);
      const UniqueFd fd(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK, 0));
      const std::uint32_t mark = 5;
      const int clamp = recipe.window_clamp();
      setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark);
      if (clamp != 0) setsockopt(fd.get(), IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, sizeof clamp);
      sockaddr_storage storage{};
      const auto size = address.to_sockaddr(storage);
      ::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size);
      const auto packet = modem.next_syn();
      ASSERT_TRUE(packet);
      expect_looks(signature, *packet, {v6 ? 1440 : 1460});
    }
  }
}

}  // namespace
}  // namespace airlane::test
