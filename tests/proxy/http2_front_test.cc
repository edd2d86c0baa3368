// HTTP/2 as its clients meet it, and the HTTP/1.1 that the sessions behind it do.
#include <gmock/gmock.h>

#include "tests/proxy/http2_client.h"

namespace airlane::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::StartsWith;

TEST_F(Http2Test, ConnectIsATunnel) {
  const auto id = ask(
      {{":method", "CONNECT"}, {":authority", "a.test:443"}, {"proxy-authorization", "Basic eA=="}},
      false);
  ASSERT_TRUE(carry());
  ASSERT_THAT(host_.sessions, SizeIs(1));
  auto& session = host_.sessions[0];
  EXPECT_EQ(session.hear(),
            "CONNECT a.test:443 HTTP/1.1\r\nhost: a.test:443\r\nproxy-authorization: Basic eA==\r\n"
            "connection: close\r\n\r\n");

  session.say("HTTP/1.1 200 Connection established\r\n\r\nhello");
  send(id, "bytes\r\n\r\n");
  ASSERT_TRUE(carry());
  EXPECT_THAT(seen_[id].heads, ElementsAre(ElementsAre(Pair(":status", "200"))));
  EXPECT_EQ(seen_[id].body, "hello");
  EXPECT_EQ(session.hear(), "bytes\r\n\r\n");
  EXPECT_FALSE(seen_[id].ended);

  session.say(" again");
  ASSERT_TRUE(carry());
  EXPECT_EQ(seen_[id].body, "hello again");
}

TEST_F(Http2Test, EndsOfStreamsAreHandedOnEachOnItsOwn) {
  std::int32_t id = 0;
  auto& session = tunnel(id);
  session.end();
  ASSERT_TRUE(carry());
  EXPECT_TRUE(seen_[id].ended);
  EXPECT_FALSE(seen_[id].closed) << "the client has more to say";
  send(id, "more", true);
  ASSERT_TRUE(carry());
  EXPECT_EQ(session.hear(), "more");
  EXPECT_TRUE(session.at_end);
  EXPECT_FALSE(session.bridge->client_cut);
  EXPECT_EQ(seen_[id].closed, NGHTTP2_NO_ERROR);

  auto& other = tunnel(id);
  send(id, "all", true);
  ASSERT_TRUE(carry());
  EXPECT_EQ(other.hear(), "all");
  EXPECT_TRUE(other.at_end);
  other.say("answer");
  other.end();
  ASSERT_TRUE(carry());
  EXPECT_EQ(seen_[id].body, "answer");
  EXPECT_EQ(seen_[id].closed, NGHTTP2_NO_ERROR);
}

TEST_F(Http2Test, ACutTunnelIsAConnectError) {
  std::int32_t id = 0;
  auto& session = tunnel(id);
  session.say("part");
  session.cut();
  ASSERT_TRUE(carry());
  EXPECT_EQ(seen_[id].body, "part");
  EXPECT_FALSE(seen_[id].ended);
  EXPECT_EQ(seen_[id].reset, NGHTTP2_CONNECT_ERROR);
}

TEST_F(Http2Test, AResetByTheClientIsACutForTheSession) {
  std::int32_t id = 0;
  auto& session = tunnel(id);
  send(id, "part");
  ASSERT_TRUE(carry());
  reset(id);
  ASSERT_TRUE(carry());
  EXPECT_EQ(session.hear(), "part");
  EXPECT_TRUE(session.at_end);
  EXPECT_TRUE(session.bridge->client_cut);
}

TEST_F(Http2Test, AClientThatLeavesCutsAllItsSessions) {
  std::int32_t id = 0;
  auto& one = tunnel(id);
  auto& two = tunnel(id);
  front_.end(true);
  for (auto* session : {&one, &two}) {
    session->hear();
    EXPECT_TRUE(session->at_end);
    EXPECT_TRUE(session->bridge->client_cut);
  }
  EXPECT_TRUE(front_.finished());
}

