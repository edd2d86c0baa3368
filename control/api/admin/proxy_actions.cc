// What can be done to a proxy, besides changing it.
#include "control/api/admin/body.h"
#include "control/api/admin/proxy_row.h"
#include "control/api/admin/resources.h"
#include "control/api/job_json.h"
#include "control/api/rotation_call.h"
#include "control/api/rotation_goal.h"
#include "control/api/rotation_link.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

void refuse(const Call& call, const Refusal& why) {
  admin_error(call, 429, "throttled", why.sentence, {},
              {{"Retry-After", std::to_string(why.seconds)}});
}

// Whoever orders it sits before a dongle that is not plugged in more often than before a modem that
// is broken.
Failure explained(const Context& context, const ProxyRecord& proxy, const Failure& failure) {
  const DongleRecord* const dongle = context.backend.dongle(proxy.dongle);
  const bool is_absent = dongle && context.backend.state_of(dongle->id) == DongleState::kAbsent;
  const bool would_help = failure.kind == Failure::Kind::kUnavailable;
  if (!is_absent || !would_help || dongle->driver == "none") return failure;
  return {failure.kind, "The dongle " + dongle->name + " is absent: there is no interface " +
                            dongle->interface + ". Plug it in, and order this again when `dongle " +
                            "list` says up. What was tried: " + failure.text};
}

void tell_rotation(const Context& context, const AdminCall& call, const ProxyRecord& proxy,
                   std::int64_t job, const Outcome<Rotated>& rotated) {
  if (rotated) {
    Json body{{"success", true},
              {"new_ip", text_or_null(rotated->new_ip)},
              {"old_ip", text_or_null(rotated->old_ip)},
              {"id", proxy.id},
              {"job", job}};
    tell_of_goal(body, *rotated);
    if (!rotated->new_ip) body["reason"] = rotated->reason;
    return call.json(call.endpoint().status, body, link_to_job(job));
  }
  const bool is_busy = rotated.error().kind == Failure::Kind::kConflict;
  if (is_busy && context.backend.busy_since(proxy.dongle)) {
    return refuse(call, still_running(context, proxy.dongle));
  }
  admin_failure(call, explained(context, proxy, rotated.error()));
}

// No body is no goal.
std::optional<RotationGoal> read_goal_of(const AdminCall& call) {
  if (call.request().body.empty()) return RotationGoal{};
  AdminBody body(call);
  GoalWish wish;
  body.text_or_null("until", wish.until);
  if (const Json* const tries = body.value("tries")) wish.tries = tries->get<std::int64_t>();
  if (const Json* const hours = body.value("hours")) wish.hours = hours->get<std::int64_t>();
  auto goal = goal_of(wish);
  if (!goal) {
    const std::string field(goal.error().field);
    body.refuse(field, "The field \"" + field + "\" " + goal.error().must + ".");
  }
  if (!body.is_good_or_answered()) return std::nullopt;
  return *std::move(goal);
}

void rotate(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  const auto goal = read_goal_of(call);
  if (!goal) return;
  if (const auto why = refusal(context, *proxy)) return refuse(call, *why);
  context.throttle.accept(proxy->id, context.settings.now());
  const auto ended = [&context, call, row = *proxy](std::int64_t job,
                                                    const Outcome<Rotated>& rotated) {
    tell_rotation(context, call, row, job, rotated);
  };
  context.backend.rotate({proxy->id, JobCause::kAdmin, *goal}, ended);
}

void reboot_dongle(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  const auto taken = [&context, call, row = *proxy](std::int64_t job,
                                                    const Outcome<Done>& ordered) {
    if (!ordered) return admin_failure(call, explained(context, row, ordered.error()));
    call.json(call.endpoint().status,
              {{"success", true},
               {"info", "Reboot initiated. It may take 20-60 seconds to complete."},
               {"id", row.id},
               {"job", job}},
              link_to_job(job));
  };
  context.backend.reboot(proxy->id, JobCause::kAdmin, taken);
}

void make_proxy_link(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  context.backend.make_rotation_link(proxy->id,
                                     [call, id = proxy->id](const Outcome<std::string>& token) {
                                       if (!token) return admin_failure(call, token.error());
                                       answer_one(call, {{"url", link_path(*token)}, {"id", id}});
                                     });
}

void revoke_proxy_link(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  context.backend.revoke_rotation_link(proxy->id, [call](const Outcome<Done>& revoked) {
    if (!revoked) return admin_failure(call, revoked.error());
    answer_success(call);
  });
}

// What its SYNs are on the wire, by one that is sent now.
void see_proxy(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  AdminBody body(call);
  std::optional<Address> target;
  if (const Json* const to = body.value("to")) {
    target = Address::parse_with_port(to->get<std::string>());
    if (!target || target->port() == 0) body.wrong("to", "an address and port, 192.0.2.1:443");
  }
  if (!body.is_good_or_answered()) return;
  context.backend.see_looks(
      proxy->id, target, [call, id = proxy->id, fp = proxy->fp](const Outcome<SeenLooks>& seen) {
        if (!seen) return admin_failure(call, seen.error());
        Json row{{"id", id}, {"to", seen->target.to_string()}, {"fp", fp}, {"seen", seen->seen}};
        row["fits"] = seen->fits ? Json(*seen->fits) : Json();
        answer_one(call, row);
      });
}

