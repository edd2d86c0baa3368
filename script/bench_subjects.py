"""Who is measured: each subject starts its server on the proxy's core, and says by which protocols it
is reached. A protocol is a URL for airlane-bench; `tcp` means a server or a fixed relay.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

from bench_network import BENCH, FIRST_CORE, LAST_CORE, accepts, note, start, stop
from farm import AIRLANE, run, wait_until

USER, PASSWORD = "johndoe", "Chie8eP7oB6fa5"
BULK = {"down", "up", "connect", "ping", "idle", "stalled"}  # What runs through any tunnel.


class Subject:
    """A server of which one process is measured together with its children."""
    name = None
    port = None
    password = True
    networks = ("loopback", "veth")
    packages = ()
    works = {"tcp": BULK | {"http"}, "socks5": BULK, "connect": BULK, "http": {"http"}, "udp": {"udp"}}
    protocols = ()
    cores = LAST_CORE
    alone = False             # Whether others of its kind cannot run beside it.

    def __init__(self, network):
        self.network = network
        self.process = None
        self.folder = None

    def start(self):
        self.stop()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"airlane-bench-{self.name}-"))
        self.folder.chmod(0o755)  # Some peers change to a user of their own.
        with open(self.folder / "log", "w", encoding="utf-8") as log:
            self.process = start(self.command(), self.cores, stdout=log, stderr=log,
                                 cwd=self.folder, env=self.environment())
        try:
            wait_until(self.is_ready, 30, self.name)
            self.prepare()
        except BaseException:
            log = self.folder / "log"
            note(f"--- {self.name}\n{log.read_text(errors='replace')[-3000:]}---")
            self.stop()
            raise

    def stop(self):
        stop(self.process)
        self.process = None
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder = None

    @classmethod
    def installed(cls):
        return True

    def command(self):
        raise NotImplementedError

    def environment(self):
        return None

    def prepare(self):
        """After the server answers."""

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} exited {self.process.returncode}")
        return accepts(self.network.proxy_address, self.port)

    @property
    def pid(self):
        return self.process.pid if self.process else 0

    def url(self, protocol):
        scheme = {"tcp": "direct", "socks5": "socks5", "udp": "socks5"}.get(protocol, "http")
        user = f"{USER}:{PASSWORD}@" if self.password and scheme != "direct" else ""
        return f"{scheme}://{user}{self.network.proxy_address}:{self.port}"

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)
        return path

    @property
    def listen(self):
        return f"{self.network.proxy_address}:{self.port}"


class Direct(Subject):
    """No proxy at all: what the load generator and the origin can do."""
    name = "direct"
    protocols = ("tcp", "udp")
    password = False

    def start(self):
        """There is nothing to be started."""

    def url(self, protocol):
        return f"direct://{self.network.target}"


class RelaySplice(Subject):
    name = "relay-splice"
    port = 18101
    protocols = ("tcp",)
    how = ("--splice",)

    def command(self):
        return [BENCH, "relay", *self.how, "--listen", self.listen, "--target", self.network.target]


class RelayCopy(RelaySplice):
    name = "relay-copy"
    port = 18102
    how = ("--copy",)


class Airlane(Subject):
    """The real server with a database of its own, one dongle, one proxy with a password; every limit is
    set, and none bites."""
    name = "airlane"
    port = 18110
    alone = True              # The server refuses to be the second of a namespace.
    protocols = ("socks5", "connect", "http", "udp")
    workers = 1
    settings = """
[limits]
connections_per_proxy = 50000
connections_per_source = 50000
new_per_second = 1000000
upload = "64GiB"
download = "64GiB"
"""
    proxy_settings = ""       # Of its section [proxy].
    proxy_options = ()        # Of `airlane proxy add`.

    def command(self):
        config = self.write("airlane.toml", f"""
