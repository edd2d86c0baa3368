// libFuzzer's way into a fuzz target.
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  airlane::fuzz::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
