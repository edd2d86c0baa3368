#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class ListTest : public ApiTest {
 protected:
  std::vector<int> ids(const std::string& options) {
    const auto answer = get("/api/proxy/list/?key=alice-key" + options);
    EXPECT_EQ(answer.status, 200) << options << answer.body;
    const Json body = Json::parse(answer.body);
    std::vector<int> found;
    for (const Json& row : body["proxies"]) found.push_back(row["id"]);
    EXPECT_EQ(body["count"], found.size());
    return found;
  }
  using Ids = std::vector<int>;
};

TEST_F(ListTest, LooksExactlyLikeTheExample) {
  EXPECT_EQ(
      get("/api/proxy/list/?key=alice-key").body,
      R"({"proxies":[{"id":9042,"ip":"s1.example.com","port":10142,"username":"johndoe",)"
      R"("password":"EThohf9keaSa4h","src_whitelist":["203.0.113.200/32","198.51.100.0/24"],)"
      R"("isp":"Wind","comment":"Nothing is more useful than useless comment",)"
      R"("in_use_from":"2022-05-29T12:29:45Z","in_use_till":"2022-10-07T10:39:55Z",)"
      R"("ext_ip_upd_interval":"60-90","ext_ip_upd_calendar":""},)"
      R"({"id":9717,"ip":"s1.example.com","port":20114,"username":"johndoe",)"
      R"("password":"EThohf9keaSa4h","src_whitelist":[],"isp":"Vodafone","comment":"",)"
      R"("in_use_from":null,"in_use_till":null,)"
      R"("ext_ip_upd_interval":null,"ext_ip_upd_calendar":"weekly"}],"count":2,"success":true})");
}

TEST_F(ListTest, FiltersByEachOption) {
  EXPECT_EQ(ids("&id=9717"), Ids{9717});
  EXPECT_EQ(ids("&id=S1.example.COM:10142"), Ids{9042});
  EXPECT_EQ(ids("&id=123"), Ids{}) << "it is bob's";
  EXPECT_EQ(ids("&ip=S1.Example.com"), (Ids{9042, 9717}));
  EXPECT_EQ(ids("&ip=other"), Ids{});
  EXPECT_EQ(ids("&port=20114"), Ids{9717});
  EXPECT_EQ(ids("&username=johndoe"), (Ids{9042, 9717}));
  EXPECT_EQ(ids("&username=JohnDoe"), Ids{});
  EXPECT_EQ(ids("&isp=Vodafone"), Ids{9717});
  EXPECT_EQ(ids("&isp=vodafone"), Ids{});
  EXPECT_EQ(ids("&comment=Nothing+is+more+useful+than+useless+comment"), Ids{9042});
  EXPECT_EQ(ids("&comment=Nothing"), Ids{});
  EXPECT_EQ(ids("&comment_re=use(ful|less)"), Ids{9042});
  EXPECT_EQ(ids("&comment_re=USE"), Ids{});
  EXPECT_EQ(ids("&comment_re=^[[:upper:]]\\w%2B"), Ids{9042});
  EXPECT_EQ(ids("&comment_re=^$"), Ids{9717});
}

TEST_F(ListTest, FiltersByAllOptionsTogether) {
  EXPECT_EQ(ids("&port=20114&isp=Vodafone&username=johndoe&ip=s1.example.com&id=9717"), Ids{9717});
  EXPECT_EQ(ids("&port=20114&isp=Wind"), Ids{});
  EXPECT_EQ(ids("&comment=nothing&comment_re=.*"), Ids{}) << "comment wins";
}

TEST_F(ListTest, DoesNotFilterByAnOptionLeftEmpty) {
  EXPECT_EQ(ids("&id=&ip=&port=&username=&isp=&comment=&comment_re="), (Ids{9042, 9717}));
}

TEST_F(ListTest, RefusesOptionsThatMakeNoSense) {
  for (const char* options : {"id=abc", "port=http", "port=0", "port=65536", "comment_re=(",
                              "comment_re=[a", "comment_re=(?=x)", "comment_re=(x)%5C1"}) {
    const auto answer = get("/api/proxy/list/?key=alice-key&" + std::string(options));
    EXPECT_EQ(answer.status, 400) << options;
    EXPECT_TRUE(Json::parse(answer.body)["detail"].is_string()) << options;
  }
}

TEST_F(ListTest, SurvivesACommentThatIsNotUtf8) {
  on_server([this] { backend_.proxy_rows[0].comment = "\xff\xfe"; });

  EXPECT_EQ(ids(""), (Ids{9042, 9717}));
}

}  // namespace
}  // namespace airlane::test
