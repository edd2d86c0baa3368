"""A whole Airlane for the demo and the tests: the simulated farm, the real server, users, proxies.

It works in the network namespace that it is started in, which must be one of its own: `script/demo`
and ctest start it under `unshare -n`, so ports, interface names and addresses never collide and no
packet can leave. The namespace also has a `wan0` with a default route, as a real host would: what
leaks there is seen by a capture.

    with Farm(dongles=3) as farm:
        farm.curl(farm.proxy_url(0), "http://ip.test/")
"""
import contextlib
import ctypes
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

BUILD = pathlib.Path(os.environ.get("AIRLANE_BUILD", "build/release")).resolve()
AIRLANE = BUILD / "airlane"
SIM = BUILD / "sim" / "airlane-sim"


def is_sanitized():
    """Whether the server carries a sanitizer, whose own memory then says more than the server's."""
    program = AIRLANE.read_bytes()
    return any(name in program for name in (b"libasan.so", b"libtsan.so", b"__asan_", b"__tsan_"))


FIRST_PORT = 20001
PASSWORD = "Chie8eP7oB6fa5"


def die_with_parent(how=signal.SIGKILL):
    """In a child: whoever kills its parent, even with -9, ends it too."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, how)


def in_own_processes():
    """Starts the test anew as the first process of a namespace of processes, where it is not: servers
    that take over from others are nobody's children, but its end is theirs."""
    if os.getpid() != 1:
        os.execvp("unshare", ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                              sys.executable, *sys.argv])


def run(*command, check=True, **options):
    """Runs a command to its end; its standard output. A failure shows what it said."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          timeout=120, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} exited {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def write_starter(path, before, program=AIRLANE):
    """A program that starts the server, with other words of a shell before it."""
    path.write_text(f'#!/bin/sh\nexec {before} {program} "$@"\n')
    path.chmod(0o755)
    return path


def wait_until(question, limit=20, what="it"):
    """Asks until the answer is true, and returns it; fails after `limit` seconds."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if answer := question():
                return answer
        time.sleep(0.05)
    raise AssertionError(f"waited {limit} s for {what}")


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def text(self):
        return self.body.decode()


