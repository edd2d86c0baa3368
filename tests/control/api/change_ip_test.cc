// change_ip: each form of the call, and who has to wait.
#include "tests/control/api/api_fixture.h"

namespace airlane::test {
namespace {

class ChangeIpTest : public ApiTest {
 protected:
  HttpAnswer change(const std::string& options = {}) {
    return get("/api/proxy/change_ip/?id=9042&key=alice-key" + options);
  }
  std::string stored_fingerprint() {
    return on_server([this] { return backend_.proxy(9042)->fp; });
  }
  using Log = std::vector<std::string>;
};

TEST_F(ChangeIpTest, WaitsForTheNewAddress) {
  const auto answer = change();

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"success":true,"new_ip":"203.0.113.177","id":9042})");
}

TEST_F(ChangeIpTest, ShowsTheOldAddress) {
  EXPECT_EQ(change("&show_old_ip=1").body,
            R"({"success":true,"new_ip":"203.0.113.177","old_ip":"203.0.113.80","id":9042})");
  EXPECT_EQ(log(), Log{"rotate 9042"}) << "nothing extra is asked for";
}

TEST_F(ChangeIpTest, SucceedsThoughTheCheckFailed) {
  on_server([this] { backend_.rotation = Rotated{std::nullopt, std::nullopt}; });

  EXPECT_EQ(change("&show_old_ip=true").body,
            R"({"success":true,"new_ip":null,"old_ip":null,"id":9042})");
}

TEST_F(ChangeIpTest, DoesNotWaitWhenAsync) {
  on_server([this] { backend_.hold_rotations = true; });

  EXPECT_EQ(change("&async=true").body, R"({"success":true,"async":true,"id":9042})");
  EXPECT_EQ(log(), Log{"rotate 9042"});
}

TEST_F(ChangeIpTest, AsksForTheOldAddressFirstWhenAsync) {
  on_server([this] { backend_.hold_rotations = true; });

  EXPECT_EQ(
      change("&async=true&show_old_ip=true").body,
      R"({"success":true,"async":true,"old_ip":"203.0.113.183","from_cache":false,"id":9042})");
  EXPECT_EQ(log(), (Log{"external_ip 9042 fresh", "rotate 9042"}));
}

TEST_F(ChangeIpTest, TakesTheOldAddressFromTheCacheWhenAsync) {
  on_server([this] { backend_.external = Farm::ExternalIp{"203.0.113.9", true}; });

  EXPECT_EQ(change("&async=true&show_old_ip=true&from_cache=true").body,
            R"({"success":true,"async":true,"old_ip":"203.0.113.9","from_cache":true,"id":9042})");
  EXPECT_EQ(log(), (Log{"external_ip 9042 cached", "rotate 9042"}));
}

TEST_F(ChangeIpTest, SaysWhatADongleCannotDo) {
  on_server([this] {
    backend_.rotation = Failure{Failure::Kind::kUnavailable, "This dongle cannot rotate."};
  });
  const auto answer = change();

  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"success":false,"error":"This dongle cannot rotate.","id":9042})");
}

TEST_F(ChangeIpTest, KeepsCallsFiveSecondsApart) {
  change();
  const auto at_once = change();
  EXPECT_EQ(at_once.status, 429);
  EXPECT_EQ(at_once.field("Retry-After"), "5");
  EXPECT_EQ(at_once.body,
            R"({"detail":"Request was throttled. Expected available in 5 seconds."})");

  pass(4200ms);
  const auto soon = change();
  EXPECT_EQ(soon.field("Retry-After"), "1");
  EXPECT_EQ(soon.body, R"({"detail":"Request was throttled. Expected available in 1 second."})");

  pass(800ms);
  EXPECT_EQ(change().status, 200) << "refused calls do not count";
  EXPECT_EQ(log().size(), 2u);
}

TEST_F(ChangeIpTest, ThrottlesEachProxyForItself) {
  change();

  EXPECT_EQ(get("/api/proxy/change_ip/?id=9717&key=alice-key").status, 200);
}

TEST_F(ChangeIpTest, WaitsForARotationThatRuns) {
  on_server([this] { backend_.busy[1] = now() - 123s; });
  const auto answer = change();

  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.field("Retry-After"), "42");
  EXPECT_EQ(answer.body, R"({"detail":"Request was throttled: previous call is still running. )"
                         R"(Expected available in less than 42 seconds."})");
  EXPECT_TRUE(log().empty());
}

TEST_F(ChangeIpTest, WaitsForTheRotationOfAnotherProxyOnTheSameDongle) {
  on_server([this] {
    backend_.hold_rotations = true;
    backend_.busy[1] = now() - 1s;
  });

  EXPECT_EQ(get("/api/proxy/change_ip/?id=123&key=bob-key").field("Retry-After"), "164");
  EXPECT_EQ(get("/api/proxy/change_ip/?id=9717&key=alice-key&async=1").status, 200);
}

