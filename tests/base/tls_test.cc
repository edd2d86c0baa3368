// The server's end of TLS against OpenSSL's client, over a pair of sockets: what each certificate
// is shown for, who is refused, and what is an end and what is a cut.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/socket.h>

#include <fstream>
#include <memory>
#include <optional>
#include <vector>

#include "base/tls/connection.h"
#include "base/unique_fd.h"
#include "tests/support/certificate.h"
#include "tests/support/tls_client.h"

namespace airlane::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::string_view kProtocols[] = {"h2", "http/1.1"};

class Tls : public ::testing::Test {
 protected:
  void SetUp() override {
    files_ = {make_certificate(folder_, "first", "DNS:first.test"),
              make_certificate(folder_, "second", "DNS:second.test,DNS:*.wild.test")};
  }

  void connect() {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    server_end_.reset(ends[0]);
    client_end_.reset(ends[1]);
  }

  // On a connection of its own, which has carried nothing yet.
  void meet(const TlsClient::Options& options = {}) {
    connect();
    auto context = TlsServerContext::load(files_, kProtocols);
    ASSERT_TRUE(context) << context.error().text;
    server_ = std::make_unique<TlsConnection>(*context, server_end_.get(), std::string());
    client_ = std::make_unique<TlsClient>(client_end_.get(), options);
  }

  // Both take turns; an error is what the server says.
  Result<bool> shake_hands() {
    bool client = false;
    Result<bool> server = false;
    for (int turn = 0; turn < 20 && !(client && *server); ++turn) {
      client = client || client_->shake_hands();
      if (!*server) server = server_->handshake();
      if (!server) return server;
    }
    return client && *server;
  }

  bool shakes_hands() {
    const auto done = shake_hands();
    return done && *done;
  }

  std::string shown_for(const std::string& name) {
    meet({.name = name});
    EXPECT_TRUE(shakes_hands()) << name;
    return client_->shown();
  }

  Errc refused(const TlsClient::Options& options) {
    meet(options);
    const auto done = shake_hands();
    EXPECT_FALSE(done.has_value());
    return done ? Errc::kSystem : done.error().code;
  }

  TemporaryFolder folder_;
  std::vector<CertificateFiles> files_;
  UniqueFd server_end_;
  UniqueFd client_end_;
  std::unique_ptr<TlsConnection> server_;
  std::unique_ptr<TlsClient> client_;
};

TEST_F(Tls, ShowsTheCertificateThatCoversTheName) {
  EXPECT_EQ(shown_for("second.test"), "second");
  EXPECT_EQ(shown_for("SECOND.test"), "second");
  EXPECT_EQ(shown_for("a.wild.test"), "second");
  EXPECT_EQ(shown_for("first.test"), "first");
}

TEST_F(Tls, ShowsTheFirstToEverybodyElse) {
  EXPECT_EQ(shown_for(""), "first");
  EXPECT_EQ(shown_for("unknown.test"), "first");
  EXPECT_EQ(shown_for("a.b.wild.test"), "first") << "a star stands for one label";
  EXPECT_EQ(shown_for("second"), "first") << "the subject is no name";
}

TEST_F(Tls, ChoosesItsFavouriteProtocol) {
  meet({.protocols = "\x08http/1.1\x02h2"});
  ASSERT_TRUE(shakes_hands());
  EXPECT_EQ(client_->protocol(), "h2");
  EXPECT_EQ(server_->protocol(), "h2");
}

TEST_F(Tls, TakesTheProtocolThatTheClientHas) {
  meet({.name = "second.test", .protocols = "\x08http/1.1"});
  ASSERT_TRUE(shakes_hands());
  EXPECT_EQ(server_->protocol(), "http/1.1");
}

TEST_F(Tls, ChoosesNoneForAClientThatDoesNotAsk) {
  meet();
  ASSERT_TRUE(shakes_hands());
  EXPECT_EQ(server_->protocol(), "");
}

TEST_F(Tls, RefusesAClientWithOtherProtocolsOnly) {
  EXPECT_EQ(refused({.protocols = "\x05spdy1"}), Errc::kMalformed);
}

TEST_F(Tls, SpeaksTls12ButNothingOlder) {
  meet({.newest = TLS1_2_VERSION});
  EXPECT_TRUE(shakes_hands());
  EXPECT_EQ(refused({.newest = TLS1_1_VERSION}), Errc::kMalformed);
}

