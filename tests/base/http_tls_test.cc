// The HTTP server's other kind of listener: TLS, as clients would experience it; and what evhttp
// answers by itself, by either.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <optional>

#include "base/event/http_server.h"
#include "base/event/loop_thread.h"
#include "base/tls/server_context.h"
#include "tests/base/http_client.h"
#include "tests/support/certificate.h"
#include "tests/support/tls_client.h"

namespace airlane::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kProtocols[] = {"http/1.1"};
constexpr std::string_view kGet = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

class HttpTlsTest : public ::testing::Test {
 protected:
  void start(const HttpServer::Limits& limits = {}) {
    server_.emplace(
        thread_.loop(), limits,
        [](const HttpRequest& request, const HttpReply& reply) {
          if (request.path == "/large") return reply.send(200, {}, std::string(4 << 20, 'x'));
          if (request.path == "/lost") return;
          reply.send(200, {},
                     request.method + (request.secure ? " secure " : " plain ") + request.path +
                         " " + std::to_string(request.body.size()));
        },
        [](bool secure) {
          return HttpFields{{"X-Manners", secure ? "secure" : "plain"}};
        });
    plain_ = *server_->listen(Address::v4("\x7f\0\0\1", 0));
    server_->show(certificates("first"));
    tls_ = *server_->listen(Address::v4("\x7f\0\0\1", 0), HttpServer::Wire::kTls);
    thread_.start();
  }
  void TearDown() override {
    thread_.stop();
    server_.reset();
  }
  std::shared_ptr<const TlsServerContext> certificates(const std::string& name) {
    const CertificateFiles files[] = {make_certificate(folder_, name, "DNS:a.test")};
    return *TlsServerContext::load(files, kProtocols);
  }
  void on_server(const std::function<void()>& task) {
    std::promise<void> done;
    thread_.post([&] {
      task();
      done.set_value();
    });
    done.get_future().wait();
  }
  // What a plain client hears that says this.
  HttpAnswer said(std::string_view bytes) { return HttpClient(plain_).say(bytes).hear(); }

  TemporaryFolder folder_;
  LoopThread thread_{"http"};
  std::optional<HttpServer> server_;
  Address plain_;
  Address tls_;
};

