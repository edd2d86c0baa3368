// Where a proxy's bytes went, and a way to forget it.
#include "control/api/admin/proxy_row.h"
#include "control/api/admin/resources.h"
#include "control/api/admin/target_shapes.h"
#include "control/api/top_call.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

void get_top(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  const auto question = top_question(context, call);
  if (!question) {
    const auto& [option, sentence] = question.error();
    return admin_invalid(call, {{std::string(option), sentence}});
  }
  const auto told = [call, question = *question, id = proxy->id,
                     is_on = context.backend.targets_kept(*proxy) >
                             0](const Outcome<TargetSummary>& summary) {
    if (!summary) return admin_failure(call, summary.error());
    answer_one(call, top_json(question, *summary, is_on, id));
  };
  context.backend.report_targets(proxy->id, question->first, question->last, told);
}

void forget_top(Context& context, const AdminCall& call) {
  const ProxyRecord* const proxy = named_proxy_row(context, call);
  if (!proxy) return;
  context.backend.forget_targets(proxy->id, [call](const Outcome<Done>& forgotten) {
    if (!forgotten) return admin_failure(call, forgotten.error());
    answer_success(call);
  });
}

constexpr Field kIncoming{
    .name = "incoming", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Bytes."};
constexpr Field kOutgoing{
    .name = "outgoing", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Bytes."};
constexpr Field kConnections{.name = "connections",
                             .kind = Kind::kWhole,
                             .use = Field::kTold,
                             .meaning = "Made to it; of datagrams, flows of them."};

constexpr Field kDestinationFields[] = {
    {.name = "host",
     .use = Field::kTold,
     .meaning = "As the client asked for it: a name in small letters, or an address."},
    {.name = "port", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Of the host."},
    kIncoming,
    kOutgoing,
    kConnections,
};
constexpr Shape kDestination{"TopDestination", kDestinationFields};

constexpr Field kOtherFields[] = {kIncoming, kOutgoing, kConnections};
constexpr Shape kOther{"OtherDestinations", kOtherFields};

constexpr Field kTopFields[] = {
    {.name = "success", .kind = Kind::kFlag, .use = Field::kTold, .meaning = "True."},
    {.name = "day",
     .use = Field::kTold,
     .optional = true,
     .meaning = "Where it is about one day: its date."},
    {.name = "from",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .meaning = "The beginning of the first day, in UTC."},
    {.name = "till",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .meaning = "The end of the last one."},
    {.name = "destinations",
     .kind = Kind::kObjects,
     .use = Field::kTold,
     .meaning = "The most bytes first.",
     .shape = &kDestination},
    {.name = "other",
     .kind = Kind::kObject,
     .use = Field::kTold,
     .meaning = "What all those had that are not named.",
     .shape = &kOther},
    {.name = "missing_at_most",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .meaning = "So many bytes of each that is named may be in `other`; 0: every number is exact."},
    {.name = "info",
     .use = Field::kTold,
     .optional = true,
     .meaning = "Where destinations are not counted now: a sentence that says so."},
    {.name = "id", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "The proxy's."},
};

constexpr Field kQuery[] = {
    {.name = "day", .fallback = "today", .meaning = "Which day, in UTC: `2026-03-01`."},
    {.name = "from",
     .kind = Kind::kTime,
     .meaning = "Instead of `day`: every day from this one on. Days are whole ones, in UTC."},
    {.name = "till", .kind = Kind::kTime, .fallback = "now", .meaning = "The end."},
    {.name = "limit",
     .kind = Kind::kWhole,
     .fallback = "20",
     .meaning = "How many to name.",
     .least = 1,
     .most = kTopLimitMost},
};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/proxies/{id}/top",
     .handle = get_top,
     .name = "Show where a proxy's bytes went",
     .summary = "By host and port. Off unless it is switched on, by `top_destinations` or for all.",
     .query = kQuery,
     .answer = &kTopDestinations},
    {.method = "DELETE",
     .path = "/proxies/{id}/top",
     .handle = forget_top,
     .name = "Forget where a proxy's bytes went",
     .summary = "All days of it. It goes on being counted where it is.",
     .untagged = true},
};

}  // namespace

constinit const Shape kTopDestinations{"TopDestinations", kTopFields};

std::span<const Endpoint> top_endpoints() { return kEndpoints; }

}  // namespace airlane::api
