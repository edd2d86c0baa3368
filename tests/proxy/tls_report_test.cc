// What is counted and logged of clients that come by TLS: as much as of any other client, and once.
#include <gmock/gmock.h>

#include <array>
#include <memory>

#include "tests/proxy/report_fixture.h"
#include "tests/support/certificate.h"
#include "tests/support/tls_client.h"

namespace airlane::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Pair;

class TlsReportTest : public ReportTest {
 protected:
  struct Client {
    Client(Stream connection, const TlsClient::Options& options)
        : stream(std::move(connection)), tls(stream.fd(), options) {}
    Stream stream;
    TlsClient tls;
  };

  void SetUp() override {
    const std::array files{make_certificate(folder_, "one", "DNS:one.test")};
    tls_ = *TlsServerContext::load(files, kTlsProtocols);
    ReportTest::SetUp();
  }
  void configure(EngineOptions& options) override {
    ReportTest::configure(options);
    options.connections_most = 2;
  }
  std::unique_ptr<Client> connect(const std::string& protocols = "\x08http/1.1") {
    auto made = std::make_unique<Client>(client(), TlsClient::Options{.protocols = protocols});
    EXPECT_TRUE(made->tls.shake_hands());
    return made;
  }
  std::unique_ptr<Client> tunnel_to(std::uint16_t port) {
    auto made = connect();
    made->tls.send(connect_request(port));
    EXPECT_EQ(made->tls.read_until("\r\n\r\n"), "HTTP/1.1 200 Connection established\r\n\r\n");
    return made;
  }
  std::uint64_t ended_in_all() {
    std::uint64_t count = 0;
    for (const auto& row : engine_->statistics().ended) count += row.count;
    return count;
  }
  std::uint64_t streams_ended() {
    std::uint64_t count = 0;
    for (const auto& row : engine_->statistics().streams_ended) count += row.count;
    return count;
  }
  std::uint64_t spoke(std::string_view protocol) {
    for (const auto& row : engine_->statistics().spoken) {
      if (row.protocol == protocol) return row.count;
    }
    return UINT64_MAX;
  }

  Server echo_{[](Stream& stream) {
    stream.send(stream.read(4));
    stream.read_to_end();
  }};
};

TEST_F(TlsReportTest, AClientIsOneConnectionAndOneLine) {
  std::string source;
  {
    auto client = tunnel_to(echo_.port());
    client->tls.send("ping");
    EXPECT_EQ(client->tls.read(4), "ping");
    EXPECT_EQ(engine_->statistics().accepted, 1U);
    EXPECT_EQ(engine_->statistics().active, 1U);
    EXPECT_EQ(engine_->connections(), 1U);
    client->tls.end();
    client->tls.read_to_end();
  }
  EXPECT_TRUE(comes_to_active(0));
  const auto fields = line();
  EXPECT_THAT(fields, AllOf(Contains(Pair("protocol", "http")), Contains(Pair("stage", "relay")),
                            Contains(Pair("error", "-")), Contains(Pair("requests", "1")),
                            Contains(Pair("incoming", "4")), Contains(Pair("outgoing", "4"))));
  EXPECT_EQ(engine_->statistics().accepted, 1U);
  EXPECT_EQ(ended("relay", ""), 1U);
  EXPECT_EQ(ended_in_all(), 1U);
  EXPECT_EQ(spoke("http"), 1U);
  EXPECT_EQ(spoke("tls"), 0U);
}

TEST_F(TlsReportTest, TheTimeOfTheHandshakeIsTheConnections) {
  // A ClientHello in two pieces, the first of which is enough to begin.
  auto relay = client();
  Server middle([&](Stream& stream) {
    relay.send(stream.read(5));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    std::thread back([&] {
      for (auto byte = relay.read(1); !byte.empty(); byte = relay.read(1)) stream.send(byte);
      stream.end();
    });
    for (auto byte = stream.read(1); !byte.empty(); byte = stream.read(1)) relay.send(byte);
    relay.end();
    back.join();
  });
  {
    auto stream = Stream::connect(middle.port());
    TlsClient tls(stream.fd(), {});
    EXPECT_TRUE(tls.shake_hands());
    tls.send("BAD\r\n\r\n");
    tls.read_to_end();
    tls.end();
  }
  const auto fields = line();
  EXPECT_GE(std::stod(fields.at("detect_ms")), 190);
  EXPECT_GE(std::stod(fields.at("ms")), 190);
}

