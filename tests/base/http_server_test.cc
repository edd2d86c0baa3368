// The HTTP server over real sockets on the loopback, as clients would experience it.
#include "base/event/http_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "tests/base/http_server_fixture.h"

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

TEST_F(HttpServerTest, HandsOverARequestAsAValue) {
  start();
  HttpClient client(address_);

  const auto answer =
      client.ask("POST", "/a%20b/?x=1&y=a+b%2B&x=2&flag", "cookie: a=1; s=t=u\r\n", "hey");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "POST /a b/ x=1 y=a b+ x=2 flag= body 3");
  EXPECT_EQ(answer.field("X-Peer"), "127.0.0.1");
  EXPECT_EQ(last().raw_path, "/a%20b/");
  EXPECT_EQ(*last().parameter("x"), "2");
  EXPECT_EQ(*last().header("hOST"), "test");
  EXPECT_EQ(last().cookie("s"), "t=u");
  EXPECT_EQ(last().cookie("t"), std::nullopt);
}

TEST_F(HttpServerTest, TakesABareStarColonAndSpaceInAQuery) {
  start();
  HttpClient client(address_);

  client.ask("GET", "/?fp=*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0&n=%zz%4");

  EXPECT_EQ(*last().parameter("fp"), "*:128:0:*:64240,*:mss,nop,nop,sok:df,id :0");
  EXPECT_EQ(*last().parameter("n"), "%zz%4");
}

TEST_F(HttpServerTest, KeepsTheConnectionForTheNextRequest) {
  start();
  HttpClient client(address_);

  EXPECT_EQ(client.ask("GET", "/one").body, "GET /one");
  EXPECT_EQ(client.ask("OPTIONS", "/two").body, "OPTIONS /two");
  EXPECT_EQ(client.ask("PATCH", "/three", "", "{}").body, "PATCH /three body 2");
  EXPECT_EQ(client.ask("DELETE", "/four").body, "DELETE /four");
  EXPECT_EQ(on_server([this] { return server_->connections(); }), 1u);
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInTheirOrder) {
  start();
  HttpClient client(address_);

  client.say("GET /later HTTP/1.1\r\nHost: t\r\n\r\nGET /second HTTP/1.1\r\nHost: t\r\n\r\n");
  wait_for_replies(1);
  on_server([this] { later_.at(0).send(200, {}, "first"); });

  EXPECT_EQ(client.hear().body, "first");
  EXPECT_EQ(client.hear().body, "GET /second");
}

TEST_F(HttpServerTest, SendsTheHeadersOnlyForHead) {
  start();
  HttpClient client(address_);

  const auto answer = client.ask("HEAD", "/one");

  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Content-Length"), "9");
  EXPECT_EQ(client.ask("GET", "/next").body, "GET /next") << "no stray body in between";
}

TEST_F(HttpServerTest, WaitsForAReplyLongerThanEveryTimeOut) {
  start({.reading = 200ms, .writing = 200ms});
  HttpClient client(address_);

  client.say("GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
  wait_for_replies(1);
  std::this_thread::sleep_for(700ms);
  on_server([this] { later_.at(0).send(202, {}, "at last"); });
  const auto answer = client.hear();

  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "at last");
}

