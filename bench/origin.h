// What stands behind the proxies: one TCP port whose first byte says what the client wants, and a
// UDP echo on the same port. One thread.
//
//   'D'  a source: the pattern, without end          'U'  a sink; the pattern follows
//   'd'  the same with a small send buffer           'S'  answers with the sinks' totals
//   'E'  an echo of everything, this byte included
//   'G'  HTTP: "GET .../100k" gets 100 KB, any other path 1 KB; keep-alive, pipelining
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/net.h"
#include "bench/pattern.h"
#include "bench/poller.h"

namespace airlane::bench {

inline constexpr std::size_t kSmallBody = 1000, kLargeBody = 100'000;

// The answer to 'S', in the machine's byte order.
struct SinkTotals {
  std::uint64_t bytes = 0;
  std::uint64_t wrong_reads = 0;  // Always 0 unless the origin checks.
};

// What the connections of an origin share.
struct OriginState {
  OriginState(Poller& loop, bool checks);

  Poller& poller;
  bool check;  // Whether sinks compare what they get with the pattern.
  Pattern pattern;
  SinkTotals sunk;
  std::vector<char> buffer;
  std::string small_answer, large_answer;
};

class OriginListener : public Handler {
 public:
  OriginListener(OriginState& state, UniqueFd listener);
  void ready(std::uint32_t events) override;

 private:
  OriginState& state_;
  UniqueFd listener_;
};

}  // namespace airlane::bench
