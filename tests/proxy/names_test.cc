// Names as a stage of the data path: from a client's request to the target that it names.
#include "tests/proxy/engine_fixture.h"
#include "tests/support/dns_stub.h"

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
  DnsStub dns_{{{"one.test", {"127.0.0.1"}},
                {"mixed.test", {"10.1.2.3", "127.0.0.1"}},
                {"inside.test", {"10.1.2.3", "192.168.8.1"}},
                {"second.test", {"127.0.0.9", "127.0.0.1"}}}};
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

}  // namespace
}  // namespace airlane::test
