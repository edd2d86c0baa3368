#include "control/api/routes.h"

#include "control/api/endpoints.h"
#include "control/api/rotation_goal.h"

namespace airlane::api {
namespace {

using Kind = Option::Kind;

constexpr std::string_view kSpeedUnits[] = {"bps",  "Kbps", "Mbps",  "Bps",
                                            "KBps", "MBps", "KiBps", "MiBps"};
constexpr std::string_view kDataUnits[] = {"b", "B", "KB", "MB", "GB", "KiB", "MiB", "GiB"};

constexpr Option kKey{.name = "key",
                      .kind = Kind::kSecret,
                      .required = true,
                      .meaning =
                          "Your API key. Not looked at while you are logged in; it may also be "
                          "sent as the header `X-API-Key` or `Authorization: Bearer`."};
constexpr Option kId{.name = "id",
                     .required = true,
                     .meaning = "Which proxy: its number, or its public *host:port*."};

constexpr Option kShowJob{
    .name = "show_job",
    .kind = Kind::kFlag,
    .fallback = "false",
    .meaning =
        "Name in `job` the job that tells what becomes of it; its path is in the header "
        "`Link` in any case."};

constexpr std::string_view kUntil[] = {"any", "different", "unused"};

constexpr Option kChangeIpOptions[] = {
    kKey,
    kId,
    {.name = "async",
     .kind = Kind::kFlag,
     .fallback = "false",
     .meaning = "Answer as soon as the rotation is under way."},
    {.name = "show_old_ip",
     .kind = Kind::kFlag,
     .fallback = "false",
     .meaning = "Say in `old_ip` which address the proxy had before. With *async* the address is "
                "asked for first, unless *from_cache* is set."},
    {.name = "from_cache",
     .kind = Kind::kFlag,
     .fallback = "false",
     .meaning = "Only together with *async* and *show_old_ip*: an `old_ip` of the last 120 seconds "
                "will do."},
    {.name = "fp",
     .fallback = "keep",
     .meaning =
         "What the proxy's connections look like from the next one on: `keep` changes nothing, "
         "`reset` or an empty value is the native look (Linux); else a p0f v3 SYN signature "
         "such as `*:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0` (`+` is `%2B` in a URL) "
         "or a name: `windows-10`, `macos`, `ios`, `android`, `linux`."},
    kShowJob,
    {.name = "until",
     .kind = Kind::kChoice,
     .fallback = "any",
     .meaning = "Rotate again until the address is `different` from the old one, or `unused`: none "
                "that a dongle of your proxies had in the last *hours*. `reached` in the answer "
                "tells whether it is, and `reason` why not.",
     .choices = kUntil},
    whole("tries", kTriesMost,
          "Only with *until*: how often to rotate at most, 1 to 10, and 3 if left out; all within "
          "the 165 seconds."),
    whole("hours", kHoursMost, "Only with `unused`: 1 to 720, and 24 if left out."),
};
constexpr Option kExtIpOptions[] = {
    kKey,
    kId,
    {.name = "from_cache",
     .kind = Kind::kFlag,
     .fallback = "false",
     .meaning = "An address found out in the last 120 seconds will do. `from_cache` in the answer "
                "tells whether it is such a one."},
};
constexpr Option kTrafficOptions[] = {
    kKey,
    kId,
    {.name = "from",
     .meaning = "The beginning: Unix time, or ISO 8601 with any offset (UTC without one)."},
    {.name = "delta",
     .fallback = "30d",
     .meaning = "Instead of *from*: how long before *till* to begin, in seconds or with one of the "
                "suffixes `s`, `m`, `h`, `d`, `w`."},
    {.name = "till", .fallback = "now", .meaning = "The end, written like *from*."},
    {.name = "speed_unit",
     .kind = Kind::kChoice,
     .fallback = "bps",
     .meaning = "`bps`, `Kbps`, `Mbps` (bits, powers of 1000), `Bps`, `KBps`, `MBps` (bytes, "
                "powers of 1000), `KiBps` or `MiBps` (bytes, powers of 1024).",
     .choices = kSpeedUnits},
    {.name = "data_unit",
     .kind = Kind::kChoice,
     .fallback = "b",
     .meaning = "`b` (bit), `B` (byte), `KB`, `MB`, `GB` (bytes, powers of 1000), `KiB`, `MiB` or "
                "`GiB` (bytes, powers of 1024).",
     .choices = kDataUnits},
    {.name = "credential",
     .meaning =
         "Only what came in by this extra credential of the proxy: its name. Without it, all "
         "that the proxy moved, by its own user name and by its credentials."},
};
constexpr Option kTopOptions[] = {
    kKey,
    kId,
    {.name = "day", .fallback = "today", .meaning = "Which day, in UTC: `2026-03-01`."},
    {.name = "from", .meaning = "Instead of *day*: all days since, Unix time or ISO 8601."},
    {.name = "till", .fallback = "now", .meaning = "The end, written like *from*."},
    whole("limit", 1000, "How many destinations to name, 1 to 1000.", "20"),
};
constexpr Option kRebootOptions[] = {kKey, kId};
constexpr Option kLimit = whole("limit", 500, "How many at most, up to 500.", "50");
constexpr Option kJobsOptions[] = {
    kKey,
    kId,
    kLimit,
    whole("before", kAnyNumber, "Only jobs older than this one: `next` of the page before."),
};
constexpr Option kJobOptions[] = {kKey};
constexpr Option kHistoryOptions[] = {
    kKey,
    kId,
    kLimit,
    whole("before", kAnyNumber, "Only addresses before this one: `next` of the page before."),
};
constexpr Option kListOptions[] = {
    kKey,
    {.name = "id", .meaning = kId.meaning},
    {.name = "ip", .meaning = "The public host; capitals do not matter."},
    {.name = "port", .meaning = "The public port."},
    {.name = "username", .meaning = "The user name that the proxy asks for, exactly."},
    {.name = "isp", .meaning = "The carrier of the dongle's SIM card, exactly."},
    {.name = "comment", .meaning = "The comment, exactly."},
    {.name = "comment_re",
     .meaning = "A POSIX regular expression that is found in the comment; not used together with "
                "*comment*."},
};
constexpr Option kMakeKeyOptions[] = {
    {.name = "name",
     .required = true,
     .meaning = "What you call it; no two of your keys may have the same name."},
    {.name = "scopes",
     .fallback = "read",
     .meaning =
         "What it may do, some of `read` (list, reports, addresses), `rotate` (change_ip and "
         "the links that do it), `reboot` and `admin` (the admin API, for admins)."},
    {.name = "expires",
     .meaning = "When it ends by itself: Unix time, ISO 8601, or a span from now such as `90d`. "
                "Never, when it is left out."},
};
constexpr Option kRevokeKeyOptions[] = {
    {.name = "id", .required = true, .meaning = "Its number in the list."},
};
constexpr Option kLoginOptions[] = {
    {.name = "username", .required = true, .meaning = "Your name."},
    {.name = "password", .kind = Kind::kSecret, .required = true, .meaning = "Your password."},
};

constexpr Route kRoutes[] = {
    {.path = "/api/proxy/get_key/",
     .handle = get_key,
     .name = "Get API Key",
     .summary = "Your API key. Only for those who are logged in: a key does not give itself away.",
     .examples = R"({"success": true, "key": "52b1c4..."}

{"success": false, "error": "You are not allowed to use API."})"},
    {.path = "/api/proxy/change_ip/",
     .acts = true,
     .scope = Scope::kRotate,
     .handle = change_ip,
     .name = "Change proxy external IP",
     .summary =
         "Makes the carrier hand out another address, and tells which. `new_ip` and `old_ip` are "
         "null when they could not be found out; now and then they are the same. It is over after "
         "165 seconds at most, and goes on if you hang up.\n\nCalls for one proxy must be 5 "
         "seconds apart, and wait for one another: others get status 429 and in `Retry-After` the "
         "seconds to wait.",
     .options = kChangeIpOptions,
     .examples = R"({"success": true, "new_ip": "198.51.100.7", "id": 12}

{"success": true, "new_ip": null, "old_ip": "198.51.100.7", "id": 12}

{"success": true, "async": true, "old_ip": "198.51.100.7", "from_cache": false, "id": 12}

{"success": true, "new_ip": "198.51.100.7", "id": 12, "job": 17, "attempts": 3,
 "reached": false, "reason": "..."}

No such proxy

{"detail": "Request was throttled. Expected available in 4 seconds."}

{"detail": "Request was throttled: previous call is still running. )"
                 R"(Expected available in less than 38 seconds."})"},
    {.path = "/api/proxy/ext_ip/",
     .handle = ext_ip,
     .name = "Get proxy external IP",
     .summary =
         "The address that the internet sees behind the proxy; null when it could not be found "
         "out.",
     .options = kExtIpOptions,
     .examples = R"({"success": true, "ip": "198.51.100.7", "from_cache": false, "id": 12}

No such proxy)"},
    {.path = "/api/proxy/traffic/",
     .handle = traffic,
     .name = "Get proxy traffic usage",
     .summary =
         "How much the proxy carried in a span of time, and how fast that is on average. Incoming "
         "is what came from the internet.",
     .options = kTrafficOptions,
     .examples =
         R"({"success": true, "from": "2026-03-01T00:00:00Z", "till": "2026-03-02T00:00:00Z",
 "speed_avg": {"unit": "bps", "incoming": 800.0, "outgoing": 80.0, "total": 880.0},
 "data": {"unit": "b", "incoming": 69120000.0, "outgoing": 6912000.0, "total": 76032000.0},
 "id": 12}

{"success": false, "error": "Failed to get traffic usage", "id": 12})"},
    {.path = "/api/proxy/reboot/",
     .acts = true,
     .scope = Scope::kReboot,
     .handle = reboot,
     .name = "Reboot proxy's dongle",
     .summary =
         "Tells the dongle behind the proxy to restart, and does not wait for it. The proxy is "
         "back after 20 to 60 seconds.",
     .options = kRebootOptions,
     .examples =
         R"({"success": true, "info": "Reboot initiated. It may take 20-60 seconds to complete.",
 "id": 12}

{"success": false, "error": "Failed to call reboot", "id": 12})"},
    {.path = "/api/proxy/list/",
     .handle = list,
     .name = "Proxies list",
     .summary = "Your proxies, all of them or those that every given option fits.",
     .options = kListOptions,
     .examples = R"({"proxies": [{"id": 12, "ip": "lanes.example", "port": 20012,
 "username": "u12", "password": "...", "src_whitelist": ["203.0.113.0/24"], "isp": "Wind",
 "comment": "", "in_use_from": "2026-03-01T00:00:00Z", "in_use_till": null,
 "ext_ip_upd_interval": null, "ext_ip_upd_calendar": "weekly"}],
 "count": 1, "success": true})"},
    {.path = "/api/proxy/",
     .needs_user = false,
     .in_index = false,
     .handle = index,
     .name = "Proxy API",
     .summary = "What this API offers."},
    {.path = "/api/proxy/link/",
     .method = "POST",
     .in_index = false,
     .acts = true,
     .scope = Scope::kRotate,
     .handle = make_link,
     .name = "Make a rotation link",
     .summary = "Makes a link that changes the proxy's external IP for whoever opens it, without "
                "logging in. It is told once; the one before it is worth nothing any more.",
     .options = kRebootOptions,
     .examples = R"({"success": true, "url": "/r/4f0c.../", "id": 12})"},
    {.path = "/api/proxy/unlink/",
     .method = "POST",
     .in_index = false,
     .acts = true,
     .scope = Scope::kRotate,
     .handle = revoke_link,
     .name = "Revoke a rotation link",
     .summary = "Makes the proxy's rotation link worthless, if there is one.",
     .options = kRebootOptions,
     .examples = R"({"success": true, "id": 12})"},
    {.path = "/api/proxy/keys/",
     .in_index = false,
     .needs_session = true,
     .handle = list_keys,
     .name = "Keys",
     .summary = "Your named keys, besides the one that `get_key` tells. Only for those who are "
                "logged in. The keys themselves are not kept, and cannot be told again.",
     .examples = R"({"keys": [{"id": 3, "name": "ci", "scopes": ["read", "rotate"],
 "created_at": "2026-03-01T00:00:00Z", "expires_at": null, "last_used_at": null}],
 "count": 1, "success": true})"},
    {.path = "/api/proxy/keys/",
     .method = "POST",
     .in_index = false,
     .acts = true,
     .needs_session = true,
     .handle = make_key,
     .name = "Make a key",
     .summary = "Makes another key of yours. It is told this once.",
     .options = kMakeKeyOptions,
     .examples = R"({"success": true, "key": "9b27...", "id": 3, "name": "ci",
 "scopes": ["read", "rotate"], "created_at": "2026-03-01T00:00:00Z", "expires_at": null,
 "last_used_at": null})"},
    {.path = "/api/proxy/keys/revoke/",
     .method = "POST",
     .in_index = false,
     .acts = true,
     .needs_session = true,
     .handle = revoke_key,
     .name = "Revoke a key",
     .summary = "Makes one of your named keys worthless, at once and for good.",
     .options = kRevokeKeyOptions,
     .examples = R"({"success": true, "id": 3})"},
    {.path = "/api/proxy/jobs/",
     .in_index = false,
     .handle = jobs,
     .name = "Rotation jobs",
     .summary = "What was ordered of the proxy: its rotations and reboots, the newest first, "
                "whoever wanted them. `next` is what to ask *before* for those that follow; null: "
                "there are none.",
     .options = kJobsOptions,
     .examples =
         R"({"jobs": [{"id": 17, "action": "rotate", "proxy": 12, "state": "done", "cause": "api",
 "old_ip": "198.51.100.7", "new_ip": "198.51.100.9", "started": "2026-03-01T00:00:00Z",
 "ended": "2026-03-01T00:00:11Z", "seconds": 11.204, "attempts": 1, "until": null,
 "reached": null, "error": null}],
 "count": 1, "next": null, "id": 12, "success": true}

