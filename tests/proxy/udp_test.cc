// UDP ASSOCIATE, as a client, a target and a stranger see it.
#include <filesystem>
#include <set>

#include "tests/proxy/udp_fixture.h"

namespace airlane::test {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

std::size_t open_descriptors() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST_F(Udp, CarriesDatagramsBothWaysAndCountsTheirPayload) {
  auto association = associate();
  EXPECT_TRUE(association.relay.same_ip(loopback(0))) << "where the client is connected to";
  for (const std::string payload : {"hello", "", "x"}) {
    EXPECT_EQ(echoed(socket_, association, payload), datagram_to(echo_.address(), payload));
  }
  EXPECT_EQ(outgoing(), 6U);
  EXPECT_EQ(incoming(), 6U);
}

TEST_F(Udp, CarriesTheSmallestAndTheLargest) {
  auto association = associate();
  for (const std::size_t size : {1U, 1472U, 1473U, 9000U, 65507U - 10U}) {
    std::string payload(size, 'x');
    for (std::size_t i = 0; i < size; ++i) payload[i] = static_cast<char>(i * 7 + size);
    EXPECT_EQ(echoed(socket_, association, payload), datagram_to(echo_.address(), payload));
  }
}

TEST_F(Udp, TakesEveryHintThatAClientGivesOfItself) {
  for (const auto hint : {std::string_view("\1\0\0\0\0\0\0", 7),        // RFC 1928: unknown
                          std::string_view("\1\x0a\1\2\3\x12\x34", 7),  // behind a NAT
                          std::string_view("\3\1\x30\x12\x34", 5),      // PySocks
                          std::string_view("\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 19)}) {
    auto association = associate(hint);
    UdpSocket socket;
    EXPECT_EQ(echoed(socket, association, "a"), datagram_to(echo_.address(), "a"));
  }
}

TEST_F(Udp, KeepsManyDatagramsApartAndInOrder) {
  auto association = associate();
  UdpEcho other;
  // Alike in runs, so that they may be joined on the way; the ends of runs shorter and longer.
  std::vector<std::string> sent;
  for (int i = 0; i < 120; ++i) {
    const std::size_t size = i % 20 == 19 ? 300 : i % 20 == 9 ? 700 : 500;
    const auto mark = std::to_string(i) + ",";
    const auto& target = i % 40 < 30 ? echo_.address() : other.address();
    sent.push_back(datagram_to(target, mark + std::string(size, static_cast<char>(i))));
  }
  for (const auto& one : sent) EXPECT_TRUE(socket_.send(one, association.relay));
  std::multiset<std::string> missing(sent.begin(), sent.end());
  int last = -1;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    const auto answer = socket_.receive();
    ASSERT_TRUE(answer) << missing.size() << " are missing";
    const auto found = missing.find(*answer);
    ASSERT_NE(found, missing.end());
    missing.erase(found);
    if (answer->compare(0, 10, datagram_to(echo_.address(), "")) != 0) continue;
    const int number = std::stoi(answer->substr(10));
    EXPECT_GT(number, last);
    last = number;
  }
}

TEST_F(Udp, CutsAgainWhatTheKernelHasJoined) {
  auto association = associate();
  std::string joined;
  for (int i = 0; i < 20; ++i) {
    joined += datagram_to(echo_.address(), std::string(i == 19 ? 50 : 400, static_cast<char>(i)));
  }
  const int segment = 410;
  ASSERT_EQ(setsockopt(socket_.fd(), SOL_UDP, UDP_SEGMENT, &segment, sizeof segment), 0);
  ASSERT_TRUE(socket_.send(joined, association.relay));
  for (int i = 0; i < 20; ++i) {
    const std::string payload(i == 19 ? 50 : 400, static_cast<char>(i));
    EXPECT_EQ(socket_.receive(), datagram_to(echo_.address(), payload)) << i;
  }
  EXPECT_EQ(echo_.heard(), 20);
}

TEST_F(Udp, ListensToTheFirstPortOfTheClientOnly) {
  auto association = associate();
  UdpSocket elsewhere("127.0.0.2");
  elsewhere.send(datagram_to(echo_.address(), "spoofed"), association.relay);
  settle();
  EXPECT_EQ(echo_.heard(), 0);
  EXPECT_EQ(echoed(socket_, association, "mine"), datagram_to(echo_.address(), "mine"));
  UdpSocket second;
  second.send(datagram_to(echo_.address(), "late"), association.relay);
  second.send("garbage", association.relay);
  EXPECT_FALSE(second.hears_something()) << "nobody answers a stranger";
  EXPECT_FALSE(elsewhere.hears_something());
  EXPECT_EQ(echo_.heard(), 1);
  EXPECT_EQ(outgoing(), 4U);
}

TEST_F(Udp, DropsWhatItDoesNotUnderstandAndGoesOn) {
  auto association = associate();
  auto fragment = datagram_to(echo_.address(), "part");
  fragment[2] = 1;
  for (const auto& bad : {fragment, std::string("\0\0", 2), std::string("\0\0\0\5....", 8),
                          datagram_to(Address(), "port 0"), datagram_to("a b", 7, "x")}) {
    socket_.send(bad, association.relay);
  }
  EXPECT_EQ(echoed(socket_, association, "good"), datagram_to(echo_.address(), "good"));
  EXPECT_EQ(echo_.heard(), 1);
  EXPECT_EQ(outgoing(), 4U);
}

TEST_F(Udp, ReachesNothingInside) {
  destinations_.allow.clear();
  publish();
  auto association = associate();
  socket_.send(datagram_to(echo_.address(), "inside"), association.relay);
  socket_.send(datagram_to("127.0.0.1", echo_.address().port(), "as a name"), association.relay);
  socket_.send(datagram_to("localhost", echo_.address().port(), "by name"), association.relay);
  settle();
  EXPECT_EQ(echo_.heard(), 0);
  EXPECT_EQ(outgoing(), 0U);
}

TEST_F(Udp, ReachesIpv6TargetsWhereTheDongleHasIpv6) {
  destinations_.allow.push_back(Cidr::of("::1/128"));
  publish();
  UdpSocket target("::1");
  auto without = associate();
  socket_.send(datagram_to(target.address(), "six"), without.relay);
  EXPECT_FALSE(target.hears_something());
  egresses_[0].has_v6 = true;
  publish();
  auto association = associate();
  UdpSocket socket;
  socket.send(datagram_to(target.address(), "six"), association.relay);
  Address relay;
  EXPECT_EQ(target.receive(&relay), "six");
  target.send("back", relay);
  EXPECT_EQ(socket.receive(), datagram_to(target.address(), "back"));
}

TEST_F(Udp, KeepsToTheRateOfItsProxy) {
  proxies_[0].limits.upload_bytes_per_second = 40'000;
  publish();
  auto association = associate();
  const auto start = Monotonic::now();
  for (int i = 0; i < 80; ++i) {
    socket_.send(datagram_to(echo_.address(), std::string(1000, 'x')), association.relay);
    if (i % 20 == 19) std::this_thread::sleep_for(1ms);
  }
  while (echo_.heard() < 80 && Monotonic::now() - start < std::chrono::seconds(20)) settle();
  EXPECT_EQ(echo_.heard(), 80) << "what waits in the socket's buffer is not lost";
  EXPECT_GT(Monotonic::now() - start, 1s);
}

TEST_F(Udp, EndsWhenTheQuotaIsUsedUp) {
  proxies_[0].limits.quota = Quota{50'000, 0};
  publish();
  auto association = associate();
  for (int i = 0; i < 400; ++i) {
    socket_.send(datagram_to(echo_.address(), std::string(1000, 'x')), association.relay);
    if (i % 20 == 19) std::this_thread::sleep_for(1ms);
  }
  EXPECT_EQ(association.stream.read(1), "");
  EXPECT_GE(outgoing() + incoming(), 50'000U);
  EXPECT_LT(outgoing() + incoming(), 50'000U + 256 * 1024);
  EXPECT_EQ(associate().relay, Address());
}

TEST_F(Udp, KeepsToRulesThatChangeMeanwhile) {
  auto association = associate();
  EXPECT_EQ(echoed(socket_, association, "a"), datagram_to(echo_.address(), "a"));
  destinations_.allow.clear();
  publish();
  socket_.send(datagram_to(echo_.address(), "b"), association.relay);
  EXPECT_FALSE(socket_.hears_something());
  EXPECT_EQ(echo_.heard(), 1);
}

TEST_F(Udp, OutlivesTargetsThatAreClosed) {
  auto association = associate();
  const auto closed = loopback(free_port());
  for (int i = 0; i < 3; ++i) {
    socket_.send(datagram_to(closed, "anybody?"), association.relay);
    EXPECT_EQ(echoed(socket_, association, "a"), datagram_to(echo_.address(), "a"));
  }
}

TEST_F(Udp, OutlivesAClientThatClosesItsSocketForAMoment) {
  auto association = associate();
  UdpSocket target;
  socket_.send(datagram_to(target.address(), "who"), association.relay);
  Address relay;
  ASSERT_EQ(target.receive(&relay), "who");
  const auto pinned = socket_.address();
  socket_ = UdpSocket("127.0.0.2");
  for (int i = 0; i < 3; ++i) {
    target.send("nobody hears this", relay);
    settle();  // The kernel tells the relay so.
  }
  socket_ = UdpSocket("127.0.0.1", pinned.port());
  target.send("welcome back", relay);
  EXPECT_EQ(socket_.receive(), datagram_to(target.address(), "welcome back"));
  EXPECT_EQ(incoming(), 3 * 17U + 12U);
}

TEST_F(Udp, EndsWithItsConnection) {
  const auto before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    auto association = associate();
    EXPECT_EQ(echoed(socket_, association, "a"), datagram_to(echo_.address(), "a"));
    association.stream.send("noise that nobody asked for");
    if (i % 2 == 0) association.stream.reset();
    socket_ = UdpSocket();
  }
  for (int i = 0; i < 100 && open_descriptors() > before; ++i) settle();
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(Udp, EndsWhenItsDongleRotates) {
  auto association = associate();
  EXPECT_EQ(echoed(socket_, association, "a"), datagram_to(echo_.address(), "a"));
  ++egresses_[0].generation;
  publish();
  EXPECT_EQ(association.stream.read(1), "");
  EXPECT_EQ(association.stream.last_error(), ECONNRESET);
}

TEST_F(Udp, IsRefusedWithoutADongle) {
  egresses_[0].up = false;
  publish();
  EXPECT_EQ(associate().relay, Address());
}

TEST_F(Udp, IsRefusedWhenTheInterfaceHasGone) {
  egresses_[0].interface = "gone0";
  publish();
  EXPECT_EQ(associate().relay, Address()) << "it must not go another way";
}

TEST_F(Udp, RefusesClientsWithoutThePassword) {
  auto stream = client();
  stream.send(socks5_hello("user", "wrong") + std::string("\5\3\0\1\0\0\0\0\0\0", 10));
  EXPECT_EQ(stream.read(16), std::string("\5\2\1\1", 4)) << "and no port";
}

class FewAssociations : public Udp {
 protected:
  void configure(EngineOptions& options) override { options.associations_most = 3; }
};

TEST_F(FewAssociations, AreGivenToEachProxyAndGivenBack) {
  std::vector<Association> all;
  for (int i = 0; i < 3; ++i) all.push_back(associate());
  EXPECT_NE(all.back().relay, Address());
  EXPECT_EQ(associate().relay, Address()) << "one too many";
  all.pop_back();
  Address relay;
  for (int i = 0; i < 100 && relay == Address(); ++i) {
    settle();
    relay = associate().relay;
  }
  EXPECT_NE(relay, Address());
}

class QuietAssociation : public Udp {
 protected:
  QuietAssociation() { timeouts_.associate = 400ms; }
};

TEST_F(QuietAssociation, Ends) {
  auto association = associate();
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(echoed(socket_, association, "a"), datagram_to(echo_.address(), "a"));
    settle();
  }
  EXPECT_EQ(association.stream.read(1), "") << "only now";
  socket_.send(datagram_to(echo_.address(), "late"), association.relay);
  settle();
  EXPECT_EQ(echo_.heard(), 8);
}

TEST_F(UdpNamesTest, AreAskedThroughTheDongle) {
  auto association = associate();
  const auto port = echo_.address().port();
  for (int i = 0; i < 5; ++i) {
    socket_.send(datagram_to("echo.test", port, std::to_string(i)), association.relay);
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(socket_.receive(), datagram_to(echo_.address(), std::to_string(i)))
        << "from the address that answered";
  }
}

TEST_F(UdpNamesTest, ThatLeadInsideOrNowhereAreDropped) {
  auto association = associate();
  const auto port = echo_.address().port();
  for (int i = 0; i < 40; ++i) {
    for (const auto* name : {"inside.test", "nowhere.test"}) {
      socket_.send(datagram_to(name, port, "x"), association.relay);
    }
    socket_.send(datagram_to("n" + std::to_string(i) + ".test", port, "x"), association.relay);
  }
  settle();
  socket_.send(datagram_to("echo.test", port, "good"), association.relay);
  EXPECT_EQ(socket_.receive(), datagram_to(echo_.address(), "good"));
  EXPECT_EQ(echo_.heard(), 1);
}

}  // namespace
}  // namespace airlane::test
