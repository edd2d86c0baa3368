"""UDP ASSOCIATE through the dongles: PySocks, a QUIC client, counting, and what must not get
through (F4, F7, F33 and F36 of the reliability criteria)."""
import contextlib
import os
import pathlib
import re
import resource
import shutil
import socket
import subprocess
import sys
import time
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, die_with_parent, run, wait_until
from process import descriptors_of, memory_of
from socks_client import Forwarder, UdpAssociation

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, whichever Python this is.
import socks  # noqa: E402

ECHO = ("198.19.0.1", 7)
IDLE = 6


class Udp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=2, settings="""
[limits]
associations = 20
[timeouts]
associate = "%ds"
""" % IDLE))

    def descriptors(self):
        return descriptors_of(self.farm.server.pid)

    def assert_silent(self, association, moment=0.5):
        association.socket.settimeout(moment)
        with self.assertRaises(TimeoutError):
            association.receive()
        association.socket.settimeout(10)

    def test_datagrams_come_back_whole_and_say_where_from(self):
        with UdpAssociation() as association:
            for size in (0, 1, 100, 1400, 1472, 1473, 4000, 20_000):
                payload = os.urandom(size)
                association.send(payload, *ECHO)
                self.assertEqual(association.receive(), (payload, ECHO))
            association.send(b"by name", "echo.test", 7)
            self.assertEqual(association.receive(), (b"by name", ECHO))

    def test_each_proxy_sends_by_its_own_dongle(self):
        for index in range(2):
            with (UdpAssociation(FIRST_PORT + index) as association,
                  self.farm.capture(f"dg{index}", "udp port 7") as own,
                  self.farm.capture(f"dg{1 - index}", "udp port 7") as other,
                  self.farm.capture("wan0", "udp port 7") as wan):
                association.send(b"hello", *ECHO)
                association.receive()
            self.assertEqual((len(own), len(other), len(wan)), (2, 0, 0))

    def test_pysocks_is_served(self):
        client = socks.socksocket(socket.AF_INET, socket.SOCK_DGRAM)
        client.set_proxy(socks.SOCKS5, "127.0.0.1", FIRST_PORT, username="johndoe",
                         password=PASSWORD)
        client.settimeout(10)
        client.bind(("127.0.0.1", 0))
        for payload in (b"one", b"two" * 300):
            client.sendto(payload, ECHO)
            self.assertEqual(client.recvfrom(2048), (payload, ECHO))
        client.close()

    def test_payload_is_counted_to_the_byte(self):
        before = self.farm.counted(1)
        sent = 0
        with UdpAssociation(FIRST_PORT + 1) as association:
            for number in range(100):
                payload = os.urandom(number * 13)
                association.send(payload, *ECHO)
                self.assertEqual(association.receive()[0], payload)
                sent += len(payload)
            association.send(b"is not sent", *ECHO, fragment=1)
            association.send(b"nor is this", "10.0.0.1", 7)
            self.assert_silent(association)
        after = self.farm.counted(1)
        self.assertEqual((after[0] - before[0], after[1] - before[1]), (sent, sent))

    def dropped(self):
        """{reason: how many}"""
        found = re.findall(r'^airlane_datagrams_dropped_total\{reason="(\w+)"\} (\d+)$',
                           self.farm.cli("metrics"), re.MULTILINE)
        return {reason: int(count) for reason, count in found}

    def test_what_is_dropped_is_counted_by_its_reason(self):
        before = self.dropped()
        with UdpAssociation() as association:
            for _ in range(2):
                association.send(b"part", *ECHO, fragment=1)
            association.send(b"inside", "10.0.0.1", 7)
            association.send(b"by name", "private.test", 7)
            association.send(b"nowhere", "nowhere.test", 7)
            association.send(b"six", "2001:db8::1", 7)
            association.send(b"good", *ECHO)
            self.assertEqual(association.receive(), (b"good", ECHO))
            expected = {"fragment": 2, "prohibited": 2, "unresolved": 1, "no_ipv6": 1}
            wait_until(lambda: {reason: count - before[reason]
                                for reason, count in self.dropped().items()
                                if count != before[reason]} == expected, what="the counts")

    def test_nothing_goes_inside(self):
        inside = ["127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.8.1", "192.168.8.100",
                  "169.254.169.254", "100.64.0.1", "203.0.113.2", "224.0.0.251", "255.255.255.255",
                  "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:192.168.8.1",
                  "64:ff9b::7f00:1", "2002:7f00:1::", "localhost", "loopback.test", "private.test",
                  "gateway.test", "10-1-2-3.ip.test"]
        trap = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        trap.bind(("::", 5353))
        with (UdpAssociation() as association,
              self.farm.capture("any", "udp port 5353 and not src host 127.0.0.1") as wire):
            for host in inside:
                association.send(b"x", host, 5353)
            association.send(b"still there", *ECHO)
            self.assertEqual(association.receive(), (b"still there", ECHO))
            time.sleep(0.5)
        self.assertEqual(wire, [])
        trap.setblocking(False)
        self.assertRaises(BlockingIOError, trap.recv, 100)
        trap.close()

    def test_strangers_are_neither_heard_nor_answered(self):
        with UdpAssociation() as association:
            stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            stranger.bind(("127.0.0.2", 0))
            stranger.settimeout(0.5)
            header = b"\0\0\0\1" + socket.inet_aton(ECHO[0]) + b"\0\7"
            with self.farm.capture("dg0", "udp port 7") as wire:
                stranger.sendto(header + b"before", association.relay)
                association.send(b"mine", *ECHO)
                self.assertEqual(association.receive()[0], b"mine")
                for port in range(3):
                    other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                    other.bind(("127.0.0.1", 0))
                    other.sendto(header + b"after", association.relay)
                    other.close()
                stranger.sendto(header + b"after", association.relay)
                self.assertRaises(OSError, stranger.recv, 100)
            self.assertEqual(len(wire), 2, "one datagram and its echo")
            stranger.close()

    def test_without_a_password_there_is_no_port(self):
        client = Socks5(FIRST_PORT)
        self.assertEqual(client.log_in(password="wrong"), 1)
        # Those of the tests before may still be on their way out.
        before = set(run("ss", "-Hlun").split("\n"))
        client.socket.sendall(b"\x05\x03\x00\x01" + bytes(6))
        self.assertEqual(client.read(1), b"")
        self.assertLessEqual(set(run("ss", "-Hlun").split("\n")), before)

    def test_associations_are_bounded_per_proxy_and_given_back(self):
        before = self.descriptors()
        for _ in range(3):
            held = [UdpAssociation() for _ in range(30)]
            self.assertEqual([one.reply for one in held], [0] * 20 + [1] * 10)
            with UdpAssociation(FIRST_PORT + 1) as other:
                self.assertEqual(other.reply, 0, "another proxy's are its own")
            for one in held[:20]:
                one.send(b"hello", *ECHO)
            for one in held[:20]:
                self.assertEqual(one.receive()[0], b"hello")
            for one in held:
                one.close()
            wait_until(lambda: self.descriptors() <= before, what="its descriptors")

    def test_silence_ends_an_association_and_traffic_keeps_it(self):
        with UdpAssociation() as quiet, UdpAssociation() as busy:
            start = time.monotonic()
            quiet.control.socket.settimeout(0.5)
            while time.monotonic() - start < IDLE + 3:
                busy.send(b"x", *ECHO)
                busy.receive()
                time.sleep(0.5)
            quiet.control.socket.settimeout(10)
            self.assertTrue(quiet.ended())
            busy.send(b"x", *ECHO)
            self.assertEqual(busy.receive(), (b"x", ECHO))

    def test_a_rotation_ends_it(self):
        with UdpAssociation(FIRST_PORT + 1) as association:
            association.send(b"x", *ECHO)
            association.receive()
            self.assertEqual(self.farm.api("change_ip", id=self.farm.ids[1]).status, 200)
            self.assertTrue(association.ended())
        wait_until(lambda: self.farm.dongle(1)["state"] == "up", what="the dongle")

    def test_closed_ports_do_not_end_it(self):
        with UdpAssociation() as association:
            for _ in range(3):
                association.send(b"anybody?", ECHO[0], 9)  # ICMP port unreachable.
                association.send(b"anybody?", "198.19.0.10", 7)  # ICMP host unreachable.
                time.sleep(0.2)
                association.send(b"x", *ECHO)
                self.assertEqual(association.receive(), (b"x", ECHO))


