// Basic credentials: base64 has one spelling, and what is read is what was written.
#include "proxy/protocol/basic_credentials.h"

#include "base/tls/crypto.h"
#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {

void check(std::string_view data) {
  if (const auto bytes = base64_decode(data)) {
    require(base64_encode(*bytes) == data, "a second spelling");
  }
  require(base64_decode(base64_encode(data)) == data, "not read as it was written");
  if (const auto read = parse_basic(data)) {
    require(read->user.find(':') == std::string::npos, "a colon in a user name");
    const auto pair = base64_encode(read->user + ":" + read->password);
    require(data.ends_with(pair), "other credentials than were given");
    const auto again = parse_basic("Basic " + pair);
    require(again && again->user == read->user && again->password == read->password,
            "not understood again");
  }
}

}  // namespace airlane::fuzz