TEST_F(HttpServerTest, DropsTheAnswerToAClientThatLeft) {
  start();
  {
    HttpClient client(address_);
    client.say("GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
    wait_for_replies(1);
    const linger reset{1, 0};
    setsockopt(client.fd(), SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
  }

  on_server([this] {
    later_.at(0).send(200, {}, std::string(1 << 20, 'x'));
    later_.at(0).send(200, {}, "twice");
  });
  wait_for_connections(0);

  HttpClient other(address_);
  EXPECT_EQ(other.ask("GET", "/").status, 200);
}

TEST_F(HttpServerTest, KnowsThatTheServerIsGoneBeforeTheReply) {
  start();
  HttpClient client(address_);
  client.say("GET /later HTTP/1.1\r\nHost: t\r\n\r\n");
  wait_for_replies(1);
  EXPECT_FALSE(on_server([this] { return later_.at(0).gone(); }));

  on_server([this] { server_.reset(); });

  EXPECT_TRUE(on_server([this] { return later_.at(0).gone(); }));
  on_server([this] { later_.at(0).send(200, {}, "too late"); });
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpServerTest, AnswersForAHandlerThatForgotTo) {
  start();
  HttpClient client(address_);

  EXPECT_EQ(client.ask("GET", "/never").status, 500);
}

TEST_F(HttpServerTest, RefusesASlowHeadThoughEveryByteIsInTime) {
  start({.reading = 400ms, .writing = 10s});
  HttpClient client(address_);
  const auto begun = std::chrono::steady_clock::now();
  std::thread dripping([&client] {
    client.say("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 20; ++i) {
      client.say("a");
      std::this_thread::sleep_for(100ms);
    }
  });

  EXPECT_EQ(client.hear().status, 408);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1900ms);
  dripping.join();
}

TEST_F(HttpServerTest, TellsWhoseRequestIsLate) {
  start({.reading = 300ms, .writing = 10s});
  const std::string unfinished[] = {
      "G", "GET / HTTP/1.1\r\nHost: t\r\n",
      "POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n12345",
      "PUT / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n"};
  for (const auto& part : unfinished) {
    HttpClient fresh(address_);
    HttpClient second(address_);
    EXPECT_EQ(second.ask("GET", "/").status, 200);
    fresh.say(part);
    second.say(part);
    for (auto* client : {&fresh, &second}) {
      const auto answer = client->hear();
      EXPECT_EQ(answer.status, 408) << part;
      EXPECT_EQ(answer.field("Connection"), "close");
      EXPECT_EQ(answer.body, R"({"detail":"The request has not come whole in time."})");
      EXPECT_TRUE(client->is_closed_by_server());
    }
  }
  wait_for_connections(0);
}

TEST_F(HttpServerTest, TellsItWhileMoreIsComing) {
  start({.reading = 300ms, .writing = 10s});
  HttpClient client(address_);
  client.say("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 900000\r\n\r\n");
  for (int i = 0; i < 8; ++i) {
    client.say(std::string(1000, 'x'));
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_EQ(client.hear().status, 408);
}

TEST_F(HttpServerTest, RefusesALateBodyThatIsTooLargeOnce) {
  start({.body = 1000, .reading = 300ms, .writing = 10s});
  HttpClient client(address_);
  client.say("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 5000\r\n\r\n" + std::string(2000, 'x'));
  EXPECT_EQ(client.hear().status, 408) << "a 413 waits for the whole of it";
  client.say(std::string(3000, 'x'));
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_F(HttpServerTest, ClosesASilentConnectionAndAnIdleOne) {
  start({.reading = 300ms, .writing = 10s});
  HttpClient silent(address_);
  HttpClient idle(address_);
  EXPECT_EQ(idle.ask("GET", "/").status, 200);

  EXPECT_TRUE(silent.is_closed_by_server());
  EXPECT_TRUE(idle.is_closed_by_server());
  wait_for_connections(0);
}

TEST_F(HttpServerTest, ClosesOnAClientThatDoesNotRead) {
  start({.reading = 10s, .writing = 300ms});
  HttpClient client(address_);
  client.say("GET /large HTTP/1.1\r\nHost: t\r\n\r\n");

  wait_for_connections(1);
  wait_for_connections(0);
}

TEST_F(HttpServerTest, WritesForLongerThanTheTimeOutsToOneThatReadsSlowly) {
  start({.reading = 300ms, .writing = 1s});
  HttpClient client(address_);
  const int small = 64 * 1024;
  setsockopt(client.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
  client.say("GET /large HTTP/1.1\r\nHost: t\r\n\r\n");

  std::size_t received = 0;
  std::vector<char> bytes(64 * 1024);
  for (int turn = 0; received < 4 * 1024 * 1024; ++turn) {
    if (turn < 10) std::this_thread::sleep_for(100ms);
    const auto got = recv(client.fd(), bytes.data(), bytes.size(), 0);
    if (got <= 0) break;
    received += static_cast<std::size_t>(got);
  }
  EXPECT_GE(received, 4u * 1024 * 1024);
}

TEST_F(HttpServerTest, RefusesWhatAnotherServerMayReadInAnotherWay) {
  start();
  const std::string get = "GET / HTTP/1.1\r\n";
  const std::string post = "POST / HTTP/1.1\r\nHost: t\r\n";
  const std::pair<std::string, std::string> wrong[] = {
      {get + "\r\n", "There must be one field Host."},
      {get + "Host: a\r\nHost: a\r\n\r\n", "There must be one field Host."},
      {get + "Host: a b\r\n\r\n", "The field Host names no host."},
      {get + "Host: a/b\r\n\r\n", "The field Host names no host."},
      {post + "Content-Length: 3\r\nContent-Length: 2\r\n\r\nabc",
       "There must be one Content-Length, or one Transfer-Encoding."},
      {post + "Content-Length: +3\r\n\r\nabc", "The field Content-Length is no number."},
      {post + "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
       "No Transfer-Encoding but chunked is known here."}};
  for (const auto& [request, sentence] : wrong) {
    HttpClient client(address_);
    client.say(request + get + "Host: t\r\n\r\n");
    const auto answer = client.hear();
    EXPECT_EQ(answer.status, 400) << request;
    EXPECT_EQ(answer.field("Content-Type"), "application/json");
    EXPECT_EQ(answer.body, "{\"detail\":\"" + sentence + "\"}") << request;
    EXPECT_TRUE(client.is_closed_by_server()) << "what follows is nobody's: " << request;
  }
  for (const auto& request :
       {"GET / HTTP/1.0\r\n\r\n" + std::string(), get + "Host: [::1]:8080\r\n\r\n",
        post + "transfer-encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"}) {
    HttpClient client(address_);
    EXPECT_EQ(client.say(request).hear().status, 200) << request;
  }
}

TEST_F(HttpServerTest, RefusesABodyThatIsTooLarge) {
  start({.body = 1000});
  HttpClient client(address_);

  const auto answer = client.ask("POST", "/", "", std::string(5000, 'x'));

  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(HttpClient(address_).ask("POST", "/", "", std::string(1000, 'x')).body,
            "POST / body 1000");
}

TEST_F(HttpServerTest, RefusesAHeadThatIsTooLarge) {
  start({.header = 1000});
  HttpClient client(address_);

  const auto answer = client.ask("GET", "/", "X: " + std::string(2000, 'x') + "\r\n");

  EXPECT_EQ(answer.status, 400);
}

TEST_F(HttpServerTest, RefusesWhatIsNotHttpAndMethodsItDoesNotKnow) {
  start();

  EXPECT_EQ(HttpClient(address_).say("hello, is anybody there?\r\n\r\n").hear().status, 400);
  EXPECT_EQ(HttpClient(address_).ask("TRACE", "/").status, 405);
  EXPECT_GE(HttpClient(address_).ask("BREW", "/").status, 400);
}

class HttpServerOnAPathTest : public HttpServerTest {
 protected:
  void SetUp() override { std::filesystem::create_directory(folder_); }
  void TearDown() override {
    HttpServerTest::TearDown();
    std::filesystem::remove_all(folder_);
  }

  std::string folder_ = "/tmp/airlane_http_test." + std::to_string(getpid());
  std::string path_ = folder_ + "/control.sock";
};

TEST_F(HttpServerOnAPathTest, KnowsWhoConnectsToAUnixSocket) {
  start();
  ASSERT_TRUE(on_server([this] { return server_->listen_unix(path_); }).has_value());
  HttpClient client(path_);

  EXPECT_EQ(client.ask("GET", "/who").body, "GET /who uid " + std::to_string(getuid()));
  EXPECT_EQ(last().credentials->gid, getgid());
  std::vector<gid_t> groups(static_cast<std::size_t>(getgroups(0, nullptr)));
  const int group_count = getgroups(static_cast<int>(groups.size()), groups.data());
  ASSERT_EQ(group_count, static_cast<int>(groups.size()));
  EXPECT_EQ(last().credentials->groups, groups);
  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, 0600u);
}

TEST_F(HttpServerOnAPathTest, GivesTheSocketToTheGroup) {
  start();
  ASSERT_TRUE(on_server([this] { return server_->listen_unix(path_, "root"); }).has_value());

  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777u, getuid() == 0 ? 0660u : 0600u);
}

TEST_F(HttpServerOnAPathTest, TakesThePlaceOfADeadSocketButNotOfALivingOne) {
  {
    const UniqueFd left_by_kill_9(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, path_.size());
    ASSERT_EQ(bind(left_by_kill_9.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  start();
  ASSERT_TRUE(on_server([this] { return server_->listen_unix(path_); }).has_value());

  const auto again = on_server([this] { return server_->listen_unix(path_); });
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, Failure::Kind::kConflict);
}

TEST_F(HttpServerOnAPathTest, TakesItsFileAway) {
  start();
  ASSERT_TRUE(on_server([this] { return server_->listen_unix(path_); }).has_value());
  ASSERT_TRUE(std::filesystem::exists(path_));
  on_server([this] { server_.reset(); });
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(HttpServerOnAPathTest, LeavesAFileAlone) {
  start();
  close(open(path_.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));

  EXPECT_FALSE(on_server([this] { return server_->listen_unix(path_); }).has_value());
  EXPECT_TRUE(std::filesystem::is_regular_file(path_));
}

}  // namespace
}  // namespace airlane::test