No such proxy)"},
    {.path = "/api/proxy/jobs/{id}/",
     .in_index = false,
     .handle = job,
     .name = "Rotation job",
     .summary = "What became of an order. Its `state` is `running`, `done` or `failed`; `error` "
                "says why it failed, or what else went wrong.",
     .options = kJobOptions,
     .examples =
         R"({"id": 17, "action": "rotate", "proxy": 12, "state": "running", "cause": "link",
 "old_ip": null, "new_ip": null, "started": "2026-03-01T00:00:00Z", "ended": null,
 "seconds": 3.02, "attempts": 0, "until": null, "reached": null, "error": null, "success": true}

{"detail": "Not found."})"},
    {.path = "/api/proxy/history/",
     .in_index = false,
     .handle = history,
     .name = "Address history",
     .summary =
         "The external addresses of the proxy's dongle, the newest first: from when to when, and "
         "what brought each. `unique` looks at the periods that have begun in the last 14 days: "
         "`share` is the number of different addresses divided by that of periods.",
     .options = kHistoryOptions,
     .examples =
         R"({"addresses": [{"ip": "198.51.100.9", "from": "2026-03-01T00:00:11Z", "till": null,
 "seconds": 420, "cause": "rotation"}], "count": 1, "next": null,
 "unique": {"days": 14, "periods": 40, "addresses": 37, "share": 0.925}, "id": 12,
 "success": true}

