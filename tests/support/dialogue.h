// Writes a SOCKS exchange the way its RFC draws it: who says what, in order.
//
// Octets are hex, text is in single quotes. Every dialogue is played three times: as given, a byte
// at a time, and by a client that does not wait but sends all of its lines at once. So each one
// also tests that framing does not depend on packet borders, and that optimistic clients work.
//
// The session's part is played by the Dialogue: it asks for a password where the client can give
// one, and lets everyone in, unless told otherwise.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/protocol/socks5.h"

namespace airlane::test {

inline std::string octets(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == ' ') {
      ++i;
    } else if (text[i] == '\'') {
      const auto end = text.find('\'', i + 1);
      out += text.substr(i + 1, end - i - 1);
      i = end + 1;
    } else {
      out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

// What the server understood of a whole handshake.
struct Understood {
  std::string user;
  std::string password;
  Socks5::Command command = Socks5::Command::kConnect;
  Target target;
  std::string payload;  // What came after the handshake.
};

class Dialogue {
 public:
  Dialogue& client(std::string_view text) { return add(text, true); }
  Dialogue& server(std::string_view text) { return add(text, false); }

  // The client's address is on the list: no password is needed.
  Dialogue& from_listed_source() {
    listed_ = true;
    return *this;
  }
  Dialogue& with_only_password(std::string_view password) {
    only_password_ = password;
    return *this;
  }

  // Plays the exchange and returns what the server understood, or why it hung up. A handshake that
  // the script leaves unfinished is kTimedOut.
  [[nodiscard]] Result<Understood> play() const {
    const auto whole = run(kWhole, Manners::kPolite);
    const auto split = run(1, Manners::kPolite);
    const auto eager = run(kWhole, Manners::kOptimistic);
    EXPECT_EQ(outcome(whole), outcome(split)) << "the outcome depends on packet borders";
    EXPECT_EQ(outcome(whole), outcome(eager)) << "the outcome depends on the client's patience";
    return whole;
  }

 private:
  enum class Manners { kPolite, kOptimistic };
  static constexpr std::size_t kWhole = 4096;

  struct Line {
    std::string bytes;
    bool from_client;
  };

  // One playing of the script.
  struct Play {
    Socks5 server;
    std::string replies;
    Understood understood;
    std::optional<Error> hung_up;
    bool complete = false;
  };

  Dialogue& add(std::string_view text, bool from_client) {
    lines_.push_back({octets(text), from_client});
    return *this;
  }

  [[nodiscard]] Result<Understood> run(std::size_t chunk, Manners manners) const {
    Play play;
    std::string expected;
    for (const auto& line : script(manners)) {
      if (line.from_client) {
        for (std::size_t at = 0; at < line.bytes.size() && !play.hung_up; at += chunk) {
          hear(play, line.bytes.substr(at, chunk));
        }
      } else {
        expected += line.bytes;
        EXPECT_EQ(play.replies, expected);
      }
    }
    EXPECT_EQ(play.replies, expected) << "the server said more than the script";
    if (play.hung_up) return *play.hung_up;
    if (!play.complete) return Error{Errc::kTimedOut, "wait for the client"};
    play.understood.command = play.server.command();
    play.understood.target = play.server.target();
    return play.understood;
  }

  // The optimistic client says everything first, and then listens.
  [[nodiscard]] std::vector<Line> script(Manners manners) const {
    if (manners == Manners::kPolite) return lines_;
    std::vector<Line> eager{{"", true}, {"", false}};
    for (const auto& line : lines_) eager[line.from_client ? 0 : 1].bytes += line.bytes;
    return eager;
  }

  void hear(Play& play, const std::string& piece) const {
    std::span<const char> input(piece);
    for (;;) {
      const auto step = play.server.feed(input);
      if (!step) play.hung_up = step.error();
      if (play.hung_up || *step == Socks5::Step::kNeedMore) return;
      play.complete = *step == Socks5::Step::kRequest;
      if (play.complete) play.understood.payload.append(input.data(), input.size());
      if (play.complete) return;
      decide(play, *step);
      play.replies += play.server.take_reply();
      if (play.hung_up) return;
    }
  }

  void decide(Play& play, Socks5::Step step) const {
    using Method = Socks5::Method;
    bool admitted = true;
    if (step == Socks5::Step::kChooseMethod) {
      const auto wanted = listed_ ? Method::kNone : Method::kPassword;
      admitted = play.server.offers(wanted);
      play.server.choose(admitted ? wanted : Method::kNoAcceptable);
    } else {
      play.understood.user = play.server.username();
      play.understood.password = play.server.password();
      admitted = !only_password_ || play.server.password() == *only_password_;
      play.server.accept_credentials(admitted);
    }
    if (!admitted) play.hung_up = Error{Errc::kUnauthenticated, "admit"};
  }

  static std::string outcome(const Result<Understood>& result) {
    if (!result) return describe(result.error());
    return result->user + ":" + result->password + "@" + result->target.to_string() + " " +
           result->payload;
  }

  std::vector<Line> lines_;
  bool listed_ = false;
  std::optional<std::string> only_password_;
};

}  // namespace airlane::test
