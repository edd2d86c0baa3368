// ext_ip, traffic, reboot and get_key against the examples of the contract: names, order, types.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

using EndpointsTest = ApiTest;

TEST_F(EndpointsTest, TellTheExternalIp) {
  EXPECT_EQ(get("/api/proxy/ext_ip/?id=9042&key=alice-key").body,
            R"({"success":true,"ip":"203.0.113.183","from_cache":false,"id":9042})");
  EXPECT_EQ(log().back(), "external_ip 9042 fresh");

  on_server([this] { backend_.external = Farm::ExternalIp{"203.0.113.183", true}; });
  EXPECT_EQ(get("/api/proxy/ext_ip/?id=9042&key=alice-key&from_cache=true").body,
            R"({"success":true,"ip":"203.0.113.183","from_cache":true,"id":9042})");
  EXPECT_EQ(log().back(), "external_ip 9042 cached");
}

TEST_F(EndpointsTest, TellNullWhenTheExternalIpCouldNotBeFoundOut) {
  const std::string nothing = R"({"success":true,"ip":null,"from_cache":false,"id":9042})";
  on_server([this] { backend_.external = Farm::ExternalIp{}; });
  EXPECT_EQ(get("/api/proxy/ext_ip/?id=9042&key=alice-key").body, nothing);

  on_server([this] { backend_.external = Failure{Failure::Kind::kUnavailable, "It is away."}; });
  EXPECT_EQ(get("/api/proxy/ext_ip/?id=9042&key=alice-key").body, nothing);
}

TEST_F(EndpointsTest, FindAProxyByItsHostAndPort) {
  EXPECT_EQ(Json::parse(get("/api/proxy/ext_ip/?id=S1.Example.com:10142&key=alice-key").body)["id"],
            9042);
  EXPECT_EQ(get("/api/proxy/ext_ip/?id=other.example.com:10142&key=alice-key").status, 404);
}

TEST_F(EndpointsTest, KeepOtherPeoplesProxiesToThemselves) {
  for (const char* endpoint : {"ext_ip", "change_ip", "traffic", "reboot"}) {
    for (const char* id : {"123", "1", "s1.example.com:30001", "s1.example.com:1"}) {
      const auto answer = get("/api/proxy/" + std::string(endpoint) + "/?key=alice-key&id=" + id);
      EXPECT_EQ(answer.status, 404) << endpoint << " " << id;
      EXPECT_EQ(answer.body, "No such proxy") << endpoint << " " << id;
      EXPECT_EQ(answer.field("Content-Type"), "text/plain; charset=utf-8");
    }
    const auto answer = get("/api/proxy/" + std::string(endpoint) + "/?key=bob-key&id=9042");
    EXPECT_EQ(answer.body, "No such proxy") << "not even for admins";
  }
  EXPECT_TRUE(log().empty());
}

TEST_F(EndpointsTest, AskForAnIdThatMakesSense) {
  for (const char* endpoint : {"ext_ip", "change_ip", "traffic", "reboot"}) {
    for (const char* id : {"", "&id=", "&id=abc", "&id=-1", "&id=s1.example.com:0"}) {
      const auto answer = get("/api/proxy/" + std::string(endpoint) + "/?key=alice-key" + id);
      EXPECT_EQ(answer.status, 400) << endpoint << id;
      EXPECT_TRUE(Json::parse(answer.body)["detail"].is_string());
    }
  }
}

TEST_F(EndpointsTest, ReportTraffic) {
  on_server([this] { backend_.sum = Usage::Sum{598752000, 61236000}; });

  const auto answer =
      get("/api/proxy/traffic/?id=9042&key=alice-key&from=2020-07-26T01:30:36Z&till=1598319036");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(
      answer.body,
      R"({"success":true,"from":"2020-07-26T01:30:36Z","till":"2020-08-25T01:30:36Z",)"
      R"("speed_avg":{"unit":"bps","incoming":1848.0,"outgoing":189.0,"total":2037.0},)"
      R"("data":{"unit":"b","incoming":4790016000.0,"outgoing":489888000.0,"total":5279904000.0},)"
      R"("id":9042})");
}

TEST_F(EndpointsTest, ReportTrafficInEveryUnitAsFloats) {
  on_server([this] { backend_.sum = Usage::Sum{3'000'000, 7'000'000}; });

  const Json body = Json::parse(get("/api/proxy/traffic/?id=9042&key=alice-key&delta=10"
                                    "&speed_unit=KBps&data_unit=MB")
                                    .body);

  EXPECT_EQ(body["speed_avg"].dump(),
            R"({"unit":"KBps","incoming":300.0,"outgoing":700.0,"total":1000.0})");
  EXPECT_EQ(body["data"].dump(), R"({"unit":"MB","incoming":3.0,"outgoing":7.0,"total":10.0})");
}

