#include "sim/origin.h"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

namespace airlane::sim {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;
using Numbers = std::array<std::uint64_t, 2>;

constexpr std::uint64_t kNumberMax = 1ULL << 40;

Reply bytes(std::uint64_t count) {
  Reply reply;
  reply.fields.emplace_back("Content-Type", "application/octet-stream");
  reply.pattern_bytes = count;
  return reply;
}

Reply chunked(const HttpRequest&, const Numbers& n) {
  auto reply = bytes(n[0]);
  reply.framing = Reply::Framing::kChunked;
  return reply;
}

Reply drip(const HttpRequest&, const Numbers& n) {
  auto reply = bytes(n[0]);
  reply.drip = milliseconds(n[1]);
  return reply;
}

// Promises twice as much as comes.
Reply broken(std::uint64_t count, Reply::Ending ending) {
  auto reply = bytes(count);
  reply.promised = count > 0 ? 2 * count : 1;
  reply.ending = ending;
  return reply;
}

Reply cut(const HttpRequest&, const Numbers& n) { return broken(n[0], Reply::Ending::kCut); }
Reply reset(const HttpRequest&, const Numbers& n) { return broken(n[0], Reply::Ending::kReset); }

Reply slow(const HttpRequest&, const Numbers& n) {
  auto reply = Reply::text("slow\n");
  reply.delay = milliseconds(n[0]);
  return reply;
}

Reply until_close(const HttpRequest&, const Numbers& n) {
  auto reply = n[0] > 0 ? bytes(n[0]) : Reply::text("until close\n");
  reply.framing = Reply::Framing::kUntilClose;
  return reply;
}

Reply status(const HttpRequest&, const Numbers& n) {
  const auto code = n[0] >= 200 && n[0] <= 599 ? static_cast<int>(n[0]) : 400;
  return Reply::text(std::to_string(code) + "\n", code);
}

Reply interim(const HttpRequest&, const Numbers&) {
  auto reply = Reply::text("continued\n");
  reply.interim = true;
  return reply;
}

Reply hang(const HttpRequest&, const Numbers&) {
  Reply reply;
  reply.ending = Reply::Ending::kHang;
  return reply;
}

Reply echo(const HttpRequest& request, const Numbers&) {
  return Reply::text(request.head + request.body);
}

Reply headers(const HttpRequest& request, const Numbers&) {
  const json answer = {{"method", request.method},
                       {"target", request.target},
                       {"version", request.version},
                       {"headers", request.fields},
                       {"peer", request.peer.to_string()}};
  return Reply::json(answer.dump(-1, ' ', false, json::error_handler_t::replace));
}

Reply upload(const HttpRequest& request, const Numbers&) {
  constexpr auto kOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const json answer = {{"bytes", request.body_bytes},
                       {"sha256", request.body_sha256.empty() ? kOfNothing : request.body_sha256}};
  return Reply::json(answer.dump());
}

Reply plain_bytes(const HttpRequest&, const Numbers& n) { return bytes(n[0]); }
Reply no_content(const HttpRequest&, const Numbers&) { return Reply::text("", 204); }
Reply not_modified(const HttpRequest&, const Numbers&) { return Reply::text("", 304); }
Reply front_page(const HttpRequest&, const Numbers&) {
  return Reply::text("This is the simulated internet.\n");
}

struct Route {
  std::string_view name;
  std::size_t numbers_min;
  std::size_t numbers_max;
  Reply (*answer)(const HttpRequest&, const Numbers&);
};

constexpr Route kRoutes[] = {
    {"", 0, 0, front_page},      {"bytes", 1, 1, plain_bytes}, {"chunked", 1, 1, chunked},
    {"echo", 0, 0, echo},        {"headers", 0, 0, headers},   {"upload", 0, 0, upload},
    {"status", 1, 1, status},    {"slow", 1, 1, slow},         {"drip", 2, 2, drip},
    {"cut", 1, 1, cut},          {"reset", 1, 1, reset},       {"close", 0, 1, until_close},
    {"continue", 0, 0, interim}, {"hang", 0, 0, hang},         {"204", 0, 0, no_content},
    {"304", 0, 0, not_modified},
};

std::vector<std::string_view> segments(std::string_view path) {
  std::vector<std::string_view> found;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    found.push_back(segment);
    path.remove_prefix(segment.size());
  }
  return found;
}

bool read_numbers(const std::vector<std::string_view>& words, Numbers& numbers) {
  for (std::size_t i = 1; i < words.size(); ++i) {
    auto& number = numbers[i - 1];
    const auto* last = words[i].data() + words[i].size();
    const auto [end, error] = std::from_chars(words[i].data(), last, number);
    if (error != std::errc() || end != last || number > kNumberMax) return false;
  }
  return true;
}

}  // namespace

Reply Origin::answer(const HttpRequest& request) const {
  const auto words = segments(request.path());
  if (words.empty()) return Reply::text("No such page.\n", 404);
  if (words[0] == "_peers") return peers();
  for (const auto& route : kRoutes) {
    const auto count = words.size() - 1;
    if (route.name != words[0] || count < route.numbers_min || count > route.numbers_max) continue;
    Numbers numbers{};
    if (!read_numbers(words, numbers)) break;
    return route.answer(request, numbers);
  }
  return Reply::text("No such page.\n", 404);
}

Reply Origin::peers() const {
  json entries = json::array();
  for (const auto& entry : peers_.entries()) {
    const auto since = std::chrono::duration<double>(entry.at.time_since_epoch());
    entries.push_back({{"number", entry.number},
                       {"address", entry.peer.ip()},
                       {"port", entry.peer.port()},
                       {"at", since.count()}});
  }
  return Reply::json(entries.dump());
}

Reply answer_with_address(const HttpRequest& request) {
  auto reply = Reply::text(request.peer.ip() + "\n");
  reply.fields.emplace_back("Cache-Control", "no-store");
  return reply;
}

}  // namespace airlane::sim
