"""A fingerprint through everything that happens to its dongle, its server and its host: not one SYN
of the proxy ever looks native.

It runs as the first process of its own namespace: processes that take over become its children.
"""
import base64
import collections
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from farm import (AIRLANE, FIRST_PORT, PASSWORD, Farm, Socks5, in_own_processes, is_sanitized, run,
                  wait_until, write_starter)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from load import hello  # noqa: E402
from packets import Capture  # noqa: E402
from tracer import lines_so_far, may_trace, tracer  # noqa: E402

WINDOWS = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"
WEB, PORT = "198.19.0.1", 80
LOGGED_IN = {"Proxy-Authorization":
             "Basic " + base64.b64encode(f"johndoe:{PASSWORD}".encode()).decode()}
NO_EGRESS = 3  # Of SOCKS5: network unreachable.
WITHOUT_BPF = ("setpriv", "--bounding-set", "-bpf,-perfmon,-sys_admin", "--inh-caps",
               "-bpf,-perfmon,-sys_admin", "--")


class Knocking:
    """Connects through a proxy all the time; every SYN is in the capture."""

    def __init__(self, port=FIRST_PORT):
        self.port, self.ended, self.connected = port, False, 0
        self.threads = [threading.Thread(target=self.run, daemon=True) for _ in range(4)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        for thread in self.threads:
            thread.join(30)

    def run(self):
        while not self.ended:
            try:
                client = Socks5(self.port, limit=5)
                client.log_in()
                if client.connect(WEB, PORT) == 0:
                    self.connected += 1
                client.close()
            except (OSError, IndexError):
                time.sleep(0.02)

    def wait_for_more(self, count=20):
        before = self.connected
        wait_until(lambda: self.connected >= before + count, 60, "more connections")


class Life(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=1))
        self.addCleanup(self.reap)
        self.change(WINDOWS)

    def reap(self):
        with contextlib.suppress(ChildProcessError, ProcessLookupError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def change(self, fp, status=200):
        answer = self.farm.admin("PATCH", f"proxies/{self.farm.ids[0]}", {"fp": fp})
        self.assertEqual(answer.status, status, answer.text)
        return answer

    @staticmethod
    def programs(interface="dg0"):
        return run("tc", "filter", "show", "dev", interface, "egress").count("handle 0xa1 ")

    @staticmethod
    def interfaces_known():
        """The keys of the program's map of interfaces."""
        shown = run("tc", "filter", "show", "dev", "dg0", "egress")
        program = json.loads(run("bpftool", "-j", "prog", "show", "id",
                                 re.search(r"\bid (\d+)", shown).group(1)))
        maps = [json.loads(run("bpftool", "-j", "map", "show", "id", number))
                for number in program["map_ids"]]
        number, = (one["id"] for one in maps if one["name"] == "by_interface")
        entries = json.loads(run("bpftool", "-j", "map", "dump", "id", number))
        return [int.from_bytes(bytes(int(byte, 16) for byte in entry["key"]), sys.byteorder)
                for entry in entries]

    def assert_never_native(self, capture):
        syns = [packet for packet in capture.packets
                if packet.is_syn and (packet.to, packet.to_port) == (WEB, PORT)]
        self.assertGreater(len(syns), 20)
        for packet in syns:
            self.assertEqual((packet.ttl, packet.window, len(packet.options)), (128, 64240, 12))
            self.assertTrue(packet.has_right_sums())

    def test_a_dongle_that_is_plugged_in_again_has_it_from_the_first_packet(self):
        with Capture() as capture, Knocking() as clients:
            for _ in range(3):
                clients.wait_for_more()
                before = self.farm.ifindex("dg0")
                self.farm.sim_control("POST", "/dongles/0/unplug")
                self.farm.sim_control("POST", "/dongles/0/plug")
                clients.wait_for_more()
                self.assertNotEqual(self.farm.ifindex("dg0"), before)
                self.assertEqual(self.programs(), 1)
        self.assert_never_native(capture)
        # What was pulled out is forgotten: its number may once be another's.
        self.assertEqual(self.interfaces_known(), [self.farm.ifindex("dg0")])

    def test_a_program_that_somebody_takes_away_is_put_back(self):
        run("tc", "qdisc", "del", "dev", "dg0", "clsact")
        wait_until(lambda: self.programs() == 1, 10, "the program")

    def test_it_is_there_after_a_stop_and_after_kill_9(self):
        with Capture() as capture, Knocking() as clients:
            for how in (signal.SIGTERM, signal.SIGKILL):
                clients.wait_for_more()
                self.farm.stop_server(how)
                self.assertEqual(self.programs(), 0 if how == signal.SIGTERM else 1)
                if how == signal.SIGTERM:
                    self.assertNotIn("clsact", run("tc", "qdisc", "show", "dev", "dg0"))
                self.farm.start_server()
                clients.wait_for_more()
                self.assertEqual(self.programs(), 1)
        self.assert_never_native(capture)

    def test_it_is_there_during_an_upgrade_and_there_is_one_afterwards(self):
        with Capture() as capture, Knocking() as clients:
            client = Socks5(FIRST_PORT)
            client.log_in()
            self.assertEqual(client.connect(WEB, 7), 0)
            for _ in range(2):
                clients.wait_for_more()
                pid = self.farm.admin("GET", "server").json["pid"]
                self.farm.cli("upgrade")
                self.assertNotEqual(self.farm.admin("GET", "server").json["pid"], pid)
                clients.wait_for_more()
                self.assertEqual(self.programs(), 1)
                wait_until(lambda: self.farm.admin("GET", "server").json["draining"] is None, 30,
                           "the old process")
        self.assert_never_native(capture)
        os.kill(self.farm.admin("GET", "server").json["pid"], signal.SIGTERM)
        wait_until(lambda: self.programs() == 0, 30, "the end of the last server")

    def test_an_upgrade_that_cannot_give_it_closes_the_proxy_before_anything_is_native(self):
        """The process before accepts for a moment yet, and its program has to stay for that."""
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o755)
            program = pathlib.Path(folder) / "airlane"
            shutil.copy(AIRLANE, program)
            self.farm.stop_server()
            self.farm.binary = program
            self.farm.start_server()
            wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
            with Capture() as capture, Knocking() as clients:
                clients.wait_for_more()
                program.unlink()  # It runs.
                write_starter(program, " ".join(WITHOUT_BPF))
                self.farm.cli("upgrade")
                time.sleep(0.5)
            self.assert_never_native(capture)
            proxy = self.farm.admin("GET", f"proxies/{self.farm.ids[0]}").json
            self.assertIn("CAP_BPF", proxy["fp_trouble"])

    def test_what_was_kept_for_other_looks_is_not_used_again(self):
        """Not even after two changes, when the mark is the same again."""
        client = http.client.HTTPConnection("127.0.0.1", FIRST_PORT, timeout=10)
        with contextlib.closing(client), Capture() as capture:
            for _ in range(2):
                client.request("GET", f"http://{WEB}/204", headers=LOGGED_IN)
                self.assertEqual(client.getresponse().read(), b"")
                self.change("*:64:0:*:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df:0")
                self.change("*:200:0:*:1111,2:mss,nop,ws:df,id+:0")
            syns = capture.wait_for(lambda packet: packet.is_syn and packet.to == WEB, 2)
        self.assertEqual([(syn.ttl, syn.window) for syn in syns], [(128, 64240), (200, 1111)])

    def test_reset_brings_back_the_native_looks(self):
        for fp in ("", WINDOWS):
            self.change(fp)
            with Capture() as capture, Knocking() as clients:
                clients.wait_for_more(5)
            syns = {(packet.ttl, len(packet.options)) for packet in capture.packets
                    if packet.is_syn and packet.to == WEB}
            self.assertEqual(syns, {(64, 20)} if fp == "" else {(128, 12)})

    def test_what_this_host_cannot_do_is_said_and_changes_nothing(self):
        run("sysctl", "-qw", "net.ipv4.tcp_rmem=4096 131072 4194304")
        answer = self.change("android", 503)
        self.assertIn("16777216", answer.text)
        self.assertIn("tcp_rmem", answer.text)
        rows = self.farm.admin("GET", "proxies").json["proxies"]
        self.assertEqual(rows[0]["fp"], WINDOWS)
        answer = self.farm.api("change_ip", id=self.farm.ids[0], fp="android")
        self.assertEqual(answer.status, 503)
        self.assertFalse(answer.json["success"])
        self.assertIn("tcp_rmem", answer.json["error"])
        # The stored one needs more, too: after a start nobody leaves by it, and doctor says why.
        self.farm.stop_server()
        self.farm.start_server()
        plain = self.farm.add_proxy("d0", 20301)["id"]
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        with Capture() as capture:
            self.farm.curl("http://johndoe:Chie8eP7oB6fa5@127.0.0.1:20301", f"http://{WEB}/204")
            client = Socks5(FIRST_PORT)
            client.log_in()
            self.assertEqual(client.connect(WEB, 81), NO_EGRESS)
        self.assertFalse([packet for packet in capture.packets if packet.to_port == 81])
        rows = {row["id"]: row for row in self.farm.admin("GET", "proxies").json["proxies"]}
        self.assertIn("tcp_rmem", rows[self.farm.ids[0]]["fp_trouble"])
        self.assertIsNone(rows[plain]["fp_trouble"])
        status, said = self.doctor()
        self.assertEqual(status, 1, said)
        self.assertRegex(said, f"WRONG +fingerprint of proxy {self.farm.ids[0]}: .*tcp_rmem")
        # Mended, and asked for again.
        run("sysctl", "-qw", "net.ipv4.tcp_rmem=4096 131072 33554432")
        self.change(WINDOWS)
        self.assertEqual(self.doctor()[0], 0)
        with Capture() as capture, Knocking() as clients:
            clients.wait_for_more()
        self.assert_never_native(capture)

    def doctor(self, *before):
        done = subprocess.run([*before, str(AIRLANE), "doctor", "-c", str(self.farm.config)],
                              capture_output=True, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_without_bpf_proxies_without_a_fingerprint_are_not_concerned(self):
        self.assertEqual(self.doctor()[0], 0, self.doctor()[1])
        self.farm.stop_server()
        self.farm.binary = write_starter(self.farm.folder / "airlane-without-bpf",
                                         " ".join(WITHOUT_BPF))
        self.farm.start_server()
        plain = self.farm.add_proxy("d0", 20301)["id"]
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        self.farm.curl("http://johndoe:Chie8eP7oB6fa5@127.0.0.1:20301", f"http://{WEB}/204")
        client = Socks5(FIRST_PORT)
        client.log_in()
        self.assertEqual(client.connect(WEB, 80), NO_EGRESS)
        answer = self.farm.api("change_ip", id=plain, fp="windows-10")
        self.assertEqual(answer.status, 503, answer.text)
        self.assertIn("CAP_BPF", answer.json["error"])
        self.farm.curl("http://johndoe:Chie8eP7oB6fa5@127.0.0.1:20301", f"http://{WEB}/204")
        status, said = self.doctor(*WITHOUT_BPF)
        self.assertEqual(status, 1, said)
        self.assertRegex(said, r"WRONG +rights: the server lacks CAP_BPF")
        self.assertRegex(said, r"WRONG +fingerprints: .*CAP_BPF")

    def test_doctor_speaks_without_a_server_too(self):
        self.farm.stop_server()
        status, said = self.doctor()
        self.assertEqual(status, 0, said)
        self.assertIn("none answers", said)
        self.assertRegex(said, r"ok +fingerprints: the kernel loads and attaches the program")

    def test_doctor_looks_at_what_the_server_that_answers_has(self):
        done = subprocess.run([str(AIRLANE), "doctor", "--socket", str(self.farm.socket)],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done)
        self.assertIn(f"ok     configuration: {self.farm.config}, of the server\n", done.stdout)
        self.assertRegex(done.stdout, f"ok +state folder {self.farm.folder}/state: ")

    def test_see_prints_what_is_on_the_wire(self):
        proxy = self.farm.ids[0]
        seen = self.farm.cli("fp", "see", proxy).strip()
        self.assertEqual(seen, "4:128:0:1460:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+:0")
        self.assertTrue(json.loads(self.farm.cli("fp", "see", proxy, "--json"))["fits"])
        self.change("")
        seen = json.loads(self.farm.cli("fp", "see", proxy, "--to", f"{WEB}:443", "--json"))
        self.assertRegex(seen["seen"], r"^4:64:0:1460:mss\*44,\d+:mss,sok,ts,nop,ws:df,id\+:0$")
        self.assertIsNone(seen["fits"])
        self.farm.sim_control("POST", "/dongles/0/unplug")
        wait_until(lambda: self.farm.dongle(0)["state"] == "absent", what="the dongle to go")
        answer = self.farm.admin("POST", f"proxies/{proxy}/see", {})
        self.assertEqual(answer.status, 503, answer.text)
        answer = self.farm.admin("POST", f"proxies/{proxy}/see", {"to": "nowhere"})
        self.assertEqual(answer.status, 422, answer.text)


@unittest.skipUnless(os.path.exists("/dev/net/tun"), "there are no TUN devices here")
class LinkType(unittest.TestCase):
    """qmi_wwan with `raw_ip` makes of an Ethernet interface one without headers, and it keeps its
    index. A TUN device, which may call itself what it likes, stands for it."""
    TUNSETIFF, TUNSETLINK, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x400454cd, 1, 0x1000
    ARPHRD_ETHER, ARPHRD_NONE = 1, 0xfffe

    def become(self, link_type):
        run("ip", "link", "set", "wwx0", "down")
        fcntl.ioctl(self.tun, self.TUNSETLINK, link_type)
        run("ip", "link", "set", "wwx0", "up")
        run("ip", "address", "replace", "10.64.0.2/30", "dev", "wwx0")

    def first_syn(self):
        with socket.create_connection(("127.0.0.1", 20500), 10) as client:
            client.sendall(hello((WEB, PORT)))
            end = time.monotonic() + 5
            while time.monotonic() < end:
                if select.select([self.tun], [], [], 0.2)[0]:
                    packet = os.read(self.tun, 2000)
                    if packet[0] >> 4 == 4 and packet[9] == socket.IPPROTO_TCP:
                        return packet[8], struct.unpack(">H", packet[34:36])[0]
        return None

    def test_an_interface_that_loses_its_headers_keeps_its_fingerprint(self):
        farm = self.enterContext(Farm(dongles=1))
        self.tun = os.open("/dev/net/tun", os.O_RDWR)
        self.addCleanup(os.close, self.tun)
        fcntl.ioctl(self.tun, self.TUNSETIFF,
                    struct.pack("16sH14x", b"wwx0", self.IFF_TUN | self.IFF_NO_PI))
        self.become(self.ARPHRD_ETHER)
        farm.cli("dongle", "add", "w0", "--interface", "wwx0", "--driver", "none",
                 "--gateway", "10.64.0.1", "--dns", "198.19.0.1")
        proxy = farm.add_proxy("w0", 20500)["id"]
        answer = farm.admin("PATCH", f"proxies/{proxy}", {"fp": WINDOWS})
        self.assertEqual(answer.status, 200, answer.text)
        self.become(self.ARPHRD_NONE)
        wait_until(lambda: self.first_syn() == (128, 64240), what="a SYN that is in the fingerprint")


class TracedFarm(Farm):
    CALLS = "socket,setsockopt,getsockopt,bind,connect,sendto,sendmsg,recvmsg,ioctl,fcntl,bpf"

    def __init__(self, **options):
        super().__init__(**options)
        self.binary = write_starter(self.folder / "starter", tracer(self.CALLS))


@unittest.skipIf(is_sanitized(), "it wants no other tracer")
@unittest.skipUnless(may_trace(), "the kernel lets nobody trace here")
class Cost(unittest.TestCase):
    CONNECTIONS = 10

    def calls(self, index):
        """Of a worker for a connection, by name; of setsockopt, by the option's."""
        before = len(lines_so_far(self.farm))
        for _ in range(self.CONNECTIONS):
            client = Socks5(FIRST_PORT + index)
            client.log_in()
            self.assertEqual(client.connect(WEB, 7), 0)
            client.socket.sendall(b"hello")
            self.assertEqual(client.read(5), b"hello")
            client.close()
        time.sleep(0.3)  # The last call is seen when it returns.
        lines = lines_so_far(self.farm)[before:]
        worker, = {line.split()[0] for line in lines if "htons(7)" in line}
        mine = [line for line in lines if line.split()[0] == worker and " resumed>" not in line]
        names = [re.search(r"(setsockopt\(\d+, \w+, \w+|\w+\()", line)[1] for line in mine]
        return collections.Counter(re.sub(r"\(\d*,? ?", " ", name) for name in names)

    def test_who_has_none_pays_nothing_for_those_who_have(self):
        self.farm = self.enterContext(TracedFarm(dongles=1, workers=1))
        dressed = self.farm.add_proxy("d0", FIRST_PORT + 1)["id"]
        before = self.calls(0)
        answer = self.farm.admin("PATCH", f"proxies/{dressed}", {"fp": WINDOWS})
        self.assertEqual(answer.status, 200, answer.text)
        self.assertEqual(self.calls(0), before)
        more = collections.Counter({"setsockopt SOL_SOCKET, SO_MARK": self.CONNECTIONS,
                                    "setsockopt SOL_TCP, TCP_WINDOW_CLAMP": self.CONNECTIONS})
        self.assertEqual(self.calls(1), before + more)


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
