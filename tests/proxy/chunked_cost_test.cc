// F39: a body of one-byte chunks is more framing than payload, and every byte of it must be looked
// at. What that costs the workers, against as many bytes that nobody has to look at.
#include <filesystem>
#include <fstream>

#include "tests/proxy/forwarding_fixture.h"
#include "tests/support/scale.h"

namespace airlane::test {
namespace {

// The criterion, for a machine that does nothing else; and what even a busy one cannot reach, but a
// parser that calls the kernel or the heap for each chunk does.
constexpr double kLimit = 2;
constexpr double kBusyLimit = 8;
constexpr std::size_t kRoundsMost = 10;

// What the threads with this name have used since they began.
std::chrono::nanoseconds cpu_of_threads(std::string_view name) {
  std::chrono::nanoseconds all{0};
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::string comm;
    std::getline(std::ifstream(task.path() / "comm"), comm);
    std::int64_t on_cpu = 0;
    if (comm.starts_with(name) && std::ifstream(task.path() / "schedstat") >> on_cpu) {
      all += std::chrono::nanoseconds(on_cpu);
    }
  }
  return all;
}

class ChunkedCost : public Forwarding {
 protected:
  static std::string block_of_chunks() {
    std::string block;
    for (int i = 0; i < 40'000; ++i) block += {'1', '\r', '\n', static_cast<char>(i), '\r', '\n'};
    return block;
  }

  // Of one response whose body is `block` so many times.
  std::chrono::nanoseconds cpu_of(std::size_t times, const std::string& field,
                                  const std::string& end) {
    const auto head = "HTTP/1.1 200 OK\r\n" + field + "\r\n\r\n";
    Server target([&](Stream& stream) {
      stream.read_until("\r\n\r\n");
      stream.send(head);
      for (std::size_t i = 0; i < times; ++i) stream.send(block_);
      stream.send(end);
    });
    auto stream = client();
    const auto before = cpu_of_threads("worker-");
    stream.send(request("GET", target.port(), "/"));
    EXPECT_EQ(stream.read_until("\r\n\r\n"), head);
    for (std::size_t i = 0; i < times; ++i) EXPECT_TRUE(stream.read(block_.size()) == block_);
    EXPECT_EQ(stream.read(end.size()), end);
    return cpu_of_threads("worker-") - before;
  }

  const std::string block_ = block_of_chunks();
};

TEST_F(ChunkedCost, OfOneByteChunksIsLittleMoreThanThatOfPlainBytes) {
  const double limit = at_full_scale() ? kLimit : kBusyLimit;
  const std::size_t times = at_full_scale() ? 2500 : 250;  // 100 MB of payload, or 10.
  const auto length = std::to_string(times * block_.size());
  auto plain = std::chrono::nanoseconds::max();
  auto chunked = plain;
  double ratio = 0;
  // Whatever else runs on this machine only adds to either.
  for (std::size_t round = 0; round < 2 || (kMeasurable && round < kRoundsMost && ratio >= limit);
       ++round) {
    plain = std::min(plain, cpu_of(times, "Content-Length: " + length, ""));
    chunked = std::min(chunked, cpu_of(times, "Transfer-Encoding: chunked", "0\r\n\r\n"));
    ratio = static_cast<double>(chunked.count()) / static_cast<double>(plain.count());
  }
  RecordProperty("ratio", std::to_string(ratio));
  EXPECT_LT(kMeasurable ? ratio : 0, limit);
}

}  // namespace
}  // namespace airlane::test
