"""The networks in which script/bench measures, and the origin in them.

Loopback: one namespace. The origin's address is local through the dongle's interface, so that a
proxy that binds its sockets to the dongle stays on loopback as well.

Veth: three namespaces, client - proxy - origin. The far ends send frames of 1,500 bytes, the proxy's
interfaces put them together (GRO) and send large ones (TSO): what a network card does.
"""
import contextlib
import os
import pathlib
import socket
import subprocess
import sys

from farm import BUILD, die_with_parent, run, wait_until

BENCH = BUILD / "bench" / "airlane-bench"
ORIGIN_PORT = 9000
LAST_CORE = max(os.sched_getaffinity(0))
FIRST_CORE = min(os.sched_getaffinity(0))


def start(command, core=None, **options):
    """A process that dies with us; it is pinned to a core unless told otherwise."""
    pinned = ["taskset", "-c", str(core)] if core is not None else []
    return subprocess.Popen([str(part) for part in [*pinned, *command]], start_new_session=True,
                            preexec_fn=die_with_parent, **options)


def stop(process, limit=10):
    """Ends a process and, because it leads a session of its own, whatever it started in it."""
    if process is None:
        return
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(limit)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 9)
    process.wait(limit)


def accepts(address, port):
    with contextlib.suppress(OSError), socket.create_connection((address, port), 1):
        return True
    return False


class Network:
    """Where the proxy listens, how the load and the origin are started, where the origin is."""
    name = None
    proxy_address = None
    origin_address = None
    device = "dg0"       # The dongle's interface.
    gateway = None       # The dongle's; nobody answers there.
    congestion = None

    def __init__(self):
        self.load_prefix = []
        self.origin_prefix = []
        self.origin_device = []
        self.origin = None
        self.holders = []

    def __enter__(self):
        try:
            self.tune([])
            run("ip", "link", "set", "lo", "up")
            self.build()
            self.start_origin()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        stop(self.origin)
        for interface in ("pc", self.device):  # Another network may be built here after us.
            run("ip", "link", "delete", interface, check=False)
        for holder in self.holders:
            stop(holder)

    def tune(self, prefix):
        """Congestion control paces or drops nothing here; bbr would. cubic is refused in a namespace
        where the machine's own does not allow it, and then reno does the same without losses."""
        def sysctl(setting):
            return subprocess.run([*prefix, "sysctl", "-qw", setting], capture_output=True,
                                  check=False).returncode == 0
        for name in ("cubic", "reno"):
            if sysctl(f"net.ipv4.tcp_congestion_control={name}"):
                self.congestion = name
                break
        # Above all ports that somebody listens on: else a client of a server that has gone away may
        # be given the server's port, and connect to itself.
        sysctl("net.ipv4.ip_local_port_range=20000 65535")
        sysctl("net.ipv4.tcp_tw_reuse=1")
        sysctl("net.core.somaxconn=8192")

    def start_origin(self, *options):
        self.origin = start([*self.origin_prefix, BENCH, "origin", "--listen",
                             f"{self.origin_address}:{ORIGIN_PORT}", *self.origin_device, *options],
                            FIRST_CORE, stdout=subprocess.PIPE, text=True)
        if self.origin.stdout.readline() != "ready\n":
            raise SystemExit("bench: the origin did not start")

    @property
    def target(self):
        return f"{self.origin_address}:{ORIGIN_PORT}"


class Loopback(Network):
    name = "loopback"
    proxy_address = "127.0.0.1"
    origin_address = "198.18.0.1"
    gateway = "10.64.0.1"

    def build(self):
        # Not every kernel has dummy interfaces; a veth pair in one namespace will do.
        run("ip", "link", "add", self.device, "type", "veth", "peer", "name", "dg0peer")
        run("ip", "address", "add", "10.64.0.2/24", "dev", self.device)
        for interface in (self.device, "dg0peer"):
            run("ip", "link", "set", interface, "up")
        run("ip", "route", "add", "local", f"{self.origin_address}/32", "dev", self.device)
        self.origin_device = ["--device", self.device]


class Veth(Network):
    name = "veth"
    proxy_address = "10.10.0.2"
    origin_address = "198.19.0.1"
    gateway = "198.18.0.1"

    def build(self):
        client, server = self.namespace(), self.namespace()
        self.load_prefix, self.origin_prefix = client, server
        self.cable("pc", "10.10.0.2/24", "c0", "10.10.0.1/24", self.holders[0].pid, client)
        self.cable(self.device, "198.18.0.2/24", "s0", "198.18.0.1/24", self.holders[1].pid, server)
        run(*server, "ip", "address", "add", "198.19.0.1/32", "dev", "s0")
        run(*server, "ip", "route", "add", "default", "via", "198.18.0.2")
        run("ip", "route", "add", "198.19.0.0/16", "via", "198.18.0.1")
        # For the subject `direct`: here the kernel forwards.
        run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        run(*client, "ip", "route", "add", "default", "via", "10.10.0.2")

    def namespace(self):
        holder = start(["unshare", "--net", "sleep", "infinity"])
        self.holders.append(holder)
        ours = os.readlink("/proc/self/ns/net")
        path = pathlib.Path(f"/proc/{holder.pid}/ns/net")
        wait_until(lambda: os.readlink(path) != ours, what="a namespace")
        prefix = ["nsenter", f"--net={path}"]
        run(*prefix, "ip", "link", "set", "lo", "up")
        self.tune(prefix)
        return prefix

    def cable(self, here, address, there, far_address, pid, far):
        run("ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", pid)
        run("ip", "address", "add", address, "dev", here)
        run("ip", "link", "set", here, "up")
        run(*far, "ip", "address", "add", far_address, "dev", there)
        run(*far, "ip", "link", "set", there, "up")
        run("ethtool", "-K", here, "gro", "on", "tso", "on", "gso", "on")
        run(*far, "ethtool", "-K", there, "tso", "off", "gso", "off")


class Outside(Network):
    """Of a proxy that somebody else has started: his namespace, and the machine's own loopback."""
    name = "outside"
    origin_address = "127.0.0.1"
    proxy_address = "127.0.0.1"

    def __init__(self, namespace):
        super().__init__()
        self.load_prefix = self.origin_prefix = ["nsenter", f"--net={namespace}"]

    def __enter__(self):
        self.start_origin()
        return self

    def close(self):
        stop(self.origin)


NETWORKS = {"loopback": Loopback, "veth": Veth}


def note(text):
    print(text, file=sys.stderr, flush=True)