TEST_F(Tls, RefusesWhatIsNoTls) {
  meet();
  const std::string garbage("\x16\x03\x01\x00\x05hello", 10);
  ASSERT_EQ(send(client_end_.get(), garbage.data(), garbage.size(), 0), 10);
  const auto done = server_->handshake();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::kMalformed);
}

TEST_F(Tls, ReadsFirstWhatHadBeenReadBefore) {
  for (const std::size_t size : {1u, 5u, 60u}) {
    connect();
    TlsClient client(client_end_.get(), {});
    EXPECT_FALSE(client.shake_hands()) << "its hello is sent";
    std::string early(size, '\0');
    ASSERT_EQ(recv(server_end_.get(), early.data(), size, 0), static_cast<ssize_t>(size));
    auto context = TlsServerContext::load(files_, kProtocols);
    TlsConnection server(*context, server_end_.get(), early);
    bool done = false;
    for (int turn = 0; turn < 10 && !done; ++turn) {
      const auto shaken = server.handshake();
      ASSERT_TRUE(shaken) << size;
      done = client.shake_hands() && *shaken;
    }
    EXPECT_TRUE(done) << size;
  }
}

TEST_F(Tls, TellsAnEndFromACut) {
  meet();
  ASSERT_TRUE(shakes_hands());
  ASSERT_TRUE(client_->send("last words"));
  client_->end();
  std::array<char, 100> buffer{};
  EXPECT_EQ(**server_->read(buffer), 10u);
  EXPECT_EQ(**server_->read(buffer), 0u) << "close_notify is an end";

  meet();
  ASSERT_TRUE(shakes_hands());
  ASSERT_TRUE(client_->send("last words"));
  client_end_.reset();
  EXPECT_EQ(**server_->read(buffer), 10u);
  const auto cut = server_->read(buffer);
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, Errc::kBroken);
}

TEST_F(Tls, SaysItsOwnEndAndGoesOnReading) {
  meet();
  ASSERT_TRUE(shakes_hands());
  ASSERT_TRUE(*server_->end());
  EXPECT_EQ(client_->read(1), "");
  EXPECT_TRUE(client_->was_told_the_end());
  ASSERT_TRUE(client_->send("still here"));
  std::array<char, 100> buffer{};
  EXPECT_EQ(**server_->read(buffer), 10u);
}

TEST_F(Tls, TakesWhatFitsAndTheRestLater) {
  meet();
  ASSERT_TRUE(shakes_hands());
  std::string bytes(4 << 20, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 >> 3);
  std::string received;
  std::size_t taken = 0;
  bool was_full = false;
  for (int turn = 0; turn < 1000 && received.size() < bytes.size(); ++turn) {
    while (taken < bytes.size()) {
      const auto sent = server_->write(std::span<const char>(bytes).subspan(taken));
      ASSERT_TRUE(sent);
      if (*sent == 0) break;
      taken += *sent;
    }
    was_full |= taken < bytes.size();
    received += client_->read(64 << 10);
  }
  EXPECT_TRUE(was_full) << "nothing was tested";
  EXPECT_TRUE(received == bytes);
}

TEST_F(Tls, NamesTheFileThatCannotBeUsed) {
  const auto says = [](const CertificateFiles& files) {
    const auto loaded = TlsServerContext::load(std::array{files}, kProtocols);
    return loaded ? std::string("fine") : loaded.error().text;
  };
  EXPECT_EQ(says(files_[0]), "fine");
  EXPECT_THAT(says({"/nowhere.crt", files_[0].key}),
              AllOf(HasSubstr("/nowhere.crt"), HasSubstr("cannot be read")));
  EXPECT_THAT(says({files_[0].certificate, "/nowhere.key"}), HasSubstr("/nowhere.key"));
  EXPECT_THAT(says({files_[0].certificate, files_[1].key}),
              AllOf(HasSubstr("second.key"), HasSubstr("key values mismatch")));
  EXPECT_THAT(says({files_[0].key, files_[0].key}), HasSubstr("certificate"));
  const auto locked = make_certificate(folder_, "locked", "", "passphrase");
  EXPECT_THAT(says(locked), HasSubstr("locked.key")) << "and does not wait for a passphrase";
  std::ofstream(folder_.path("empty")).close();
  EXPECT_THAT(says({folder_.path("empty"), files_[0].key}), HasSubstr("/empty"));
}

}  // namespace
}  // namespace airlane::test
