// A balancer in front: whoever it names in its PROXY header is the client, for the whitelist too.
#include "tests/proxy/engine_fixture.h"
#include "tests/support/dialogue.h"

namespace airlane::test {
namespace {

constexpr const char* kListed = "PROXY TCP4 203.0.113.7 127.0.0.1 56324 20001\r\n";
constexpr const char* kUnlisted = "PROXY TCP4 203.0.113.8 127.0.0.1 56324 20001\r\n";

// Both proxies admit 203.0.113.7 only, the first without a password.
class Whitelisted : public EngineTest {
 protected:
  void SetUp() override {
    for (auto& proxy : proxies_) proxy.whitelist = {Cidr::of("203.0.113.7/32")};
    proxies_[0].whitelist_mode = WhitelistMode::kOnly;
    proxies_[1].whitelist_mode = WhitelistMode::kRestrict;
    EngineTest::SetUp();
  }

  // What the proxy answers to a CONNECT that comes after these bytes: its status line.
  std::string answer_after(const std::string& bytes, std::size_t proxy = 0) {
    auto stream = client(proxy);
    stream.send(bytes + connect_request(target_.port()));
    return stream.read_until("\r\n");
  }

  // How many connections ended so, soon.
  bool ended_becomes(std::string_view stage, std::string_view error, std::uint64_t count) {
    const auto ended = [&] {
      for (const auto& row : engine_->statistics().ended) {
        if (row.stage == stage && row.error == error) return row.count;
      }
      return std::uint64_t{0};
    };
    for (int i = 0; i < 1000 && ended() != count; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return ended() == count;
  }

  Server target_{[](Stream& stream) { stream.send(stream.read(4)); }};
};

class BehindAFront : public Whitelisted {
 protected:
  void configure(EngineOptions& options) override { options.fronts = {Cidr::of("127.0.0.1/32")}; }
};

constexpr const char* kEstablished = "HTTP/1.1 200 Connection established\r\n";
constexpr const char* kForbidden = "HTTP/1.1 403 Forbidden\r\n";

TEST_F(BehindAFront, AdmitsWhomTheHeaderNames) {
  EXPECT_EQ(answer_after(kListed), kEstablished);
  EXPECT_EQ(answer_after(kUnlisted), kForbidden);
  EXPECT_EQ(answer_after(kListed, 1), kEstablished);
  EXPECT_EQ(answer_after(kUnlisted, 1), kForbidden);
}

TEST_F(BehindAFront, ReadsVersionTwo) {
  const auto start = octets("0d 0a 0d 0a 00 0d 0a 'QUIT' 0a");
  const auto listed = octets("21 11 00 0f cb007107 7f000001 dc04 4e21 04 0000");
  const auto unlisted = octets("21 11 00 0c cb007108 7f000001 dc04 4e21");
  EXPECT_EQ(answer_after(start + listed), kEstablished);
  EXPECT_EQ(answer_after(start + unlisted), kForbidden);
}

TEST_F(BehindAFront, CarriesBytesAfterAHeaderInPieces) {
  auto stream = client();
  for (const char byte : std::string(kListed) + "\x05\x01") {
    stream.send(std::string(1, byte));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  stream.send(std::string("\0", 1) + socks5_connect(target_.port()) + "ping");
  EXPECT_EQ(stream.read(12), octets("05 00 05 00 00 01 00000000 0000"));
  EXPECT_EQ(stream.read_to_end(), "ping");
}

TEST_F(BehindAFront, TakesAFrontThatSpeaksForItselfAtItsOwnAddress) {
  EXPECT_EQ(answer_after("PROXY UNKNOWN\r\n"), kForbidden);
  EXPECT_EQ(answer_after(octets("0d 0a 0d 0a 00 0d 0a 'QUIT' 0a 20 00 0000")), kForbidden);
  proxies_[0].whitelist.push_back(Cidr::of("127.0.0.1/32"));
  publish();
  EXPECT_EQ(answer_after("PROXY UNKNOWN\r\n"), kEstablished);
}

TEST_F(BehindAFront, HangsUpWithoutAnAnswerWhenThereIsNoHeader) {
  EXPECT_EQ(answer_after(""), "");
  EXPECT_EQ(answer_after("PROXY TCP4 203.0.113.7\r\n"), "");
  auto socks = client();
  socks.send("\x05\x01\x02");
  EXPECT_EQ(socks.read_to_end(), "");
}

TEST_F(BehindAFront, CountsAHeaderThatIsCutOffAsMalformed) {
  const auto block =
      octets("0d 0a 0d 0a 00 0d 0a 'QUIT' 0a 21 11 00 10 cb007107 7f000001 dc04 4e21");
  const auto line = std::string(kListed);
  std::uint64_t cut = 0;
  for (const auto& part : {line.substr(0, 1), line.substr(0, 30), line.substr(0, line.size() - 1),
                           block.substr(0, 5), block.substr(0, 20), block}) {
    auto stream = client();
    stream.send(part);
    stream.end();
    EXPECT_EQ(stream.read_to_end(), "");
    EXPECT_TRUE(ended_becomes("detect", "malformed", ++cut)) << part;
  }
  for (const auto* nothing : {"", kListed}) {  // A look whether we are there; a client that left.
    auto stream = client();
    stream.send(nothing);
    stream.end();
    EXPECT_EQ(stream.read_to_end(), "");
  }
  EXPECT_TRUE(ended_becomes("detect", "", 2));
  EXPECT_TRUE(ended_becomes("detect", "malformed", cut));
}

TEST_F(BehindAFront, ReadsOneHeaderOnly) {
  EXPECT_EQ(answer_after(std::string(kListed) + kListed), "HTTP/1.1 400 Bad Request\r\n");
}

TEST_F(BehindAFront, AsksForTheHeaderOncePerConnection) {
  Server origin([](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) {
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  auto stream = client();
  stream.send(kListed);
  for (int i = 0; i < 3; ++i) {
    stream.send("GET http://127.0.0.1:" + std::to_string(origin.port()) + "/ HTTP/1.1\r\n" +
                "Host: 127.0.0.1:" + std::to_string(origin.port()) + "\r\n\r\n");
    EXPECT_TRUE(stream.read_until("\r\n\r\nok").starts_with("HTTP/1.1 200 OK"));
  }
}

TEST_F(BehindAFront, LimitsEachClientByTheAddressThatTheHeaderNames) {
  proxies_[0].whitelist = {Cidr::of("203.0.113.0/24")};
  proxies_[0].limits.connections_per_source = 1;
  publish();
  Server silent([](Stream& stream) { stream.read_to_end(); });
  auto held = client();
  held.send(kListed + connect_request(silent.port()));
  EXPECT_EQ(held.read_until("\r\n"), kEstablished);
  EXPECT_TRUE(answer_after(kListed).starts_with(
      "HTTP/1.1 " + std::to_string(http_status(Errc::kOverLimit)) + " "));
  EXPECT_EQ(answer_after(kUnlisted), kEstablished) << "another client";
}

TEST_F(Whitelisted, IsNotOpenedByAHeaderFromAnybodyElse) {
  EXPECT_EQ(answer_after(kListed), "HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(answer_after("PROXY UNKNOWN\r\n"), "HTTP/1.1 400 Bad Request\r\n");
  const auto listed = octets(
      "0d 0a 0d 0a 00 0d 0a 'QUIT' 0a 21 11 00 0c"
      "cb007107 7f000001 dc04 4e21");
  EXPECT_EQ(answer_after(listed), "HTTP/1.1 400 Bad Request\r\n");
  EXPECT_EQ(target_.connections(), 0);
}

}  // namespace
}  // namespace airlane::test
