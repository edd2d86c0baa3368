// Names as a stage of the data path: from a client's request to the target that it names.
#include "tests/proxy/engine_fixture.h"
#include "tests/support/addressed.h"
#include "tests/support/dns_stub.h"
#include "tests/support/scale.h"

namespace airlane::test {
namespace {

class Names : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    for (auto& egress : egresses_) egress.dns_servers = {dns_.address()};
    publish();
  }
  std::string status_of(const std::string& host, std::uint16_t port) {
    auto stream = client();
    stream.send(connect_request(port, host));
    const auto line = stream.read_until("\r\n");
    return line.substr(9, 3);
  }
  // The reply to a SOCKS request for a name: 0 when it was granted.
  int socks_reply_to(const std::string& name, std::uint16_t port) {
    auto stream = client();
    stream.send(socks5_hello() + std::string("\5\1\0\3", 4) + static_cast<char>(name.size()) +
                name + static_cast<char>(port >> 8) + static_cast<char>(port & 255));
    stream.read(4);
    const auto reply = stream.read(2);
    return reply.size() == 2 ? reply[1] : -1;
  }
  static DnsName at(std::vector<std::string> addresses) {
    DnsName made;
    made.addresses = std::move(addresses);
    return made;
  }
  DnsStub dns_{{{"one.test", at({"127.0.0.1"})},
                {"mixed.test", at({"10.1.2.3", "127.0.0.1"})},
                {"inside.test", at({"10.1.2.3", "192.168.8.1"})},
                {"second.test", at({"127.0.0.9", "127.0.0.1"})}}};
};

TEST_F(Names, LeadToTheTarget) {
  Server target([](Stream& stream) { stream.read(1); });
  EXPECT_EQ(status_of("one.test", target.port()), "200");
  EXPECT_EQ(status_of("nowhere.test", target.port()), "502");
}

TEST_F(Names, DoNotLeadInside) {
  Server target([](Stream& stream) { stream.read(1); });
  EXPECT_EQ(status_of("inside.test", target.port()), "403");
  EXPECT_EQ(status_of("mixed.test", target.port()), "200") << "by the address that is allowed";
}

TEST_F(Names, LeadToTheAddressThatAnswers) {
  Server target([](Stream& stream) { stream.read(1); });
  EXPECT_EQ(status_of("second.test", target.port()), "200") << "127.0.0.9 refuses";
}

TEST_F(Names, AreAskedForOnceByEachWorker) {
  Server target([](Stream& stream) { stream.read(1); });
  dns_.hold();
  std::vector<Stream> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(client());
    clients.back().send(connect_request(target.port(), i % 2 == 0 ? "one.test" : "ONE.test."));
  }
  clients.erase(clients.begin() + 30, clients.end());  // Some lose their patience.
  dns_.let_go();
  for (auto& stream : clients) EXPECT_EQ(stream.read_until("\r\n").substr(9, 3), "200");
  EXPECT_LE(dns_.asked("one.test"), 2);
  EXPECT_EQ(status_of("one.test", target.port()), "200");
  EXPECT_LE(dns_.asked("one.test"), 2) << "and remembered";
}

TEST_F(Names, AreAskedForAnewAfterARotation) {
  Server target([](Stream& stream) { stream.read(1); });
  EXPECT_EQ(status_of("one.test", target.port()), "200");
  ++egresses_[0].generation;
  publish();
  dns_.set("one.test", at({"127.0.0.9"}));
  for (int i = 0; i < 8; ++i) EXPECT_EQ(status_of("one.test", target.port()), "502");
}

// F8: whatever the name server says next, the address that was looked at is the one that is used.
TEST_F(Names, CannotBeTurnedInsideBetweenTheQuestionAndTheConnection) {
  destinations_.allow = {Cidr::of("127.0.0.1/32")};
  publish();
  const auto port = free_port();
  const Greeter outside(*Address::parse("127.0.0.1", port), "outside");
  const Greeter inside(*Address::parse("127.0.0.2", port), "inside");
  auto rebinding = at({"127.0.0.1", "127.0.0.2"});
  rebinding.in_turn = true;
  rebinding.ttl = 0;
  dns_.set("rebind.test", rebinding);
  dns_.set("both.test", at({"127.0.0.2", "127.0.0.1", "::1", "::ffff:127.0.0.2"}));
  int granted = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto status = status_of(i % 4 == 3 ? "both.test" : "rebind.test", port);
    EXPECT_TRUE(status == "200" || status == "403") << status;
    granted += status == "200" ? 1 : 0;
  }
  EXPECT_GT(granted, 500) << "or nothing was tried";
  EXPECT_EQ(inside.connections(), 0);
}

// F8: what only inet_aton(3) takes for an address is nothing to ask for.
TEST_F(Names, AreNoNumbersInDisguise) {
  Server target([](Stream& stream) { stream.read(1); });
  for (const std::string host :
       {"0x7f.1", "2130706433", "017.0.0.1", "127.1", "0x7f000001", "127.0.0.1.5", "0177.0.0.01"}) {
    EXPECT_EQ(status_of(host, target.port()), "400") << host;
    EXPECT_NE(socks_reply_to(host, target.port()), 0) << host;
    auto stream = client();
    const auto port = std::to_string(target.port());
    stream.send("GET http://" + host + ":" + port + "/ HTTP/1.1\r\nHost: " + host + ":" + port +
                "\r\n" + basic() + "\r\n");
    EXPECT_EQ(stream.read_until("\r\n").substr(9, 3), "400") << host;
  }
  EXPECT_EQ(target.connections(), 0);
  EXPECT_EQ(dns_.asked_in_all(), 0);
}

