// SOCKS5, as a client would experience it. Each test is one exchange; read them top to bottom and
// you have read the protocol we speak.
#include "proxy/protocol/socks5.h"

#include "tests/support/dialogue.h"

namespace airlane::test {
namespace {

// A client whose address is listed, up to the point where it asks for something.
Dialogue listed_client() {
  return Dialogue().from_listed_source().client("05 01 00").server("05 00");
}

Errc failure_of(const Dialogue& dialogue) {
  const auto understood = dialogue.play();
  EXPECT_FALSE(understood.has_value());
  return understood ? Errc::kSystem : understood.error().code;
}

TEST(Socks5, AsksForAPasswordAndLearnsWhereToGo) {
  const auto understood = Dialogue()
                              .client("05 02 00 02")                // I can do "none" or "password"
                              .server("05 02")                      // password, then
                              .client("01 05 'alice' 06 'secret'")  // RFC 1929
                              .server("01 00")                      // welcome
                              .client("05 01 00 03 0b 'example.com' 01 bb")  // CONNECT :443
                              .play();

  ASSERT_TRUE(understood.has_value());
  EXPECT_EQ(understood->user, "alice");
  EXPECT_EQ(understood->password, "secret");
  EXPECT_EQ(understood->command, Socks5::Command::kConnect);
  EXPECT_EQ(understood->target, (Target{"example.com", std::nullopt, 443}));
}

TEST(Socks5, LetsAListedSourceInWithoutAPassword) {
  const auto understood = listed_client().client("05 01 00 03 01 'h' 00 50").play();

  ASSERT_TRUE(understood.has_value());
  EXPECT_EQ(understood->user, "");
  EXPECT_EQ(understood->target.to_string(), "h:80");
}

TEST(Socks5, TurnsAwayAClientThatOffersNoPassword) {
  EXPECT_EQ(failure_of(Dialogue()
                           .client("05 01 00")  // "none" only
                           .server("05 ff")),   // no acceptable method
            Errc::kUnauthenticated);
}

TEST(Socks5, TurnsAwayAClientThatOffersNothing) {
  EXPECT_EQ(failure_of(Dialogue().client("05 00").server("05 ff")), Errc::kUnauthenticated);
}

TEST(Socks5, TurnsAwayAWrongPassword) {
  EXPECT_EQ(failure_of(Dialogue()
                           .with_only_password("secret")
                           .client("05 01 02")
                           .server("05 02")
                           .client("01 05 'alice' 06 'Secret'")
                           .server("01 01")),
            Errc::kUnauthenticated);
}

TEST(Socks5, TakesTheLongestCredentials) {
  const std::string user(255, 'u');
  const std::string password(255, 'p');
  const auto understood = Dialogue()
                              .client("05 01 02")
                              .server("05 02")
                              .client("01 ff '" + user + "' ff '" + password + "'")
                              .server("01 00")
                              .client("05 01 00 01 cb 00 71 01 01 bb")
                              .play();

  ASSERT_TRUE(understood.has_value());
  EXPECT_EQ(understood->user, user);
  EXPECT_EQ(understood->password, password);
}

TEST(Socks5, TakesEmptyCredentialsAndLeavesTheVerdictToTheSession) {
  EXPECT_EQ(failure_of(Dialogue()
                           .with_only_password("secret")
                           .client("05 01 02")
                           .server("05 02")
                           .client("01 00 00")
                           .server("01 01")),
            Errc::kUnauthenticated);
}

TEST(Socks5, ReadsAllThreeAddressTypes) {
  const auto v4 = listed_client().client("05 01 00 01 cb 00 71 07 00 50").play();
  const auto v6 =
      listed_client().client("05 01 00 04 2001 0db8 0000 0000 0000 0000 0000 0001 01 bb").play();
  const auto name = listed_client().client("05 01 00 03 04 'a.b.' 00 50").play();

  ASSERT_TRUE(v4.has_value() && v6.has_value() && name.has_value());
  EXPECT_EQ(v4->target.to_string(), "203.0.113.7:80");
  EXPECT_EQ(v6->target.to_string(), "[2001:db8::1]:443");
  EXPECT_TRUE(v6->target.literal.has_value());
  EXPECT_EQ(name->target, (Target{"a.b", std::nullopt, 80}));
}

TEST(Socks5, TakesANameThatIsALiteralForTheLiteral) {
  const auto v4 = listed_client().client("05 01 00 03 09 '127.0.0.1' 00 50").play();
  const auto v6 = listed_client().client("05 01 00 03 03 '::1' 00 50").play();

  ASSERT_TRUE(v4.has_value() && v6.has_value());
  EXPECT_EQ(v4->target.literal, Address::parse("127.0.0.1", 80));
  EXPECT_EQ(v6->target.literal, Address::parse("::1", 80));
}

TEST(Socks5, SeesIpv4InsideIpv6) {
  const auto mapped =
      listed_client().client("05 01 00 04 0000 0000 0000 0000 0000 ffff 7f00 0001 00 50").play();

  ASSERT_TRUE(mapped.has_value());
  EXPECT_EQ(mapped->target.literal, Address::parse("127.0.0.1", 80));
}

TEST(Socks5, ReadsTheOtherCommands) {
  const auto bind = listed_client().client("05 02 00 01 00 00 00 00 00 00").play();
  const auto udp = listed_client().client("05 03 00 01 00 00 00 00 12 34").play();

  ASSERT_TRUE(bind.has_value() && udp.has_value());
  EXPECT_EQ(bind->command, Socks5::Command::kBind);
  EXPECT_EQ(udp->command, Socks5::Command::kUdpAssociate);
  EXPECT_EQ(udp->target.port, 0x1234);
}

TEST(Socks5, TakesWhatPySocksSaysInUdpAssociateForAHint) {
  const auto udp = listed_client().client("05 03 00 03 01 '0' 12 34").play();

  ASSERT_TRUE(udp.has_value());
  EXPECT_EQ(udp->target.literal, Address::parse("0.0.0.0", 0x1234));
}

TEST(Socks5, RefusesNamesThatOnlySomeResolversUnderstand) {
  for (const auto* name : {"06 '0x7f.1'", "0a '2130706433'", "00", "03 'a b'", "0b 'user@host.x'",
                           "05 '[::1]'", "06 '::1%lo'", "03 'a' 00 'b'", "02 '..'"}) {
    EXPECT_EQ(failure_of(listed_client().client("05 01 00 03 " + std::string(name) + " 00 50")),
              Errc::kMalformed)
        << name;
  }
}

TEST(Socks5, RefusesPortZero) {
  EXPECT_EQ(failure_of(listed_client().client("05 01 00 03 01 'h' 00 00")), Errc::kMalformed);
  EXPECT_EQ(failure_of(listed_client().client("05 01 00 01 cb 00 71 07 00 00")), Errc::kMalformed);
}

TEST(Socks5, RefusesACommandThatItDoesNotKnow) {
  for (const auto* command : {"00", "04", "ff"}) {
    EXPECT_EQ(failure_of(listed_client().client("05 " + std::string(command) +
                                                " 00 01 cb 00 71 07 00 50")),
              Errc::kUnsupported);
  }
}

TEST(Socks5, RefusesAnAddressTypeThatItDoesNotKnow) {
  for (const auto* type : {"00", "02", "05", "ff"}) {
    EXPECT_EQ(failure_of(listed_client().client("05 01 00 " + std::string(type) + " 00")),
              Errc::kUnsupportedType);
  }
}

TEST(Socks5, HangsUpOnAnotherProtocolAtTheFirstByteOfEachMessage) {
  EXPECT_EQ(failure_of(Dialogue().client("'G'")), Errc::kMalformed);
  EXPECT_EQ(failure_of(Dialogue().client("04")), Errc::kMalformed);
  EXPECT_EQ(failure_of(Dialogue().client("05 01 02").server("05 02").client("05")),
            Errc::kMalformed);
  EXPECT_EQ(failure_of(listed_client().client("01")), Errc::kMalformed);
}

TEST(Socks5, WaitsForTheRest) {
  EXPECT_EQ(failure_of(Dialogue().client("05 03 00 02")), Errc::kTimedOut);
  EXPECT_EQ(failure_of(Dialogue().client("05 01 02").server("05 02").client("01 02 'a'")),
            Errc::kTimedOut);
  EXPECT_EQ(failure_of(listed_client().client("05 01 00 03 0b 'example'")), Errc::kTimedOut);
}

TEST(Socks5, LeavesTheFirstPayloadBytesAlone) {
  const auto understood = Dialogue()
                              .client("05 01 02")
                              .server("05 02")
                              .client("01 01 'a' 01 'b'")
                              .server("01 00")
                              .client("05 01 00 03 01 'h' 00 50 'GET /'")
                              .play();

  ASSERT_TRUE(understood.has_value());
  EXPECT_EQ(understood->payload, "GET /");
}

TEST(Socks5, ConsumesNothingWhileADecisionIsOwed) {
  Socks5 server;
  const auto sent = octets("05 01 00 05 01 00 03 01 'h' 00 50 'GET /'");
  std::span<const char> input(sent);

  EXPECT_EQ(*server.feed(input), Socks5::Step::kChooseMethod);
  EXPECT_EQ(*server.feed(input), Socks5::Step::kChooseMethod);
  EXPECT_EQ(input.size(), sent.size() - 3);
  EXPECT_FALSE(server.expects_reply());
  server.choose(Socks5::Method::kNone);
  EXPECT_EQ(*server.feed(input), Socks5::Step::kRequest);
  EXPECT_EQ(*server.feed(input), Socks5::Step::kRequest);
  EXPECT_EQ(input.size(), 5U) << "'GET /' belongs to the target";
  EXPECT_TRUE(server.expects_reply());
}

TEST(Socks5, CollectsItsRepliesForOneWrite) {
  Socks5 server;
  const auto sent = octets("05 01 02 01 01 'a' 01 'b'");
  std::span<const char> input(sent);

  EXPECT_EQ(*server.feed(input), Socks5::Step::kChooseMethod);
  server.choose(Socks5::Method::kPassword);
  EXPECT_EQ(*server.feed(input), Socks5::Step::kCheckCredentials);
  server.accept_credentials(true);
  EXPECT_EQ(server.take_reply(), octets("05 02 01 00"));
  EXPECT_EQ(server.take_reply(), "");
}

TEST(Socks5, HearsNothingAfterARefusal) {
  Socks5 server;
  const auto sent = octets("05 01 00 05 01 00 03 01 'h' 00 50");
  std::span<const char> input(sent);

  EXPECT_EQ(*server.feed(input), Socks5::Step::kChooseMethod);
  server.choose(Socks5::Method::kNoAcceptable);
  EXPECT_EQ(server.take_reply(), octets("05 ff"));
  EXPECT_EQ(server.feed(input).error().code, Errc::kUnauthenticated);
  EXPECT_EQ(input.size(), sent.size() - 3);
}

TEST(Socks5, RepeatsAnErrorHoweverMuchFollows) {
  Socks5 server;
  const std::string garbage(2000, 'G');
  for (int i = 0; i < 3; ++i) {
    std::span<const char> input(garbage);
    EXPECT_EQ(server.feed(input).error().code, Errc::kMalformed);
  }
  EXPECT_FALSE(server.expects_reply());
}

TEST(Socks5, SaysThatAFailedRequestIsToBeAnswered) {
  Socks5 server;
  const auto sent = octets("05 01 00 05 01 00 09 00 00 00");
  std::span<const char> input(sent);

  EXPECT_EQ(*server.feed(input), Socks5::Step::kChooseMethod);
  server.choose(Socks5::Method::kNone);
  EXPECT_EQ(server.feed(input).error().code, Errc::kUnsupportedType);
  EXPECT_TRUE(server.expects_reply());
}

TEST(Socks5, AnswersWithTheBoundAddress) {
  EXPECT_EQ(Socks5::reply(0, *Address::parse("203.0.113.7", 0x1234)),
            octets("05 00 00 01 cb 00 71 07 12 34"));
  EXPECT_EQ(Socks5::reply(4, {}), octets("05 04 00 01 00 00 00 00 00 00"));
  EXPECT_EQ(Socks5::reply(0, *Address::parse("2001:db8::1", 443)),
            octets("05 00 00 04 2001 0db8 0000 0000 0000 0000 0000 0001 01 bb"));
}

}  // namespace
}  // namespace airlane::test
