"""The peers from Debian, each on one core with the configuration under which it does its best here:
one worker where that can be said, no log, no cache, no limit that this load would reach.
"""
import json
import shutil

from bench_subjects import BULK, PASSWORD, USER, Subject
from farm import run

MANY = 16000  # Connections that a peer may have.


class Peer(Subject):
    program = None  # What must be there; `packages` bring it.

    @classmethod
    def installed(cls):
        return shutil.which(cls.program) is not None


class Dante(Peer):
    """Checks passwords against the system's users only, so it runs open."""
    name = "dante"
    port = 18120
    program = "danted"
    packages = ("dante-server",)
    password = False
    protocols = ("socks5", "udp")

    def command(self):
        config = self.write("danted.conf", f"""
logoutput: stderr
internal: {self.network.proxy_address} port = {self.port}
external: {self.network.device}
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
""")
        return ["danted", "-f", config, "-p", self.folder / "danted.pid"]


class Microsocks(Peer):
    name = "microsocks"
    port = 18121
    program = "microsocks"
    packages = ("microsocks",)
    protocols = ("socks5",)

    def command(self):
        return ["microsocks", "-i", self.network.proxy_address, "-p", self.port, "-u", USER, "-P",
                PASSWORD]


class MicrosocksOpen(Microsocks):
    name = "microsocks-open"
    port = 18122
    password = False

    def command(self):
        return ["microsocks", "-i", self.network.proxy_address, "-p", self.port]


class Tinyproxy(Peer):
    name = "tinyproxy"
    port = 18123
    program = "tinyproxy"
    packages = ("tinyproxy",)
    protocols = ("connect", "http")

    def command(self):
        config = self.write("tinyproxy.conf", f"""
Port {self.port}
Listen {self.network.proxy_address}
Timeout 600
MaxClients {MANY}
LogLevel Critical
LogFile "/dev/null"
BasicAuth {USER} {PASSWORD}
DisableViaHeader Yes
""")
        return ["tinyproxy", "-d", "-c", config]


class Squid(Peer):
    name = "squid"
    port = 18124
    program = "squid"
    packages = ("squid",)
    protocols = ("connect", "http")

    def command(self):
        crypted = run("openssl", "passwd", "-apr1", PASSWORD).strip()
        users = self.write("users", f"{USER}:{crypted}\n")
        config = self.write("squid.conf", f"""
http_port {self.listen}
auth_param basic program /usr/lib/squid/basic_ncsa_auth {users}
auth_param basic children 1
auth_param basic credentialsttl 24 hours
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
access_log none
cache_log /dev/null
cache_store_log none
pid_filename none
workers 1
via off
forwarded_for delete
pinger_enable off
shutdown_lifetime 0 seconds
""")
        return ["squid", "-N", "-f", config]


