// The HiLink API as a driver meets it: sessions, tokens, writes, refusals.
#include "sim/hilink.h"

#include <gtest/gtest.h>

#include "base/tls/crypto.h"

namespace airlane::sim::test {
namespace {

class FakeRadio : public Radio {
 public:
  [[nodiscard]] Connection connection() const override {
    return data ? Connection::kConnected : Connection::kDisconnected;
  }
  [[nodiscard]] bool data_enabled() const override { return data; }
  [[nodiscard]] std::string external_ip() const override { return "198.18.1.2"; }
  void enable_data(bool on) override { data = on; }
  void reattach() override { ++reattached; }
  void reboot() override { ++rebooted; }
  void power_off() override {}

  bool data = true;
  int reattached = 0;
  int rebooted = 0;
};

class HilinkTest : public ::testing::Test {
 protected:
  Reply send(const std::string& method, const std::string& path, const std::string& body = "") {
    HttpRequest request;
    request.method = method;
    request.target = path;
    request.body = "<?xml version=\"1.0\"?><request>" + body + "</request>";
    if (!cookie.empty()) request.fields.emplace_back("Cookie", cookie);
    if (!token.empty()) request.fields.emplace_back("__RequestVerificationToken", token);
    return modem.answer(request, now);
  }

  // Takes the session and a token, as a client does first.
  void open() {
    const auto body = send("GET", "/api/webserver/SesTokInfo").body;
    cookie = xml_text(body, "SesInfo");
    token = xml_text(body, "TokInfo");
  }

  std::string code_of(const Reply& reply) { return std::string(xml_text(reply.body, "code")); }

  static std::string field(const Reply& reply, std::string_view name) {
    for (const auto& [key, value] : reply.fields) {
      if (key == name) return value;
    }
    return {};
  }

  std::string switch_off() {
    return code_of(send("POST", "/api/dialup/mobile-dataswitch", xml("dataswitch", "0")));
  }

  std::string proof(const std::string& password) const {
    const auto inner = base64_encode(sha256_hex(password));
    const auto all = base64_encode(sha256_hex("admin" + inner + token));
    return xml("Username", "admin") + xml("Password", all) + xml("password_type", "4");
  }

  FakeRadio radio;
  Settings settings;
  Hilink modem{1, radio, settings};
  Monotonic::time_point now;
  std::string cookie;
  std::string token;
};

TEST_F(HilinkTest, WantsASessionBeforeAnythingElse) {
  EXPECT_EQ(code_of(send("GET", "/api/monitoring/status")), "125002");
  EXPECT_EQ(switch_off(), "125002");
  open();
  EXPECT_EQ(xml_text(send("GET", "/api/monitoring/status").body, "ConnectionStatus"), "901");
}

TEST_F(HilinkTest, TakesEachTokenOnce) {
  open();
  const auto first = send("POST", "/api/dialup/mobile-dataswitch", xml("dataswitch", "0"));
  EXPECT_NE(first.body.find("<response>OK</response>"), std::string::npos);
  EXPECT_FALSE(radio.data);
  EXPECT_EQ(switch_off(), "125003") << "the same token again";
  token = field(first, "__RequestVerificationToken");
  EXPECT_EQ(switch_off(), "") << "the token that came with the first answer";
  token = "0123";
  EXPECT_EQ(switch_off(), "125003");
}

TEST_F(HilinkTest, GivesTwoTokensAndACookieWithItsPage) {
  const auto page = send("GET", "/");
  cookie = field(page, "Set-Cookie");
  cookie.resize(cookie.find(';'));
  const auto at = page.body.find("content=\"") + 9;
  token = page.body.substr(at, page.body.find('"', at) - at);
  EXPECT_NE(page.body.find("csrf_token", at), std::string::npos);
  EXPECT_EQ(switch_off(), "");
}

TEST_F(HilinkTest, KeepsATokenToItsSession) {
  open();
  const auto others = token;
  open();
  token = others;
  EXPECT_EQ(switch_off(), "125003");
}

TEST_F(HilinkTest, ReplacesTheWholeNetworkMode) {
  open();
  const auto path = "/api/net/net-mode";
  const auto wrong_order = xml("LTEBand", "1") + xml("NetworkMode", "03");
  const auto refused = send("POST", path, wrong_order);
  EXPECT_EQ(code_of(refused), "100005");
  token = field(refused, "__RequestVerificationToken");
  const auto taken = send("POST", path, xml("NetworkMode", "03") + xml("NetworkBand", "3F"));
  EXPECT_EQ(code_of(taken), "");
  EXPECT_EQ(radio.reattached, 1);
  const auto now_set = send("GET", path).body;
  EXPECT_EQ(xml_text(now_set, "NetworkMode"), "03");
  EXPECT_EQ(xml_text(now_set, "LTEBand"), "") << "what was left out is gone";
}

TEST_F(HilinkTest, AdmitsNobodyWithoutThePassword) {
  settings.password = "secret";
  open();
  EXPECT_EQ(switch_off(), "100003");
  EXPECT_EQ(xml_text(send("GET", "/api/user/state-login").body, "State"), "-1");
  open();
  const auto in = send("POST", "/api/user/login", proof("secret"));
  EXPECT_EQ(code_of(in), "");
  cookie = field(in, "Set-Cookie");
  token = field(in, "__RequestVerificationTokenone");
  EXPECT_FALSE(field(in, "__RequestVerificationTokentwo").empty());
  EXPECT_EQ(switch_off(), "");
}

TEST_F(HilinkTest, LocksOutAfterThreeWrongPasswords) {
  settings.password = "secret";
  for (const auto* expected : {"108006", "108006", "108007"}) {
    open();
    EXPECT_EQ(code_of(send("POST", "/api/user/login", proof("wrong"))), expected);
  }
  open();
  EXPECT_EQ(code_of(send("POST", "/api/user/login", proof("secret"))), "108007");
  now += std::chrono::seconds(61);
  open();
  EXPECT_EQ(code_of(send("POST", "/api/user/login", proof("secret"))), "");
}

TEST_F(HilinkTest, IsBusyOrDeafOnDemand) {
  open();
  settings.busy = 1;
  EXPECT_EQ(code_of(send("GET", "/api/monitoring/status")), "100004");
  EXPECT_EQ(code_of(send("GET", "/api/monitoring/status")), "");
  settings.ignore_writes = true;
  EXPECT_EQ(switch_off(), "");
  EXPECT_TRUE(radio.data);
  EXPECT_EQ(code_of(send("GET", "/api/no/such-thing")), "100002");
}

TEST_F(HilinkTest, ForgetsItsSessionsInAReboot) {
  open();
  EXPECT_EQ(code_of(send("POST", "/api/device/control", xml("Control", "1"))), "");
  EXPECT_EQ(radio.rebooted, 1);
  modem.forget();
  EXPECT_EQ(code_of(send("GET", "/api/monitoring/status")), "125002");
}

}  // namespace
}  // namespace airlane::sim::test