class ManyAssociations(unittest.TestCase):
    """F36: 1,024 associations for each proxy, as it comes, however many are asked for."""

    MOST = 1024
    ASKED = 10_000 if os.environ.get("AIRLANE_SLOW") else 1200

    def setUp(self):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.farm = self.enterContext(Farm(dongles=2))

    def descriptors(self):
        return descriptors_of(self.farm.server.pid)

    def memory(self):
        return memory_of(self.farm.server.pid)

    def test_a_proxy_has_its_number_and_not_one_more(self):
        files, memory = self.descriptors(), self.memory()
        held = [UdpAssociation() for _ in range(self.MOST)]
        self.assertEqual({one.reply for one in held}, {0})
        full = self.descriptors()
        for _ in range(self.ASKED - self.MOST):
            with UdpAssociation() as refused:
                self.assertEqual(refused.reply, 1)
        wait_until(lambda: self.descriptors() <= full + 5, what="what the refused had")
        self.assertLess((self.memory() - memory) / self.MOST, 16 << 10)
        for one in held:
            one.send(b"x", *ECHO)
            self.assertEqual(one.receive(), (b"x", ECHO))
        with UdpAssociation(FIRST_PORT + 1) as other:
            self.assertEqual(other.reply, 0)
        for one in held:
            one.close()
        wait_until(lambda: self.descriptors() <= files + 5, what="its descriptors")

    def test_many_targets_take_neither_descriptors_nor_memory_and_answer_nobody_else(self):
        with UdpAssociation() as association, UdpAssociation() as bystander:
            association.send(b"first", *ECHO)
            self.assertEqual(association.receive(), (b"first", ECHO))
            files, memory = self.descriptors(), self.memory()
            for number in range(20_000):
                association.send(b"x", f"198.19.{number >> 8 & 127}.{number & 255}",
                                 10_000 + number)

            def is_served():  # Of such a flood some are lost, and the last may be among them.
                association.send(b"last", *ECHO)
                with contextlib.suppress(TimeoutError):
                    return association.receive() == (b"last", ECHO)

            association.socket.settimeout(0.5)
            wait_until(is_served, what="an answer")
            self.assertLessEqual(self.descriptors(), files)
            self.assertLess(self.memory() - memory, 1_000_000)
            bystander.socket.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                bystander.socket.recv(100)

    def test_no_datagram_becomes_two(self):
        with UdpAssociation() as association:
            for number in range(200):
                association.send(b"%d" % number, *ECHO)
                self.assertEqual(association.receive(), (b"%d" % number, ECHO))
            association.socket.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                association.receive()


