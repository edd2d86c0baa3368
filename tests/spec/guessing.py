"""Who guesses passwords at a proxy, with the settings as they are by default: byte for byte what he is
told, and that nobody else notices. [limits] with other numbers are in limits, times in bench_login."""
import base64
import pathlib
import re
import socket
import tempfile
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, wait_until
from http2_client import Http2
from process import memory_of
from proxy_protocol import FRONT, FrontedFarm, line
from tls import make_certificate, setting

GREETING = b"\x05\x01\x02"
REFUSED = b"\x05\x02\x01\x01"  # The method, then what RFC 1929 calls a failure; and the end.


def basic(word, name="johndoe"):
    return "Basic " + base64.b64encode(f"{name}:{word}".encode()).decode()


def http(word, name="johndoe"):
    return (f"CONNECT echo.test:7 HTTP/1.1\r\nHost: echo.test:7\r\nProxy-Authorization: "
            f"{basic(word, name)}\r\n\r\n").encode()


def socks5(word, name="johndoe"):
    return (GREETING + bytes([1, len(name)]) + name.encode() + bytes([len(word)]) + word.encode())


class GuessingCase(unittest.TestCase):
    def told(self, source, *pieces, port=FIRST_PORT):
        """All that comes back for these bytes, until the server closes; the client never does."""
        with socket.create_connection(("127.0.0.1", port), 10, (source, 0)) as client:
            for piece in pieces:
                client.sendall(piece)
            received = b""
            while part := client.recv(65536):
                received += part
            return received

    def assert_refused_by_http(self, answer):
        head, _, body = answer.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n"), answer)
        self.assertIn(b"\r\nProxy-Authenticate: Basic realm=", head)
        self.assertIn(b"\r\nConnection: close", head)
        self.assertIn(b"\r\nContent-Length: %d" % len(body), head)
        for word in (b"Retry-After", b"johndoe", PASSWORD.encode(), b"block"):
            self.assertNotIn(word, answer)

    def blocked(self):
        """How many blocks the operator has been told of, and counted."""
        found = re.search(r"^airlane_clients_blocked_total (\d+)$", self.farm.cli("metrics"), re.M)
        return int(found[1])