TEST_F(HttpTlsTest, AnswersRequestAfterRequestAndEndsWithAWord) {
  start();
  HttpClient wire(tls_);
  TlsClient client(wire.fd(), {.protocols = "\x02h2\x08http/1.1"});
  ASSERT_TRUE(client.shake_hands());
  EXPECT_EQ(client.protocol(), "http/1.1");
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(client.send(kGet));
    const auto head = client.read_until("\r\n\r\n");
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
    EXPECT_EQ(client.read(15), "GET secure /x 0");
  }
  ASSERT_TRUE(client.send("GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.read_to_end().ends_with("GET secure /x 0"));
  EXPECT_TRUE(client.was_told_the_end());
  EXPECT_EQ(said(kGet).body, "GET plain /x 0") << "the other listener is what it was";
}

TEST_F(HttpTlsTest, CarriesWhatIsLargeBothWays) {
  start();
  HttpClient wire(tls_);
  TlsClient client(wire.fd(), {});
  ASSERT_TRUE(client.shake_hands());
  // In many records: what OpenSSL has read and not given out yet must not be forgotten.
  ASSERT_TRUE(client.send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"));
  for (int i = 0; i < 900; ++i) ASSERT_TRUE(client.send(std::string(1000, 'u')));
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read(22), "POST secure /up 900000");
  ASSERT_TRUE(client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n"));
  client.read_until("\r\n\r\n");
  EXPECT_EQ(client.read(4 << 20), std::string(4 << 20, 'x'));
}

TEST_F(HttpTlsTest, GivesAHandshakeTheTimeOfARequestAndTheRoomOfAConnection) {
  start({.connections_per_peer = 2, .reading = 300ms});
  HttpClient silent(tls_);
  HttpClient half(tls_);
  half.say("\x16\x03\x01\x02");
  HttpClient third(tls_);
  EXPECT_TRUE(third.is_closed_by_server()) << "two are all that it may have";
  EXPECT_TRUE(silent.is_closed_by_server());
  EXPECT_TRUE(half.is_closed_by_server());
  HttpClient wire(tls_);
  TlsClient client(wire.fd(), {});
  EXPECT_TRUE(client.shake_hands()) << "and now there is room again";
  EXPECT_EQ(client.read(1), "") << "the head has to come within the same time";
}

TEST_F(HttpTlsTest, TellsWhoseRequestIsLate) {
  start({.reading = 300ms});
  HttpClient wire(tls_);
  TlsClient client(wire.fd(), {});
  ASSERT_TRUE(client.shake_hands());
  ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1234"));
  EXPECT_EQ(client.read_until("\r\n\r\n").substr(0, 13), "HTTP/1.1 408 ");
}

TEST_F(HttpTlsTest, EndsWhoSpeaksNoTls) {
  start();
  HttpClient client(tls_);
  client.say(kGet);
  const auto answer = client.hear();
  EXPECT_EQ(answer.status, 0) << "nothing is answered in the clear: " << answer.head;
}

TEST_F(HttpTlsTest, ShowsANewCertificateToTheNextClient) {
  start();
  HttpClient first_wire(tls_);
  TlsClient first(first_wire.fd(), {});
  ASSERT_TRUE(first.shake_hands());
  on_server([this] { server_->show(certificates("second")); });
  HttpClient second_wire(tls_);
  TlsClient second(second_wire.fd(), {});
  ASSERT_TRUE(second.shake_hands());
  EXPECT_EQ(first.shown(), "first");
  EXPECT_EQ(second.shown(), "second");
  ASSERT_TRUE(first.send(kGet));
  EXPECT_TRUE(first.read_until("GET secure /x 0").starts_with("HTTP/1.1 200"))
      << "whoever was there goes on";
}

TEST_F(HttpTlsTest, HasNoTlsWithoutACertificate) {
  HttpServer server(thread_.loop(), {}, [](const HttpRequest&, const HttpReply&) {});
  EXPECT_FALSE(server.listen(Address::v4("\x7f\0\0\1", 0), HttpServer::Wire::kTls));
}

TEST_F(HttpTlsTest, PutsItsOwnRefusalsIntoOneForm) {
  start({.header = 1000, .body = 1000});
  struct Row {
    const char* what;
    std::string bytes;
    int status;
  };
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  for (const auto& [what, bytes, status] :
       {Row{"no HTTP", "hello\r\n\r\n", 400}, Row{"no version", "GET /\r\n\r\n", 400},
        Row{"a large head", "GET / HTTP/1.1\r\nX: " + std::string(2000, 'x') + "\r\n\r\n", 400},
        Row{"a large body", post + "2000\r\n\r\n" + std::string(2000, 'x'), 413},
        Row{"a length that is none", post + "x\r\n\r\n", 400},
        Row{"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        Row{"a word that is no method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 405}}) {
    const auto answer = said(bytes);
    EXPECT_EQ(answer.status, status) << what;
    EXPECT_EQ(answer.field("Content-Type"), "application/json") << what;
    EXPECT_EQ(answer.field("X-Manners"), "plain") << what;
    EXPECT_EQ(answer.field("Connection"), "close") << what;
    EXPECT_TRUE(answer.body.starts_with("{\"detail\":\"")) << what << answer.body;
    EXPECT_TRUE(answer.body.ends_with(".\"}")) << what << answer.body;
    EXPECT_EQ(answer.head.find("text/html"), std::string::npos) << what;
  }
  EXPECT_EQ(said("TRACE / HTTP/1.1\r\nHost: a\r\n\r\n").field("Allow"),
            "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  const auto lost = said("GET /lost HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(lost.status, 500);
  EXPECT_EQ(said(kGet).head.find("X-Manners"), std::string::npos) << "what is ours stays as it is";
}

TEST_F(HttpTlsTest, RefusesByTlsInTheSameForm) {
  start();
  HttpClient wire(tls_);
  TlsClient client(wire.fd(), {});
  ASSERT_TRUE(client.shake_hands());
  ASSERT_TRUE(client.send("hello\r\n\r\n"));
  const auto answer = client.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
  EXPECT_NE(answer.find("X-Manners: secure\r\n"), std::string::npos);
}

TEST_F(HttpTlsTest, GoesOnAfterItHasAskedForTheBody) {
  start();
  HttpClient client(plain_);
  client.say("POST /up HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.hear(false).status, 100);
  EXPECT_EQ(client.say("abc").hear().body, "POST plain /up 3");
}

}  // namespace
}  // namespace airlane::test