QUIC_LIBRARY = pathlib.Path("/usr/share/gocode/src/github.com/lucas-clemente/quic-go")


@unittest.skipUnless(shutil.which("go") and QUIC_LIBRARY.exists(),
                     "needs golang-go and golang-github-lucas-clemente-quic-go-dev")
class Quic(unittest.TestCase):
    """A QUIC client, by a forwarder, and a QUIC server in the internet of the simulation."""

    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=1))
        cls.peer = cls.farm.folder / "quic_peer"
        run("go", "build", "-o", cls.peer, pathlib.Path(__file__).with_name("quic_peer.go"),
            env=os.environ | {"GOPATH": "/usr/share/gocode", "GO111MODULE": "off",
                              "GOCACHE": str(cls.farm.folder / "cache")})
        cls.server = subprocess.Popen(
            ["nsenter", f"--net={cls.farm.world['internet']['netns']}", cls.peer, "serve",
             "198.19.0.1:4433"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            preexec_fn=die_with_parent)
        cls.addClassCleanup(cls.server.wait, 20)
        cls.addClassCleanup(cls.server.stdout.close)
        cls.addClassCleanup(cls.server.terminate)
        assert cls.server.stdout.readline() == "listening\n"

    def test_streams_arrive_whole(self):
        before = self.farm.counted(0)
        with UdpAssociation() as association:
            forwarder = Forwarder(association, "198.19.0.1", 4433)
            said = run(self.peer, "ask", f"127.0.0.1:{forwarder.port}", 1_000_000)
            forwarder.close()
        self.assertEqual(said.count("is whole: 1000000"), 3)
        after = self.farm.counted(0)
        for direction in range(2):
            self.assertGreater(after[direction] - before[direction], 3_000_000)


if __name__ == "__main__":
    unittest.main(verbosity=2)
