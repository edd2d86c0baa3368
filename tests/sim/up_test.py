#!/usr/bin/env python3
"""airlane-sim from the outside: started, used through its interfaces, killed.

Run inside a fresh network namespace: unshare -n up_test.py PATH/airlane-sim. Every wait is bounded;
every address is inside namespaces that the simulator made.
"""
import contextlib
import hashlib
import http.client
import json
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SIM = ""
LIMIT = 15.0


def until(what, check, limit=LIMIT):
    """Polls `check` until it is true; OSErrors count as not yet."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if result := check():
                return result
        time.sleep(0.02)
    raise AssertionError(f"not within {limit} s: {what}")


def ip(*words):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True).stdout


def interfaces():
    return {link["ifname"] for link in json.loads(ip("-json", "link"))} - {"lo"}


class Sim:
    """One running airlane-sim."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.control = self.folder.name + "/control"
        command = [SIM, "up", "--json", "--control", self.control, "--rotate-ms", "100",
                   "--reboot-ms", "300", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"airlane-sim ended with {self.process.wait(LIMIT)}")
        self.made = json.loads(line)

    def kill(self, number):
        self.process.send_signal(number)
        self.process.stdout.close()
        return self.process.wait(LIMIT)

    def close(self):
        if self.process.returncode is None:
            self.kill(signal.SIGTERM)
        self.folder.cleanup()

    def ask(self, method, path, body=None):
        """A call of the control socket."""
        connection = http.client.HTTPConnection("sim", timeout=LIMIT)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(LIMIT)
        connection.sock.connect(self.control)
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body else None)
            return json.loads(connection.getresponse().read())


def route(interface, table):
    """What the server's netlink part does for a dongle."""
    ip("route", "replace", "192.168.8.0/24", "dev", interface, "table", str(table))
    ip("route", "replace", "default", "via", "192.168.8.1", "dev", interface, "table", str(table))


def bound(interface, kind=socket.SOCK_STREAM, timeout=5):
    sock = socket.socket(socket.AF_INET, kind)
    sock.settimeout(timeout)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
    return sock


def connected(interface, address, port=80, timeout=5):
    sock = bound(interface, timeout=timeout)
    try:
        sock.connect((address, port))
    except OSError:
        sock.close()
        raise
    return sock


def fetch(interface, address, path="/", method="GET", body=None, headers=None):
    connection = http.client.HTTPConnection(address, timeout=LIMIT)
    connection.sock = connected(interface, address)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def external_ip(interface):
    return fetch(interface, "198.19.0.2")[1].decode().strip()


