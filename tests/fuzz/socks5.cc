// SOCKS5 handshakes: the same replies and the same request for every cut.
#include "proxy/protocol/socks5.h"

#include "tests/fuzz/fuzz.h"

namespace airlane::fuzz {
namespace {

struct Policy {
  bool password;  // Whether one is asked for.
  bool admits;    // Whether it is right.
};

std::string converse(const Pieces& pieces, Policy policy) {
  using Method = Socks5::Method;
  using Step = Socks5::Step;
  Socks5 server;
  std::string said;
  std::string left;
  bool complete = false;
  for (const auto piece : pieces) {
    std::span<const char> input(piece);
    while (!complete) {
      const auto step = server.feed(input);
      if (!step) return said + server.take_reply() + "!" + describe(step.error());
      if (*step == Step::kNeedMore) break;
      if (*step == Step::kChooseMethod) {
        const auto wanted = policy.password ? Method::kPassword : Method::kNone;
        server.choose(server.offers(wanted) ? wanted : Method::kNoAcceptable);
      } else if (*step == Step::kCheckCredentials) {
        said.append(server.username()).append(":").append(server.password());
        server.accept_credentials(policy.admits);
      }
      complete = *step == Step::kRequest;
      said += server.take_reply();
    }
    require(complete || input.empty(), "bytes are left of an unfinished message");
    left.append(input.data(), input.size());
  }
  if (!complete) return said + "...";
  require(server.expects_reply(), "a request of nobody");
  return said + server.target().to_string() + "|" + left;
}

}  // namespace

void check(std::string_view data) {
  const auto choice = take_byte(data);
  const Policy policy{(choice & 1) == 0, (choice & 2) == 0};
  same_for_every_cut(data, [policy](const Pieces& pieces) { return converse(pieces, policy); });
}

}  // namespace airlane::fuzz
