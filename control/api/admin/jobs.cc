// What became of rotations and reboots, and which addresses a dongle had.
#include <limits>

#include "control/api/admin/address_shapes.h"
#include "control/api/admin/answers.h"
#include "control/api/admin/resources.h"
#include "control/api/history_json.h"
#include "control/api/job_json.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr std::int64_t kLimit = 50;
constexpr std::int64_t kLimitMost = 500;

// Of options that were checked already.
std::optional<std::int64_t> whole(const AdminCall& call, std::string_view name) {
  const std::string* const text = call.option(name);
  return text ? parse_whole(*text) : std::nullopt;
}

std::int64_t limit_of(const AdminCall& call) { return whole(call, "limit").value_or(kLimit); }

void list_jobs(Context& context, const AdminCall& call) {
  JobFilter filter{
      .proxy = whole(call, "proxy"), .before = whole(call, "before"), .limit = limit_of(call) + 1};
  if (const std::string* const name = call.option("dongle")) {
    const DongleRecord* const dongle = context.backend.dongle_by_name(*name);
    filter.dongle = dongle ? dongle->id : 0;  // Nobody's: nothing is found.
  }
  if (const std::string* const state = call.option("state")) filter.state = *state;
  const auto found = [&context, call,
                      limit = limit_of(call)](const Outcome<std::vector<JobRecord>>& jobs) {
    if (!jobs) return admin_failure(call, jobs.error());
    Json rows = Json::array();
    Json next = nullptr;
    for (const auto& job : *jobs) {
      if (static_cast<std::int64_t>(rows.size()) == limit) break;
      rows.push_back(job_json(context, job, true));
      if (static_cast<std::int64_t>(jobs->size()) > limit) next = job.id;
    }
    const auto count = rows.size();
    answer_one(call, {{"jobs", std::move(rows)}, {"count", count}, {"next", std::move(next)}});
  };
  context.backend.list_jobs(filter, found);
}

void get_job(Context& context, const AdminCall& call) {
  const auto nobody = [call] { admin_not_found(call, "There is no job " + call.value() + "."); };
  const auto id = call.id();
  if (!id) return nobody();
  const auto found = [&context, call, nobody](const Outcome<std::optional<JobRecord>>& job) {
    if (!job) return admin_failure(call, job.error());
    if (!*job) return nobody();
    answer_one(call, job_json(context, **job, true));
  };
  context.backend.find_job(*id, found);
}

void get_history(Context& context, const AdminCall& call) {
  const DongleRecord* const dongle = context.backend.dongle_by_name(call.value());
  if (!dongle) return admin_not_found(call, "There is no dongle " + call.value() + ".");
  const auto now = context.settings.wall();
  const auto limit = limit_of(call);
  const auto found = [call, limit, now](const Outcome<AddressHistory>& history) {
    if (!history) return admin_failure(call, history.error());
    answer_one(call, history_json(*history, limit, now));
  };
  context.backend.addresses(
      {.dongle = dongle->id, .before = whole(call, "before"), .limit = limit + 1},
      now - kUniqueDays, found);
}

constexpr std::string_view kActions[] = {"rotate", "reboot"};
constexpr std::string_view kStates[] = {"running", "done", "failed"};
constexpr std::string_view kCauses[] = {"api", "link", "schedule", "admin"};
constexpr std::string_view kUntil[] = {"different", "unused"};