class Haproxy(Peer):
    """A relay to one fixed target; it cannot be a forward proxy."""
    name = "haproxy"
    port = 18125
    program = "haproxy"
    packages = ("haproxy",)
    password = False
    protocols = ("tcp",)
    works = Subject.works | {"tcp": BULK}
    options = "mode tcp"
    pipes = ""

    def command(self):
        config = self.write("haproxy.cfg", f"""
global
  nbthread 1
  maxconn {self.most_connections()}
  {self.pipes}
defaults
  {self.options}
  timeout connect 10s
  timeout client 600s
  timeout server 600s
listen bench
  bind {self.listen}
  server origin {self.network.target}
""")
        return ["haproxy", "-db", "-f", config]

    @staticmethod
    def most_connections():
        files = int(run("prlimit", "--nofile", "--output=HARD", "--noheadings"))
        return min(MANY, files // 2 - 1200)


class HaproxySplice(Haproxy):
    name = "haproxy-splice"
    port = 18126
    options = "mode tcp\n  option splice-request\n  option splice-response"  # `auto` seldom does
    pipes = "maxpipes 1000"


class HaproxyHttp(Haproxy):
    """HTTP in front of one fixed backend."""
    name = "haproxy-http"
    port = 18127
    works = Subject.works | {"tcp": {"http"}}
    options = "mode http\n  http-reuse always"


class NginxStream(Peer):
    name = "nginx-stream"
    port = 18128
    program = "nginx"
    packages = ("nginx-light", "libnginx-mod-stream")
    password = False
    protocols = ("tcp",)
    works = Subject.works | {"tcp": BULK}

    def command(self):
        config = self.write("nginx.conf", f"""
load_module /usr/lib/nginx/modules/ngx_stream_module.so;
daemon off;
master_process off;
pid {self.folder}/nginx.pid;
error_log stderr crit;
worker_rlimit_nofile 65536;
events {{ worker_connections 65536; multi_accept on; }}
stream {{
  server {{
    listen {self.listen} backlog=4096;
    proxy_pass {self.network.target};
  }}
}}
""")
        return ["nginx", "-c", config, "-p", self.folder]


class TrafficServer(Peer):
    name = "trafficserver"
    port = 18129
    program = "traffic_server"
    packages = ("trafficserver",)
    password = False
    protocols = ("connect", "http")

    def command(self):
        places = ("sysconfdir", "datadir", "localstatedir", "runtimedir", "logdir", "cachedir")
        for place in places:
            (self.folder / place).mkdir()
        layout = self.write("runroot.yaml", "".join(
            f"{place}: {self.folder / place}\n" for place in places) + """prefix: /usr
exec_prefix: /usr
bindir: /usr/bin
sbindir: /usr/bin
includedir: /usr/include
libdir: /usr/lib/trafficserver
libexecdir: /usr/lib/trafficserver/modules
""")
        self.write("sysconfdir/storage.config", "")
        self.write("sysconfdir/ip_allow.yaml", """
ip_allow:
  - apply: in
    ip_addrs: 0/0
    action: allow
    methods: ALL
""")
        self.write("sysconfdir/records.config", f"""
CONFIG proxy.config.http.server_ports STRING {self.port}:ip-in={self.network.proxy_address}
CONFIG proxy.config.reverse_proxy.enabled INT 0
CONFIG proxy.config.url_remap.remap_required INT 0
CONFIG proxy.config.http.connect_ports STRING *
CONFIG proxy.config.http.cache.http INT 0
CONFIG proxy.config.exec_thread.autoconfig INT 0
CONFIG proxy.config.exec_thread.limit INT 1
CONFIG proxy.config.accept_threads INT 0
CONFIG proxy.config.task_threads INT 1
CONFIG proxy.config.net.connections_throttle INT 40000
CONFIG proxy.config.http.insert_response_via_str INT 0
CONFIG proxy.config.http.insert_request_via_str INT 0
CONFIG proxy.config.log.logging_enabled INT 0
CONFIG proxy.config.admin.user_id STRING #-1
CONFIG proxy.config.http.keep_alive_no_activity_timeout_in INT 600
CONFIG proxy.config.http.transaction_no_activity_timeout_in INT 600
""")
        return ["traffic_server", f"--run-root={layout}"]


class Privoxy(Peer):
    name = "privoxy"
    port = 18130
    program = "privoxy"
    packages = ("privoxy",)
    password = False
    protocols = ("connect", "http")

    def command(self):
        config = self.write("privoxy.conf", f"""
listen-address {self.listen}
toggle 0
keep-alive-timeout 600
tolerate-pipelining 1
socket-timeout 600
max-client-connections {MANY}
listen-backlog 4096
""")
        return ["privoxy", "--no-daemon", config]


class V2ray(Peer):
    name = "v2ray"
    port = 18131
    program = "v2ray"
    packages = ("v2ray",)
    protocols = ("socks5", "connect", "http", "udp")

    def command(self):
        account = {"user": USER, "pass": PASSWORD}

        def inbound(protocol, port, settings):
            return {"listen": self.network.proxy_address, "port": port, "protocol": protocol,
                    "settings": settings | {"accounts": [account], "timeout": 600}}

        config = self.write("config.json", json.dumps({
            "log": {"loglevel": "none"},
            "inbounds": [
                inbound("socks", self.port, {"auth": "password", "udp": True,
                                             "ip": self.network.proxy_address}),
                inbound("http", self.port + 1, {}),
            ],
            "outbounds": [{"protocol": "freedom"}],
        }))
        return ["env", "GOMAXPROCS=1", "v2ray", "-config", config]

    def url(self, protocol):
        url = super().url(protocol)
        return url.replace(f":{self.port}", f":{self.port + 1}") if url.startswith("http") else url


PEERS = [Dante, Microsocks, MicrosocksOpen, Tinyproxy, Squid, Haproxy, HaproxySplice, HaproxyHttp,
         NginxStream, TrafficServer, Privoxy, V2ray]