TEST_F(EndpointsTest, ReportNoTrafficAsFloatsToo) {
  const Json body =
      Json::parse(get("/api/proxy/traffic/?id=9042&key=alice-key&from=1000&till=1000").body);

  EXPECT_EQ(body["speed_avg"]["total"].dump(), "0.0");
  EXPECT_EQ(body["data"]["incoming"].dump(), "0.0");
}

TEST_F(EndpointsTest, ReportTheLast30DaysUnlessToldOtherwise) {
  const std::string base = "/api/proxy/traffic/?id=9042&key=alice-key";
  const auto asked = [this] {
    return on_server([this] {
      return std::pair(unix_seconds(backend_.asked_from), unix_seconds(backend_.asked_till));
    });
  };
  get(base);
  EXPECT_EQ(asked(), std::pair(1598318436L - 2592000, 1598318436L));
  get(base + "&delta=2h");
  EXPECT_EQ(asked(), std::pair(1598318436L - 7200, 1598318436L));
  get(base + "&delta=nonsense&from=1000");
  EXPECT_EQ(asked(), std::pair(1000L, 1598318436L)) << "delta is not looked at beside from";
  get(base + "&delta=1w&till=2020-07-26T03:30:36+02:00");
  EXPECT_EQ(asked(), std::pair(1595727036L - 604800, 1595727036L));
  get(base + "&delta=5000&till=1000");
  EXPECT_EQ(asked(), std::pair(0L, 1000L));
}

TEST_F(EndpointsTest, RefuseTrafficOptionsThatMakeNoSense) {
  for (const char* options :
       {"from=abc", "till=2020-02-30", "delta=1y", "delta=-5", "from=2000&till=1000",
        "speed_unit=GBps", "data_unit=TB", "speed_unit=BPS"}) {
    const auto answer = get("/api/proxy/traffic/?id=9042&key=alice-key&" + std::string(options));
    EXPECT_EQ(answer.status, 400) << options;
    EXPECT_TRUE(Json::parse(answer.body)["detail"].is_string()) << options;
  }
  EXPECT_EQ(
      get("/api/proxy/traffic/?id=9042&key=alice-key&data_unit=mb").body,
      R"({"detail":"The option \"data_unit\" must be one of b, B, KB, MB, GB, KiB, MiB, GiB, )"
      R"(in these capitals."})");
}

TEST_F(EndpointsTest, SayWhenTrafficIsNotToBeHad) {
  on_server([this] { backend_.sum = Failure{Failure::Kind::kInternal, "The disk is gone."}; });

  const auto answer = get("/api/proxy/traffic/?id=9042&key=alice-key");

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"success":false,"error":"Failed to get traffic usage","id":9042})");
}

TEST_F(EndpointsTest, Reboot) {
  EXPECT_EQ(get("/api/proxy/reboot/?id=9042&key=alice-key").body,
            R"({"success":true,"info":"Reboot initiated. It may take 20-60 seconds to complete.",)"
            R"("id":9042})");
  EXPECT_EQ(log(), std::vector<std::string>{"reboot 9042"});

  on_server([this] { backend_.reboot_answer = Failure{Failure::Kind::kUnavailable, "No."}; });
  const auto answer = get("/api/proxy/reboot/?id=9042&key=alice-key");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"success":false,"error":"Failed to call reboot","id":9042})");
}

TEST_F(EndpointsTest, DoNothingForHead) {
  for (const char* endpoint : {"ext_ip", "change_ip", "reboot"}) {
    const auto target = "/api/proxy/" + std::string(endpoint) + "/?id=9042&key=alice-key";
    EXPECT_EQ(ask("HEAD", target).status, 200) << endpoint;
    EXPECT_EQ(ask("HEAD", target).status, 200) << endpoint;
  }
  EXPECT_TRUE(log().empty());
}

TEST_F(EndpointsTest, GiveTheKeyToASessionOnly) {
  EXPECT_EQ(get("/api/proxy/get_key/", "Cookie: sessionid=alice-session\r\n").body,
            R"({"success":true,"key":"alice-key"})");

  const auto by_key = get("/api/proxy/get_key/?key=alice-key");
  EXPECT_EQ(by_key.status, 403);
  EXPECT_EQ(by_key.body, R"({"success":false,"error":"You are not allowed to use API."})");
}

}  // namespace
}  // namespace airlane::test
