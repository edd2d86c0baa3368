// The one endpoint with a life of its own: store the fingerprint, look at the old address, rotate,
// answer; each step may be left out. Whatever becomes of the caller, a step that began is finished.
#include "base/log.h"
#include "control/api/endpoints.h"
#include "control/api/job_json.h"
#include "control/api/request_options.h"
#include "control/api/rotation_call.h"
#include "control/api/rotation_goal.h"
#include "control/fingerprint.h"

namespace airlane::api {
namespace {

struct Order {
  std::int64_t proxy = 0;
  std::int64_t dongle = 0;
  JobCause cause = JobCause::kApi;
  RotationGoal goal;
  bool show_job = false;  // Also with a goal.
  bool async = false;
  bool show_old_ip = false;
  bool from_cache = false;
  std::optional<std::string> fingerprint;  // Absent: it stays as it is.
};

// Absent when it makes no sense; then it is answered.
std::optional<Order> read_order(const Call& call, const ProxyRecord& proxy,
                                Fingerprints fingerprints) {
  Order order;
  order.proxy = proxy.id;
  order.dongle = proxy.dongle;
  for (const auto& [name, field] : {std::pair{"async", &Order::async},
                                    {"show_old_ip", &Order::show_old_ip},
                                    {"from_cache", &Order::from_cache},
                                    {"show_job", &Order::show_job}}) {
    const auto value = flag(call, name);
    if (!value) return std::nullopt;
    order.*field = *value;
  }
  const auto goal = read_goal(call);
  if (!goal) return std::nullopt;
  order.goal = *goal;
  order.show_job = order.show_job || has_goal(*goal);
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

// Every answer to a call that has begun a job tells where to find it.
void answer(const Call& call, int status, const Order& order, std::int64_t job, Json body,
            const Rotated& rotated = {}) {
  body["id"] = order.proxy;
  if (order.show_job && job != 0) body["job"] = job;
  tell_of_goal(body, rotated);
  call.json(status, body, link_to_job(job));
}

void fail(const Context& context, const Call& call, const Order& order, std::int64_t job,
          const Failure& failure) {
  if (failure.kind == Failure::Kind::kConflict && context.backend.busy_since(order.dongle)) {
    return refuse(call, still_running(context, order.dongle));
  }
  answer(call, http_status(failure.kind), order, job,
         {{"success", false}, {"error", failure.text}});
}

void rotate_and_wait(Context& context, const Call& call, const Order& order) {
  hand_over(context, order.dongle);
  const auto ended = [&context, call, order](std::int64_t job, const Outcome<Rotated>& rotated) {
    if (!rotated) return fail(context, call, order, job, rotated.error());
    Json body{{"success", true}};
    body["new_ip"] = text_or_null(rotated->new_ip);
    if (order.show_old_ip) body["old_ip"] = text_or_null(rotated->old_ip);
    answer(call, 200, order, job, std::move(body), *rotated);
  };
  context.backend.rotate({order.proxy, order.cause, order.goal}, ended);
}

// Answers when the job is on the disk: whoever is told of it finds it, whatever happens.
void begin_rotation(Context& context, const Call& call, const Order& order, Json body) {
  hand_over(context, order.dongle);
  const auto ended = [proxy = order.proxy](std::int64_t, const Outcome<Rotated>& rotated) {
    if (rotated) return;
    log::info("proxy " + std::to_string(proxy) + ": no rotation: " + rotated.error().text);
  };
  const auto job = context.backend.rotate({order.proxy, order.cause, order.goal}, ended);
  context.backend.when_jobs_are_kept([call, order, job, body = std::move(body)](const auto&) {
    answer(call, 200, order, job, body);
  });
}

void rotate_and_go_on(Context& context, const Call& call, const Order& order) {
  Json body{{"success", true}, {"async", true}};
  if (!order.show_old_ip) return begin_rotation(context, call, order, std::move(body));
  context.backend.external_ip(
      order.proxy, order.from_cache,
      [&context, call, order, body](const Outcome<Farm::ExternalIp>& old) mutable {
        body["old_ip"] = old ? text_or_null(old->ip) : Json(nullptr);
        body["from_cache"] = old && old->from_cache;
        begin_rotation(context, call, order, std::move(body));
      });
}

void carry_out(Context& context, const Call& call, const Order& order) {
  if (order.async) return rotate_and_go_on(context, call, order);
  rotate_and_wait(context, call, order);
}

}  // namespace

void change_ip(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (proxy) change_ip_of(context, call, *proxy, Fingerprints::kTaken, JobCause::kApi);
}

void change_ip_of(Context& context, const Call& call, const ProxyRecord& proxy,
                  Fingerprints fingerprints, JobCause cause) {
  auto order = read_order(call, proxy, fingerprints);
  if (!order) return;
  order->cause = cause;
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
          return fail(context, call, order, 0, stored.error());
        }
        const auto trouble = context.backend.fingerprint_trouble(*stored);
        if (trouble.empty()) return carry_out(context, call, order);
        hand_over(context, order.dongle);
        fail(context, call, order, 0, {Failure::Kind::kUnavailable, trouble});
      });
}

}  // namespace airlane::api
