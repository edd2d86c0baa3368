// What a relay must not do, each seen in some engine: lose the end of a stream, hold memory for one
// who does not read, keep pipes, count late, stand still without pipes.
#include <poll.h>
#include <sys/resource.h>

#include <filesystem>
#include <future>
#include <optional>

#include "proxy/pipe_pool.h"
#include "tests/proxy/engine_fixture.h"

namespace airlane::test {
namespace {

constexpr std::size_t kMiB = 1 << 20;

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761U >> 24);
  return bytes;
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    static_cast<void>(entry);
    ++count;
  }
  return count;
}

// Sends until the peer has not taken a byte for half a second; how many it took.
std::size_t send_until_stuck(int fd) {
  const timeval half{0, 500'000};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &half, sizeof half);
  const std::string piece(64 << 10, 'x');
  std::size_t sent = 0;
  while (sent < 64 * kMiB) {
    const auto size = ::send(fd, piece.data(), piece.size(), MSG_NOSIGNAL);
    if (size < 0) break;
    sent += static_cast<std::size_t>(size);
  }
  return sent;
}

class Relaying : public EngineTest {};

// The bytes and the end arrive in one event: a short read must not hide the end behind it.
TEST_F(Relaying, HandsOnAnEndThatCameTogetherWithTheLastBytes) {
  Server target([](Stream& stream) {
    stream.read(1);
    stream.send("last words");
  });
  for (int i = 0; i < 200; ++i) {
    auto stream = tunnel(target.port());
    stream.send("x");
    ASSERT_EQ(stream.read_to_end(), "last words");
    ASSERT_EQ(stream.last_error(), 0);
  }
}

TEST_F(Relaying, HandsOnAResetThatCameTogetherWithTheLastBytes) {
  Server target([](Stream& stream) {
    stream.read(1);
    stream.send("last words");
    stream.reset();
  });
  for (int i = 0; i < 200; ++i) {
    auto stream = tunnel(target.port());
    stream.send("x");
    stream.read_to_end();
    ASSERT_EQ(stream.last_error(), ECONNRESET);
  }
}

// A pipe has a slot for each fragment: small segments after bulk fill the slots, not the bytes.
TEST_F(Relaying, LosesNothingOfSmallSegmentsAfterBulk) {
  const auto bulk = pattern(2 * kMiB);
  const auto small = pattern(100);
  Server target([&](Stream& stream) {
    stream.read(1);
    stream.send(bulk);
    for (int i = 0; i < 3000; ++i) stream.send(small);
  });
  auto stream = tunnel(target.port());
  stream.send("x");
  auto received = stream.read_to_end();
  ASSERT_EQ(received.size(), bulk.size() + 3000 * small.size());
  auto expected = bulk;
  for (int i = 0; i < 3000; ++i) expected += small;
  EXPECT_EQ(sha256_hex(received), sha256_hex(expected));
  EXPECT_EQ(incoming(), expected.size());
}

TEST_F(Relaying, PinsLittleMemoryForAClientThatNeverReads) {
  std::promise<std::size_t> stuck;
  Server target([&](Stream& stream) {
    stream.read(1);
    const int small = 64 << 10;
    setsockopt(stream.fd(), SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
    stuck.set_value(send_until_stuck(stream.fd()));
  });
  auto stream = tunnel(target.port());
  const int small = 32 << 10;
  setsockopt(stream.fd(), SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  stream.send("x");
  const auto taken = stuck.get_future().get();
  EXPECT_GT(taken, 0u);
  RecordProperty("bytes", static_cast<int>(taken));
  EXPECT_LT(taken, 3 * kMiB) << "what the target's own socket buffer holds included";
}

TEST_F(Relaying, CountsWhileABigTransferIsStillRunning) {
  Server target([](Stream& stream) {
    stream.read(1);
    send_until_stuck(stream.fd());
  });
  auto stream = tunnel(target.port());
  stream.send("x");
  EXPECT_EQ(stream.read(10 * kMiB).size(), 10 * kMiB);
  EXPECT_GE(incoming(), 10 * kMiB);
}

TEST_F(Relaying, LeavesAnIdleTunnelWithTwoDescriptors) {
  Server target([](Stream& stream) {
    while (stream.read(1) == "x") stream.send(std::string(kMiB, 'y'));
  });
  std::vector<Stream> streams;
  const auto before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    streams.push_back(tunnel(target.port()));
    streams.back().send("x");
    ASSERT_EQ(streams.back().read(kMiB).size(), kMiB);
  }
  // Two of ours and two of the tunnel's for each, and a few pipes in the workers' pools.
  EXPECT_LE(open_descriptors(), before + 20 * 4 + kWorkers * 2 * 4);
}

TEST_F(Relaying, CopiesWhenThereIsNoPipeToBeHad) {
  const auto bulk = pattern(8 * kMiB);
  Server target([&](Stream& stream) {
    stream.send("y");
    stream.read(1);
    stream.send(bulk);
  });
  auto stream = tunnel(target.port());
  ASSERT_EQ(stream.read(1), "y");  // The target has accepted its end.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  auto none = files;
  none.rlim_cur = 3;  // What is open stays open; nothing more is opened.
  setrlimit(RLIMIT_NOFILE, &none);
  stream.send("x");
  const auto received = stream.read_to_end();
  setrlimit(RLIMIT_NOFILE, &files);
  EXPECT_EQ(sha256_hex(received), sha256_hex(bulk));
}

TEST_F(Relaying, GivesEveryTunnelItsTurn) {
  const auto bulk = pattern(16 * kMiB);
  Server target([&](Stream& stream) {
    stream.read(1);
    stream.send(bulk);
  });
  std::vector<std::thread> readers;
  std::atomic<int> whole = 0;
  for (int i = 0; i < 6; ++i) {
    readers.emplace_back([&, stream = tunnel(target.port())]() mutable {
      stream.send("x");
      if (stream.read_to_end() == bulk) ++whole;
    });
  }
  for (auto& reader : readers) reader.join();
  EXPECT_EQ(whole, 6);
}

// A paused reader and a reset: nobody could ever take what there is.
TEST_F(Relaying, HandsOnAResetThoughTheTargetDoesNotRead) {
  std::promise<short> seen;
  Server target([&](Stream& stream) {
    pollfd wait{stream.fd(), 0, 0};
    poll(&wait, 1, 60'000);
    seen.set_value(wait.revents);
  });
  auto stream = tunnel(target.port());
  EXPECT_GT(send_until_stuck(stream.fd()), 0U);
  stream.reset();
  EXPECT_TRUE(seen.get_future().get() & POLLERR);
}

// Who stops in the middle of a transfer must not make it look whole.
TEST_F(Relaying, ResetsBothEndsWhenTheServerStops) {
  std::promise<int> seen;
  Server target([&](Stream& stream) {
    stream.send("some of it");
    stream.read_to_end();
    seen.set_value(stream.last_error());
  });
  auto stream = tunnel(target.port());
  EXPECT_EQ(stream.read(10), "some of it");
  engine_.reset();
  EXPECT_EQ(stream.read_to_end(), "");
  EXPECT_EQ(stream.last_error(), ECONNRESET);
  EXPECT_EQ(seen.get_future().get(), ECONNRESET);
}

TEST(Pipes, AreKeptForTheNextUnlessTheyHoldBytes) {
  PipePool pool;
  auto pipe = pool.take();
  ASSERT_TRUE(pipe);
  EXPECT_GE(pipe->capacity, 64u << 10);
  pool.give_back(std::move(pipe));
  EXPECT_EQ(pool.idle(), 1u);
  auto used = pool.take();
  used->held = 1;
  pool.give_back(std::move(used));
  EXPECT_EQ(pool.idle(), 0u);
}

}  // namespace
}  // namespace airlane::test
