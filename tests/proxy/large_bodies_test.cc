// Bodies large enough to be spliced, whole and cut, with ends that are slow, and without a pipe.
#include <sys/resource.h>

#include <future>

#include "proxy/pipe_pool.h"
#include "tests/proxy/forwarding_fixture.h"

namespace airlane::test {
namespace {

// In each of the framings.
class LargeBodies : public Forwarding, public ::testing::WithParamInterface<const char*> {
 protected:
  static constexpr std::size_t kSize = 6'000'000;

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
  static std::string framed(const std::string& payload) {
    const std::string_view framing = GetParam();
    if (framing == "length") {
      return "Content-Length: " + std::to_string(payload.size()) + "\r\n\r\n" + payload;
    }
    if (framing == "close") return "\r\n" + payload;
    std::string body = "Transfer-Encoding: chunked\r\n\r\n";
    for (std::size_t at = 0; at < payload.size(); at += 1'000'000) {
      const auto chunk = payload.substr(at, 1'000'000);
      char size[16];
      std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
      body += size + chunk + "\r\n";
    }
    return body + "0\r\n\r\n";
  }
};

TEST_P(LargeBodies, ComeDownWholeAndAreCounted) {
  const auto response = "HTTP/1.1 200 OK\r\n" + framed(pattern(kSize));
  const bool closes = std::string_view(GetParam()) == "close";
  Server target([&](Stream& stream) {
    while (!stream.read_until("\r\n\r\n").empty()) {
      stream.send(response);
      if (closes) return;
    }
  });
  auto stream = client();
  std::uint64_t sent = 0;
  for (int i = 0; i < (closes ? 1 : 2); ++i) {
    stream.send(request("GET", target.port(), "/"));
    const auto head = stream.read_until("\r\n\r\n");
    const auto body = response.substr(response.find("\r\n\r\n") + 4);
    EXPECT_TRUE(stream.read(body.size()) == body);
    sent += response.size();
  }
  EXPECT_EQ(incoming(), sent);
  EXPECT_EQ(target.connections(), 1);
}

class LargeUploads : public LargeBodies {};  // Requests cannot be framed by an end.

TEST_P(LargeUploads, GoUpWholeToATargetThatReadsSlowly) {
  const auto body = framed(pattern(kSize));
  const auto expected = body.substr(body.find("\r\n\r\n") + 4);
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_TRUE(stream.read(expected.size()) == expected);
    stream.send(ok("got it"));
    stream.read(1);
  });
  auto stream = client();
  const auto fields = body.substr(0, body.find("\r\n\r\n") + 2);
  stream.send(request("POST", target.port(), "/", fields, expected));
  EXPECT_EQ(stream.read_until("got it"), ok("got it"));
}

TEST_P(LargeBodies, ReachAClientThatReadsSlowly) {
  const auto response = "HTTP/1.1 200 OK\r\n" + framed(pattern(kSize));
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send(response);
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  stream.read_until("\r\n\r\n");
  const auto body = response.substr(response.find("\r\n\r\n") + 4);
  EXPECT_TRUE(stream.read(body.size()) == body);
}

// While it lives, nothing can be opened in this process: what is open stays open.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    auto none = before_;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoMoreDescriptors(NoMoreDescriptors&&) = delete;

 private:
  rlimit before_{};
};

TEST_P(LargeBodies, ComeDownWholeWithoutAPipe) {
  const auto response = "HTTP/1.1 200 OK\r\n" + framed(pattern(kSize));
  std::promise<void> asked;
  std::promise<void> go;
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    asked.set_value();
    go.get_future().get();
    stream.send(response);
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  asked.get_future().get();
  const NoMoreDescriptors none;
  ASSERT_FALSE(PipePool().take()) << "or this shows nothing";
  go.set_value();
  stream.read_until("\r\n\r\n");
  const auto body = response.substr(response.find("\r\n\r\n") + 4);
  EXPECT_TRUE(stream.read(body.size()) == body);
}

TEST_P(LargeUploads, GoUpWholeWithoutAPipe) {
  const auto body = framed(pattern(kSize));
  const auto expected = body.substr(body.find("\r\n\r\n") + 4);
  std::promise<void> asked;
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    asked.set_value();
    EXPECT_TRUE(stream.read(expected.size()) == expected);
    stream.send(ok("got it"));
    stream.read(1);
  });
  auto stream = client();
  const auto fields = body.substr(0, body.find("\r\n\r\n") + 2);
  stream.send(request("POST", target.port(), "/", fields));
  asked.get_future().get();
  const NoMoreDescriptors none;
  stream.send(expected);
  EXPECT_EQ(stream.read_until("got it"), ok("got it"));
}

TEST_P(LargeBodies, AreVisiblyCutWhereTheirTargetResets) {
  const auto response = "HTTP/1.1 200 OK\r\n" + framed(pattern(kSize));
  Server target([&](Stream& stream) {
    stream.read_until("\r\n\r\n");
    stream.send(response.substr(0, kSize / 2));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    stream.reset();
  });
  auto stream = client();
  stream.send(request("GET", target.port(), "/"));
  stream.read_to_end();
  EXPECT_EQ(stream.last_error(), ECONNRESET);
}

INSTANTIATE_TEST_SUITE_P(OfEachFraming, LargeUploads, ::testing::Values("length", "chunked"),
                         [](const auto& param) { return std::string(param.param); });
INSTANTIATE_TEST_SUITE_P(OfEachFraming, LargeBodies,
                         ::testing::Values("length", "chunked", "close"),
                         [](const auto& param) { return std::string(param.param); });

}  // namespace
}  // namespace airlane::test