class Farm:
    """The farm's simulator and server. `settings` are further lines for the configuration."""

    def __init__(self, dongles=3, modem="hilink", sim=(), settings="", workers=2,
                 address="127.0.0.1", public_host="proxy.example", drain="0s", binary=AIRLANE):
        self.dongle_count = dongles
        self.modem = modem
        self.sim_options = list(sim)
        self.settings = settings
        self.workers = workers
        self.drain = drain
        self.binary = binary  # What is started; the command line is always the one that was built.
        self.address = address  # Where the API listens and where the proxies are reached.
        self.public_host = public_host
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="airlane-spec-"))
        self.config = self.folder / "airlane.toml"
        self.socket = self.folder / "control.sock"
        self.sim_socket = self.folder / "sim.sock"
        self.log = self.folder / "server.log"
        self.server = None
        self.sim = None
        self.sessions = set()  # Of the servers that we started.

    # Life

    def __enter__(self):
        try:
            self.prepare_host()
            self.start_sim()
            self.write_config()
            self.start_server()
            self.populate()
        except BaseException as error:
            if isinstance(error, Exception):
                self.show_log()
            self.close()
            raise
        return self

    def __exit__(self, kind, *_):
        if kind and issubclass(kind, Exception):  # Not when it was told to end.
            self.show_log()
        self.close()

    def close(self):
        try:
            self.stop_server()
        finally:
            self.end_successors()
        if self.sim:
            self.sim.terminate()
            self.sim.wait(20)
            self.sim.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def end_successors(self):
        """A server that has taken over from another is nobody's child, and does not die with us; but
        it is of the session that we gave to the first one, and has our configuration."""
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                session = int(stat.read_text().rpartition(")")[2].split()[3])
                command = (stat.parent / "cmdline").read_bytes().split(b"\0")
                if session in self.sessions and str(self.config).encode() in command:
                    os.kill(int(stat.parent.name), signal.SIGKILL)

    def show_log(self):
        if self.log.exists():
            sys.stderr.write("--- server log\n" + self.log.read_text()[-8000:] + "---\n")

    def prepare_host(self):
        run("ip", "link", "set", "lo", "up")
        # What newer kernels have by themselves, and fingerprints with a scale of 8 to 10 need.
        run("sysctl", "-qw", "net.ipv4.tcp_rmem=4096 131072 33554432")
        if "wan0" not in run("ip", "-brief", "link"):
            run("ip", "link", "add", "wan0", "type", "veth", "peer", "name", "wan0peer")
            run("ip", "address", "add", "203.0.113.2/24", "dev", "wan0")
            run("ip", "link", "set", "wan0", "up")
            run("ip", "link", "set", "wan0peer", "up")
            run("ip", "route", "add", "default", "via", "203.0.113.1", "dev", "wan0")
            run("ip", "neighbour", "add", "203.0.113.1", "lladdr", "02:00:00:00:00:01",
                "dev", "wan0", "nud", "permanent")

    def start_sim(self):
        command = [SIM, "up", "--dongles", self.dongle_count, "--modem", self.modem, "--json",
                   "--control", self.sim_socket, *self.sim_options]
        self.sim = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE,
                                    text=True, preexec_fn=die_with_parent,
                                    start_new_session=True)
        line = self.sim.stdout.readline()
        if not line:
            raise AssertionError(f"airlane-sim exited {self.sim.wait(10)}")
        self.world = json.loads(line)

    def write_config(self):
        self.config.write_text(f"""
[server]
workers = {self.workers}
state = "{self.folder}/state"
drain = "{self.drain}"

[control]
listen = ["{self.address}:8080"]
socket = "{self.socket}"

[proxy]
listen = "0.0.0.0"
public_host = "{self.public_host}"

[destinations]
allow = ["198.18.0.0/15", "2001:db8::/32"]

[external_ip]
urls = ["http://198.19.0.2/"]
{self.settings}
""")

    def start_server(self):
        with open(self.log, "a") as log:
            self.server = subprocess.Popen([str(self.binary), "serve", "-c", str(self.config)],
                                           stderr=log, stdout=log, preexec_fn=die_with_parent,
                                           start_new_session=True)
        self.sessions.add(self.server.pid)
        wait_until(self.is_serving, what="the server")

    def is_serving(self):
        if self.server.poll() is not None:
            raise AssertionError(f"the server exited {self.server.returncode}")
        return self.admin("GET", "users").status == 200

    def stop_server(self, how=signal.SIGTERM):
        if self.server and self.server.poll() is None:
            self.server.send_signal(how)
            self.server.wait(30)
        return self.server.returncode if self.server else None

    def populate(self):
        """A user `demo`, one dongle per simulated one, one proxy on each."""
        self.key = self.add_user("demo")["api_key"]
        self.ids = []
        for index, dongle in enumerate(self.world["dongles"]):
            self.cli("dongle", "add", f"d{index}", "--interface", dongle["interface"],
                     "--driver", self.modem, "--isp", f"Carrier{index}")
            self.ids.append(self.add_proxy(f"d{index}", FIRST_PORT + index)["id"])
        for index in range(self.dongle_count):
            wait_until(lambda: self.dongle(index)["state"] == "up", what=f"dongle {index}")

    # The command line and the APIs

    def cli(self, *words, check=True, **options):
        return run(AIRLANE, *words, "--socket", self.socket, check=check, **options)

    def add_user(self, name, password="letmein12345", *options):
        self.cli("user", "add", name, *options, "--password-stdin", input=password + "\n")
        users = json.loads(self.cli("user", "list", "--json"))["users"]
        return next(user for user in users if user["name"] == name)

    def add_proxy(self, dongle, port, *options, user="demo"):
        return json.loads(self.cli("proxy", "add", "--user", user, "--dongle", dongle, "--port",
                                   port, "--username", "johndoe", "--password", PASSWORD, *options))

    def dongle(self, index):
        dongles = json.loads(self.cli("dongle", "list", "--json"))["dongles"]
        return next(dongle for dongle in dongles if dongle["name"] == f"d{index}")

    def request(self, connection, method, path, body=None, headers=None):
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())

    def admin(self, method, path, body=None):
        return self.request(UnixConnection(self.socket), method, "/api/admin/" + path,
                            json.dumps(body) if body is not None else None)

    def api(self, endpoint, method="GET", key=None, headers=None, body=None, **options):
        """/api/proxy/ENDPOINT/ with the demo user's key; key="" leaves it out."""
        key = self.key if key is None else key
        options = {name.rstrip("_"): value for name, value in options.items()}
        query = urllib.parse.urlencode(({"key": key} if key else {}) | {"format": "json"} | options)
        path = f"/api/proxy/{endpoint}/" if endpoint else "/api/proxy/"
        return self.plain(f"{path}?{query}", method, headers, body)

    def plain(self, path, method="GET", headers=None, body=None):
        connection = http.client.HTTPConnection(self.address, 8080, timeout=180)
        return self.request(connection, method, path, body, headers)

    def sim_control(self, method, path, body=None):
        return self.request(UnixConnection(self.sim_socket), method, path,
                            json.dumps(body) if body is not None else None)

    def external_ip(self, index):
        """What the simulated carrier says, not what the server believes."""
        return self.sim_control("GET", "/state").json["dongles"][index]["external_ip"]

    # Traffic

    def proxy_url(self, index, scheme="http", credentials=f"johndoe:{PASSWORD}"):
        user = credentials + "@" if credentials else ""
        return f"{scheme}://{user}{self.address}:{FIRST_PORT + index}"

    def curl(self, proxy, url, *options, check=True):
        return run("curl", "-sS", "--max-time", 60, "--proxy", proxy, *options, url, check=check)

    def traffic(self, index, **options):
        """(incoming, outgoing) bytes of the proxy since ever, as the API reports them."""
        data = self.api("traffic", id=self.ids[index], data_unit="B", from_=0, **options).json["data"]
        return data["incoming"], data["outgoing"]

    def counted(self, index):
        """The same, straight from the counter file: what would survive kill -9 now."""
        raw = (self.folder / "state" / "counters").read_bytes()
        workers, _ = struct.unpack_from("<II", raw, 16)
        row = index
        slots = [struct.unpack_from("<QQ", raw, 4096 + 64 * (row * workers + worker))
                 for worker in range(workers)]
        return sum(slot[0] for slot in slots), sum(slot[1] for slot in slots)

    @staticmethod
    def ifindex(interface):
        return int(run("ip", "-oneline", "link", "show", interface).split(":")[0])

    @contextlib.contextmanager
    def capture(self, interface, expression):
        """Collects the packets that match on an interface, as lines of tcpdump."""
        lines = []
        dump = subprocess.Popen(["tcpdump", "-n", "-l", "--immediate-mode", "-i", interface,
                                 expression], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True)
        # "listening on ..." is the last line before packets come.
        while "listening on" not in dump.stderr.readline():
            if dump.poll() is not None:
                raise AssertionError("tcpdump failed")
        try:
            yield lines
        finally:
            time.sleep(0.2)  # What was sent a moment ago is on its way through libpcap.
            dump.terminate()
            lines.extend(line for line in dump.communicate(timeout=10)[0].splitlines() if line)


class Socks5:
    """A client that shows what it is answered, byte for byte."""

    def __init__(self, port, methods=b"\x02", source=None, limit=10):
        self.socket = socket.create_connection(("127.0.0.1", port), limit,
                                               (source, 0) if source else None)
        self.socket.sendall(bytes([5, len(methods)]) + methods)
        self.method = self.read(2)[1]

    def read(self, size):
        data = b""
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                break
            data += part
        return data

    def log_in(self, name="johndoe", password=PASSWORD):
        self.socket.sendall(bytes([1, len(name)]) + name.encode() +
                            bytes([len(password)]) + password.encode())
        return self.read(2)[1]

    def connect(self, host, port):
        try:
            packed = b"\x01" + socket.inet_aton(host)
        except OSError:
            packed = bytes([3, len(host)]) + host.encode()
        self.socket.sendall(b"\x05\x01\x00" + packed + struct.pack(">H", port))
        return self.read(10)[1]

    def close(self):
        self.socket.close()

    def __del__(self):
        if hasattr(self, "socket"):
            self.close()