[server]
workers = {self.workers}
state = "{self.folder}/state"
log = "warning"
[control]
listen = []
socket = "{self.folder}/control.sock"
[proxy]
listen = "{self.network.proxy_address}"
connections = {self.connections()}
{self.proxy_settings}
[destinations]
allow = ["198.18.0.0/15"]
[external_ip]
urls = ["http://{self.network.target}/"]
{self.settings}
""")
        return [AIRLANE, "serve", "-c", config]

    @staticmethod
    def connections():
        """As many as descriptors allow, two each, and some for the rest of the server."""
        files = int(run("prlimit", "--nofile", "--output=HARD", "--noheadings"))
        return min(files, 1 << 20) // 2 - 100

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"airlane exited {self.process.returncode}")
        return (self.folder / "control.sock").exists() and self.cli("user", "list", check=False)

    def cli(self, *words, **options):
        return run(AIRLANE, *words, "--socket", self.folder / "control.sock", **options)

    def prepare(self):
        self.cli("user", "add", "bench", "--password-stdin", input="letmein12345\n")
        self.cli("dongle", "add", "d0", "--interface", self.network.device, "--driver", "none",
                 "--gateway", self.network.gateway)
        self.cli("proxy", "add", "--user", "bench", "--dongle", "d0", "--port", self.port,
                 "--username", USER, "--password", PASSWORD, *self.proxy_options)
        wait_until(self.is_up, 20, "the dongle")
        wait_until(lambda: accepts(self.network.proxy_address, self.port), 10, "the proxy's port")

    def is_up(self):
        dongles = json.loads(self.cli("dongle", "list", "--json"))["dongles"]
        return dongles[0]["state"] == "up"


class AirlaneOpen(Airlane):
    """Everything off: listed sources need no password, and nothing is limited."""
    name = "airlane-open"
    port = 18111
    password = False
    settings = ""
    protocols = ("socks5", "connect")
    works = Subject.works | {"socks5": {"down", "up", "connect"}, "connect": {"down", "connect"}}

    @property
    def proxy_options(self):
        return ("--whitelist", "127.0.0.0/8", "--whitelist", "10.10.0.0/24")


class AirlaneTop(Airlane):
    """The same, and the bytes are counted by destination."""
    name = "airlane-top"
    port = 18115
    protocols = ("socks5", "http")
    works = Subject.works | {"socks5": {"down", "connect", "idle"}, "http": {"http"}}
    settings = Airlane.settings + "[usage]\ndestinations = 100\n"


class AirlaneBusy(Airlane):
    """Looks for events for a while before it sleeps."""
    name = "airlane-busy"
    port = 18112
    protocols = ("socks5",)
    works = Subject.works | {"socks5": {"ping"}}
    proxy_settings = 'busy_poll = "1ms"'


class AirlaneTwo(Airlane):
    """Two workers, which share both cores with the load and the origin: only the cost of a unit can
    be compared, and whether both of them work."""
    name = "airlane-2workers"
    port = 18113
    workers = 2
    protocols = ("socks5",)
    works = Subject.works | {"socks5": {"down", "up", "connect"}}
    cores = f"{FIRST_CORE},{LAST_CORE}"


class Given(Subject):
    """A proxy by address, `NAME=URL[+URL],pid=N|run=COMMAND`: one that runs already, or that we start.
    A second URL is another protocol of the same server. One that listens on 0.0.0.0 is measured in
    every network, by the address that it has there."""

    def __init__(self, network, name, urls, pid, command):
        super().__init__(network)
        if not all("@0.0.0.0:" in url or "//0.0.0.0:" in url for url in urls):
            self.networks = ("loopback",)
        self.name, self.given_pid, self.line = name, pid, command
        self.urls = {protocol: url for url in urls for protocol in self.protocols_of(url)}
        self.protocols = tuple(self.urls)
        self.port = int(urls[0].rsplit(":", 1)[1])

    @staticmethod
    def protocols_of(url):
        kinds = {"socks5": ("socks5", "udp"), "http": ("connect", "http"), "direct": ("tcp",)}
        return kinds[url.split("://")[0]]

    def start(self):
        if self.line:
            super().start()
        else:
            subprocess.run(["taskset", "-apc", str(LAST_CORE), str(self.given_pid)], check=False,
                           capture_output=True)

    def stop(self):
        if self.line:
            super().stop()

    def command(self):
        return ["sh", "-c", "exec " + self.line]

    @property
    def pid(self):
        return self.process.pid if self.process else self.given_pid

    def url(self, protocol):
        return self.urls[protocol].replace("0.0.0.0", self.network.proxy_address)


GIVEN = re.compile(r"([^=,]+)=((?:(?:socks5|http|direct)://[^,+]*:\d+\+?)+)(?:,(pid=(\d+)|run=(.+)))?")


def parse_given(text):
    """(name, URLs, pid, command) of --proxy."""
    match = GIVEN.fullmatch(text)
    if not match:
        raise SystemExit("bench: --proxy is NAME=SCHEME://[USER:PASSWORD@]HOST:PORT[+URL]"
                         "[,pid=N|,run=COMMAND] with socks5, http or direct as SCHEME")
    name, urls, _, pid, command = match.groups()
    return name, urls.split("+"), int(pid or 0), command or ""


OWN = [Airlane, AirlaneOpen, AirlaneTop, AirlaneBusy, AirlaneTwo, RelaySplice, RelayCopy, Direct]
