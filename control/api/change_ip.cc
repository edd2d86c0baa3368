// The one endpoint with a life of its own: store the fingerprint, look at the old address, rotate,
// answer; each step may be left out. Whatever becomes of the caller, a step that began is finished.
#include "base/log.h"
#include "control/api/endpoints.h"
#include "control/api/request_options.h"
#include "control/api/rotation_call.h"
#include "control/fingerprint.h"

namespace airlane::api {
namespace {

struct Order {
  std::int64_t proxy = 0;
  std::int64_t dongle = 0;
  bool async = false;
  bool show_old_ip = false;
  bool from_cache = false;
  std::optional<std::string> fingerprint;  // Absent: it stays as it is.
};

// Absent when it makes no sense; then it is answered.
std::optional<Order> read_order(const Call& call, const ProxyRecord& proxy,
                                Fingerprints fingerprints) {
  Order order{proxy.id, proxy.dongle, false, false, false, std::nullopt};
  for (const auto& [name, field] : {std::pair{"async", &Order::async},
                                    {"show_old_ip", &Order::show_old_ip},
                                    {"from_cache", &Order::from_cache}}) {
    const auto value = flag(call, name);
    if (!value) return std::nullopt;
    order.*field = *value;
  }
  const std::string* const fp = call.request().parameter("fp");
  if (!fp || *fp == "keep" || fingerprints == Fingerprints::kIgnored) return order;
  if (fp->empty() || *fp == "reset") {
    order.fingerprint.emplace();
    return order;
  }
  const auto signature = judge_fingerprint(*fp);
  if (!signature) {
    call.detail(400, "The option \"fp\" is neither keep nor reset. " + signature.error().text);
    return std::nullopt;
  }
  order.fingerprint = *signature;
  return order;
}

void refuse(const Call& call, const Refusal& why) {
  call.detail(429, why.sentence, {{"Retry-After", std::to_string(why.seconds)}});
}

void fail(const Context& context, const Call& call, const Order& order, const Failure& failure) {
  if (failure.kind == Failure::Kind::kConflict && context.backend.busy_since(order.dongle)) {
    return refuse(call, still_running(context, order.dongle));
  }
  call.json(http_status(failure.kind),
            {{"success", false}, {"error", failure.text}, {"id", order.proxy}});
}

void rotate_and_wait(Context& context, const Call& call, const Order& order) {
  hand_over(context, order.dongle);
  context.backend.rotate(order.proxy, [&context, call, order](const Outcome<Rotated>& rotated) {
    if (!rotated) return fail(context, call, order, rotated.error());
    Json body{{"success", true}};
    body["new_ip"] = text_or_null(rotated->new_ip);
    if (order.show_old_ip) body["old_ip"] = text_or_null(rotated->old_ip);
    body["id"] = order.proxy;
    call.json(200, body);
  });
}

void begin_rotation(Context& context, const Order& order) {
  hand_over(context, order.dongle);
  context.backend.rotate(order.proxy, [proxy = order.proxy](const Outcome<Rotated>& rotated) {
    if (rotated) return;
    log::info("proxy " + std::to_string(proxy) + ": no rotation: " + rotated.error().text);
  });
}

void rotate_and_go_on(Context& context, const Call& call, const Order& order) {
  Json body{{"success", true}, {"async", true}};
  if (!order.show_old_ip) {
    begin_rotation(context, order);
    body["id"] = order.proxy;
    return call.json(200, body);
  }
  context.backend.external_ip(
      order.proxy, order.from_cache,
      [&context, call, order, body](const Outcome<Farm::ExternalIp>& old) mutable {
        begin_rotation(context, order);
        body["old_ip"] = old ? text_or_null(old->ip) : Json(nullptr);
        body["from_cache"] = old && old->from_cache;
        body["id"] = order.proxy;
        call.json(200, body);
      });
}

void carry_out(Context& context, const Call& call, const Order& order) {
  if (order.async) return rotate_and_go_on(context, call, order);
  rotate_and_wait(context, call, order);
}

}  // namespace

void change_ip(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (proxy) change_ip_of(context, call, *proxy, Fingerprints::kTaken);
}

void change_ip_of(Context& context, const Call& call, const ProxyRecord& proxy,
                  Fingerprints fingerprints) {
  const auto order = read_order(call, proxy, fingerprints);
  if (!order) return;
  if (call.is_head()) return call.nothing();
  if (const auto why = refusal(context, proxy)) return refuse(call, *why);
  context.throttle.accept(proxy.id, context.settings.now());
  prepare(context, proxy.dongle);
  const bool has_it = !order->fingerprint || *order->fingerprint == proxy.fp;
  if (has_it && (!order->fingerprint || context.backend.fingerprint_trouble(proxy).empty())) {
    return carry_out(context, call, *order);
  }
  const auto edit = [fp = *order->fingerprint](ProxyRecord& row) {
    row.fp = fp;
    return true;
  };
  context.backend.change_proxy(
      proxy.id, edit, [&context, call, order = *order](const Outcome<ProxyRecord>& stored) {
        if (!stored) {
          hand_over(context, order.dongle);
          return fail(context, call, order, stored.error());
        }
        const auto trouble = context.backend.fingerprint_trouble(*stored);
        if (trouble.empty()) return carry_out(context, call, order);
        hand_over(context, order.dongle);
        fail(context, call, order, {Failure::Kind::kUnavailable, trouble});
      });
}

}  // namespace airlane::api
