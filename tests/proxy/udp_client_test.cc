// UDP ASSOCIATE for clients that come by IPv6, by TLS, and to one of several addresses.
#include <array>
#include <optional>

#include "tests/proxy/udp_fixture.h"
#include "tests/support/certificate.h"
#include "tests/support/tls_client.h"

namespace airlane::test {
namespace {

class UdpClients : public Udp {
 protected:
  void SetUp() override {
    const std::array files{make_certificate(folder_, "one", "DNS:one.test")};
    tls_ = *TlsServerContext::load(files, kTlsProtocols);
    Udp::SetUp();
    egresses_[0].has_v6 = true;
    destinations_.allow.push_back(Cidr::of("::1/128"));
    publish();
  }
  void configure(EngineOptions& options) override { options.listen = *Address::parse("::"); }

  // To the proxy at `host`.
  Stream connect(const std::string& host) {
    const auto address = *Address::parse(host, proxies_[0].port);
    UniqueFd fd(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_storage storage;
    const auto size = address.to_sockaddr(storage);
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&storage), size), 0) << host;
    return Stream(std::move(fd));
  }
  // Asks by either kind of connection; where to send datagrams, if the answer is well.
  template <class Connection>
  std::optional<Address> ask(Connection& connection) {
    connection.send(socks5_hello() + std::string("\5\3\0\1\0\0\0\0\0\0", 10));
    EXPECT_EQ(connection.read(4), std::string("\5\2\1\0", 4));
    const auto head = connection.read(4);
    if (head.size() < 4 || head[1] != 0) return std::nullopt;
    const std::size_t size = head[3] == 1 ? 4 : 16;
    const auto rest = connection.read(size + 2);
    if (rest.size() < size + 2) return std::nullopt;
    const auto port = static_cast<std::uint16_t>(static_cast<std::uint8_t>(rest[size]) << 8 |
                                                 static_cast<std::uint8_t>(rest[size + 1]));
    return size == 4 ? Address::v4(rest.data(), port) : Address::v6(rest.data(), port);
  }
  // Bytes there and back, to targets of both families.
  void expect_echoes(const std::string& own_ip, const Address& relay) {
    UdpSocket socket(own_ip);
    UdpSocket target("::1");
    for (int i = 0; i < 3; ++i) {
      const auto payload = "datagram " + std::to_string(i);
      socket.send(datagram_to(echo_.address(), payload), relay);
      EXPECT_EQ(socket.receive(), datagram_to(echo_.address(), payload));
      socket.send(datagram_to(target.address(), payload), relay);
      Address from;
      EXPECT_EQ(target.receive(&from), payload);
      target.send(payload + " back", from);
      EXPECT_EQ(socket.receive(), datagram_to(target.address(), payload + " back"));
    }
  }
  void expect_deaf_to(const std::string& stranger, const Address& relay) {
    const auto heard = echo_.heard();
    UdpSocket socket(stranger);
    socket.send(datagram_to(echo_.address(), "spoofed"), relay);
    EXPECT_TRUE(dropped_becomes("stranger", 1));
    EXPECT_EQ(echo_.heard(), heard);
  }
};

TEST_F(UdpClients, AClientByIpv6IsToldAnIpv6Address) {
  auto stream = connect("::1");
  const auto relay = ask(stream);
  ASSERT_TRUE(relay);
  EXPECT_EQ(relay->ip(), "::1");
  expect_echoes("::1", *relay);
}

TEST_F(UdpClients, AClientByIpv4IsToldAnIpv4AddressWhereBothAreListenedTo) {
  auto stream = connect("127.0.0.5");
  const auto relay = ask(stream);
  ASSERT_TRUE(relay);
  EXPECT_EQ(relay->ip(), "127.0.0.5") << "the one that it has reached";
  expect_deaf_to("127.0.0.2", *relay);
  expect_echoes("127.0.0.1", *relay);
}

TEST_F(UdpClients, AClientByTlsIsToldTheAddressThatItHasReached) {
  for (const auto& [host, own] : {std::pair("127.0.0.5", "127.0.0.1"), std::pair("::1", "::1")}) {
    auto stream = connect(host);
    TlsClient tls(stream.fd(), {});
    ASSERT_TRUE(tls.shake_hands());
    const auto relay = ask(tls);
    ASSERT_TRUE(relay);
    EXPECT_EQ(relay->ip(), host);
    expect_echoes(own, *relay);
  }
}

TEST_F(UdpClients, ByTlsOnlyTheClientsOwnAddressIsHeard) {
  auto stream = connect("127.0.0.5");
  TlsClient tls(stream.fd(), {});
  ASSERT_TRUE(tls.shake_hands());
  const auto relay = ask(tls);
  ASSERT_TRUE(relay);
  expect_deaf_to("127.0.0.2", *relay);
  expect_echoes("127.0.0.1", *relay);
}

TEST_F(UdpClients, AnAssociationEndsWithItsTls) {
  auto stream = connect("127.0.0.1");
  TlsClient tls(stream.fd(), {});
  ASSERT_TRUE(tls.shake_hands());
  const auto relay = ask(tls);
  ASSERT_TRUE(relay);
  expect_echoes("127.0.0.1", *relay);
  tls.end();
  tls.read_to_end();
  EXPECT_TRUE(tls.was_told_the_end());
  const auto heard = echo_.heard();
  UdpSocket socket;
  socket.send(datagram_to(echo_.address(), "late"), *relay);
  EXPECT_FALSE(socket.hears_something());
  EXPECT_EQ(echo_.heard(), heard);
}

}  // namespace
}  // namespace airlane::test
