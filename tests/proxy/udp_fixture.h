// A client of UDP ASSOCIATE and an echo on loopback, around an engine.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "tests/proxy/engine_fixture.h"
#include "tests/support/dns_stub.h"
#include "tests/support/udp.h"

namespace airlane::test {

class Udp : public EngineTest {
 protected:
  // The connection, and where to send datagrams.
  struct Association {
    Stream stream;
    Address relay;
  };

  // `hint` is what the client says of itself: ATYP, address and port.
  Association associate(std::string_view hint = std::string_view("\1\0\0\0\0\0\0", 7)) {
    auto stream = client();
    stream.send(socks5_hello() + std::string("\5\3\0", 3) + std::string(hint));
    EXPECT_EQ(stream.read(4), std::string("\5\2\1\0", 4));
    const auto reply = stream.read(10);
    if (reply.size() < 10 || reply[1] != 0) return {std::move(stream), Address()};
    const auto port = static_cast<std::uint16_t>(static_cast<std::uint8_t>(reply[8]) << 8 |
                                                 static_cast<std::uint8_t>(reply[9]));
    EXPECT_EQ(reply.substr(0, 4), std::string("\5\0\0\1", 4));
    return {std::move(stream), Address::v4(reply.data() + 4, port)};
  }
  std::string echoed(UdpSocket& socket, const Association& association, std::string_view payload) {
    socket.send(datagram_to(echo_.address(), payload), association.relay);
    const auto answer = socket.receive();
    return answer ? *answer : "nothing";
  }
  void settle() { std::this_thread::sleep_for(std::chrono::milliseconds(100)); }
  std::uint64_t dropped(std::string_view reason) {
    for (const auto& row : engine_->statistics().datagrams_dropped) {
      if (row.reason == reason) return row.count;
    }
    return UINT64_MAX;
  }
  // A worker drops what has come, a moment later.
  bool dropped_becomes(std::string_view reason, std::uint64_t count) {
    for (int i = 0; i < 100 && dropped(reason) != count; ++i) settle();
    return dropped(reason) == count;
  }

  UdpEcho echo_;
  UdpSocket socket_;
};

class UdpNamesTest : public Udp {
 protected:
  void SetUp() override {
    Udp::SetUp();
    egresses_[0].dns_servers = {dns_.address()};
    publish();
  }
  static DnsName at(const std::string& ip) {
    DnsName name;
    name.addresses = {ip};
    return name;
  }

  DnsStub dns_{{{"echo.test", at("127.0.0.1")}, {"inside.test", at("10.0.0.1")}}};
};

}  // namespace airlane::test
