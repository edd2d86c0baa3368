#include "control/guard_log.h"

#include "base/log.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kPace(1);

}  // namespace

GuardLog::GuardLog(Loop& loop, const GuardRules& rules, Take take)
    : rules_(rules),
      take_(std::move(take)),
      every_second_(loop, Callback<void()>::to<&GuardLog::look>(*this)) {
  every_second_.start(kPace);
}

void GuardLog::look() {
  every_second_.start(kPace);
  const auto news = take_();
  for (const auto& block : news.blocks) log::warning(line_about(block, rules_));
  if (news.unnamed == 0) return;
  log::warning(std::to_string(news.unnamed) +
               " more clients brought too many wrong passwords, and are blocked as well");
}

std::string line_about(const Block& block, const GuardRules& rules) {
  const auto who = block.client.ip() + (block.client.is_v4() ? "" : " and all of its /64");
  return "proxy " + std::to_string(block.proxy) + " (port " + std::to_string(block.port) +
         "): blocked " + who + " for " + std::to_string(rules.block.count()) + " s after " +
         std::to_string(rules.failures) + " wrong passwords";
}

}  // namespace airlane
