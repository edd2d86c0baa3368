// What became of rotations and reboots. A job belongs to whoever owned the proxy when it began and
// still does; to everybody else it is one that never was.
#include <limits>

#include "base/log.h"
#include "control/api/endpoints.h"
#include "control/api/job_json.h"
#include "control/api/routes.h"

namespace airlane::api {
namespace {

constexpr std::int64_t kLimit = 50;
constexpr std::int64_t kLimitMost = 500;

bool is_admin(const Context& context, const Call& call) {
  const UserRecord* const user = context.backend.by_id(call.user);
  return user && user->admin;
}

bool is_callers(const Context& context, const Call& call, const JobRecord& job) {
  const ProxyRecord* const proxy = context.backend.proxy(job.proxy);
  return job.user == call.user && proxy && proxy->user == call.user;
}

}  // namespace

void cannot_tell(const Call& call, const Failure& failure) {
  log::warning("no jobs or addresses are told: " + failure.text);
  call.detail(http_status(failure.kind), failure.text);
}

std::optional<Slice> read_slice(const Call& call) {
  const auto limit = number(call, "limit", kLimit, 1, kLimitMost);
  if (!limit) return std::nullopt;
  Slice slice{.limit = *limit, .before = std::nullopt};
  if (!call.option("before")) return slice;
  slice.before = number(call, "before", 0, 1, std::numeric_limits<std::int64_t>::max());
  if (!slice.before) return std::nullopt;
  return slice;
}

void jobs(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  const auto slice = read_slice(call);
  if (!slice) return;
  const JobFilter filter{
      .proxy = proxy->id, .user = call.user, .before = slice->before, .limit = slice->limit + 1};
  const auto found = [&context, call, id = proxy->id,
                      limit = slice->limit](const Outcome<std::vector<JobRecord>>& jobs) {
    if (!jobs) return cannot_tell(call, jobs.error());
    const bool more = static_cast<std::int64_t>(jobs->size()) > limit;
    Json rows = Json::array();
    for (const auto& job : *jobs) {
      if (more && &job == &jobs->back()) break;
      rows.push_back(job_json(context, job, is_admin(context, call)));
    }
    const auto count = rows.size();
    const Json next = more ? rows.back()["id"] : Json(nullptr);
    call.json(200, {{"jobs", std::move(rows)},
                    {"count", count},
                    {"next", next},
                    {"id", id},
                    {"success", true}});
  };
  context.backend.list_jobs(filter, found);
}

void job(Context& context, const Call& call) {
  const auto id = number_in(*call.route, call.request().path);
  context.backend.find_job(id, [&context, call](const Outcome<std::optional<JobRecord>>& found) {
    if (!found) return cannot_tell(call, found.error());
    if (!*found || !is_callers(context, call, **found)) return call.detail(404, "Not found.");
    Json body = job_json(context, **found, is_admin(context, call));
    body["success"] = true;
    call.json(200, body);
  });
}

}  // namespace airlane::api