class Guessing(GuessingCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.farm = cls.enterClassContext(Farm(dongles=2, settings=setting(
            make_certificate(folder, "proxy", "proxy.test"))))

    def test_the_eleventh_is_told_the_same_whatever_it_brings(self):
        source, neighbour = "127.0.2.1", "127.0.2.2"
        tunnel = Socks5(FIRST_PORT, source=source)
        self.assertEqual((tunnel.log_in(), tunnel.connect("echo.test", 7)), (0, 0))
        before = self.blocked()
        wrong = self.told(source, http("wrong"))
        self.assert_refused_by_http(wrong)
        for number in range(9):  # Both protocols count as one.
            name = ("johndoe", "nobody")[number % 2]
            if number % 3:
                self.assertEqual(self.told(source, http("wrong", name)), wrong)
            else:
                self.assertEqual(self.told(source, socks5("wrong", name)), REFUSED)
        for word in (PASSWORD, "wrong", ""):
            self.assertEqual(self.told(source, http(word)), wrong)
        for word in (PASSWORD, "wrong", "x"):
            self.assertEqual(self.told(source, socks5(word)), REFUSED)
        self.assertEqual(self.blocked(), before + 1)
        # Nobody else notices, nor does what he had before.
        self.assertEqual(Socks5(FIRST_PORT, source=neighbour).log_in(), 0, "another source")
        self.assertEqual(Socks5(FIRST_PORT + 1, source=source).log_in(), 0, "another proxy")
        tunnel.socket.sendall(b"ping")
        self.assertEqual(tunnel.read(4), b"ping")

    def test_nine_are_forgiven(self):
        for _ in range(9):
            self.assertEqual(self.told("127.0.2.3", socks5("wrong")), REFUSED)
        self.assertEqual(Socks5(FIRST_PORT, source="127.0.2.3").log_in(), 0)

    def test_what_is_no_guess_does_not_count(self):
        """Questions without a password, or with one that cannot be read, are how clients begin."""
        source = "127.0.2.4"
        plain = b"CONNECT echo.test:7 HTTP/1.1\r\nHost: echo.test:7\r\n"
        for more in (b"", b"Proxy-Authorization: Basic !\r\n", b"Proxy-Authorization: Digest x\r\n"):
            for _ in range(12):
                self.assertIn(b" 407 ", self.told(source, plain + more + b"\r\n"))
        for _ in range(12):
            self.assertEqual(self.told(source, b"\x05\x01\x00"), b"\x05\xff")
        self.assertEqual(Socks5(FIRST_PORT, source=source).log_in(), 0)

    def test_the_streams_of_one_http2_connection_count_each(self):
        proxy = self.farm.add_proxy("d0", 20141)["id"]
        client = Http2(20141)
        self.addCleanup(client.socket.close)
        seen = []
        for word in ["wrong"] * 10 + [PASSWORD]:
            client.authorization = basic(word)
            number = client.request("CONNECT", "echo.test:7", end=False)
            client.take_until(lambda: client.streams[number].heads or client.streams[number].over)
            seen.append(client.streams[number].status)
        self.assertEqual(seen, ["407"] * 11)
        self.farm.cli("proxy", "remove", proxy)

    def test_who_needs_no_password_cannot_lose_it(self):
        source = "127.0.2.5"
        proxy = self.farm.add_proxy("d0", 20142, "--whitelist", f"{source}/32")["id"]
        for _ in range(12):
            with socket.create_connection(("127.0.0.1", 20142), 10, (source, 0)) as client:
                client.sendall(http("wrong"))
                self.assertIn(b" 200 ", client.recv(65536))
        self.farm.cli("proxy", "remove", proxy)

    def test_a_crowd_takes_neither_memory_nor_the_log(self):
        """Of 300 who are blocked the log names a few a second; 6,000 more only fail."""
        def crowd(first, size, times):
            for number in range(size):
                source = f"127.{first}.{number // 250}.{number % 250 + 1}"
                for _ in range(times):
                    self.assertEqual(self.told(source, socks5("wrong")), REFUSED)

        before = self.blocked()
        crowd(20, 300, 10)
        self.assertEqual(self.blocked(), before + 300)
        crowd(21, 500, 1)
        memory = memory_of(self.farm.server.pid)
        crowd(22, 6000, 1)
        self.assertLess(memory_of(self.farm.server.pid) - memory, 2 << 20)
        told = r"blocked 127\.20\.\S+ for 60 s|(\d+) more clients brought too many wrong passwords"

        def all_are_told():
            found = re.finditer(told, self.farm.log.read_text())
            return sum(int(match[1] or 1) for match in found) == 300
        wait_until(all_are_told, what="the operator's lines")
        self.assertEqual(Socks5(FIRST_PORT).log_in(), 0)


class BehindABalancer(GuessingCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(FrontedFarm(dongles=1))

    def test_each_of_its_clients_answers_for_himself(self):
        def status(header, word):
            with socket.create_connection(("127.0.0.1", FIRST_PORT), 10, (FRONT, 0)) as client:
                client.sendall(header + socks5(word))
                received = b""
                while len(received) < 4:
                    received += client.recv(4 - len(received))
                return received[3]

        guesser, other = line("203.0.113.7"), line("203.0.113.8")
        for _ in range(10):
            self.assertEqual(status(guesser, "wrong"), 1)
        self.assertEqual(status(guesser, PASSWORD), 1)
        self.assertEqual(status(other, PASSWORD), 0)
        # An IPv6 client has a /64 to try from.
        for number in range(10):
            self.assertEqual(status(line(f"2001:db8:7::{number + 1}", "TCP6"), "wrong"), 1)
        self.assertEqual(status(line("2001:db8:7::ffff", "TCP6"), PASSWORD), 1)
        self.assertEqual(status(line("2001:db8:7:1::1", "TCP6"), PASSWORD), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