TEST_F(Http2Test, ARequestBecomesOneInAbsoluteFormAndItsAnswerComesBack) {
  const auto id = ask(request("GET", "/p"), true);
  ASSERT_TRUE(carry());
  auto& session = host_.sessions.back();
  EXPECT_EQ(session.hear(),
            "GET http://a.test/p HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n");
  session.say("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  session.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
  session.end();
  ASSERT_TRUE(carry());
  EXPECT_THAT(seen_[id].heads,
              ElementsAre(ElementsAre(Pair(":status", "103"), Pair("link", "x")),
                          ElementsAre(Pair(":status", "200"), Pair("content-length", "5"))));
  EXPECT_EQ(seen_[id].body, "hello");
  EXPECT_EQ(seen_[id].closed, NGHTTP2_NO_ERROR);
  EXPECT_FALSE(session.bridge->client_cut);
}

TEST_F(Http2Test, ChunksAreForHttp1Only) {
  const auto id = ask(request("POST"), false);
  ASSERT_TRUE(carry());
  send(id, "some body", true);
  ASSERT_TRUE(carry());
  auto& session = host_.sessions.back();
  const auto heard = session.hear();
  EXPECT_THAT(heard, HasSubstr("transfer-encoding: chunked\r\n"));
  EXPECT_THAT(heard, testing::EndsWith("\r\n\r\n9\r\nsome body\r\n0\r\n\r\n"));
  EXPECT_FALSE(session.at_end) << "the answer is still to come";
  // A byte at a time.
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
      "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n";
  for (const char byte : answer) {
    session.say({&byte, 1});
    ASSERT_TRUE(carry());
  }
  EXPECT_THAT(seen_[id].heads,
              ElementsAre(ElementsAre(Pair(":status", "200"), Pair("trailer", "X-Sum")),
                          ElementsAre(Pair("x-sum", "5"))));
  EXPECT_EQ(seen_[id].body, "abcde");
  EXPECT_EQ(seen_[id].closed, NGHTTP2_NO_ERROR);
}

TEST_F(Http2Test, TrailersOfTheClientFollowItsLastChunk) {
  const auto id = ask(request("POST"), false);
  ASSERT_TRUE(carry());
  send(id, "x");
  ASSERT_TRUE(carry());
  const std::string name = "x-sum";
  const std::string value = "1";
  const auto trailer = pair(name, value);
  nghttp2_submit_trailer(client_.get(), id, &trailer, 1);
  ASSERT_TRUE(carry());
  EXPECT_THAT(host_.sessions.back().hear(),
              testing::EndsWith("\r\n\r\n1\r\nx\r\n0\r\nx-sum: 1\r\n\r\n"));
}

TEST_F(Http2Test, BodiesWithoutALengthEndWithTheSession) {
  const auto id = ask(request("GET"), true);
  ASSERT_TRUE(carry());
  host_.sessions.back().say("HTTP/1.1 200 OK\r\n\r\nto the end");
  ASSERT_TRUE(carry());
  EXPECT_FALSE(seen_[id].ended);
  host_.sessions.back().end();
  ASSERT_TRUE(carry());
  EXPECT_EQ(seen_[id].body, "to the end");
  EXPECT_TRUE(seen_[id].ended);
}

TEST_F(Http2Test, AnAnswerThatIsNotWholeIsReset) {
  for (const auto* part :
       {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\npart", "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz", "nonsense\r\n\r\n", ""}) {
    const auto id = ask(request("GET"), true);
    ASSERT_TRUE(carry());
    host_.sessions.back().say(part);
    host_.sessions.back().end();
    ASSERT_TRUE(carry());
    EXPECT_EQ(seen_[id].reset, NGHTTP2_INTERNAL_ERROR) << part;
    EXPECT_FALSE(seen_[id].ended) << part;
  }
  const auto id = ask(request("GET"), true);
  ASSERT_TRUE(carry());
  host_.sessions.back().say("HTTP/1.1 200 OK\r\n\r\npart");
  host_.sessions.back().cut();
  ASSERT_TRUE(carry());
  EXPECT_EQ(seen_[id].reset, NGHTTP2_INTERNAL_ERROR);
}

TEST_F(Http2Test, AnswersWithoutABodyEndWithTheirHead) {
  for (const auto& [method, answer] : {std::pair("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 7"),
                                       std::pair("GET", "HTTP/1.1 204 No Content"),
                                       std::pair("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0")}) {
    const auto id = ask(request(method), true);
    ASSERT_TRUE(carry());
    host_.sessions.back().say(std::string(answer) + "\r\n\r\n");
    ASSERT_TRUE(carry());
    EXPECT_EQ(seen_[id].body, "");
    EXPECT_EQ(seen_[id].closed, NGHTTP2_NO_ERROR) << answer;
  }
}

TEST_F(Http2Test, ARefusalComesOnItsStreamAndStopsTheUpload) {
  const auto id = ask(request("POST"), false);
  const auto tunnel_id = connect();
  ASSERT_TRUE(carry());
  for (auto& session : host_.sessions) {
    session.say(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n"
        "Content-Length: 3\r\nConnection: close\r\n\r\nno\n");
    session.end();
  }
  ASSERT_TRUE(carry());
  for (const auto stream : {id, tunnel_id}) {
    EXPECT_THAT(seen_[stream].heads.at(0), Contains(Pair(":status", "407")));
    EXPECT_THAT(seen_[stream].heads.at(0), Contains(Pair("proxy-authenticate", "Basic")));
    EXPECT_EQ(seen_[stream].body, "no\n");
    EXPECT_TRUE(seen_[stream].ended);
    EXPECT_EQ(seen_[stream].reset, NGHTTP2_NO_ERROR);
  }
  EXPECT_FALSE(goaway_) << "the connection goes on";
}

TEST_F(Http2Test, StreamsDoNotMix) {
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 50; ++i) {
    ids.push_back(0);
    tunnel(ids.back());
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    send(ids[i], "up " + std::to_string(i));
    host_.sessions[i].say("down " + std::to_string(i));
  }
  ASSERT_TRUE(carry());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(host_.sessions[i].hear(), "up " + std::to_string(i));
    EXPECT_EQ(seen_[ids[i]].body, "down " + std::to_string(i));
  }
}

