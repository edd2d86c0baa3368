#include "control/api/routes.h"

#include <algorithm>

#include "control/api/endpoints.h"

namespace airlane::api {
namespace {

constexpr Option kKey{"key", true, "",
                      "Your API key. Not looked at while you are logged in; it may also be sent as "
                      "the header `X-API-Key` or `Authorization: Bearer`."};
constexpr Option kId{"id", true, "", "Which proxy: its number, or its public *host:port*."};

constexpr Option kChangeIpOptions[] = {
    kKey,
    kId,
    {"async", false, "false", "Answer as soon as the rotation is under way."},
    {"show_old_ip", false, "false",
     "Say in `old_ip` which address the proxy had before. With *async* the address is asked for "
     "first, unless *from_cache* is set."},
    {"from_cache", false, "false",
     "Only together with *async* and *show_old_ip*: an `old_ip` of the last 120 seconds will do."},
    {"fp", false, "keep",
     "How the proxy's TCP handshakes look to the other side: `keep` changes nothing, `reset` or an "
     "empty value brings back the native one (Linux), and a p0f v3 SYN signature such as "
     "`*:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id%2B:0` is stored. No packet is changed yet."},
};
constexpr Option kExtIpOptions[] = {
    kKey,
    kId,
    {"from_cache", false, "false",
     "An address found out in the last 120 seconds will do. `from_cache` in the answer tells "
     "whether it is such a one."},
};
constexpr Option kTrafficOptions[] = {
    kKey,
    kId,
    {"from", false, "", "The beginning: Unix time, or ISO 8601 with any offset (UTC without one)."},
    {"delta", false, "30d",
     "Instead of *from*: how long before *till* to begin, in seconds or with one of the suffixes "
     "`s`, `m`, `h`, `d`, `w`."},
    {"till", false, "now", "The end, written like *from*."},
    {"speed_unit", false, "bps",
     "`bps`, `Kbps`, `Mbps` (bits, powers of 1000), `Bps`, `KBps`, `MBps` (bytes, powers of 1000), "
     "`KiBps` or `MiBps` (bytes, powers of 1024)."},
    {"data_unit", false, "b",
     "`b` (bit), `B` (byte), `KB`, `MB`, `GB` (bytes, powers of 1000), `KiB`, `MiB` or `GiB` "
     "(bytes, powers of 1024)."},
};
constexpr Option kRebootOptions[] = {kKey, kId};
constexpr Option kListOptions[] = {
    kKey,
    {"id", false, "", kId.meaning},
    {"ip", false, "", "The public host; capitals do not matter."},
    {"port", false, "", "The public port."},
    {"username", false, "", "The user name that the proxy asks for, exactly."},
    {"isp", false, "", "The carrier of the dongle's SIM card, exactly."},
    {"comment", false, "", "The comment, exactly."},
    {"comment_re", false, "",
     "A POSIX regular expression that is found in the comment; not used together with *comment*."},
};
constexpr Option kLoginOptions[] = {
    {"username", true, "", "Your name."},
    {"password", true, "", "Your password."},
};

constexpr Route kRoutes[] = {
    {"/api/proxy/get_key/",
     "GET",
     true,
     true,
     get_key,
     "Get API Key",
     "Your API key. Only for those who are logged in: a key does not give itself away.",
     {},
     R"({"success": true, "key": "52b1c4..."}

{"success": false, "error": "You are not allowed to use API."})"},
    {"/api/proxy/change_ip/", "GET", true, true, change_ip, "Change proxy external IP",
     "Makes the carrier hand out another address, and tells which. `new_ip` and `old_ip` are null "
     "when they could not be found out; now and then they are the same. It is over after 165 "
     "seconds at most, and goes on if you hang up.\n\nCalls for one proxy must be 5 seconds apart, "
     "and wait for one another: others get status 429 and in `Retry-After` the seconds to wait.",
     kChangeIpOptions,
     R"({"success": true, "new_ip": "198.51.100.7", "id": 12}

{"success": true, "async": true, "old_ip": "198.51.100.7", "from_cache": false, "id": 12}

{"detail": "Request was throttled. Expected available in 4 seconds."})"},
    {"/api/proxy/ext_ip/", "GET", true, true, ext_ip, "Get proxy external IP",
     "The address that the internet sees behind the proxy; null when it could not be found out.",
     kExtIpOptions, R"({"success": true, "ip": "198.51.100.7", "from_cache": false, "id": 12})"},
    {"/api/proxy/traffic/", "GET", true, true, traffic, "Get proxy traffic usage",
     "How much the proxy carried in a span of time, and how fast that is on average. Incoming is "
     "what came from the internet.",
     kTrafficOptions,
     R"({"success": true, "from": "2026-03-01T00:00:00Z", "till": "2026-03-02T00:00:00Z",
 "speed_avg": {"unit": "bps", "incoming": 800.0, "outgoing": 80.0, "total": 880.0},
 "data": {"unit": "b", "incoming": 69120000.0, "outgoing": 6912000.0, "total": 76032000.0},
 "id": 12}

{"success": false, "error": "Failed to get traffic usage", "id": 12})"},
    {"/api/proxy/reboot/", "GET", true, true, reboot, "Reboot proxy's dongle",
     "Tells the dongle behind the proxy to restart, and does not wait for it. The proxy is back "
     "after 20 to 60 seconds.",
     kRebootOptions,
     R"({"success": true, "info": "Reboot initiated. It may take 20-60 seconds to complete.",
 "id": 12}

{"success": false, "error": "Failed to call reboot", "id": 12})"},
    {"/api/proxy/list/", "GET", true, true, list, "Proxies list",
     "Your proxies, all of them or those that every given option fits.", kListOptions,
     R"({"proxies": [{"id": 12, "ip": "lanes.example", "port": 20012, ...}],
 "count": 1, "success": true})"},
    {"/api/proxy/", "GET", false, false, index, "Proxy API", "What this API offers.", {}, {}},
    {"/api/login/", "POST", false, false, log_in, "Log in",
     "Begins a session, in the cookie `sessionid`. The body is a form or JSON.", kLoginOptions,
     R"({"success": true})"},
    {"/api/logout/",
     "POST",
     false,
     false,
     log_out,
     "Log out",
     "Ends the session.",
     {},
     R"({"success": true})"},
};

}  // namespace

std::span<const Route> routes() { return kRoutes; }

const Route* route_at(std::string_view path) {
  const auto found = std::find_if(std::begin(kRoutes), std::end(kRoutes),
                                  [&](const Route& route) { return route.path == path; });
  return found == std::end(kRoutes) ? nullptr : found;
}

std::string allowed_methods(const Route& route) {
  return route.method == "GET" ? "GET, HEAD, OPTIONS" : std::string(route.method) + ", OPTIONS";
}

std::string description(const Route& route) {
  std::string text(route.summary);
  if (!route.options.empty()) text += "\n\n## Request options:";
  for (const Option& option : route.options) {
    text += "\n\n - ";
    text += (option.required ? "***" : "*") + std::string(option.name);
    text += option.required ? "*** (required)" : "*";
    if (!option.fallback.empty()) text += " (default: `" + std::string(option.fallback) + "`)";
    text += "\n\n   " + std::string(option.meaning);
  }
  if (!route.examples.empty()) {
    text += "\n\n## Response examples:\n\n```\n" + std::string(route.examples) + "\n```";
  }
  return text;
}

}  // namespace airlane::api