TEST_F(ChangeIpTest, SaysAtLeastOneSecond) {
  on_server([this] { backend_.busy[1] = now() - 500s; });

  EXPECT_EQ(change().field("Retry-After"), "1");
}

TEST_F(ChangeIpTest, TurnsALostRaceIntoThe429) {
  on_server([this] {
    backend_.hold_rotations = true;
    backend_.rotation = Failure{Failure::Kind::kConflict, "A rotation runs."};
  });
  HttpClient client(address_);
  client.say("GET /api/proxy/change_ip/?id=9042&key=alice-key HTTP/1.1\r\nHost: t\r\n\r\n");
  while (log().empty()) std::this_thread::sleep_for(5ms);
  on_server([this] {
    backend_.busy[1] = now();
    backend_.held_rotations.at(0)(backend_.rotation);
  });

  EXPECT_EQ(client.hear().status, 429);
}

TEST_F(ChangeIpTest, FinishesThoughTheCallerHangsUp) {
  on_server([this] { backend_.hold_rotations = true; });
  {
    HttpClient client(address_);
    client.say("GET /api/proxy/change_ip/?id=9042&key=alice-key HTTP/1.1\r\nHost: t\r\n\r\n");
    while (log().empty()) std::this_thread::sleep_for(5ms);
  }

  on_server([this] { backend_.held_rotations.at(0)(backend_.rotation); });

  EXPECT_EQ(get("/ip").status, 200);
}

TEST_F(ChangeIpTest, StoresAFingerprintBeforeItRotates) {
  change("&fp=*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
  EXPECT_EQ(stored_fingerprint(), "*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");

  for (const char* keep : {"", "&fp=keep"}) {
    pass(5s);
    change(keep);
    EXPECT_EQ(stored_fingerprint(), "*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0");
  }
  pass(5s);
  change("&fp=reset");
  EXPECT_EQ(stored_fingerprint(), "");
  pass(5s);
  change("&fp=%2A%3A64%3A0%3A%2A%3A1%2C1%3Amss%2Cnop%2Cws%3Adf%2Cid%2B%3A0");
  EXPECT_EQ(stored_fingerprint(), "*:64:0:*:1,1:mss,nop,ws:df,id+:0");
  pass(5s);
  change("&fp=");
  EXPECT_EQ(stored_fingerprint(), "");
  pass(5s);
  change("&fp=Windows-10");
  EXPECT_EQ(stored_fingerprint(), "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0");
  EXPECT_EQ(on_server([this] { return backend_.changes; }), 5);
  EXPECT_EQ(log().size(), 7u);
}

TEST_F(ChangeIpTest, SaysWhatIsWrongWithAFingerprintAndWhere) {
  const auto answer = change("&fp=*:64:0:*:1,0:mss,ns::0");
  EXPECT_EQ(answer.status, 400);
  EXPECT_NE(answer.body.find("in the field olayout, at character 18"), std::string::npos)
      << answer.body;
}

TEST_F(ChangeIpTest, DoesNotRotateAProxyThatStillCannotHaveItsFingerprint) {
  const std::string kFp = "&fp=*:64:0:*:1,1:mss,nop,ws:df,id%2B:0";
  change(kFp);
  pass(5s);
  on_server([this] { backend_.fp_trouble = "No BPF here."; });
  const auto answer = change(kFp);
  EXPECT_EQ(answer.status, 503);
  EXPECT_NE(answer.body.find("No BPF here."), std::string::npos) << answer.body;
  EXPECT_EQ(log().size(), 1u);
  pass(5s);
  EXPECT_EQ(change().status, 200) << "who does not ask for it may still rotate";
}

TEST_F(ChangeIpTest, RefusesOptionsThatMakeNoSenseAndDoesNothing) {
  for (const char* options :
       {"&fp=windows", "&fp=1:2:3", "&async=maybe", "&show_old_ip=2", "&from_cache=x"}) {
    const auto answer = change(options);
    EXPECT_EQ(answer.status, 400) << options;
    const std::string option(options + 1, std::string_view(options).find('='));
    EXPECT_NE(answer.body.find(option.substr(0, option.find('='))), std::string::npos);
  }
  EXPECT_TRUE(log().empty());
  EXPECT_EQ(change().status, 200) << "they did not count as calls";
}

TEST_F(ChangeIpTest, NeitherActsNorCountsForHead) {
  EXPECT_EQ(ask("HEAD", "/api/proxy/change_ip/?id=9042&key=alice-key&fp=reset").status, 200);

  EXPECT_TRUE(log().empty());
  EXPECT_EQ(change().status, 200);
}

}  // namespace
}  // namespace airlane::test
