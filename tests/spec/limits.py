"""What the [limits] of the configuration do to real clients of the real server, and that a machine
without descriptors stays calm and comes back. Rates and shares are measured closer in limits_test."""
import contextlib
import pathlib
import resource
import socket
import time
import unittest

from farm import FIRST_PORT, Farm, Socks5, run, wait_until, write_starter
from process import cpu_seconds_of, descriptors_of

MEGABIT = 125_000


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=2, settings=f"""
[limits]
connections_per_proxy = 4
download = "{2 * MEGABIT}B"
wrong_passwords = 3
wrong_password_block = "3s"

[timeouts]
authenticate = "2s"
detect = "2s"
"""))

    def tunnel(self, index=0, source=None):
        """A logged in client with a tunnel to the origin, or the reply that refused it."""
        client = Socks5(FIRST_PORT + index, source=source)
        status = client.log_in()
        reply = client.connect("origin.test", 80) if status == 0 else None
        return client, status, reply

    def test_a_proxy_has_so_many_connections_and_the_others_theirs(self):
        clients = [self.tunnel() for _ in range(4)]
        self.assertEqual([reply for _, _, reply in clients], [0] * 4)
        self.assertEqual(self.tunnel()[2], 1, "one too many")
        answer = run("curl", "-sS", "-i", "--proxy", self.farm.proxy_url(0), "http://ip.test/")
        self.assertIn("503 Service Unavailable", answer)
        self.assertIn("error=connection_limit_reached", answer)
        other = self.tunnel(1)
        self.assertEqual(other[2], 0)
        for client, _, _ in clients + [other]:
            client.close()
        wait_until(lambda: self.tunnel()[2] == 0, what="a free place")

    def test_a_download_takes_its_time_and_arrives_whole(self):
        for url in (self.farm.proxy_url(1), self.farm.proxy_url(1, "socks5h")):
            start = time.monotonic()
            out = self.farm.folder / "slow"
            self.farm.curl(url, "http://origin.test/bytes/1000000", "-o", out)
            self.assertEqual(out.stat().st_size, 1_000_000)
            self.assertGreater(time.monotonic() - start, 3, "four seconds' worth")

    def test_who_guesses_passwords_is_not_believed_for_a_while(self):
        for _ in range(3):
            self.assertEqual(Socks5(FIRST_PORT, source="127.0.0.3").log_in(password="wrong"), 1)
        self.assertEqual(Socks5(FIRST_PORT, source="127.0.0.3").log_in(), 1, "nor with the right one")
        status = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--interface",
                     "127.0.0.3", "--proxy", self.farm.proxy_url(0), "http://ip.test/")
        self.assertEqual(status, "407")
        self.assertEqual(Socks5(FIRST_PORT, source="127.0.0.4").log_in(), 0, "another client")
        self.assertEqual(Socks5(FIRST_PORT + 1, source="127.0.0.3").log_in(), 0, "another proxy")
        wait_until(lambda: Socks5(FIRST_PORT, source="127.0.0.3").log_in() == 0,
                   what="the end of the block")
        blocked = f"(port {FIRST_PORT}): blocked 127.0.0.3 for 3 s after 3 wrong passwords"
        wait_until(lambda: blocked in self.farm.log.read_text(), what="the operator's line")
        self.assertEqual(self.farm.log.read_text().count(blocked), 1, "however often it tried")
        self.assertIn("airlane_clients_blocked_total 1\n", self.farm.cli("metrics"))

    def test_mail_and_our_own_ports_are_out_of_reach(self):
        for host, port in (("198.19.0.2", 25), ("203.0.113.2", 8080), ("203.0.113.2", FIRST_PORT),
                           ("127.0.0.1", FIRST_PORT + 1), ("192.168.8.100", FIRST_PORT)):
            client = Socks5(FIRST_PORT)
            client.log_in()
            self.assertEqual(client.connect(host, port), 2, f"{host}:{port}")

    def test_a_slow_handshake_ends_in_time(self):
        for beginning in (b"", b"\x05", b"\x05\x01\x02", b"GET http://ip.test/ HTTP/1.1\r\nA:"):
            with socket.create_connection(("127.0.0.1", FIRST_PORT), 15) as client:
                client.sendall(beginning)
                start = time.monotonic()
                while client.recv(100):  # The chosen method, perhaps, and then the end.
                    pass
                self.assertLess(time.monotonic() - start, 10)


class Exhausted(Farm):
    """A server that was started with 128 descriptors."""

    def start_server(self):
        self.binary = write_starter(self.folder / "starter", "prlimit --nofile=128")
        super().start_server()


class WithoutDescriptors(unittest.TestCase):
    def flood(self, stack, count=500):
        clients = []
        for _ in range(count):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                client.connect(("127.0.0.1", FIRST_PORT))
            clients.append(client)
        time.sleep(0.5)
        for client in clients:
            with contextlib.suppress(OSError):
                client.send(b"\x05")  # Enough to be accepted and to be waited for.
        time.sleep(0.5)

    def check_calm(self, box, seconds=5):
        """At most 5 % of a core (F17), and there are still clients who wait."""
        before = cpu_seconds_of(box.server.pid)
        time.sleep(seconds)
        self.assertLessEqual(cpu_seconds_of(box.server.pid) - before, 0.05 * seconds)
        self.assertFalse(self.works(box), "it is not exhausted, so this shows nothing")

    def works(self, box):
        return box.curl(box.proxy_url(0), "http://ip.test/", "--max-time", 2, check=False).strip() \
            == box.external_ip(0)

    def check_recovery(self, box):
        began = time.monotonic()
        wait_until(lambda: self.works(box), what="its recovery")
        self.assertLess(time.monotonic() - began, 5)
        self.assertIsNone(box.server.poll())

    def test_five_hundred_clients_of_a_server_with_128_descriptors(self):
        with Exhausted(dongles=1) as box:
            limits = pathlib.Path(f"/proc/{box.server.pid}/limits").read_text()
            self.assertRegex(limits, r"Max open files +128 ")
            with contextlib.ExitStack() as stack:
                self.flood(stack)
                self.check_calm(box)
                self.assertEqual(box.admin("GET", "users").status, 200, "the API has its own")
            self.check_recovery(box)

    def test_a_server_that_loses_its_last_descriptor(self):
        with Farm(dongles=1) as box:
            pid = box.server.pid
            used = descriptors_of(pid)
            before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (used + 20, before[1]))
            with contextlib.ExitStack() as stack:
                self.flood(stack, 100)
                self.check_calm(box)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
            self.check_recovery(box)


if __name__ == "__main__":
    unittest.main(verbosity=2)