constexpr Field kJobFields[] = {
    {.name = "id", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Never given again."},
    {.name = "action", .use = Field::kTold, .meaning = "What was ordered.", .choices = kActions},
    {.name = "proxy", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "For which proxy."},
    {.name = "dongle", .use = Field::kTold, .nullable = true, .meaning = "By its name."},
    {.name = "state",
     .use = Field::kTold,
     .meaning = "`failed`: the modem did not do it, or the server ended meanwhile.",
     .choices = kStates},
    {.name = "cause", .use = Field::kTold, .meaning = "Who wanted it.", .choices = kCauses},
    {.name = "old_ip", .use = Field::kTold, .nullable = true, .meaning = "Null: not known."},
    {.name = "new_ip", .use = Field::kTold, .nullable = true, .meaning = "Null: not known."},
    {.name = "started",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .meaning = "When it was ordered."},
    {.name = "ended",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Null while it runs, and where the server did not see the end."},
    {.name = "seconds",
     .kind = Kind::kNumber,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "So far, while it runs; by a clock that nobody sets."},
    {.name = "attempts",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .meaning = "How often the modem was told."},
    {.name = "until",
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Which address was wanted; null: any.",
     .choices = kUntil},
    {.name = "reached",
     .kind = Kind::kFlag,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Whether `new_ip` is such a one."},
    {.name = "error",
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Why it failed, or what else went wrong; a sentence or more."},
};
constexpr Shape kJob{"Job", kJobFields};

constexpr Field kNext{.name = "next",
                      .kind = Kind::kWhole,
                      .use = Field::kTold,
                      .nullable = true,
                      .meaning = "What to give as `before` for what follows; null: that was all."};
constexpr Field kCount{
    .name = "count", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "In this answer."};

constexpr Field kJobsFields[] = {
    {.name = "jobs",
     .kind = Kind::kObjects,
     .use = Field::kTold,
     .meaning = "The newest first.",
     .shape = &kJob},
    kCount,
    kNext,
};
constexpr Shape kJobs{"Jobs", kJobsFields};

constexpr Field kPeriodFields[] = {
    {.name = "ip", .use = Field::kTold, .meaning = "The external address."},
    {.name = "from",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .meaning = "When it was seen first."},
    {.name = "till",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "When another one was seen; null: it is the address now."},
    {.name = "seconds",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .meaning = "How long it lasted."},
    {.name = "cause", .use = Field::kTold, .meaning = "`rotation`, `reboot` or `observed`."},
};

constexpr Field kUniqueFields[] = {
    {.name = "days", .kind = Kind::kWhole, .use = Field::kTold, .meaning = "Looked at: 14."},
    {.name = "periods",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .meaning = "That have begun in these days."},
    {.name = "addresses",
     .kind = Kind::kWhole,
     .use = Field::kTold,
     .meaning = "Different ones among them."},
    {.name = "share",
     .kind = Kind::kNumber,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "Addresses divided by periods; null when there are none."},
};

constexpr Field kHistoryFields[] = {
    {.name = "addresses",
     .kind = Kind::kObjects,
     .use = Field::kTold,
     .meaning = "The newest first.",
     .shape = &kAddressPeriod},
    kCount,
    kNext,
    {.name = "unique",
     .kind = Kind::kObject,
     .use = Field::kTold,
     .meaning = "How many of them came once only.",
     .shape = &kUniqueAddresses},
};
constexpr Shape kHistory{"AddressHistory", kHistoryFields};

constexpr Field kLimitField{.name = "limit",
                            .kind = Kind::kWhole,
                            .fallback = "50",
                            .meaning = "How many at most.",
                            .least = 1,
                            .most = kLimitMost};
constexpr Field kBeforeField{.name = "before",
                             .kind = Kind::kWhole,
                             .meaning = "What `next` of the answer before said: only older ones.",
                             .least = 1};

constexpr Field kJobsQuery[] = {
    {.name = "proxy", .kind = Kind::kWhole, .meaning = "Only of this one."},
    {.name = "dongle", .meaning = "Only of this one, by its name."},
    {.name = "state", .meaning = "Only those in it.", .choices = kStates},
    kLimitField,
    kBeforeField,
};
constexpr Field kHistoryQuery[] = {kLimitField, kBeforeField};

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/jobs",
     .handle = list_jobs,
     .name = "List the jobs",
     .summary = "What was ordered of the dongles, rotations and reboots, whoever wanted it.",
     .query = kJobsQuery,
     .answer = &kJobs},
    {.method = "GET",
     .path = "/jobs/{id}",
     .handle = get_job,
     .name = "Show a job",
     .summary = "What became of a rotation or a reboot.",
     .answer = &kJob},
    {.method = "GET",
     .path = "/dongles/{name}/history",
     .handle = get_history,
     .name = "Show a dongle's addresses",
     .summary = "Each with its times and its cause.",
     .query = kHistoryQuery,
     .answer = &kHistory},
};

}  // namespace

constinit const Shape kAddressPeriod{"AddressPeriod", kPeriodFields};
constinit const Shape kUniqueAddresses{"UniqueAddresses", kUniqueFields};

std::span<const Endpoint> job_endpoints() { return kEndpoints; }

}  // namespace airlane::api
