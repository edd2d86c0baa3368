// One request and its response, where it is not plain: kept connections that have died, clients
// that leave, protocols that change.
#include <future>

#include "tests/proxy/forwarding_fixture.h"

namespace airlane::test {
namespace {

class Exchanging : public Forwarding {
 protected:
  // Bytes of which no two neighbourhoods are alike.
  static std::string pattern(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (auto& byte : bytes) {
      state = state * 1664525 + 1013904223;
      byte = static_cast<char>(state >> 24);
    }
    return bytes;
  }
  // What one recv(2) finds after a moment: all of what one write brought, and of two, if it waits.
  static std::string read_once(Stream& stream) {
    std::string buffer(64 << 10, '\0');
    const auto size = recv(stream.fd(), buffer.data(), buffer.size(), 0);
    return buffer.substr(0, size < 0 ? 0 : static_cast<std::size_t>(size));
  }
  static std::string status_line(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
  }
};

TEST_F(Exchanging, WritesAHeadAndItsBodyAtOnce) {
  std::string seen;
  Server target([&](Stream& stream) {
    seen = read_once(stream);
    stream.send(ok(std::string(20'000, 'd')));
    stream.read(1);
  });
  auto stream = client();
  stream.send(request("POST", target.port(), "/", "Content-Length: 4\r\n", "body"));
  const auto answer = read_once(stream);
  EXPECT_GT(answer.size(), ok("").size() + 2);
  EXPECT_TRUE(seen.ends_with("\r\n\r\nbody")) << seen;
}

TEST_F(Exchanging, SendsARequestAgainThatFoundItsKeptConnectionDead) {
  std::atomic<int> requests = 0;
  Server target([&](Stream& stream) {
    // Each connection serves one request, and is closed over the next, unanswered.
    if (stream.read_until("\r\n\r\n").empty()) return;
    ++requests;
    stream.send(ok("hi"));
    if (!stream.read_until("\r\n\r\n").empty()) ++requests;
  });
  auto stream = client();
  for (int i = 0; i < 3; ++i) {
    stream.send(request("GET", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\nhi"), ok("hi"));
  }
  EXPECT_EQ(requests, 5);
  EXPECT_EQ(target.connections(), 3);
}

TEST_F(Exchanging, NeverSendsARequestAgainThatMayChangeSomething) {
  std::atomic<int> requests = 0;
  Server target([&](Stream& stream) {
    if (stream.read_until("\r\n\r\n").empty()) return;
    ++requests;
    stream.send(ok("hi"));
    if (!stream.read_until("\r\n\r\n").empty()) ++requests;
  });
  for (const auto& again :
       {request("POST", target.port(), "/", "Content-Length: 0\r\n"),
        request("PATCH", target.port(), "/"), request("FOO", target.port(), "/"),
        request("PUT", target.port(), "/", "Content-Length: 1\r\n", "x")}) {
    requests = 0;
    auto stream = client();
    stream.send(request("GET", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\nhi"), ok("hi"));
    stream.send(again);
    EXPECT_EQ(status_line(stream.read_to_end()), "HTTP/1.1 502 Bad Gateway");
    EXPECT_EQ(requests, 2);
  }
}

TEST_F(Exchanging, NeverSendsARequestAgainThatIsBeingAnswered) {
  std::atomic<int> requests = 0;
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send(ok("hi"));
    if (stream.read_until("\r\n\r\n").empty()) return;
    ++requests;
    stream.send("HTTP/1.1 200 O");
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  stream.read_until("\r\n\r\nhi");
  stream.send(request("GET", target.port(), "/"));
  EXPECT_EQ(status_line(stream.read_to_end()), "HTTP/1.1 502 Bad Gateway");
  EXPECT_EQ(requests, 1);
}

TEST_F(Exchanging, SharesNoConnectionBetweenTwoClients) {
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) stream.send(ok("hi"));
  });
  for (int i = 1; i <= 4; ++i) {
    auto stream = client();
    stream.send(request("GET", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\nhi"), ok("hi"));
    EXPECT_EQ(target.connections(), i);
  }
}

TEST_F(Exchanging, BecomesATunnelWhenTheTargetChangesTheProtocol) {
  Server target([&](Stream& stream) {
    const auto head = stream.read_until("\r\n\r\n");
    EXPECT_NE(head.find("\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"), std::string::npos);
    stream.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\n\r\nfirst");
    EXPECT_EQ(stream.read(5), "early");
    EXPECT_EQ(stream.read(5), "later");
    stream.send(pattern(300'000));
    EXPECT_EQ(stream.read_to_end(), "");  // The client's end, handed on.
    stream.send("last");
  });
  auto stream = client();
  const std::string upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
  stream.send(request("GET", target.port(), "/chat", upgrade) + "early");
  EXPECT_EQ(stream.read_until("first"),
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
            "Connection: upgrade\r\n\r\nfirst");
  stream.send("later");
  EXPECT_EQ(stream.read(300'000), pattern(300'000));
  stream.end();
  EXPECT_EQ(stream.read_to_end(), "last");
  EXPECT_EQ(stream.last_error(), 0);
}

TEST_F(Exchanging, GoesOnWhereTheTargetDeclinesToChangeTheProtocol) {
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) stream.send(ok("no"));
  });
  auto stream = client();
  for (int i = 0; i < 2; ++i) {
    stream.send(request("GET", target.port(), "/", "Upgrade: x\r\nConnection: Upgrade\r\n"));
    EXPECT_EQ(stream.read_until("\r\n\r\nno"), ok("no"));
  }
  EXPECT_EQ(target.connections(), 1);
}

TEST_F(Exchanging, TakesNoProtocolThatNobodyAskedFor) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nsurprise");
    stream.read(1);
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  const auto answer = stream.read_to_end();
  EXPECT_EQ(status_line(answer), "HTTP/1.1 502 Bad Gateway");
  EXPECT_NE(answer.find("error=http_protocol_error"), std::string::npos);
  EXPECT_EQ(answer.find("surprise"), std::string::npos);
}

TEST_F(Exchanging, AnswersAfterAnInterimResponseThatLedNowhere) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  EXPECT_EQ(stream.read_until("\r\n\r\n"), "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
  EXPECT_EQ(status_line(stream.read_to_end()), "HTTP/1.1 502 Bad Gateway");
}

TEST_F(Exchanging, GivesARequestUpWhenItsClientResets) {
  std::promise<void> asked;
  std::promise<std::string> after;
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    asked.set_value();
    after.set_value(stream.read_to_end());
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  asked.get_future().get();
  stream.reset();
  // Long before the ten seconds after which the target would give up.
  EXPECT_EQ(after.get_future().wait_for(std::chrono::seconds(5)), std::future_status::ready);
}

TEST_F(Exchanging, AnswersAClientThatHasEndedItsStream) {
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      stream.send(ok("hi"));
    }
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/") + request("GET", target.port(), "/"));
  stream.end();
  EXPECT_EQ(stream.read_to_end(), ok("hi") + ok("hi"));
  EXPECT_EQ(stream.last_error(), 0);
}

// It may be a browser whose user has left: that looks the same, and must not hold a connection of
// the dongle's for as long as a target likes.
TEST_F(Exchanging, GivesUpARequestWhoseClientHasEndedItsStreamAndIsNotAnswered) {
  std::promise<std::string> after;
  std::promise<void> asked;
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    asked.set_value();
    const timeval long_time{40, 0};
    setsockopt(stream.fd(), SOL_SOCKET, SO_RCVTIMEO, &long_time, sizeof long_time);
    after.set_value(stream.read_to_end());
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  stream.end();
  asked.get_future().get();
  auto given_up = after.get_future();
  EXPECT_EQ(given_up.wait_for(std::chrono::seconds(3)), std::future_status::timeout)
      << "it may be waiting for its answer";
  EXPECT_EQ(given_up.wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_EQ(given_up.get(), "");
}

// A client that has gone for good and one that has ended its stream differ when they are answered.
TEST_F(Exchanging, GivesAResponseUpWhoseClientHasGone) {
  std::promise<bool> cut;
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stream.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
    bool sent = true;
    for (int i = 0; i < 1500 && sent; ++i) sent = stream.send(std::string(64 << 10, 'x'));
    cut.set_value(!sent);
  });
  {
    auto stream = client();
    stream.send(request("GET", target.port(), "/"));
  }
  EXPECT_TRUE(cut.get_future().get());
}

TEST_F(Exchanging, AnswersWhatIsMeantForTheProxy) {
  auto stream = client();
  stream.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n" + basic() + "\r\n");
  EXPECT_EQ(status_line(stream.read_to_end()), "HTTP/1.1 200 OK");
  auto other = client();
  other.send("TRACE http://a.test/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n" + basic() + "\r\n");
  const auto answer = other.read_to_end();
  EXPECT_NE(answer.find("message/http"), std::string::npos);
  EXPECT_EQ(answer.find("Authorization"), std::string::npos);
  auto stranger = client();
  stranger.send("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(status_line(stranger.read_to_end()), "HTTP/1.1 407 Proxy Authentication Required");
}

TEST_F(Exchanging, RefusesHeadsThatAreTooLarge) {
  auto line = client();
  line.send("GET http://a/" + std::string(9000, 'a'));
  EXPECT_EQ(status_line(line.read_to_end()), "HTTP/1.1 414 URI Too Long");
  auto head = client();
  head.send("GET http://a/ HTTP/1.1\r\nX: " + std::string(40'000, 'a'));
  EXPECT_EQ(status_line(head.read_to_end()), "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_F(Exchanging, TellsAPersonThatThisIsAProxy) {
  auto stream = client();
  stream.send("GET / HTTP/1.1\r\nHost: a\r\n" + basic() + "\r\n");
  EXPECT_NE(stream.read_to_end().find("this is a proxy"), std::string::npos);
}

class WithVia : public Exchanging {
  void configure(EngineOptions& options) override { options.via = "lane"; }
};

TEST_F(WithVia, SaysToBothEndsThatItIsThere) {
  std::string seen;
  Server target([&](Stream& stream) {
    seen = stream.read_until("\r\n\r\n");
    stream.send(ok("hi"));
    stream.read(1);
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  EXPECT_EQ(stream.read_until("\r\n\r\nhi"),
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nVia: 1.1 lane\r\n\r\nhi");
  EXPECT_TRUE(seen.ends_with("\r\nVia: 1.1 lane\r\n\r\n")) << seen;
}

}  // namespace
}  // namespace airlane::test