TEST_F(Names, ThatAreTooLongOrOfThisHostAreNotAskedFor) {
  const std::string label(63, 'a');
  const auto longest = label + "." + label + "." + label + "." + std::string(61, 'b');
  EXPECT_EQ(status_of(longest + "b", 80), "400");
  EXPECT_EQ(status_of("a" + label + ".test", 80), "400");
  EXPECT_EQ(status_of("b\xc3\xbc"
                      "cher.test",
                      80),
            "400")
      << "A-labels only";
  for (const auto* own : {"localhost", "LOCALHOST.", "a.localhost", "x.LocalHost."}) {
    EXPECT_EQ(status_of(own, 80), "403") << own;
    EXPECT_EQ(socks_reply_to(own, 80), 2) << own;
  }
  EXPECT_EQ(dns_.asked_in_all(), 0);
  EXPECT_EQ(status_of(longest, 80), "502");
  EXPECT_EQ(dns_.asked(longest), 1) << "the longest one there is";
  EXPECT_EQ(status_of("xn--bcher-kva.test.", 80), "502");
  EXPECT_EQ(dns_.asked("xn--bcher-kva.test"), 1);
}

// F37: whoever waits for a name server waits alone, and not for ever.
TEST_F(Names, ThatNobodyAnswersForKeepNobodyElseWaiting) {
  timeouts_.resolve = std::chrono::seconds(1);
  TearDown();
  SetUp();
  Server target([](Stream& stream) { stream.read(1); });
  auto silent = at({});
  silent.silent = true;
  std::vector<Stream> waiting;
  for (int i = 0; i < 50; ++i) {
    const auto name = "silent" + std::to_string(i) + ".test";
    dns_.set(name, silent);
    waiting.push_back(client());
    waiting.back().send(connect_request(target.port(), name));
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(status_of("one.test", target.port()), "200");
  for (auto& stream : waiting) {
    const auto answer = stream.read_to_end();
    EXPECT_EQ(answer.substr(9, 3), "504");
    EXPECT_NE(answer.find("error=dns_timeout"), std::string::npos) << answer;
  }
}

// F37 as it comes: the default five seconds, and each client waits for a name of its own.
TEST_F(Names, ThatNobodyAnswersForAreGivenUpAfterFiveSecondsWhileBytesFlow) {
  Server echo([](Stream& stream) {
    for (auto byte = stream.read(1); !byte.empty(); byte = stream.read(1)) stream.send(byte);
  });
  auto silent = at({});
  silent.silent = true;
  auto flowing = tunnel(echo.port());
  const auto begun = std::chrono::steady_clock::now();
  std::vector<Stream> waiting;
  for (int i = 0; i < (at_full_scale() ? 1000 : 200); ++i) {
    const auto name = "silent" + std::to_string(i) + ".test";
    dns_.set(name, silent);
    waiting.push_back(client());
    waiting.back().send(connect_request(echo.port(), name));
  }
  const auto ms = [](auto time) { return std::chrono::floor<std::chrono::milliseconds>(time); };
  auto longest = ms(std::chrono::seconds(0));
  int pongs = 0;
  for (auto now = begun; now < begun + std::chrono::seconds(4); ++pongs) {
    flowing.send("x");
    ASSERT_EQ(flowing.read(1), "x");
    longest = std::max(longest, ms(std::chrono::steady_clock::now() - now));
    now = std::chrono::steady_clock::now();
  }
  EXPECT_LT(longest.count(), 1000) << "no lookup holds a worker";
  EXPECT_GT(pongs, 1000);
  char early = 0;
  EXPECT_EQ(recv(waiting[0].fd(), &early, 1, MSG_DONTWAIT), -1) << "nobody is answered yet";
  for (auto& stream : waiting) EXPECT_EQ(stream.read_until("\r\n").substr(9, 3), "504");
  const auto took = std::chrono::steady_clock::now() - begun;
  EXPECT_LT(kMeasurable ? ms(took).count() : 0, 12'000);
}

// Answers as large as they can be: of 4 KiB in a datagram, of nearly 64 KiB by TCP.
TEST_F(Names, WithHugeAnswersLeadToTheirFirstAddresses) {
  Server target([](Stream& stream) { stream.read(1); });
  const auto addresses = [](int count) {
    std::vector<std::string> all{"127.0.0.1"};
    for (int i = 1; i < count; ++i) {
      all.push_back("127.9." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250));
    }
    return all;
  };
  auto by_tcp = at(addresses(4'000));
  by_tcp.only_tcp = true;
  dns_.set("tcp.test", by_tcp);
  EXPECT_EQ(status_of("tcp.test", target.port()), "200");
  EXPECT_GT(dns_.asked_by_tcp(), 0);
  dns_.set("udp.test", at(addresses(250)));  // More than anybody has said that it takes.
  const auto status = status_of("udp.test", target.port());
  EXPECT_TRUE(status == "200" || status == "502" || status == "504") << status;
  EXPECT_EQ(status_of("one.test", target.port()), "200");
}

}  // namespace
}  // namespace airlane::test
