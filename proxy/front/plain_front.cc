#include "proxy/front/plain_front.h"

namespace airlane {

Result<std::size_t> PlainFront::take(std::span<char> out) {
  if (finished_) return std::size_t{0};
  const auto size = session_.receive(out);
  if (!size) return std::size_t{0};
  if (*size > 0) return *size;
  if (session_.was_cut()) return Error{Errc::kBroken, "read session"};
  finished_ = true;
  return std::size_t{0};
}

}  // namespace airlane
