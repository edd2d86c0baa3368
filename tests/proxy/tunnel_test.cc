// Tunnels, by CONNECT and by SOCKS5, over the whole data path on loopback.
#include <optional>

#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;

class Tunnel : public EngineTest {};

// Answers whatever arrives, in upper case.
void shout(Stream& stream) {
  for (;;) {
    auto byte = stream.read(1);
    if (byte.empty()) return;
    byte[0] = static_cast<char>(std::toupper(byte[0]));
    stream.send(byte);
  }
}

TEST_F(Tunnel, CarriesBytesBothWaysAndCountsThem) {
  Server target(shout);
  auto stream = tunnel(target.port());
  stream.send("hello");
  EXPECT_EQ(stream.read(5), "HELLO");
  EXPECT_TRUE(outgoing_becomes(5u));
  EXPECT_EQ(incoming(), 5u);
  EXPECT_EQ(incoming(1), 0u) << "the other proxy has nothing to do with it";
}

TEST_F(Tunnel, OpensBySocks5WithAPassword) {
  Server target(shout);
  auto stream = client();
  stream.send("\x05\x01\x02"s);
  EXPECT_EQ(stream.read(2), "\x05\x02"s);
  stream.send(socks5_hello().substr(3));
  EXPECT_EQ(stream.read(2), "\x01\x00"s);
  stream.send(socks5_connect(target.port()));
  EXPECT_EQ(stream.read(10), "\x05\x00\x00\x01\0\0\0\0\0\0"s);
  stream.send("hello");
  EXPECT_EQ(stream.read(5), "HELLO");
}

TEST_F(Tunnel, TakesEverythingAClientSendsAhead) {
  Server target(shout);
  auto stream = client();
  stream.send(socks5_hello() + socks5_connect(target.port()) + "early");
  EXPECT_EQ(stream.read(14), "\x05\x02\x01\x00\x05\x00\x00\x01\0\0\0\0\0\0"s);
  EXPECT_EQ(stream.read(5), "EARLY");
  auto other = client();
  other.send(connect_request(target.port()) + "early");
  other.read_until("\r\n\r\n");
  EXPECT_EQ(other.read(5), "EARLY");
  EXPECT_TRUE(outgoing_becomes(10u));
}

TEST_F(Tunnel, OpensForAClientThatSendsByteByByte) {
  Server target(shout);
  for (const auto& request :
       {socks5_hello() + socks5_connect(target.port()), connect_request(target.port())}) {
    auto stream = client();
    for (const char byte : request) {
      ASSERT_TRUE(stream.send({&byte, 1}));
      std::this_thread::yield();
    }
    stream.send("x");
    stream.read_until("X");
    stream.send("hello");
    EXPECT_EQ(stream.read(5), "HELLO");
  }
}

TEST_F(Tunnel, GoesOnDownwardsAfterTheClientsEnd) {
  const std::string answer(1'000'000, 'a');
  Server target([&](Stream& stream) {
    EXPECT_EQ(stream.read_to_end(), "question");
    stream.send(answer);
  });
  auto stream = tunnel(target.port());
  stream.send("question");
  stream.end();
  EXPECT_EQ(stream.read_to_end().size(), answer.size());
  EXPECT_EQ(stream.last_error(), 0);
}