TEST_F(TlsReportTest, AClientTakesOnePlace) {
  auto first = tunnel_to(echo_.port());
  auto second = tunnel_to(echo_.port());
  auto third = client();
  third.send("G");
  EXPECT_EQ(third.read_to_end(), "");
  EXPECT_EQ(engine_->statistics().turned_away, 1U);
  first.reset();
  for (int i = 0; i < 1000 && engine_->connections() > 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(engine_->connections(), 1U);
  auto fourth = tunnel_to(echo_.port());
  fourth->tls.send("ping");
  EXPECT_EQ(fourth->tls.read(4), "ping");
}

TEST_F(TlsReportTest, AHandshakeThatFailedIsOneLine) {
  auto stream = client();
  stream.send(std::string("\x16\x03\x01\x00\x05garbage", 12));
  stream.read_to_end();
  stream.end();
  EXPECT_THAT(line(), AllOf(Contains(Pair("protocol", "tls")), Contains(Pair("stage", "detect")),
                            Contains(Pair("error", "malformed")), Contains(Pair("proxy", "100")),
                            Contains(Pair("port", std::to_string(proxies_[0].port))),
                            Contains(Pair("authenticate_ms", "-"))));
  EXPECT_TRUE(line().at("client").starts_with("127.0.0.1:"));
  EXPECT_EQ(ended("detect", "malformed"), 1U);
  EXPECT_EQ(spoke("tls"), 1U);
  EXPECT_EQ(ended_in_all(), 1U);
  EXPECT_EQ(engine_->statistics().accepted, 1U);
  EXPECT_EQ(engine_->connections(), 0U);
}

TEST_F(TlsReportTest, AnHttp2ClientThatAsksForNothingIsOneLine) {
  {
    auto client = connect("\x02h2");
    client->tls.end();
    client->tls.read_to_end();
  }
  EXPECT_THAT(line(), AllOf(Contains(Pair("protocol", "tls")), Contains(Pair("stage", "detect")),
                            Contains(Pair("error", "-")), Contains(Pair("requests", "0"))));
  EXPECT_EQ(ended("detect", ""), 1U);
  EXPECT_EQ(ended_in_all(), 1U);
}

TEST_F(TlsReportTest, AnHttp2ClientThatLeavesWithoutAWordIsNoError) {
  const auto polite = connect("\x02h2");
  polite->stream.end();  // A FIN, but no close_notify.
  polite->stream.read_to_end();
  EXPECT_TRUE(comes_to_active(0));
  EXPECT_THAT(line(), AllOf(Contains(Pair("protocol", "tls")), Contains(Pair("stage", "detect")),
                            Contains(Pair("error", "-"))));
  const auto rude = connect("\x02h2");
  EXPECT_EQ(rude->tls.read(9).size(), 9U) << "SETTINGS: it has finished the handshake";
  rude->stream.reset();
  EXPECT_TRUE(comes_to_active(0));
  EXPECT_EQ(ended("detect", ""), 2U);
  EXPECT_EQ(ended_in_all(), 2U);
}

TEST_F(TlsReportTest, TellsOfAHandshakeThatWasOpenWhenTheServerStopped) {
  auto stream = client();
  stream.send(std::string("\x16\x03\x01", 3));
  EXPECT_TRUE(comes_to_active(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  engine_.reset();
  EXPECT_THAT(line(), AllOf(Contains(Pair("protocol", "tls")), Contains(Pair("error", "closing")),
                            Contains(Pair("reason", "stop"))));
}

TEST_F(TlsReportTest, AClientHasItsPlaceFromTheBeginningOfItsHandshakeToTheEnd) {
  proxies_[0].limits.connections_per_source = 1;
  publish();
  const auto status = [&] {
    auto stream = client();
    stream.send(connect_request(echo_.port()));
    return stream.read_until("\r\n").substr(9, 3);
  };
  // The place is free a moment after the end.
  const auto becomes_free = [&] {
    for (int i = 0; i < 1000; ++i) {
      if (status() == "200") return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  {
    auto tunnel = tunnel_to(echo_.port());
    EXPECT_EQ(status(), "503");
    tunnel->tls.end();
    tunnel->tls.read_to_end();
  }
  EXPECT_TRUE(becomes_free());
  EXPECT_TRUE(comes_to_active(0));
  {
    auto slow = client();
    slow.send(std::string("\x16\x03", 2));
    for (int i = 0; i < 1000 && engine_->connections() < 1; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(status(), "503");
  }
  EXPECT_TRUE(becomes_free());
}

// Frames of an HTTP/2 client (RFC 9113, section 4.1), enough for a CONNECT.
std::string frame(char type, char flags, std::uint32_t stream, const std::string& payload) {
  const auto size = static_cast<char>(payload.size());
  return std::string{'\0', '\0', size, type, flags, '\0', '\0', '\0', static_cast<char>(stream)} +
         payload;
}
std::string field(const std::string& index, const std::string& value) {  // RFC 7541, section 6.2.2
  return index + static_cast<char>(value.size()) + value;
}

// Also between its streams, as HTTP/1.1 has it between its requests.
TEST_F(TlsReportTest, AnHttp2ConnectionHasOnePlaceAtTheProxyFromItsFirstRequestToItsEnd) {
  using std::string_literals::operator""s;
  proxies_[0].limits.connections = 1;
  publish();
  const auto status = [&] {
    auto stream = client();
    stream.send(connect_request(echo_.port()));
    return stream.read_until("\r\n").substr(9, 3);
  };
  {
    auto client = connect("\x02h2");
    const auto request = field("\x02", "CONNECT") +
                         field("\x01", "127.0.0.1:" + std::to_string(echo_.port())) +
                         field("\x0f\x22", "Basic " + base64_encode("user:word"));
    for (const std::uint32_t stream : {1U, 3U}) {
      client->tls.send(
          (stream == 1 ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, "") : std::string()) +
          frame(1, 4, stream, request) + frame(0, 1, stream, "ping"));
      EXPECT_THAT(client->tls.read_until("ping"), testing::HasSubstr("\x88"s)) << "the status 200";
      for (int i = 0; i < 1000 && streams_ended() != (stream + 1) / 2; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      EXPECT_EQ(status(), "503") << "after stream " << stream;
    }
    client->tls.end();
    client->tls.read_to_end();
  }
  EXPECT_TRUE(comes_to_active(0));
  EXPECT_EQ(status(), "200");
}

class BalancedTlsReportTest : public TlsReportTest {
 protected:
  void configure(EngineOptions& options) override {
    TlsReportTest::configure(options);
    options.fronts = {Cidr::of("127.0.0.0/8")};
  }
};

TEST_F(BalancedTlsReportTest, NamesTheBalancerWhateverIsInside) {
  for (const bool well : {false, true}) {
    auto stream = client();
    stream.send("PROXY TCP4 192.0.2.7 127.0.0.1 1234 443\r\n");
    TlsClient tls(stream.fd(), {});
    if (well) {
      EXPECT_TRUE(tls.shake_hands());
      tls.send("BAD\r\n\r\n");
      tls.read_to_end();
      tls.end();
    } else {
      stream.send(std::string("\x16\x03\x01\x00\x05garbage", 12));
      stream.read_to_end();
      stream.end();
    }
  }
  for (int i = 0; i < 1000 && lines().size() < 2; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(lines().size(), 2U);
  for (const auto& each : lines()) {
    EXPECT_EQ(each.at("client"), "192.0.2.7:1234");
    EXPECT_TRUE(each.at("front").starts_with("127.0.0.1:")) << each.at("front");
  }
}

}  // namespace
}  // namespace airlane::test
