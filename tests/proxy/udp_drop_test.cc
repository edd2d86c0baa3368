// Datagrams that are not passed on: each is counted, under what stopped it.
#include "tests/proxy/udp_fixture.h"

namespace airlane::test {
namespace {

class UdpDropTest : public UdpNamesTest {
 protected:
  void expect_only(std::string_view reason, std::uint64_t count) {
    EXPECT_TRUE(dropped_becomes(reason, count)) << reason << " " << dropped(reason);
    for (const auto& row : engine_->statistics().datagrams_dropped) {
      EXPECT_EQ(row.count, row.reason == reason ? count : 0) << row.reason;
    }
  }
};

TEST_F(UdpDropTest, OfWhatIsPassedOnNothingIsCounted) {
  auto association = associate();
  EXPECT_EQ(echoed(socket_, association, "a"), datagram_to(echo_.address(), "a"));
  expect_only("stranger", 0);
}

TEST_F(UdpDropTest, Fragments) {
  auto association = associate();
  auto fragment = datagram_to(echo_.address(), "part");
  fragment[2] = 1;
  for (int i = 0; i < 3; ++i) socket_.send(fragment, association.relay);
  expect_only("fragment", 3);
}

TEST_F(UdpDropTest, Malformed) {
  auto association = associate();
  for (const auto& bad :
       {std::string("\0\0", 2), std::string("\0\0\0\5....", 8), datagram_to(Address(), "port 0"),
        datagram_to("a b", 7, "x"), std::string()}) {
    socket_.send(bad, association.relay);
  }
  expect_only("malformed", 5);
}

TEST_F(UdpDropTest, Strangers) {
  auto association = associate();
  UdpSocket elsewhere("127.0.0.2");
  for (int i = 0; i < 2; ++i) {
    elsewhere.send(datagram_to(echo_.address(), "x"), association.relay);
  }
  expect_only("stranger", 2);
}

TEST_F(UdpDropTest, ProhibitedDestinations) {
  auto association = associate();
  socket_.send(datagram_to(*Address::parse("10.1.2.3", 7), "x"), association.relay);
  socket_.send(datagram_to("localhost", 7, "x"), association.relay);
  socket_.send(datagram_to("inside.test", 7, "x"), association.relay);
  expect_only("prohibited", 3);
}

TEST_F(UdpDropTest, ProhibitedSources) {
  auto association = associate();
  UdpSocket target;
  socket_.send(datagram_to(target.address(), "x"), association.relay);
  Address relay;
  ASSERT_TRUE(target.receive(&relay));
  destinations_.allow.clear();
  publish();
  for (int i = 0; i < 4; ++i) target.send("back", relay);
  expect_only("prohibited", 4);
}

TEST_F(UdpDropTest, NamesWithoutAnAddress) {
  auto association = associate();
  socket_.send(datagram_to("nowhere.test", 7, "x"), association.relay);
  expect_only("unresolved", 1);
  socket_.send(datagram_to("nowhere.test", 7, "x"), association.relay);
  expect_only("unresolved", 2);
}

TEST_F(UdpDropTest, MoreThanMayWaitForNames) {
  UdpSocket silent;  // A name server that says nothing.
  egresses_[0].dns_servers = {silent.address()};
  publish();
  auto association = associate();
  for (int i = 0; i < 20; ++i) {
    socket_.send(datagram_to("slow.test", 7, "x"), association.relay);
  }
  EXPECT_TRUE(dropped_becomes("waiting", 4)) << "16 wait";
}

TEST_F(UdpDropTest, Ipv6WhereTheDongleHasNone) {
  destinations_.allow.push_back(Cidr::of("::1/128"));
  publish();
  auto association = associate();
  socket_.send(datagram_to(*Address::parse("::1", 7), "x"), association.relay);
  expect_only("no_ipv6", 1);
}

TEST_F(UdpDropTest, WhatTheKernelRefuses) {
  // From a socket bound to loopback there is no way to the outside.
  auto association = associate();
  socket_.send(datagram_to(*Address::parse("255.255.255.255", 7), "x"), association.relay);
  expect_only("prohibited", 1);
  destinations_.allow.push_back(Cidr::of("255.255.255.255/32"));
  publish();
  socket_.send(datagram_to(*Address::parse("255.255.255.255", 7), "x"), association.relay);
  EXPECT_TRUE(dropped_becomes("unsent", 1));  // Not without SO_BROADCAST.
}

TEST_F(UdpDropTest, WhatComesFasterThanItsRate) {
  proxies_[0].limits.upload_bytes_per_second = 1000;
  publish();
  {
    auto association = associate();
    const auto datagram = datagram_to(echo_.address(), std::string(16'000, 'x'));
    for (int i = 0; i < 200; ++i) socket_.send(datagram, association.relay);
  }
  for (int i = 0; i < 100 && dropped("unread") == 0; ++i) settle();
  EXPECT_GT(dropped("unread"), 0U) << "said at its end";
  EXPECT_LT(dropped("unread"), 200U);
}

}  // namespace
}  // namespace airlane::test