No such proxy)"},
    {.path = "/api/proxy/top/",
     .in_index = false,
     .handle = top,
     .name = "Get proxy destinations",
     .summary =
         "Where the proxy's bytes went, by host and port, if that is counted; `info` says when it "
         "is not. All others are in `other`, so that the sum is what the proxy was charged for, "
         "but for some seconds of open connections. `missing_at_most`: bytes of each in `other`.",
     .options = kTopOptions,
     .examples =
         R"({"success": true, "day": "2026-03-01", "from": "2026-03-01T00:00:00Z",
 "till": "2026-03-02T00:00:00Z", "destinations": [{"host": "a.test", "port": 443, "incoming": 73,
 "outgoing": 52, "connections": 12}],
 "other": {"incoming": 0, "outgoing": 0, "connections": 0}, "missing_at_most": 0, "id": 12})"},
    {.path = "/api/login/",
     .method = "POST",
     .needs_user = false,
     .in_index = false,
     .acts = true,
     .handle = log_in,
     .name = "Log in",
     .summary = "Begins a session, in the cookie `sessionid`. The body is a form or JSON.",
     .options = kLoginOptions,
     .examples = R"({"success": true})"},
    {.path = "/api/logout/",
     .method = "POST",
     .needs_user = false,
     .in_index = false,
     .acts = true,
     .handle = log_out,
     .name = "Log out",
     .summary = "Ends the session.",
     .examples = R"({"success": true})"},
};

constexpr Route kLink{.path = "/r/",
                      .needs_user = false,
                      .in_index = false,
                      .also_posted = true,
                      .handle = follow_link,
                      .name = "Rotation link",
                      .summary = "Changes the external IP of the proxy whose link it is."};

}  // namespace

const Route& link_route() { return kLink; }

std::span<const Route> routes() { return kRoutes; }

}  // namespace airlane::api
