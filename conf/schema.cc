#include "conf/schema.h"

namespace airlane::conf {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kRateMost = 100 * kKiB * kKiB * kKiB;
constexpr std::size_t kPathMost = 4095;       // PATH_MAX without its zero
constexpr unsigned kMarkMost = 0xfffe0000;    // 2 for each of 65535 proxies
constexpr std::size_t kSocketPathMost = 107;  // sun_path without its zero

template <class Kind>
Field is(auto& value, auto... bounds) {
  return Kind{&value, bounds...};
}

constexpr Setting kSettings[] = {
    {"server.workers", [](Config& c) { return is<Count>(c.server.workers, 0u, 1024u); },
     "Threads that carry proxied bytes; 0 means one per core."},
    {"server.state", [](Config& c) { return is<Path>(c.server.state, kPathMost); },
     "Folder of the database and the traffic counters."},
    {"server.log", [](Config& c) { return is<LogLevel>(c.server.log); },
     "The least severe lines to log: debug, info, warning or error."},
    {"server.access_log", [](Config& c) { return is<Path>(c.server.access_log, kPathMost, true); },
     "File with one line per proxied connection; empty means none."},
    {"server.secret_key", [](Config& c) { return is<Path>(c.server.secret_key, kPathMost, true); },
     "File of the key that seals passwords in the database; empty means beside the state folder."},
    {"server.drain", [](Config& c) { return is<Duration>(c.server.drain, 0s, 24h); },
     "How long open connections may go on after SIGTERM, or in the old process of an upgrade."},

    {"control.listen", [](Config& c) { return is<Listeners>(c.control.listen); },
     "Where the REST API answers; an empty list means only on the socket."},
    {"control.listen_tls", [](Config& c) { return is<Listeners>(c.control.listen_tls); },
     "Where the REST API answers by TLS; it needs certificates."},
    {"control.certificates", [](Config& c) { return is<Certificates>(c.control.certificates); },
     "Certificates of the REST API, each like those of [tls]."},
    {"control.socket", [](Config& c) { return is<Path>(c.control.socket, kSocketPathMost); },
     "Unix socket of the admin API, which the airlane command speaks."},

    {"proxy.listen", [](Config& c) { return is<Ip>(c.proxy.listen); },
     "Address of the proxy ports; each proxy brings its own port."},
    {"proxy.public_host", [](Config& c) { return is<Host>(c.proxy.public_host); },
     "Host that customers are told; empty means the listen address or the host's name."},
    {"proxy.fronts", [](Config& c) { return is<Networks>(c.proxy.fronts); },
     "Networks of balancers; what comes from there begins with a PROXY protocol header."},
    {"proxy.connections", [](Config& c) { return is<Count>(c.proxy.connections, 0u, 10'000'000u); },
     "Most connections over all proxies; 0 means an eighth of the descriptors (ulimit -n)."},
    {"proxy.socket_buffers",
     [](Config& c) { return is<Size>(c.proxy.socket_buffers, 0u, 64 * kKiB * kKiB); },
     "Fixed size of each socket's buffers; \"0B\" leaves it to the kernel's own tuning."},
    {"proxy.busy_poll", [](Config& c) { return is<Duration>(c.proxy.busy_poll, 0ms, 100ms); },
     "How long a worker looks for events before it sleeps; costs a core, halves the latency."},
    {"proxy.via", [](Config& c) { return is<Host>(c.proxy.via); },
     "Our name in the Via field of plain HTTP messages; empty means that there is none."},

    {"tls.certificates", [](Config& c) { return is<Certificates>(c.tls.certificates); },
     "Certificates for clients that come by TLS; an empty list means none may."},

    {"destinations.allow", [](Config& c) { return is<Networks>(c.destinations.allow); },
     "Networks that customers may reach although they are private or local."},
    {"destinations.denied_ports", [](Config& c) { return is<Ports>(c.destinations.denied_ports); },
     "Ports that customers may not reach anywhere: 25 would let them send spam."},

    {"fingerprint.first_mark",
     [](Config& c) { return is<Count>(c.fingerprint.first_mark, 1u, kMarkMost); },
     "Sockets of proxies with a fingerprint have marks (SO_MARK) from this one on."},

    {"external_ip.urls", [](Config& c) { return is<Urls>(c.external_ip.urls); },
     "Services that answer with the caller's address, asked in this order."},
    {"external_ip.cache", [](Config& c) { return is<Duration>(c.external_ip.cache, 0s, 120s); },
     "How long an external IP may be answered from memory; at most \"2m\"."},
    {"external_ip.timeout",
     [](Config& c) { return is<Duration>(c.external_ip.timeout, 100ms, 60s); },
     "How long one of these services may take to answer."},

    {"rotation.limit", [](Config& c) { return is<Duration>(c.rotation.limit, 1s, 165s); },
     "How long a rotation may take before it is given up; at most \"165s\"."},
    {"rotation.jobs", [](Config& c) { return is<Count>(c.rotation.jobs, 1u, 1'000'000u); },
     "Rotations and reboots that are remembered of each dongle."},
    {"rotation.addresses",
     [](Config& c) { return is<Count>(c.rotation.addresses, 1u, 10'000'000u); },
     "External addresses that are remembered of each dongle, with their times."},

    {"usage.minutes", [](Config& c) { return is<Duration>(c.usage.minutes, 840h, 87'600h); },
     "How long traffic is known by the minute; at least \"35d\"."},
    {"usage.hours", [](Config& c) { return is<Duration>(c.usage.hours, 840h, 876'000h); },
     "How long it is known by the hour; what is older, by the day (in UTC), for ever."},
    {"usage.destinations", [](Config& c) { return is<Count>(c.usage.destinations, 0u, 1000u); },
     "Destinations told apart by their bytes, of each proxy and day (in UTC); 0 means none."},
    {"usage.destination_days",
     [](Config& c) { return is<Duration>(c.usage.destination_days, 24h, 87'600h); },
     "How long they are kept, in whole days; at least \"1d\"."},

    {"timeouts.detect", [](Config& c) { return is<Duration>(c.timeouts.detect, 10ms, 1h); },
     "From the accepted connection to its first byte."},
    {"timeouts.authenticate",
     [](Config& c) { return is<Duration>(c.timeouts.authenticate, 10ms, 1h); },
     "From the first byte to a complete, allowed request."},
    {"timeouts.resolve", [](Config& c) { return is<Duration>(c.timeouts.resolve, 10ms, 1h); },
     "For the address of a name, asked through the dongle."},
    {"timeouts.connect", [](Config& c) { return is<Duration>(c.timeouts.connect, 10ms, 1h); },
     "For the connection to the target, made through the dongle."},
    {"timeouts.bind", [](Config& c) { return is<Duration>(c.timeouts.bind, 10ms, 1h); },
     "For the one connection from outside that SOCKS BIND waits for."},
    {"timeouts.relay", [](Config& c) { return is<Duration>(c.timeouts.relay, 10ms, 168h); },
     "How long a connection may be silent before it is closed."},
    {"timeouts.associate", [](Config& c) { return is<Duration>(c.timeouts.associate, 10ms, 24h); },
     "How long a UDP association may be silent before it is closed."},

    {"limits.proxies", [](Config& c) { return is<Count>(c.limits.proxies, 1u, 65'535u); },
     "Proxies and credentials that there can be: rows in the file of traffic counters."},
    {"limits.credentials", [](Config& c) { return is<Count>(c.limits.credentials, 0u, 1024u); },
     "Extra credentials that one proxy can have; all of them are compared at each log-in."},
    {"limits.names", [](Config& c) { return is<Count>(c.limits.names, 1u, 16'384u); },
     "Names that a worker remembers, and asks for at once, for each dongle."},
    {"limits.associations", [](Config& c) { return is<Count>(c.limits.associations, 0u, 65'535u); },
     "UDP associations of one proxy at the same time; 0 means no UDP."},
    {"limits.store_queue",
     [](Config& c) { return is<Count>(c.limits.store_queue, 16u, 1'000'000u); },
     "Writes that may wait for the database."},
    {"limits.access_log", [](Config& c) { return is<Count>(c.limits.access_log, 16u, 1'000'000u); },
     "Lines of the access log that may wait for the disk, of each worker."},
    {"limits.destination_queue",
     [](Config& c) { return is<Count>(c.limits.destination_queue, 16u, 1'000'000u); },
     "Reports of a destination's bytes that may wait for the control plane, of each worker."},
    {"limits.destinations_waiting",
     [](Config& c) { return is<Count>(c.limits.destinations_waiting, 1000u, 100'000'000u); },
     "Destinations of all proxies that may wait to be written to the database."},
    {"limits.api_connections",
     [](Config& c) { return is<Count>(c.limits.api_connections, 1u, 1'000'000u); },
     "Connections to the APIs at the same time."},
    {"limits.api_connections_per_source",
     [](Config& c) { return is<Count>(c.limits.api_connections_per_source, 1u, 1'000'000u); },
     "Those of one address that do not wait for an answer; more if a balancer is in front."},
    {"limits.api_body",
     [](Config& c) { return is<Size>(c.limits.api_body, kKiB, 16 * kKiB * kKiB); },
     "The largest request body that the APIs read."},
    {"limits.connections_per_proxy",
     [](Config& c) { return is<Count>(c.limits.connections_per_proxy, 0u, 10'000'000u); },
     "Connections that one proxy may have; 0 means any number."},
    {"limits.connections_per_source",
     [](Config& c) { return is<Count>(c.limits.connections_per_source, 0u, 50'000u); },
     "Connections of one client address to one proxy; 0 means any number."},
    {"limits.new_per_second",
     [](Config& c) { return is<Count>(c.limits.new_per_second, 0u, 1'000'000u); },
     "Connections that one proxy may begin in a second; 0 means any number."},
    {"limits.upload", [](Config& c) { return is<Size>(c.limits.upload, 0u, kRateMost); },
     "Bytes per second from all clients of one proxy; \"0B\" means any number."},
    {"limits.download", [](Config& c) { return is<Size>(c.limits.download, 0u, kRateMost); },
     "Bytes per second to all clients of one proxy; \"0B\" means any number."},
    {"limits.wrong_passwords",
     [](Config& c) { return is<Count>(c.limits.wrong_passwords, 0u, 254u); },
     "Wrong passwords a minute before a client is blocked at a proxy; 0 means never."},
    {"limits.wrong_password_block",
     [](Config& c) { return is<Duration>(c.limits.wrong_password_block, 1s, 24h); },
     "How long a client that brought too many wrong passwords is not believed."},
};

}  // namespace

std::span<const Setting> settings() { return kSettings; }

}  // namespace airlane::conf
