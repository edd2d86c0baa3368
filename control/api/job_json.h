// A job as both APIs tell it, and the header that leads to it.
#pragma once

#include <cstdint>

#include "base/event/http_server.h"
#include "control/api/call.h"

namespace airlane::api {

// Link: </api/proxy/jobs/17/>; rel="monitor". Nothing for 0, which is no job.
HttpFields link_to_job(std::int64_t job);

// Only the admins are told the dongle's name.
Json job_json(const Context& context, const JobRecord& job, bool with_dongle);

}  // namespace airlane::api
