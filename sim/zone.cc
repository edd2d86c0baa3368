#include "sim/zone.h"

#include <algorithm>
#include <optional>

namespace airlane::sim {
namespace {

constexpr std::string_view kOrigin = "198.19.0.1";
constexpr std::chrono::seconds kSlow{10};
constexpr std::chrono::seconds kLate{2};
constexpr std::size_t kBig = 300;  // Times 16 bytes: more than any UDP answer holds.

struct Host {
  std::string_view name;
  std::string_view addresses;  // Of both families, separated by spaces.
};

constexpr Host kHosts[] = {
    {"origin.test", kOrigin},
    {"echo.test", kOrigin},
    {"slow.test", kOrigin},
    {"silent.test", ""},
    {"rebind.test", ""},
    {"big.test", ""},
    {"ip.test", "198.19.0.2"},
    {"loopback.test", "127.0.0.1"},
    {"private.test", "10.1.2.3"},
    {"gateway.test", "192.168.8.1"},
    {"mixed.test", "127.0.0.1 198.19.0.1"},
    {"blackhole.test", "198.19.0.9"},
    {"unreachable.test", "198.19.0.10"},
    {"both.test", "198.19.0.2 2001:db8:19::2"},
    {"six.test", "2001:db8:19::2"},
    {"half.test", "198.19.0.2 2001:db8:19::9"},
    {"late.test", "198.19.0.2 2001:db8:19::2"},
    {"short.test", "198.19.0.2"},
};

// "10-1-2-3.ip.test" is 10.1.2.3.
std::optional<Address> spelled_address(std::string_view name) {
  constexpr std::string_view kSuffix = ".ip.test";
  if (!name.ends_with(kSuffix)) return std::nullopt;
  std::string ip(name.substr(0, name.size() - kSuffix.size()));
  std::ranges::replace(ip, '-', '.');
  auto address = Address::parse(ip);
  if (address && !address->is_v4()) return std::nullopt;
  return address;
}

std::vector<Address> parse_all(std::string_view list, bool v4 = true) {
  std::vector<Address> found;
  while (!list.empty()) {
    const auto word = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(list.size(), word.size() + 1));
    const auto address = Address::parse(word);
    if (address && address->is_v4() == v4) found.push_back(*address);
  }
  return found;
}

// Of 198.18.255.0/24 and 198.18.254.0/24, where no modem lives.
std::vector<Address> many_addresses() {
  std::vector<Address> found;
  for (std::size_t i = 0; i < kBig; ++i) {
    const std::uint8_t bytes[] = {198, 18, static_cast<std::uint8_t>(255 - i / 250),
                                  static_cast<std::uint8_t>(1 + i % 250)};
    found.push_back(Address::v4(bytes, 0));
  }
  return found;
}

}  // namespace

Zone::Reply Zone::look_up(const DnsQuery& query) {
  Reply reply;
  const auto& name = query.name;
  const auto* host = std::ranges::find(kHosts, name, &Host::name);
  const auto spelled = spelled_address(name);
  if (host == std::end(kHosts) && !spelled) {
    reply.answer.code = kNoSuchName;
    return reply;
  }
  if (name == "slow.test") reply.delay = kSlow;
  reply.silent = name == "silent.test";
  if (query.type == kTypeAaaa && host != std::end(kHosts)) {
    reply.answer.addresses = parse_all(host->addresses, false);
    if (name == "late.test") reply.delay = kLate;
  }
  if (name == "short.test") reply.answer.ttl = 1;
  if (query.type != kTypeA) return reply;
  if (spelled) {
    reply.answer.addresses = {*spelled};
  } else if (name == "rebind.test") {
    rebound_ = !rebound_;
    reply.answer.addresses = parse_all(rebound_ ? kOrigin : "127.0.0.1");
    reply.answer.ttl = 0;
  } else if (name == "big.test") {
    reply.answer.addresses = many_addresses();
  } else {
    reply.answer.addresses = parse_all(host->addresses);
  }
  return reply;
}

std::vector<std::pair<std::string, std::string>> Zone::names() {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& host : kHosts) all.emplace_back(host.name, host.addresses);
  const auto describe = [&all](std::string_view name, const char* text) {
    std::ranges::find(all, name, &std::pair<std::string, std::string>::first)->second = text;
  };
  describe("rebind.test", "198.19.0.1 and 127.0.0.1 in turn, TTL 0");
  describe("slow.test", "198.19.0.1 after 10 s");
  describe("silent.test", "never an answer");
  describe("late.test", "198.19.0.2, and 2001:db8:19::2 after 2 s");
  describe("short.test", "198.19.0.2, TTL 1");
  describe("big.test", "300 addresses, only by TCP");
  all.emplace_back("A-B-C-D.ip.test", "A.B.C.D");
  return all;
}

}  // namespace airlane::sim
