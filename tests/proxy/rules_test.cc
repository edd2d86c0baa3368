// Destination rules by name, in every protocol by which a client can ask for one; and which limit
// an answer names.
#include "tests/proxy/udp_fixture.h"

namespace airlane::test {
namespace {

using namespace std::string_literals;

class Rules : public Udp {
 protected:
  void SetUp() override {
    Udp::SetUp();
    egresses_[0].dns_servers = {dns_.address()};
    proxies_[0].whitelist = {Cidr::of("127.0.0.0/8")};  // For SOCKS4a, which has no passwords.
    deny("denied.test");
  }
  void deny(const std::string& name) {
    proxies_[0].limits.destinations = {{.allow = false, .ports = {}, .suffix = name}};
    publish();
  }
  void allow_only(const std::string& name) {
    proxies_[0].limits.destinations = {{.allow = true, .ports = {}, .suffix = name},
                                       {.allow = false, .ports = {}}};
    publish();
  }
  std::string answer_to(const std::string& request) {
    auto stream = client();
    stream.send(request);
    return stream.read_until("\r\n\r\n");
  }
  std::string plain(const std::string& host, std::uint16_t port) {
    const auto authority = host + ":" + std::to_string(port);
    return answer_to("GET http://" + authority + "/ HTTP/1.1\r\nHost: " + authority +
                     "\r\nConnection: close\r\n\r\n");
  }
  static std::string big_endian(std::uint16_t port) {
    return {static_cast<char>(port >> 8), static_cast<char>(port & 255)};
  }
  // The code of the reply.
  int socks5(const std::string& host, std::uint16_t port) {
    auto stream = client();
    stream.send("\5\1\0\5\1\0\3"s + static_cast<char>(host.size()) + host + big_endian(port));
    const auto reply = stream.read(4);
    return reply.size() == 4 ? reply[3] : -1;
  }
  int socks4a(const std::string& host, std::uint16_t port) {
    auto stream = client();
    stream.send("\4\1"s + big_endian(port) + "\0\0\0\1\0"s + host + "\0"s);
    const auto reply = stream.read(2);
    return reply.size() == 2 ? static_cast<unsigned char>(reply[1]) : -1;
  }
  bool is_granted(const std::string& host) {
    const bool tunnel = answer_to(connect_request(web_.port(), host)).find(" 200 ") == 8;
    EXPECT_EQ(plain(host, web_.port()).find(" 200 ") == 8, tunnel) << host;
    EXPECT_EQ(socks5(host, web_.port()) == 0, tunnel) << host;
    EXPECT_EQ(socks4a(host, web_.port()) == 0x5A, tunnel) << host;
    return tunnel;
  }

  static DnsName local() {
    DnsName name;
    name.addresses = {"127.0.0.1"};
    return name;
  }
  DnsStub dns_{{{"denied.test", local()},
                {"a.denied.test", local()},
                {"notdenied.test", local()},
                {"other.test", local()}}};
  Server web_{[](Stream& stream) {
    if (stream.read_until("\r\n\r\n").empty()) return;
    stream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  }};
};

TEST_F(Rules, ByNameHoldInEveryProtocol) {
  for (const auto* name : {"denied.test", "DENIED.test", "denied.test.", "a.denied.test"}) {
    EXPECT_FALSE(is_granted(name)) << name;
  }
  EXPECT_EQ(web_.connections(), 0);
  for (const auto* name : {"notdenied.test", "other.test", "127.0.0.1"}) {
    EXPECT_TRUE(is_granted(name)) << name;
  }
}

TEST_F(Rules, ThatAllowByNameAloneKeepOutAddresses) {
  allow_only("other.test");
  EXPECT_TRUE(is_granted("other.test"));
  EXPECT_FALSE(is_granted("127.0.0.1"));
  EXPECT_FALSE(is_granted("notdenied.test"));
}

TEST_F(Rules, ADeniedNameIsNotAskedFor) {
  dns_.hold();  // Whoever asks waits for ever.
  const auto answer = answer_to(connect_request(web_.port(), "a.denied.test"));
  EXPECT_TRUE(
      answer.starts_with("HTTP/1.1 403 Forbidden\r\nProxy-Status: airlane; "
                         "error=http_request_denied; details=\"limit destinations\"\r\n"))
      << answer;
  dns_.let_go();
}

TEST_F(Rules, HoldForDatagramsByName) {
  auto association = associate();
  socket_.send(datagram_to("a.Denied.test", echo_.address().port(), "x"), association.relay);
  EXPECT_TRUE(dropped_becomes("ruled_out", 1));
  socket_.send(datagram_to("other.test", echo_.address().port(), "hello"), association.relay);
  EXPECT_EQ(socket_.receive(), datagram_to(echo_.address(), "hello"));
}

TEST_F(Rules, LetAnswersOfWhoWasAskedByNameIn) {
  allow_only("other.test");
  auto association = associate();
  for (int i = 0; i < 6; ++i) {
    socket_.send(datagram_to("other.test", echo_.address().port(), "hello"), association.relay);
    EXPECT_EQ(socket_.receive(), datagram_to(echo_.address(), "hello"));
  }
  socket_.send(datagram_to(echo_.address(), "by address"), association.relay);
  EXPECT_TRUE(dropped_becomes("ruled_out", 1));
}

TEST_F(Rules, OfTheTimeHoldForAnAssociationThatRuns) {
  auto association = associate();
  socket_.send(datagram_to("other.test", echo_.address().port(), "1"), association.relay);
  EXPECT_EQ(socket_.receive(), datagram_to(echo_.address(), "1"));
  deny("other.test");
  socket_.send(datagram_to("other.test", echo_.address().port(), "2"), association.relay);
  EXPECT_TRUE(dropped_becomes("ruled_out", 1));
}

TEST_F(Rules, AndEveryOtherLimitIsNamedInTheAnswer) {
  const auto details = [&](const Limits& limits) {
    proxies_[0].limits = limits;
    publish();
    const auto answer = answer_to(connect_request(web_.port()));
    const auto at = answer.find("; details=");
    return at == std::string::npos ? answer : answer.substr(at, answer.find("\r\n", at) - at);
  };
  Server silent([](Stream& stream) { stream.read(1); });
  auto seated = tunnel(silent.port());
  EXPECT_EQ(details({.connections = 1}), "; details=\"limit connections\"");
  EXPECT_EQ(details({.quota = Quota{.bytes = 0, .baseline = 0}}), "; details=\"limit quota\"");
  EXPECT_EQ(details({.destinations = {{.allow = false, .ports = {web_.port(), web_.port()}}}}),
            "; details=\"limit destinations\"");
  std::string begun;
  for (int i = 0; i < 5; ++i) begun = details({.new_per_second = 1});
  EXPECT_EQ(begun, "; details=\"limit new_per_second\"");
  proxies_[0].limits = {.connections_per_source = 1};
  publish();
  auto first = tunnel(silent.port());
  EXPECT_EQ(details({.connections_per_source = 1}), "; details=\"limit connections_per_source\"");
}

}  // namespace
}  // namespace airlane::test