def pattern(size):
    period = 1048573
    block = bytes((i * 2654435761 & 0xffffffff) >> 24 for i in range(period))
    return (block * (size // period + 1))[:size]


def resolve(interface, name, kind=1, tcp=False):
    """(rcode, truncated, addresses) from the modem's name server."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    query = struct.pack("!6H", 0x4242, 0x100, 1, 0, 0, 0) + labels + struct.pack("!BHH", 0, kind, 1)
    if tcp:
        with connected(interface, "192.168.8.1", 53) as sock, sock.makefile("rb") as stream:
            sock.sendall(struct.pack("!H", len(query)) + query)
            answer = stream.read(struct.unpack("!H", stream.read(2))[0])
    else:
        with bound(interface, socket.SOCK_DGRAM) as sock:
            sock.sendto(query, ("192.168.8.1", 53))
            answer = sock.recv(65536)
    assert answer[:2] == query[:2]
    flags, _, count = struct.unpack("!HHH", answer[2:8])
    records = [answer[len(query) + 16 * i:][:16] for i in range(count)]
    return flags & 15, bool(flags & 0x200), [socket.inet_ntoa(record[12:]) for record in records]


class Driver:
    """A HiLink client: one session, single-use tokens."""

    def __init__(self, interface):
        self.interface = interface
        text = fetch(interface, "192.168.8.1", "/api/webserver/SesTokInfo")[1].decode()
        self.cookie = re.search("<SesInfo>(.*)</SesInfo>", text)[1]
        self.token = re.search("<TokInfo>(.*)</TokInfo>", text)[1]

    def get(self, path):
        return fetch(self.interface, "192.168.8.1", "/api/" + path,
                     headers={"Cookie": self.cookie})[1].decode()

    def post(self, path, inside, keep_token=False):
        head = {"Cookie": self.cookie, "__RequestVerificationToken": self.token}
        response, body = fetch(self.interface, "192.168.8.1", "/api/" + path, "POST",
                               f"<request>{inside}</request>", head)
        if not keep_token:
            self.token = response.headers.get("__RequestVerificationToken", "")
        return body.decode()


class Farm(unittest.TestCase):
    """Three twins, one after another used and abused."""

    @classmethod
    def setUpClass(cls):
        cls.sim = Sim("--dongles", "3")
        cls.addClassCleanup(cls.sim.close)
        cls.names = [dongle["interface"] for dongle in cls.sim.made["dongles"]]
        for table, name in enumerate(cls.names, 101):
            ip("rule", "add", "oif", name, "lookup", str(table))
            route(name, table)

    def test_twins_have_an_address_each(self):
        links = json.loads(ip("-json", "addr"))
        twins = [link for link in links if link["ifname"] in self.names]
        self.assertEqual({link["address"] for link in twins}, {"0c:5b:8f:27:9a:64"})
        self.assertEqual({link["addr_info"][0]["local"] for link in twins}, {"192.168.8.100"})
        seen = [external_ip(name) for name in self.names]
        self.assertEqual(len(set(seen)), 3)
        self.assertEqual(seen, [d["external_ip"] for d in self.sim.ask("GET", "/state")["dongles"]])

    def test_the_origin_sees_the_external_address(self):
        address = external_ip("dg0")
        peers = json.loads(fetch("dg0", "198.19.0.1", "/_peers")[1])
        self.assertEqual(peers[-1]["address"], address)

    def test_bytes_have_the_hash_of_the_formula(self):
        size = 64 << 20
        expected = hashlib.sha256(pattern(size)).hexdigest()
        body = fetch("dg0", "198.19.0.1", f"/bytes/{size}")[1]
        self.assertEqual(hashlib.sha256(body).hexdigest(), expected)
        chunked = fetch("dg0", "198.19.0.1", "/chunked/3000000")[1]
        self.assertEqual(chunked, body[:3000000])

    def test_uploads_are_counted_and_hashed(self):
        data = pattern(3000000)
        expected = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for body in (data, iter([data[:1], data[1:]])):
            answer = fetch("dg0", "198.19.0.1", "/upload", "POST", body)[1]
            self.assertEqual(json.loads(answer), expected)

    def test_connections_break_as_asked(self):
        with self.assertRaises(http.client.IncompleteRead) as cut:
            fetch("dg0", "198.19.0.1", "/cut/1000")
        self.assertEqual(len(cut.exception.partial), 1000)
        with self.assertRaises(ConnectionResetError):
            fetch("dg0", "198.19.0.1", "/reset/1000")
        with self.assertRaises(ConnectionRefusedError):
            connected("dg0", "198.19.0.1", 81)
        with self.assertRaises(TimeoutError):
            connected("dg0", "198.19.0.9", timeout=0.5)
        with self.assertRaisesRegex(OSError, "No route to host"):
            connected("dg0", "198.19.0.10")

    def test_echo_by_tcp_and_udp(self):
        data = pattern(300000)
        with connected("dg1", "198.19.0.1", 7) as sock, sock.makefile("rb") as stream:
            sock.sendall(data[:100000])
            self.assertEqual(stream.read(100000), data[:100000])
            sock.shutdown(socket.SHUT_WR)
            self.assertEqual(stream.read(), b"")
        with bound("dg1", socket.SOCK_DGRAM) as sock:
            sock.sendto(b"hello", ("198.19.0.1", 7))
            self.assertEqual(sock.recv(100), b"hello")

    def test_names_are_answered_by_the_modem(self):
        self.assertEqual(resolve("dg0", "origin.test"), (0, False, ["198.19.0.1"]))
        self.assertEqual(resolve("dg1", "10-1-2-3.ip.test"), (0, False, ["10.1.2.3"]))
        self.assertEqual(resolve("dg0", "origin.test", tcp=True), (0, False, ["198.19.0.1"]))
        self.assertEqual(resolve("dg0", "nowhere.test"), (3, False, []))
        self.assertEqual(resolve("dg0", "origin.test", kind=28), (0, False, []))
        self.assertEqual(resolve("dg0", "big.test"), (0, True, []))
        self.assertEqual(len(resolve("dg0", "big.test", tcp=True)[2]), 300)

    def test_a_rotation_by_the_api_brings_another_address(self):
        old = external_ip("dg1")
        driver = Driver("dg1")
        switch = "dialup/mobile-dataswitch"
        self.assertIn("OK", driver.post(switch, "<dataswitch>0</dataswitch>"))
        self.assertIn("902", driver.get("monitoring/status"))
        with self.assertRaisesRegex(OSError, "Network is unreachable"):
            connected("dg1", "198.19.0.2")
        self.assertEqual(resolve("dg1", "origin.test")[0], 2)
        self.assertIn("OK", driver.post(switch, "<dataswitch>1</dataswitch>"))
        until("the modem to be connected", lambda: "901" in driver.get("monitoring/status"))
        self.assertNotEqual(external_ip("dg1"), old)
        self.assertEqual(resolve("dg1", "origin.test")[2], ["198.19.0.1"])

    def test_a_rotation_resets_who_speaks_and_tells_nobody_else(self):
        with connected("dg1", "198.19.0.1", 7) as speaker, \
                connected("dg1", "198.19.0.1", 7, timeout=0.5) as listener:
            for sock in (speaker, listener):
                sock.sendall(b"before")
                self.assertEqual(sock.recv(100), b"before")
            self.sim.ask("POST", "/dongles/1/rotate")
            until("dg1 to be back", lambda: self.sim.ask("GET", "/dongles/1")["connection"] == 901)
            with self.assertRaises(TimeoutError):
                listener.recv(100)
            speaker.sendall(b"after")
            with self.assertRaises(ConnectionResetError):
                speaker.recv(100)

    def test_a_token_is_good_once(self):
        driver = Driver("dg0")
        body = "<dataswitch>1</dataswitch>"
        self.assertIn("OK", driver.post("dialup/mobile-dataswitch", body, keep_token=True))
        self.assertIn("125003", driver.post("dialup/mobile-dataswitch", body))
        driver.cookie = ""
        self.assertIn("125002", driver.get("monitoring/status"))
        heard = [heard["answer"] for heard in self.sim.ask("GET", "/dongles/0")["requests"]]
        self.assertEqual(heard[-4:], ["OK", "OK", "125003", "125002"])

    def test_a_reboot_brings_another_interface_and_address(self):
        old_index, old_ip = socket.if_nametoindex("dg2"), external_ip("dg2")
        self.assertIn("OK", Driver("dg2").post("device/control", "<Control>1</Control>"))
        until("dg2 to be another interface", lambda: socket.if_nametoindex("dg2") != old_index)
        until("its route to be accepted", lambda: self.put_back("dg2", 103))
        new_ip = until("dg2 to be connected", lambda: external_ip("dg2"))
        self.assertNotEqual(new_ip, old_ip)

    @staticmethod
    def put_back(interface, table):
        with contextlib.suppress(subprocess.CalledProcessError):
            route(interface, table)
            return True
        return False

    def test_the_control_socket_turns_the_knobs(self):
        before = external_ip("dg0")
        self.sim.ask("POST", "/dongles/0/settings", {"same_ip": 100})
        self.sim.ask("POST", "/dongles/0/rotate")
        is_back = lambda: self.sim.ask("GET", "/dongles/0")["connection"] == 901
        until("dg0 to be back", is_back)
        self.assertEqual(external_ip("dg0"), before)
        self.sim.ask("POST", "/dongles/0/settings", {"same_ip": 0, "busy": 1})
        driver = Driver("dg0")
        self.assertIn("100004", driver.get("monitoring/status"))
        self.assertIn("901", driver.get("monitoring/status"))
        self.sim.ask("POST", "/dongles/0/offline")
        with self.assertRaises(OSError):
            external_ip("dg0")
        self.sim.ask("POST", "/dongles/0/online")
        until("dg0 to be online", is_back)
        for wrong in ({"same_ip": "no"}, {"rotate_ms": -1}, {"offline": "maybe"}, {"nothing": 1}):
            self.assertIn("error", self.sim.ask("POST", "/dongles/0/settings", wrong))


class Life(unittest.TestCase):
    """Beginnings and ends."""

    def test_sigterm_leaves_nothing_and_is_no_failure(self):
        sim = Sim("--dongles", "2", "--prefix", "end")
        self.assertTrue({"end0", "end1"} <= interfaces())
        self.assertEqual(sim.kill(signal.SIGTERM), 0)
        self.assertFalse({"end0", "end1"} & interfaces())
        sim.close()

    def test_kill_9_leaves_nothing_and_the_next_one_starts(self):
        sim = Sim("--dongles", "4", "--prefix", "kill")
        sim.kill(signal.SIGKILL)
        again = Sim("--dongles", "4", "--prefix", "kill")
        self.assertTrue({"kill0", "kill3"} <= interfaces())
        again.kill(signal.SIGKILL)
        until("the interfaces to be gone",
              lambda: not [name for name in interfaces() if name.startswith("kill")])
        sim.close()
        again.close()

    def test_a_name_in_use_is_refused(self):
        sim = Sim("--dongles", "1", "--prefix", "one")
        second = subprocess.run([SIM, "up", "--dongles", "1", "--prefix", "one"],
                                capture_output=True, text=True, timeout=LIMIT, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn("belongs to a running airlane-sim", second.stderr)
        sim.close()


if __name__ == "__main__":
    SIM = sys.argv.pop(1)
    if len(json.loads(ip("-json", "link"))) > 1 and interfaces() - {"tunl0", "sit0", "ip6tnl0"}:
        sys.exit("Run me in a network namespace of my own: unshare -n")
    ip("link", "set", "lo", "up")
    unittest.main()