TEST_F(Http2Test, MalformedRequestsReachNoSession) {
  const auto bad = [this](Fields fields) {
    const auto id = ask(fields, true);
    EXPECT_TRUE(carry());
    EXPECT_EQ(seen_[id].reset, NGHTTP2_PROTOCOL_ERROR) << fields.back().first;
  };
  const auto with = [](Fields fields, std::string name, std::string value) {
    fields.emplace_back(std::move(name), std::move(value));
    return fields;
  };
  bad(with(request("GET"), "x", "a\r\nb: c"));
  bad(with(request("GET"), "x y", "z"));
  bad(with(request("GET"), "connection", "close"));
  bad(with(request("GET"), "transfer-encoding", "chunked"));
  bad(with(request("GET"), "host", "b.test"));
  bad(with(request("CONNECT"), "x", "y"));
  bad({{":method", "CONNECT"}, {":protocol", "websocket"}, {":authority", "a.test:1"}});
  bad({{":method", "GET"}, {":path", "/"}});
  EXPECT_THAT(host_.sessions, IsEmpty());
}

TEST_F(Http2Test, RefusesStreamsForWhichThereIsNoSession) {
  host_.full = true;
  const auto id = connect();
  ASSERT_TRUE(carry());
  EXPECT_EQ(seen_[id].reset, NGHTTP2_REFUSED_STREAM);
}

TEST_F(Http2Test, RefusesMoreStreamsThanItAllows) {
  for (std::uint32_t i = 0; i <= Http2Front::kStreamsMost; ++i) connect();
  ASSERT_TRUE(carry());
  EXPECT_THAT(host_.sessions, SizeIs(Http2Front::kStreamsMost));
}

