// What each row of the table does. Every one answers its call once, now or later, and says nothing
// that its caller may not know: a proxy of somebody else is no proxy.
#pragma once

#include "control/api/call.h"

namespace airlane::api {

void get_key(Context& context, const Call& call);      // endpoints_reports.cc
void list(Context& context, const Call& call);         // endpoints_list.cc
void traffic(Context& context, const Call& call);      // endpoints_reports.cc
void index(Context& context, const Call& call);        // endpoints_reports.cc
void change_ip(Context& context, const Call& call);    // change_ip.cc
void ext_ip(Context& context, const Call& call);       // endpoints_dongle.cc
void reboot(Context& context, const Call& call);       // endpoints_dongle.cc
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
                  Fingerprints fingerprints);
// The caller's proxy that the option `id` names. Null when it is not there; then it is answered.
const ProxyRecord* named_proxy(Context& context, const Call& call);
// The value of a yes-or-no option; absent when it makes no sense, and then it is answered.
std::optional<bool> flag(const Call& call, std::string_view name);

}  // namespace airlane::api
