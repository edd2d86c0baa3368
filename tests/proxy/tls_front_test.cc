// Clients that come to a proxy port by TLS and speak HTTP/1.1 or SOCKS inside: to their session it
// makes no difference, and an end stays an end and a cut a cut.
#include <gmock/gmock.h>

#include <atomic>
#include <memory>

#include "proxy/detect.h"
#include "tests/proxy/engine_fixture.h"
#include "tests/support/certificate.h"
#include "tests/support/tls_client.h"

namespace airlane::test {
namespace {

using testing::StartsWith;

class TlsFrontTest : public EngineTest {
 protected:
  // A client on a connection of its own.
  struct Client {
    Client(Stream connection, const TlsClient::Options& options)
        : stream(std::move(connection)), tls(stream.fd(), options) {}
    Stream stream;
    TlsClient tls;
  };

  void SetUp() override {
    files_ = {make_certificate(folder_, "first", "DNS:first.test"),
              make_certificate(folder_, "second", "DNS:second.test")};
    tls_ = *TlsServerContext::load(files_, kTlsProtocols);
    EngineTest::SetUp();
  }

  std::unique_ptr<Client> connect(const TlsClient::Options& options = {}) {
    auto made = std::make_unique<Client>(client(), options);
    EXPECT_TRUE(made->tls.shake_hands());
    return made;
  }
  std::unique_ptr<Client> tunnel_to(std::uint16_t port) {
    auto made = connect();
    made->tls.send(connect_request(port));
    EXPECT_EQ(made->tls.read_until("\r\n\r\n"), connect_established());
    return made;
  }
  static std::string_view connect_established() {
    return "HTTP/1.1 200 Connection established\r\n\r\n";
  }
  // How many connections ended in Detect, which the TLS belongs to, with this label.
  std::uint64_t ended_with(std::string_view error) {
    std::uint64_t count = 0;
    for (const auto& each : engine_->statistics().ended) {
      if (each.stage == Detect::kName && each.error == error) count += each.count;
    }
    return count;
  }
  // Waits for a counter, which a worker may still be about to raise.
  template <class Count>
  static bool comes_to(Count count, std::uint64_t wanted) {
    for (int i = 0; i < 1000 && count() != wanted; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return count() == wanted;
  }

  std::vector<CertificateFiles> files_;
};

TEST_F(TlsFrontTest, CarriesATunnelAndCountsItsPayloadOnly) {
  Server echo([](Stream& stream) { stream.send(stream.read(5) + "!"); });
  auto client = tunnel_to(echo.port());
  client->tls.send("hello");
  EXPECT_EQ(client->tls.read_to_end(), "hello!");
  EXPECT_TRUE(client->tls.was_told_the_end());
  client->tls.end();
  EXPECT_TRUE(comes_to([this] { return outgoing(); }, 5));
  EXPECT_TRUE(comes_to([this] { return incoming(); }, 6));
}

TEST_F(TlsFrontTest, CarriesSocks5) {
  Server echo([](Stream& stream) { stream.send(stream.read(5)); });
  auto client = connect();
  client->tls.send(socks5_hello());
  EXPECT_EQ(client->tls.read(4), std::string("\x05\x02\x01\x00", 4));
  client->tls.send(socks5_connect(echo.port()) + "hello");
  EXPECT_THAT(client->tls.read(10), StartsWith(std::string("\x05\x00", 2)));
  EXPECT_EQ(client->tls.read_to_end(), "hello");
}

TEST_F(TlsFrontTest, ForwardsRequestsOneAfterTheOther) {
  Server origin([](Stream& stream) {
    for (int i = 0; i < 2; ++i) {
      stream.read_until("\r\n\r\n");
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  auto client = connect({.protocols = "\x08http/1.1"});
  EXPECT_EQ(client->tls.protocol(), "http/1.1");
  const auto host = "127.0.0.1:" + std::to_string(origin.port());
  for (int i = 0; i < 2; ++i) {
    client->tls.send("GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n" + basic() +
                     "\r\n");
    EXPECT_THAT(client->tls.read_until("\r\n\r\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(client->tls.read(2), "ok");
  }
  EXPECT_EQ(origin.connections(), 1);
}

TEST_F(TlsFrontTest, RefusesAWrongPasswordInTheClientsProtocol) {
  auto client = connect();
  client->tls.send("CONNECT a.test:1 HTTP/1.1\r\nHost: a.test:1\r\n" + basic("user:no") + "\r\n");
  EXPECT_THAT(client->tls.read_to_end(), StartsWith("HTTP/1.1 407 "));
  EXPECT_TRUE(client->tls.was_told_the_end());
}

TEST_F(TlsFrontTest, ShowsTheCertificateForTheName) {
  EXPECT_EQ(connect({.name = "second.test"})->tls.shown(), "second");
  EXPECT_EQ(connect({.name = "first.test"})->tls.shown(), "first");
  std::swap(files_[0], files_[1]);
  tls_ = *TlsServerContext::load(files_, kTlsProtocols);
  publish();
  EXPECT_EQ(connect()->tls.shown(), "second") << "new certificates are for the next connection";
}

TEST_F(TlsFrontTest, HandsOnTheEndOfEachDirection) {
  Server target([](Stream& stream) {
    const auto heard = stream.read_to_end();
    stream.send(heard + (stream.last_error() == 0 ? " and an end" : " and an error"));
  });
  auto client = tunnel_to(target.port());
  client->tls.send("words");
  client->tls.end();
  EXPECT_EQ(client->tls.read_to_end(), "words and an end");
  EXPECT_TRUE(client->tls.was_told_the_end());
}

TEST_F(TlsFrontTest, AClientThatIsCutOffResetsItsTarget) {
  std::atomic<int> error = -1;
  std::string heard;
  {
    Server target([&](Stream& stream) {
      heard = stream.read_to_end();
      error = stream.last_error();
    });
    auto client = tunnel_to(target.port());
    client->tls.send("words");
    client.reset();  // A FIN, but no close_notify.
    EXPECT_TRUE(comes_to([&] { return static_cast<std::uint64_t>(error.load()); }, ECONNRESET));
  }
  EXPECT_EQ(heard, "words");
}

TEST_F(TlsFrontTest, ATargetThatResetsIsACutForTheClient) {
  Server target([](Stream& stream) {
    stream.read(5);
    stream.send("part");
    stream.reset();
  });
  auto client = tunnel_to(target.port());
  client->tls.send("words");
  client->tls.read_to_end();
  EXPECT_FALSE(client->tls.was_told_the_end());
}

TEST_F(TlsFrontTest, CarriesMuchBothWays) {
  std::string bytes(20 << 20, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 131 >> 4);
  Server target([&](Stream& stream) {
    stream.send(stream.read(bytes.size()) == bytes ? bytes : "something else");
  });
  auto client = tunnel_to(target.port());
  for (std::size_t at = 0; at < bytes.size(); at += 1 << 20) {
    ASSERT_TRUE(client->tls.send(std::string_view(bytes).substr(at, 1 << 20)));
  }
  EXPECT_TRUE(client->tls.read(bytes.size()) == bytes);
}

TEST_F(TlsFrontTest, ASlowClientStopsTheTarget) {
  std::atomic<std::size_t> sent = 0;
  const std::string piece(64 << 10, 'x');
  Server target([&](Stream& stream) {
    const timeval moment{1, 0};
    setsockopt(stream.fd(), SOL_SOCKET, SO_SNDTIMEO, &moment, sizeof moment);
    while (sent < (1u << 30) && stream.send(piece)) sent += piece.size();
  });
  auto client = tunnel_to(target.port());
  std::size_t before = 1;
  while (sent != before) {
    before = sent;
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  }
  EXPECT_LT(sent, 64u << 20) << "only what the kernel's buffers hold";
}

TEST_F(TlsFrontTest, ClosesWithoutAnAnswerWhereThereIsNoCertificate) {
  tls_.reset();
  publish();
  auto stream = client();
  TlsClient tls(stream.fd(), {});
  EXPECT_FALSE(tls.shake_hands());
  EXPECT_EQ(stream.read_to_end(), "");
  EXPECT_EQ(stream.last_error(), 0);
  EXPECT_TRUE(comes_to([this] { return ended_with("unsupported"); }, 1));
}

TEST_F(TlsFrontTest, AnswersGarbageByAnAlertAndAnEnd) {
  auto stream = client();
  stream.send(std::string("\x16\x03\x01\x00\x05garbage", 12));
  EXPECT_THAT(stream.read_to_end(), StartsWith("\x15\x03")) << "RFC 8446: an alert";
  EXPECT_TRUE(comes_to([this] { return ended_with("malformed"); }, 1));
}

TEST_F(TlsFrontTest, RefusesTlsInTls) {
  auto client = connect();
  client->tls.send(std::string("\x16\x03\x01\x00\x05", 5));
  EXPECT_EQ(client->tls.read_to_end(), "");
}

TEST_F(TlsFrontTest, ARemovedPortEndsItsConnections) {
  Server quiet([](Stream& stream) { stream.read_to_end(); });
  auto busy = tunnel_to(quiet.port());
  auto stalled = client();
  stalled.send(std::string("\x16\x03\x01", 3));
  proxies_[0].port = 0;
  publish();
  EXPECT_EQ(busy->tls.read_to_end(), "");
  EXPECT_FALSE(busy->tls.was_told_the_end());
  EXPECT_EQ(stalled.read_to_end(), "");
}

TEST_F(TlsFrontTest, DrainingEndsHttp2ThatHasNothingToDo) {
  auto idle = connect({.protocols = "\x02h2"});
  Server echo([](Stream& stream) { stream.send(stream.read(5)); });
  auto busy = tunnel_to(echo.port());
  engine_->drain();
  idle->tls.read_to_end();
  EXPECT_TRUE(idle->tls.was_told_the_end());
  busy->tls.send("hello");
  EXPECT_EQ(busy->tls.read_to_end(), "hello") << "a tunnel goes on";
}

TEST_F(TlsFrontTest, IsResetWhenTheServerStops) {
  Server quiet([](Stream& stream) { stream.read_to_end(); });
  auto tunnel = tunnel_to(quiet.port());
  engine_.reset();
  EXPECT_EQ(tunnel->stream.read_to_end(), "");
  EXPECT_EQ(tunnel->stream.last_error(), ECONNRESET);
}

class HastyTlsFrontTest : public TlsFrontTest {
 protected:
  HastyTlsFrontTest() { timeouts_.authenticate = std::chrono::milliseconds(200); }
};

TEST_F(HastyTlsFrontTest, EndsAHandshakeThatStalls) {
  auto stream = client();
  stream.send(std::string("\x16\x03\x01\x02\x00", 5));
  EXPECT_EQ(stream.read_to_end(), "");
  EXPECT_NE(stream.last_error(), EAGAIN) << "not within ten seconds";
}

TEST_F(HastyTlsFrontTest, EndsHttp2WithoutARequest) {
  auto client = connect({.protocols = "\x02h2"});
  EXPECT_EQ(client->tls.protocol(), "h2");
  client->tls.read_to_end();
  EXPECT_TRUE(client->tls.was_told_the_end());
}

}  // namespace
}  // namespace airlane::test