TEST_F(Http2Test, AnUploadKeepsTheTargetsPace) {
  std::int32_t id = 0;
  auto& slow = tunnel(id);
  std::int32_t other_id = 0;
  tunnel(other_id);
  const std::string bytes(4 << 20, 'x');
  send(id, bytes);
  ASSERT_TRUE(carry());
  // What the session has not read is the window, and what is in the pair.
  constexpr std::size_t kMost = Http2Front::kStreamWindow + 3 * Conduit::kPairBuffer;
  EXPECT_LE(sent(id), kMost);
  send(other_id, std::string(100'000, 'y'));
  ASSERT_TRUE(carry());
  EXPECT_EQ(host_.sessions.back().hear().size(), 100'000u) << "the other stream goes on";

  const auto before = sent(id);
  std::size_t heard = 0;
  for (int round = 0; round < 300 && heard < bytes.size(); ++round) {
    const auto piece = slow.hear().size();
    heard += piece;
    ASSERT_TRUE(carry());
    EXPECT_LE(sent(id), heard + kMost);
  }
  EXPECT_EQ(heard, bytes.size());
  EXPECT_GT(sent(id), before);
}

TEST_F(Http2Test, ASlowClientStopsItsSession) {
  std::int32_t id = 0;
  auto& session = tunnel(id);
  const std::string piece(64 << 10, 'x');
  std::size_t said = 0;
  std::array<char, 1024> out{};
  for (int round = 0; round < 1000; ++round) {
    const auto size = ::send(session.socket.get(), piece.data(), piece.size(), MSG_NOSIGNAL);
    if (size < 0) break;
    said += static_cast<std::size_t>(size);
    ASSERT_TRUE(front_.take(out)) << "a client that takes a little";
  }
  EXPECT_LT(said, 2 << 20) << "the session could write without end";
  EXPECT_GT(said, piece.size());
}

TEST_F(Http2Test, AFloodOfInterimAnswersKeepsTheClientsPace) {
  const auto id = ask(request("GET"), true);
  ASSERT_TRUE(carry());
  auto& session = host_.sessions.back();
  const std::string hint =
      "HTTP/1.1 103 Early Hints\r\nLink: " + std::string(4000, 'x') + "\r\n\r\n";
  std::size_t said = 0;
  while (said < (64 << 20)) {
    const auto size = ::send(session.socket.get(), hint.data(), hint.size(), MSG_NOSIGNAL);
    if (size != static_cast<ssize_t>(hint.size())) break;
    said += hint.size();
    let_front_work();
  }
  EXPECT_LT(said, 4U << 20) << "the session could write without end";
  ASSERT_TRUE(carry());
  EXPECT_GT(seen_[id].heads.size(), 10U) << "and it goes on when the client reads";
}

TEST_F(Http2Test, ARapidResetEndsTheConnection) {
  bool alive = true;
  for (int i = 0; i < 1000 && alive && !goaway_; ++i) {
    const auto id = ask(request("GET"), true);
    alive = carry();
    reset(id);
    alive = alive && carry();
    if (host_.sessions.size() > 2) host_.sessions.pop_front();
  }
  EXPECT_TRUE(!alive || goaway_);
}

TEST_F(Http2Test, AFloodOfPingsFromAClientThatDoesNotReadEndsTheConnection) {
  ASSERT_TRUE(carry());
  bool alive = true;
  for (int i = 0; i < 5000 && alive; ++i) {
    nghttp2_submit_ping(client_.get(), NGHTTP2_FLAG_NONE, nullptr);
    const std::uint8_t* bytes = nullptr;
    const auto size = nghttp2_session_mem_send(client_.get(), &bytes);
    alive = static_cast<bool>(
        front_.feed({reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size)}));
  }
  EXPECT_FALSE(alive);
}

TEST_F(Http2Test, AnEndlessHeaderListIsReset) {
  auto fields = request("GET");
  for (int i = 0; i < 100; ++i) fields.emplace_back("x", std::string(900, 'v'));
  const auto id = ask(fields, true);
  carry();
  EXPECT_TRUE(seen_[id].reset || goaway_);
  EXPECT_THAT(host_.sessions, IsEmpty());
}

TEST_F(Http2Test, WhatIsNoHttp2IsAnError) {
  const std::string text = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_FALSE(front_.feed(text));
}

TEST_F(Http2Test, DrainingFinishesWhatIsUnderWayAndBeginsNothing) {
  std::int32_t id = 0;
  auto& session = tunnel(id);
  front_.drain();
  ASSERT_TRUE(carry());
  EXPECT_TRUE(goaway_);
  session.say("still here");
  ASSERT_TRUE(carry());
  EXPECT_EQ(seen_[id].body, "still here");
  EXPECT_FALSE(front_.finished());
  session.end();
  send(id, "", true);
  ASSERT_TRUE(carry());
  EXPECT_TRUE(front_.finished());
}

}  // namespace
}  // namespace airlane::test
