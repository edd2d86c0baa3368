// What a client is told when it may not, or cannot, go where it wants. In each pair the first
// answer is that of HTTP, the second that of SOCKS5.
#include <array>

#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;

class Refusal : public EngineTest {
 protected:
  // The status line of the answer to CONNECT, and that the connection ends after it.
  std::string by_http(const std::string& request) {
    auto stream = client();
    stream.send(request);
    auto answer = stream.read_to_end();
    EXPECT_EQ(stream.last_error(), 0) << "the answer is followed by a clean end";
    last_ = answer;
    return answer.substr(0, answer.find("\r\n"));
  }
  // The last byte that matters: REP, STATUS of the password, or METHOD.
  int by_socks5(const std::string& bytes) {
    auto stream = client();
    stream.send(bytes);
    const auto answer = stream.read_to_end();
    EXPECT_EQ(stream.last_error(), 0);
    last_ = answer;
    if (answer.size() == 2) return static_cast<unsigned char>(answer[1]);
    if (answer.size() == 4) return static_cast<unsigned char>(answer[3]);
    return answer.size() == 14 ? static_cast<unsigned char>(answer[5]) : -1;
  }
  std::string last_;
};

TEST_F(Refusal, AWrongPassword) {
  EXPECT_EQ(
      by_http("CONNECT h.test:80 HTTP/1.1\r\nHost: h.test:80\r\n" + basic("user:no") + "\r\n"),
      "HTTP/1.1 407 Proxy Authentication Required");
  EXPECT_NE(last_.find("Proxy-Authenticate: Basic realm="), std::string::npos);
  EXPECT_NE(last_.find("Proxy-Status: airlane; error=http_request_denied"), std::string::npos);
  EXPECT_EQ(by_http("GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n"),
            "HTTP/1.1 407 Proxy Authentication Required");
  EXPECT_EQ(by_socks5(socks5_hello("user", "no")), 0x01);
  EXPECT_EQ(last_, "\x05\x02\x01\x01"s);
  EXPECT_EQ(by_socks5("\x05\x01\x00"s), 0xff);
}

TEST_F(Refusal, ARejectedConnectEndsTheConnection) {  // RFC 9931
  Server target([](Stream& stream) { stream.send("reached"); });
  by_http("CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n" +
          connect_request(target.port()));
  EXPECT_EQ(last_.find("200"), std::string::npos);
  EXPECT_EQ(target.connections(), 0);
}

TEST_F(Refusal, AnUnlistedSource) {
  proxies_[0].whitelist = {Cidr::of("198.51.100.0/24")};
  proxies_[0].whitelist_mode = WhitelistMode::kRestrict;
  publish();
  EXPECT_EQ(by_http(connect_request(80)), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(by_socks5("\x05\x02\x00\x02"s), 0xff);
}

TEST_F(Refusal, AnExpiredRental) {
  proxies_[0].in_use_till = wall_now() - std::chrono::seconds(1);
  publish();
  EXPECT_EQ(by_http(connect_request(80)), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(by_socks5("\x05\x01\x02"s), 0xff);
}

TEST_F(Refusal, ANameWhenTheDonglesNameServerIsAway) {
  // Nobody listens on 127.0.0.1:9, which the kernel says at once.
  EXPECT_EQ(by_http(connect_request(80, "nowhere.test")), "HTTP/1.1 502 Bad Gateway");
  EXPECT_EQ(by_socks5(socks5_hello() + "\x05\x01\x00\x03\x06"s + "h.test" + "\0\x50"s), 0x04);
}

TEST_F(Refusal, ANameThatMeansThisHost) {  // RFC 6761, section 6.3
  EXPECT_EQ(by_http(connect_request(80, "localhost")), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(by_http(connect_request(80, "a.LocalHost")), "HTTP/1.1 403 Forbidden");
}

TEST_F(Refusal, AClosedPort) {
  const auto closed = free_port();
  EXPECT_EQ(by_http(connect_request(closed)), "HTTP/1.1 502 Bad Gateway");
  EXPECT_NE(last_.find("error=connection_refused"), std::string::npos);
  EXPECT_EQ(by_socks5(socks5_hello() + socks5_connect(closed)), 0x05);
}

TEST_F(Refusal, ADestinationInside) {
  Server target([](Stream& stream) { stream.send("reached"); });
  destinations_.allow = {};
  publish();
  EXPECT_EQ(by_http(connect_request(target.port())), "HTTP/1.1 403 Forbidden");
  EXPECT_NE(last_.find("error=destination_ip_prohibited"), std::string::npos);
  EXPECT_EQ(by_http(connect_request(target.port(), "[::ffff:127.0.0.1]")),
            "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(by_http(connect_request(target.port(), "0.0.0.0")), "HTTP/1.1 403 Forbidden");
  EXPECT_EQ(by_socks5(socks5_hello() + socks5_connect(target.port())), 0x02);
  EXPECT_EQ(target.connections(), 0);
}

TEST_F(Refusal, ADongleThatIsDown) {
  egresses_[0].up = false;
  publish();
  EXPECT_EQ(by_http(connect_request(80)), "HTTP/1.1 503 Service Unavailable");
  EXPECT_NE(last_.find("error=destination_unavailable"), std::string::npos);
  EXPECT_EQ(by_socks5(socks5_hello() + socks5_connect(80)), 0x03);
}

TEST_F(Refusal, ADongleThatHasVanishedBeforeAnybodyNoticed) {
  Server target([](Stream& stream) { stream.send("reached"); });
  egresses_[0].interface = "gone0";
  publish();
  EXPECT_EQ(by_http(connect_request(target.port())), "HTTP/1.1 503 Service Unavailable");
  EXPECT_EQ(by_socks5(socks5_hello() + socks5_connect(target.port())), 0x03);
  EXPECT_EQ(target.connections(), 0) << "never by another interface";
}

TEST_F(Refusal, ACommandThatWeDoNotSpeak) {
  EXPECT_EQ(by_socks5(socks5_hello() + "\x05\x04\x00\x01\x7f\0\0\1\0\x50"s), 0x07);
}

TEST_F(Refusal, AMethodMayBeAnyToken) {  // RFC 9110, section 9.1
  for (const std::string first :
       {"1", "!", "#", "$", "%", "&", "'", "*", "+", "-", ".", "^", "_", "`", "|", "~"}) {
    EXPECT_EQ(by_http(first + "GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n"),
              "HTTP/1.1 407 Proxy Authentication Required")
        << first;
  }
}

TEST_F(Refusal, ABareLineFeedBeforeARequest) {
  EXPECT_EQ(by_http("\nGET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n" + basic() + "\r\n"),
            "HTTP/1.1 400 Bad Request");
}

TEST_F(Refusal, ARequestMeantForAServer) {
  EXPECT_EQ(by_http("GET / HTTP/1.1\r\nHost: h.test\r\n" + basic() + "\r\n"),
            "HTTP/1.1 400 Bad Request");
}

TEST_F(Refusal, SomethingThatIsNoProtocol) {
  auto stream = client();
  stream.send("\x16\x03\x01");
  EXPECT_EQ(stream.read_to_end(), "");
}

}  // namespace
}  // namespace airlane::test