TEST_F(Tunnel, GoesOnUpwardsAfterTheTargetsEnd) {
  std::string received;
  {
    Server target([&](Stream& stream) {
      stream.end();
      received = stream.read_to_end();
    });
    auto stream = tunnel(target.port());
    EXPECT_EQ(stream.read_to_end(), "");
    EXPECT_EQ(stream.last_error(), 0);
    stream.send(std::string(600'000, 'b'));
    stream.end();
  }
  EXPECT_EQ(received.size(), 600'000u);
}

TEST_F(Tunnel, ShowsTheTargetsResetAsAReset) {
  Server target([](Stream& stream) {
    stream.read(1);
    stream.send("half");
    stream.reset();
  });
  auto stream = tunnel(target.port());
  stream.send("x");
  stream.read_to_end();
  EXPECT_EQ(stream.last_error(), ECONNRESET) << "a cut transfer must not look whole";
}

TEST_F(Tunnel, ShowsTheClientsResetToTheTarget) {
  int seen = -1;
  {
    Server target([&](Stream& stream) {
      stream.send("go");
      stream.read_to_end();
      seen = stream.last_error();
    });
    auto stream = tunnel(target.port());
    stream.read(2);
    stream.reset();
  }
  EXPECT_EQ(seen, ECONNRESET);
}

TEST_F(Tunnel, CarriesABigTransferExactly) {
  std::string sent(32 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 2654435761U >> 24);
  Server target([&](Stream& stream) {
    const auto request = stream.read(sent.size());
    EXPECT_EQ(sha256_hex(request), sha256_hex(sent));
    stream.send(request);
  });
  auto stream = tunnel(target.port());
  std::thread sender([&] { EXPECT_TRUE(stream.send(sent)); });
  const auto received = stream.read(sent.size());
  sender.join();
  EXPECT_EQ(sha256_hex(received), sha256_hex(sent));
  EXPECT_EQ(incoming(), sent.size());
  EXPECT_TRUE(outgoing_becomes(sent.size()));
}

TEST_F(Tunnel, IsResetWhenItsDongleBeginsAnotherGenerationAndOnlyThen) {
  Server target(shout);
  auto mine = tunnel(target.port(), 0);
  auto others = tunnel(target.port(), 1);
  ++egresses_[0].generation;
  publish();
  EXPECT_EQ(mine.read(1), "");
  EXPECT_EQ(mine.last_error(), ECONNRESET);
  others.send("x");
  EXPECT_EQ(others.read(1), "X");
  auto again = tunnel(target.port(), 0);
  again.send("x");
  EXPECT_EQ(again.read(1), "X");
}

TEST_F(Tunnel, EndsWithItsProxyAndThePortWithIt) {
  Server target(shout);
  auto mine = tunnel(target.port(), 0);
  auto others = tunnel(target.port(), 1);
  const auto port = std::exchange(proxies_[0].port, 0);
  publish();
  EXPECT_EQ(mine.read(1), "");
  EXPECT_EQ(mine.last_error(), ECONNRESET);
  EXPECT_FALSE(Stream::connect(port).connected());
  others.send("x");
  EXPECT_EQ(others.read(1), "X");
}

TEST_F(Tunnel, EndsWithItsRental) {
  Server target(shout);
  proxies_[0].in_use_till = wall_now() + std::chrono::seconds(2);
  publish();
  auto stream = tunnel(target.port());
  EXPECT_EQ(stream.read(1), "");
  EXPECT_EQ(stream.last_error(), ECONNRESET);
}

TEST_F(Tunnel, SurvivesAChangeOfItsPassword) {
  Server target(shout);
  auto stream = tunnel(target.port());
  proxies_[0].password = "changed";
  publish();
  stream.send("x");
  EXPECT_EQ(stream.read(1), "X");
}

TEST_F(Tunnel, OpensAtAPortThatAnotherProgramHasGivenBack) {
  Server target(shout);
  auto other = std::make_optional<Server>(shout);
  proxies_[0].port = other->port();
  publish();
  other.reset();
  for (int i = 0; i < 1000 && !client().connected(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  auto stream = tunnel(target.port());
  stream.send("x");
  EXPECT_EQ(stream.read(1), "X");
}

class SilentTunnel : public EngineTest {
 protected:
  SilentTunnel() { timeouts_.relay = std::chrono::milliseconds(300); }
};

TEST_F(SilentTunnel, EndsAfterItsTime) {
  Server target(shout);
  auto stream = tunnel(target.port());
  EXPECT_EQ(stream.read(1), "");
  EXPECT_EQ(stream.last_error(), ECONNRESET);
}

}  // namespace
}  // namespace airlane::test