constexpr Field kSuccess{
    .name = "success", .kind = Kind::kFlag, .use = Field::kTold, .meaning = "True."};
constexpr Field kId{
    .name = "id", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "The proxy's."};

constexpr Field kJob{.name = "job",
                     .kind = Kind::kWhole,
                     .use = Field::kTold,
                     .meaning = "What tells of it from now on: `/jobs/{id}`."};

constexpr std::string_view kUntil[] = {"any", "different", "unused"};
constexpr Field kGoalFields[] = {
    {.name = "until",
     .use = Field::kPosted,
     .nullable = true,
     .fallback = "\"any\"",
     .meaning = "Rotate again until the address is `different`, or `unused`: none that a dongle of "
                "the proxy's owner had in the last `hours`.",
     .choices = kUntil},
    {.name = "tries",
     .kind = Kind::kWhole,
     .use = Field::kPosted,
     .meaning = "Only with `until`: how often at most; 3 if absent.",
     .least = 1,
     .most = kTriesMost},
    {.name = "hours",
     .kind = Kind::kWhole,
     .use = Field::kPosted,
     .meaning = "Only with `unused`; 24 if absent.",
     .least = 1,
     .most = kHoursMost},
};
constexpr Shape kGoal{"RotationGoal", kGoalFields};

constexpr Field kRotatedFields[] = {
    kSuccess,
    {.name = "new_ip",
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Null when it could not be found out."},
    {.name = "old_ip",
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Null when it was not known."},
    kId,
    kJob,
    {.name = "attempts",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .optional = true,
     .meaning = "With `until`: how often it rotated."},
    {.name = "reached",
     .kind = Kind::kFlag,
     .use = Field::kTold,
     .optional = true,
     .meaning = "With `until`: whether `new_ip` is what was wanted."},
    {.name = "reason",
     .use = Field::kTold,
     .optional = true,
     .meaning = "Where `new_ip` is null or `reached` false: why; a sentence or more."},
};
constexpr Shape kRotated{"Rotated", kRotatedFields};

constexpr Field kRebootedFields[] = {
    kSuccess,
    {.name = "info", .use = Field::kTold, .meaning = "A sentence."},
    kId,
    kJob,
};
constexpr Shape kRebooted{"Rebooted", kRebootedFields};

constexpr Field kLinkFields[] = {
    {.name = "url", .use = Field::kTold, .meaning = "The path of the link, told once."},
    kId,
};
constexpr Shape kLink{"RotationLink", kLinkFields};

constexpr Field kSeenFields[] = {
    kId,
    {.name = "to",
     .use = Field::kOnce,
     .meaning = "Where the SYN goes, `ADDRESS:PORT`; without it to the dongle's name server."},
    {.name = "fp", .use = Field::kTold, .meaning = "How it should look."},
    {.name = "seen",
     .use = Field::kTold,
     .meaning = "How it looked on the dongle's wire, as p0f writes it."},
    {.name = "fits",
     .kind = Kind::kFlag,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Whether `fp` stands for what was seen; null without one."},
};
constexpr Shape kSeen{"SeenSyn", kSeenFields};

constexpr Endpoint kEndpoints[] = {
    {.method = "POST",
     .path = "/proxies/{id}/rotate",
     .handle = rotate,
     .name = "Rotate a proxy",
     .summary = "As the synchronous `change_ip` with `show_old_ip`, answered when it is over. 429 "
                "as there.",
     .body = &kGoal,
     .answer = &kRotated},
    {.method = "POST",
     .path = "/proxies/{id}/reboot",
     .handle = reboot_dongle,
     .name = "Reboot a proxy's dongle",
     .summary = "Answered when the modem has taken the order.",
     .answer = &kRebooted},
    {.method = "POST",
     .path = "/proxies/{id}/see",
     .handle = see_proxy,
     .name = "See a proxy's SYN",
     .summary =
         "One is sent as the proxy would send it, looked at, and its connection reset; it is "
         "counted nowhere. 503 when none leaves for five seconds.",
     .body = &kSeen,
     .answer = &kSeen},
    {.method = "POST",
     .path = "/proxies/{id}/link",
     .handle = make_proxy_link,
     .name = "Make a rotation link",
     .summary = "The one before it is revoked.",
     .status = 201,
     .answer = &kLink},
    {.method = "DELETE",
     .path = "/proxies/{id}/link",
     .handle = revoke_proxy_link,
     .name = "Revoke a rotation link",
     .summary = "Also when there is none.",
     .untagged = true},
};

}  // namespace

std::span<const Endpoint> proxy_action_endpoints() { return kEndpoints; }

}  // namespace airlane::api
