// What is said of a connection when it has ended: its line in the access log, field by field, and
// the counts of the metrics.
#include <gmock/gmock.h>

#include "tests/proxy/report_fixture.h"

namespace airlane::test {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::Pair;

TEST_F(ReportTest, TellsOfATunnel) {
  Server echo([](Stream& stream) {
    stream.send("hello" + stream.read(4));
    stream.read_to_end();
  });
  {
    auto stream = tunnel(echo.port());
    stream.send("ping");
    EXPECT_EQ(stream.read(9), "helloping");
  }
  const auto target = "127.0.0.1:" + std::to_string(echo.port());
  EXPECT_THAT(line(), AllOf(Contains(Pair("proxy", "100")),
                            Contains(Pair("port", std::to_string(proxies_[0].port))),
                            Contains(Pair("front", "-")), Contains(Pair("protocol", "http")),
                            Contains(Pair("requests", "1")), Contains(Pair("target", target)),
                            Contains(Pair("address", target)), Contains(Pair("interface", "lo")),
                            Contains(Pair("stage", "relay")), Contains(Pair("error", "-")),
                            Contains(Pair("incoming", "9")), Contains(Pair("outgoing", "4"))));
  const auto fields = line();
  EXPECT_TRUE(fields.at("client").starts_with("127.0.0.1:"));
  for (const auto* key :
       {"ms", "detect_ms", "authenticate_ms", "resolve_ms", "connect_ms", "relay_ms"}) {
    EXPECT_NE(fields.at(key), "-") << key;
  }
  EXPECT_EQ(ended("relay", ""), 1U);
  EXPECT_EQ(engine_->statistics().accepted, 1U);
  EXPECT_EQ(engine_->statistics().active, 0U);
}

TEST_F(ReportTest, TellsOfEachRequestOfAKeptConnection) {
  Server origin([](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) {
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
  });
  const auto host = "127.0.0.1:" + std::to_string(origin.port());
  {
    auto stream = client();
    for (int i = 0; i < 3; ++i) {
      stream.send("GET http://" + host + "/ HTTP/1.1\r\nHost: " + host + "\r\n" + basic() + "\r\n");
      EXPECT_TRUE(stream.read_until("\r\n\r\nok").starts_with("HTTP/1.1 200 OK"));
    }
  }
  const auto fields = line();
  EXPECT_THAT(fields, AllOf(Contains(Pair("requests", "3")), Contains(Pair("target", host)),
                            Contains(Pair("address", host)), Contains(Pair("stage", "relay")),
                            Contains(Pair("error", "-"))));
  EXPECT_EQ(fields.at("incoming"), std::to_string(incoming()));
  EXPECT_EQ(fields.at("outgoing"), std::to_string(outgoing()));
  EXPECT_EQ(ended("relay", ""), 1U);
}

TEST_F(ReportTest, TellsWhereARefusedConnectionEnded) {
  const auto port = free_port();
  auto stream = client();
  stream.send(connect_request(port));
  stream.read_to_end();
  stream.end();
  EXPECT_THAT(line(),
              AllOf(Contains(Pair("stage", "connect")), Contains(Pair("error", "refused")),
                    Contains(Pair("reason", "connect")), Contains(Pair("errno", "ECONNREFUSED")),
                    Contains(Pair("target", "127.0.0.1:" + std::to_string(port))),
                    Contains(Pair("address", "-")), Contains(Pair("relay_ms", "-")),
                    Contains(Pair("incoming", "0")), Contains(Pair("outgoing", "0"))));
  EXPECT_EQ(ended("connect", "refused"), 1U);
}

TEST_F(ReportTest, TellsOfAWrongPasswordWithoutIt) {
  auto stream = client();
  stream.send(socks5_hello("user", "s3cret"));
  stream.read_to_end();
  stream.end();
  EXPECT_THAT(line(),
              AllOf(Contains(Pair("protocol", "socks5")), Contains(Pair("stage", "authenticate")),
                    Contains(Pair("error", "unauthenticated")),
                    Contains(Pair("reason", "check_credentials")), Contains(Pair("requests", "0")),
                    Contains(Pair("target", "-")), Contains(Pair("resolve_ms", "-"))));
  std::ifstream file(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}).find("s3cret"),
            std::string::npos);
  EXPECT_EQ(ended("authenticate", "unauthenticated"), 1U);
}

TEST_F(ReportTest, TellsOfGarbage) {
  auto stream = client();
  stream.send("\x01\x02\x03");
  stream.read_to_end();
  stream.end();
  EXPECT_THAT(line(),
              AllOf(Contains(Pair("protocol", "-")), Contains(Pair("stage", "detect")),
                    Contains(Pair("error", "malformed")), Contains(Pair("authenticate_ms", "-"))));
  EXPECT_EQ(ended("detect", "malformed"), 1U);
}

TEST_F(ReportTest, TellsOfAReset) {
  Server target([](Stream& stream) { stream.read_to_end(); });
  auto stream = tunnel(target.port());
  stream.send("ping");
  stream.reset();
  EXPECT_THAT(line(), AllOf(Contains(Pair("stage", "relay")), Contains(Pair("error", "broken")),
                            Contains(Pair("errno", "ECONNRESET"))));
  EXPECT_EQ(ended("relay", "broken"), 1U);
}

TEST_F(ReportTest, TellsOfAProxyThatWasRemoved) {
  Server target([](Stream& stream) { stream.read_to_end(); });
  auto stream = tunnel(target.port());
  proxies_[0].port = 0;
  publish();
  EXPECT_THAT(line(),
              AllOf(Contains(Pair("stage", "relay")), Contains(Pair("error", "closing")),
                    Contains(Pair("reason", "keep_proxy")), Contains(Pair("proxy", "100"))));
}

TEST_F(ReportTest, TellsOfWhatWasOpenWhenTheServerStopped) {
  Server target([](Stream& stream) { stream.read_to_end(); });
  auto stream = tunnel(target.port());
  EXPECT_EQ(engine_->statistics().active, 1U);
  engine_.reset();
  EXPECT_THAT(line(), AllOf(Contains(Pair("stage", "relay")), Contains(Pair("error", "closing")),
                            Contains(Pair("reason", "stop"))));
}

TEST_F(ReportTest, CountsTheProtocolsOfThoseThatEnded) {
  auto http = client();
  http.send("BAD\r\n\r\n");
  http.read_to_end();
  http.end();
  auto garbage = client();
  garbage.send("\x01");
  garbage.read_to_end();
  for (int i = 0; i < 1000 && engine_->statistics().active > 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  for (const auto& row : engine_->statistics().spoken) {
    const std::uint64_t expected = row.protocol == "http" || row.protocol.empty() ? 1 : 0;
    EXPECT_EQ(row.count, expected) << row.protocol;
  }
}

}  // namespace
}  // namespace airlane::test
