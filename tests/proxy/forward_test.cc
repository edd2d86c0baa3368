// Plain HTTP requests through the whole data path on loopback: heads rewritten, bodies untouched,
// connections kept where both ends keep them.
#include "tests/proxy/forwarding_fixture.h"

namespace airlane::test {
namespace {

TEST_F(Forwarding, HandsOnTheRequestWithoutWhatWasMeantForUs) {
  std::string seen;
  {
    Server target([&](Stream& stream) {
      seen = stream.read_until("\r\n\r\n");
      stream.send(ok("hi"));
    });
    auto stream = client();
    stream.send(request("GET", target.port(), "/a?b", "X-Case: Kept\r\nProxy-Connection: x\r\n"));
    EXPECT_EQ(stream.read_until("\r\n\r\nhi"), ok("hi"));
    EXPECT_EQ(seen, "GET /a?b HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target.port()) +
                        "\r\nX-Case: Kept\r\n\r\n");
    EXPECT_TRUE(outgoing_becomes(seen.size()));
    EXPECT_EQ(incoming(), ok("hi").size());
  }
}

TEST_F(Forwarding, KeepsBothConnectionsForTheNextRequest) {
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) stream.send(ok("hi"));
  });
  auto stream = client();
  for (int i = 0; i < 3; ++i) {
    stream.send(request("GET", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\nhi"), ok("hi"));
  }
  EXPECT_EQ(target.connections(), 1);
}

TEST_F(Forwarding, AnswersPipelinedRequestsInOrder) {
  Server target([&](Stream& stream) {
    for (;;) {
      const auto head = stream.read_until("\r\n\r\n");
      if (head.empty()) return;
      stream.send(ok(head.substr(4, 2)));
    }
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/a") + request("GET", target.port(), "/b"));
  EXPECT_EQ(stream.read_until("/a"), ok("/a"));
  EXPECT_EQ(stream.read_until("/b"), ok("/b"));
}

TEST_F(Forwarding, GoesToAnotherTargetOnTheSameClientConnection) {
  const auto serve = [](const std::string& name) {
    return [name](Stream& stream) {
      while (!stream.read_until("\r\n\r\n").empty()) stream.send(ok(name));
    };
  };
  Server first(serve("first"));
  Server second(serve("second"));
  auto stream = client();
  stream.send(request("GET", first.port(), "/"));
  EXPECT_EQ(stream.read_until("first"), ok("first"));
  stream.send(request("GET", second.port(), "/"));
  EXPECT_EQ(stream.read_until("second"), ok("second"));
}

TEST_F(Forwarding, AsksForCredentialsWithEveryRequest) {
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) stream.send(ok("hi"));
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  stream.read_until("\r\n\r\nhi");
  stream.send("GET http://127.0.0.1/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_TRUE(stream.read_to_end().starts_with("HTTP/1.1 407 "));
}

TEST_F(Forwarding, CarriesBodiesOfBothFramingsBothWays) {
  const std::string chunked = "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: t\r\n\r\n";
  Server target([&](Stream& stream) {
    const auto head = stream.read_until("\r\n\r\n");
    if (head.find("chunked") != std::string::npos) {
      EXPECT_EQ(stream.read(chunked.size()), chunked);
      stream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked);
    } else {
      EXPECT_EQ(stream.read(300'000), std::string(300'000, 'u'));
      stream.send(ok(std::string(400'000, 'd')));
    }
    stream.read(1);
  });
  auto stream = client();
  stream.send(request("POST", target.port(), "/", "Transfer-Encoding: chunked\r\n", chunked));
  EXPECT_EQ(stream.read_until("X-Sum: t\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked);
  auto other = client();
  other.send(
      request("PUT", target.port(), "/", "Content-Length: 300000\r\n", std::string(300'000, 'u')));
  other.read_until("\r\n\r\n");
  EXPECT_EQ(other.read(400'000), std::string(400'000, 'd'));
}

TEST_F(Forwarding, DecodesChunksForAnOldClient) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
    stream.read(1);
  });
  auto stream = client();
  stream.send("GET http://127.0.0.1:" + std::to_string(target.port()) + "/ HTTP/1.0\r\n" + basic() +
              "\r\n");
  const auto answer = stream.read_to_end();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nhello")) << answer;
  EXPECT_EQ(answer.find("chunked"), std::string::npos);
}

TEST_F(Forwarding, ShowsACutBodyAsACut) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  stream.read_to_end();
  EXPECT_EQ(stream.last_error(), ECONNRESET);
}

TEST_F(Forwarding, AnswersForATargetThatSaysNothing) {
  Server target([&](Stream& stream) { stream.read_until("\r\n\r\n"); });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  EXPECT_TRUE(stream.read_to_end().starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
}

TEST_F(Forwarding, SaysSoWhenATargetIsSilent) {
  timeouts_.relay = std::chrono::milliseconds(500);
  TearDown();
  SetUp();
  Server target([](Stream& stream) { stream.read_to_end(); });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  const auto answer = stream.read_to_end();
  EXPECT_EQ(answer.substr(9, 3), "504");
  EXPECT_NE(answer.find("error=connection_read_timeout"), std::string::npos) << answer;
}

TEST_F(Forwarding, ReadsUntilTheEndWhereThereIsNoLength) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.0 200 OK\r\n\r\nall of it");
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  const auto answer = stream.read_to_end();
  EXPECT_TRUE(answer.ends_with("Connection: close\r\n\r\nall of it")) << answer;
  EXPECT_EQ(stream.last_error(), 0);
}

TEST_F(Forwarding, PassesOnAnInterimResponse) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_EQ(stream.read(4), "body");
    stream.send(ok("done"));
    stream.read(1);
  });
  auto stream = client();
  stream.send(request("POST", target.port(), "/", "Expect: 100-continue\r\nContent-Length: 4\r\n"));
  EXPECT_EQ(stream.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  stream.send("body");
  EXPECT_EQ(stream.read_until("done"), ok("done"));
}

TEST_F(Forwarding, DeliversAnAnswerThatComesBeforeTheUploadIsOver) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  auto stream = client();
  stream.send(request("POST", target.port(), "/", "Content-Length: 100000000\r\n", "some"));
  EXPECT_TRUE(stream.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST_F(Forwarding, OpensAnotherConnectionWhenTheTargetHasClosedItsOwn) {
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send(ok("hi"));  // Promises to keep the connection, and closes it.
  });
  auto stream = client();
  for (int i = 0; i < 3; ++i) {
    stream.send(request("GET", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\nhi"), ok("hi"));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // Until its end has arrived.
  }
  EXPECT_EQ(target.connections(), 3);
}

TEST_F(Forwarding, KeepsNoConnectionThatLeavesAnotherWay) {
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) stream.send(ok("hi"));
  });
  auto stream = client();
  const auto ask = [&] {
    stream.send(request("GET", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\nhi"), ok("hi"));
  };
  ask();
  ++egresses_[0].generation;  // A rotation, or the dongle was unplugged and is back.
  publish();
  ask();
  EXPECT_EQ(target.connections(), 2);
  proxies_[0].dongle = egresses_[1].dongle;
  publish();
  ask();
  EXPECT_EQ(target.connections(), 3);
}

TEST_F(Forwarding, RefusesABadSecondRequestInItsOwnRight) {
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) stream.send(ok("hi"));
  });
  auto stream = client();
  stream.send(request("POST", target.port(), "/", "Content-Length: 0\r\n"));
  stream.read_until("\r\n\r\nhi");
  // Longer than the first head, whose memory is gone by now.
  stream.send("GET http://127.0.0.1/ HTTP/1.1\r\nX: " + std::string(8000, 'a') + "\n\r\n");
  const auto answer = stream.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_TRUE(answer.ends_with(".\n")) << "with its text: it was no HEAD";
}

TEST_F(Forwarding, HeadHasNoBody) {
  Server target([&](Stream& stream) {
    for (;;) {
      if (stream.read_until("\r\n\r\n").empty()) return;
      stream.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
    }
  });
  auto stream = client();
  for (int i = 0; i < 2; ++i) {
    stream.send(request("HEAD", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n");
  }
}

}  // namespace
}  // namespace airlane::test
