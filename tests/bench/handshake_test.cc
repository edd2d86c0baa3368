#include <gtest/gtest.h>

#include "bench/route.h"

namespace airlane::bench {
namespace {

using Step = Handshake::Step;
using Command = Handshake::Command;

std::string bytes(std::initializer_list<int> values) {
  std::string out;
  for (const int value : values) out += static_cast<char>(value);
  return out;
}

Route route(const std::string& url) { return Route::parse_or_die(url, "198.18.0.1:9000"); }

TEST(Handshake, SaysNothingToAServer) {
  const auto direct = route("direct://127.0.0.1:80");
  EXPECT_EQ(Handshake(direct, Command::kConnect).to_send(), "");
}

TEST(Handshake, LogsInToSocks5AndAsksForTheTarget) {
  const auto socks = route("socks5://me:pass@127.0.0.1:1080");
  Handshake client(socks, Command::kConnect);
  EXPECT_EQ(client.to_send(), bytes({5, 1, 2}));
  EXPECT_EQ(client.feed(bytes({5})), Step::kWait);
  EXPECT_EQ(client.feed(bytes({2})), Step::kSend);
  EXPECT_EQ(client.to_send(), bytes({1, 2, 'm', 'e', 4, 'p', 'a', 's', 's'}));
  EXPECT_EQ(client.feed(bytes({1, 0})), Step::kSend);
  EXPECT_EQ(client.to_send(), bytes({5, 1, 0, 1, 198, 18, 0, 1, 0x23, 0x28}));
  EXPECT_EQ(client.feed(bytes({5, 0, 0, 1, 0, 0, 0, 0, 0})), Step::kWait);
  EXPECT_EQ(client.feed(bytes({0})), Step::kDone);
}

TEST(Handshake, AsksWithoutLoginWhenThereIsNoUser) {
  const auto socks = route("socks5://127.0.0.1:1080");
  Handshake client(socks, Command::kUdpAssociate);
  EXPECT_EQ(client.to_send(), bytes({5, 1, 0}));
  EXPECT_EQ(client.feed(bytes({5, 0})), Step::kSend);
  EXPECT_EQ(client.to_send(), bytes({5, 3, 0, 1, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(client.feed(bytes({5, 0, 0, 1, 127, 0, 0, 1, 0x10, 0x01})), Step::kDone);
  EXPECT_EQ(client.bound().to_string(), "127.0.0.1:4097");
}

TEST(Handshake, TakesNoForAnAnswer) {
  const auto socks = route("socks5://me:pass@127.0.0.1:1080");
  Handshake method(socks, Command::kConnect);
  EXPECT_EQ(method.feed(bytes({5, 0xff})), Step::kFailed);
  Handshake login(socks, Command::kConnect);
  EXPECT_EQ(login.feed(bytes({5, 2})), Step::kSend);
  EXPECT_EQ(login.feed(bytes({1, 1})), Step::kFailed);
  const auto http = route("http://127.0.0.1:8080");
  Handshake connect(http, Command::kConnect);
  EXPECT_EQ(connect.feed("HTTP/1.1 407 No\r\n\r\n"), Step::kFailed);
}

TEST(Handshake, ConnectsThroughAnHttpProxy) {
  const auto http = route("http://Aladdin:open sesame@127.0.0.1:8080");
  Handshake client(http, Command::kConnect);
  EXPECT_EQ(client.to_send(),
            "CONNECT 198.18.0.1:9000 HTTP/1.1\r\nHost: 198.18.0.1:9000\r\n"
            "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
  EXPECT_EQ(client.feed("HTTP/1.1 200 OK\r\nVia: x\r\n"), Step::kWait);
  EXPECT_EQ(client.feed("\r\n"), Step::kDone);
}

TEST(UdpHead, NamesTheAddress) {
  EXPECT_EQ(udp_head(*Address::parse("198.18.0.1", 9000)),
            bytes({0, 0, 0, 1, 198, 18, 0, 1, 0x23, 0x28}));
}

}  // namespace
}  // namespace airlane::bench
