#include "control/api/job_json.h"

namespace airlane::api {
namespace {

Json seconds_or_null(const std::optional<std::chrono::milliseconds>& time) {
  if (!time) return nullptr;
  return static_cast<double>(time->count()) / 1000;
}

// From its length, so that a clock that was set meanwhile brings no end before the beginning.
std::optional<WallSeconds> end_of(const JobRecord& job) {
  if (job.state == "running" || !job.took) return std::nullopt;
  return job.started + std::chrono::floor<std::chrono::seconds>(*job.took);
}

}  // namespace

HttpFields link_to_job(std::int64_t job) {
  if (job == 0) return {};
  return {{"Link", "</api/proxy/jobs/" + std::to_string(job) + "/>; rel=\"monitor\""}};
}

Json job_json(const Context& context, const JobRecord& job, bool with_dongle) {
  Json row{{"id", job.id}, {"action", job.action}, {"proxy", job.proxy}};
  if (with_dongle) {
    const DongleRecord* const dongle = context.backend.dongle(job.dongle);
    row["dongle"] = dongle ? Json(dongle->name) : Json(nullptr);
  }
  row["state"] = job.state;
  row["cause"] = job.cause;
  row["old_ip"] = text_or_null(job.old_ip);
  row["new_ip"] = text_or_null(job.new_ip);
  row["started"] = to_iso(job.started);
  row["ended"] = iso_or_null(end_of(job));
  row["seconds"] = seconds_or_null(job.took);
  row["attempts"] = job.attempts;
  row["until"] = job.until.empty() ? Json(nullptr) : Json(job.until);
  row["reached"] = job.reached ? Json(*job.reached) : Json(nullptr);
  row["error"] = job.error.empty() ? Json(nullptr) : Json(job.error);
  return row;
}

}  // namespace airlane::api
