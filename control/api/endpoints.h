// What each row of the table does. Every one answers its call once, now or later, and says nothing
// that its caller may not know: a proxy of somebody else is no proxy.
#pragma once

#include "control/api/call.h"

namespace airlane::api {

void get_key(Context& context, const Call& call);      // endpoints_reports.cc
void list(Context& context, const Call& call);         // endpoints_list.cc
void traffic(Context& context, const Call& call);      // endpoints_reports.cc
void top(Context& context, const Call& call);          // top_call.cc
void index(Context& context, const Call& call);        // endpoints_reports.cc
void change_ip(Context& context, const Call& call);    // change_ip.cc
void ext_ip(Context& context, const Call& call);       // endpoints_dongle.cc
void reboot(Context& context, const Call& call);       // endpoints_dongle.cc
void jobs(Context& context, const Call& call);         // endpoints_jobs.cc
void job(Context& context, const Call& call);          // endpoints_jobs.cc
void history(Context& context, const Call& call);      // endpoints_history.cc
void make_link(Context& context, const Call& call);    // rotation_link.cc
void revoke_link(Context& context, const Call& call);  // rotation_link.cc
void follow_link(Context& context, const Call& call);  // rotation_link.cc
void list_keys(Context& context, const Call& call);    // endpoints_keys.cc
void make_key(Context& context, const Call& call);     // endpoints_keys.cc
void revoke_key(Context& context, const Call& call);   // endpoints_keys.cc
void log_in(Context& context, const Call& call);       // sessions.cc
void log_out(Context& context, const Call& call);      // sessions.cc

// What several of them need.

// What change_ip does, once it is clear for which proxy.
enum class Fingerprints : std::uint8_t { kTaken, kIgnored };
void change_ip_of(Context& context, const Call& call, const ProxyRecord& proxy,
                  Fingerprints fingerprints, JobCause cause);
// The caller's proxy that the option `id` names. Null when it is not there; then it is answered.
const ProxyRecord* named_proxy(Context& context, const Call& call);
// The value of a yes-or-no option; absent when it makes no sense, and then it is answered.
std::optional<bool> flag(const Call& call, std::string_view name);
// The value of an option that is a number; absent when it is none in these bounds, and then it is
// answered.
std::optional<std::int64_t> number(const Call& call, std::string_view name, std::int64_t fallback,
                                   std::int64_t least, std::int64_t most);
// Which part of a list: the options `limit` and `before`. Absent when it is answered.
struct Slice {
  std::int64_t limit = 0;
  std::optional<std::int64_t> before;
};
std::optional<Slice> read_slice(const Call& call);
// When the database cannot tell.
void cannot_tell(const Call& call, const Failure& failure);

}  // namespace airlane::api
