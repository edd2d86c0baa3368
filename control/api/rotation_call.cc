#include "control/api/rotation_call.h"

namespace airlane::api {
namespace {

std::optional<Monotonic::time_point> busy_since(const Context& context, std::int64_t dongle) {
  const auto preparing = context.preparing.find(dongle);
  if (preparing != context.preparing.end()) return preparing->second;
  return context.backend.busy_since(dongle);
}

}  // namespace

void prepare(Context& context, std::int64_t dongle) {
  context.preparing[dongle] = context.settings.now();
}

void hand_over(Context& context, std::int64_t dongle) { context.preparing.erase(dongle); }

Refusal still_running(const Context& context, std::int64_t dongle) {
  const auto now = context.settings.now();
  const auto since = busy_since(context, dongle).value_or(now);
  const auto seconds = whole_seconds(since + context.settings.rotation_limit - now);
  return {seconds,
          "Request was throttled: previous call is still running. Expected available in "
          "less than " +
              in_words(seconds) + "."};
}

std::optional<Refusal> refusal(const Context& context, const ProxyRecord& proxy) {
  const auto wait = context.throttle.wait(proxy.id, context.settings.now());
  if (wait > wait.zero()) {
    const auto seconds = whole_seconds(wait);
    return Refusal{seconds,
                   "Request was throttled. Expected available in " + in_words(seconds) + "."};
  }
  if (!busy_since(context, proxy.dongle)) return std::nullopt;
  return still_running(context, proxy.dongle);
}

}  // namespace airlane::api
