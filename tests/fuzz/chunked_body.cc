// Chunked bodies: the same end, the same payload and the same verdict for every cut, whether the
// payload is decoded, passed on or moved unseen.
#include "proxy/protocol/http_body.h"

#include <algorithm>

#include "base/error.h"
#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

// Everything that can be seen of a reading: payload, verdict, what is left.
std::string decode(const Pieces& pieces) {
  BodyReader reader(BodyFraming::kChunked);
  std::string payload;
  std::string left;
  for (const auto piece : pieces) {
    const auto taken = reader.feed_decoded(piece, payload);
    if (!taken) return payload + "!" + describe(taken.error());
    require(*taken == piece.size() || reader.complete(), "stops before the end");
    left += piece.substr(*taken);
  }
  return payload + (reader.complete() ? "." : "...") + left;
}

// The same without looking at the payload.
std::string move_unseen(std::string_view data) {
  BodyReader reader(BodyFraming::kChunked);
  std::string payload;
  while (!data.empty() && !reader.complete()) {
    const auto size = std::min<std::uint64_t>(data.size(), reader.remaining_length());
    if (size > 0) {
      payload += data.substr(0, size);
      reader.skip(size);
      data.remove_prefix(size);
      continue;
    }
    const auto taken = reader.feed(data.substr(0, 1));
    if (!taken) return payload + "!" + describe(taken.error());
    data.remove_prefix(*taken);
  }
  return payload + (reader.complete() ? "." : "...") + std::string(data);
}

bool is_broken(std::string_view data) {
  std::string payload;
  return !BodyReader(BodyFraming::kChunked).feed_decoded(data, payload).has_value();
}

}  // namespace

void check(std::string_view data) {
  const auto decoded = same_for_every_cut(data, decode);
  require(move_unseen(data) == decoded, "moving unseen ends elsewhere");
  const bool broken = !BodyReader(BodyFraming::kChunked).feed(data).has_value();
  require(broken == is_broken(data), "passing on and decoding disagree");
}

}  // namespace airlane::fuzz
