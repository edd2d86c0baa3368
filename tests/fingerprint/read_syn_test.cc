// SYNs that were seen, in p0f's notation; wire_test reads back every signature that was sent.
#include "netlink/fingerprint/read_syn.h"

#include "netlink/fingerprint/syn_tap.h"
#include "tests/fingerprint/wire.h"

namespace airlane::test {
namespace {

// From a Linux host over IPv4, and what a packet of its connection looks like.
Bytes linux_syn() {
  return {0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x06, 0x00, 0x00, 10,   0,    0,
          1,    10,   0,    0,    2,    0xc0, 0x00, 0x00, 0x50, 0x11, 0x22, 0x33, 0x44, 0,    0,
          0,    0,    0xa0, 0x02, 0xfa, 0xf0, 0,    0,    0,    0,    2,    4,    0x05, 0xb4, 4,
          2,    8,    10,   1,    2,    3,    4,    0,    0,    0,    0,    1,    3,    3,    7};
}

TEST(SynRead, IsWrittenAsP0fWritesIt) {
  EXPECT_EQ(to_string(*read_syn(linux_syn())), "4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0");
}

TEST(SynRead, FitsWhatStandsForIt) {
  const auto seen = *read_syn(linux_syn());
  for (const auto* text :
       {"*:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0",
        "4:64:0:1460:64240,*:mss,sok,ts,nop,ws:df,id+:*",
        "*:64-:0:*:%10,7:mss,sok,ts,nop,ws:df,id+:0",
        "*:64:0:*:*,*:mss,sok,ts,nop,ws:df,id+,flow:0", "6:64:0:*:*,*:mss:flow:0"}) {
    EXPECT_TRUE(fits(*parse_signature(text), seen)) << text;
  }
  for (const auto* text :
       {"6:128:0:*:*,*:mss:flow:0", "*:128:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0",
        "*:64:0:*:mss*20,7:mss,sok,ts,nop,ws:df,id+:0",
        "*:64:0:*:mss*44,8:mss,sok,ts,nop,ws:df,id+:0",
        "*:64:0:1400:mss*44,7:mss,sok,ts,nop,ws:df,id+:0",
        "*:64:0:*:mss*44,7:mss,ts,sok,nop,ws:df,id+:0",
        "*:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df:0"}) {
    EXPECT_FALSE(fits(*parse_signature(text), seen)) << text;
  }
}

TEST(SynRead, IsNothingWhereThereIsNoWholeSyn) {
  auto packet = linux_syn();
  for (std::size_t size = 0; size < packet.size(); ++size) {
    EXPECT_FALSE(read_syn(std::span(packet).first(size))) << size;
  }
  packet[33] = 0x12;
  EXPECT_FALSE(read_syn(packet)) << "SYN-ACK";
  packet[33] = 0x02;
  packet[9] = 17;
  EXPECT_FALSE(read_syn(packet)) << "UDP";
}

TEST(SynRead, SurvivesOptionsThatRunOutOfTheHeader) {
  auto packet = linux_syn();
  packet[41] = 200;
  const auto seen = read_syn(packet);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->quirks.has(Quirk::kMalformed));
}

class SynTapped : public WireTest {
 protected:
  // As the engine opens it, with a port of its own.
  static UniqueFd bound(const Recipe& recipe, int family) {
    UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const std::uint32_t mark = 1;
    const int clamp = recipe.window_clamp();
    sockaddr_storage any{};
    any.ss_family = static_cast<sa_family_t>(family);
    EXPECT_EQ(setsockopt(fd.get(), SOL_SOCKET, SO_BINDTODEVICE, "dg0", 3), 0);
    EXPECT_EQ(setsockopt(fd.get(), SOL_SOCKET, SO_MARK, &mark, sizeof mark), 0);
    EXPECT_EQ(setsockopt(fd.get(), IPPROTO_TCP, TCP_WINDOW_CLAMP, &clamp, sizeof clamp), 0);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&any),
                     family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6)),
              0);
    return fd;
  }
};

TEST_F(SynTapped, IsWhatLeavesBehindTheProgramAndNothingElse) {
  constexpr auto kWindows = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0";
  const auto windows = dress(1, kWindows);
  for (const auto* to : {kThere, kThere6}) {
    SCOPED_TRACE(to);
    const auto address = *Address::parse(to, 80);
    const auto here = bound(windows, address.family());
    auto tap = SynTap::open(index("dg0"), static_cast<std::uint16_t>(port_of(here)));
    ASSERT_TRUE(tap) << tap.error().text;
    const auto another = open(1, windows, to);
    EXPECT_EQ(outcome(another), ECONNREFUSED);
    EXPECT_FALSE(tap->read()) << "of another port";

    sockaddr_storage storage{};
    const auto size = address.to_sockaddr(storage);
    ::connect(here.get(), reinterpret_cast<sockaddr*>(&storage), size);
    pollfd ready{tap->fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&ready, 1, 10'000), 1);
    const auto packet = tap->read();
    ASSERT_TRUE(packet);
    const auto seen = read_syn(*packet);
    ASSERT_TRUE(seen);
    EXPECT_TRUE(fits(*parse_signature(kWindows), *seen)) << to_string(*seen);
  }
}

}  // namespace
}  // namespace airlane::test
