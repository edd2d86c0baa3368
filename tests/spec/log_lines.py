"""What a client of a proxy chooses to send does not write in our logs: an event stays one line of
printable ASCII, and what is no name never gets there. (Of the API's clients: Lines in api_abuse.)"""
import base64
import contextlib
import pathlib
import socket
import ssl
import struct
import tempfile
import time
import unittest

from access_log import LoggingFarm
from farm import FIRST_PORT, PASSWORD, run, wait_until
from http2_client import Http2, trusting
from tls import make_certificate, setting

FORGED = b"2026-01-01T00:00:00.000Z info forged"
NASTY = (b"a\r\n" + FORGED, b"a\nb", b"\x1b[31m", b"a\0b", b"\xff\xfe", b"\xc3\x28", b"x proxy=1", b"\\n",
         b"a b", b"a\tb", "\u2028\u202e".encode(), b"\x7f\x85\x9b")
LINE_OF_SERVER = rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \w+ [ -~]*"


def basic(name, word=PASSWORD.encode()):
    return b"Proxy-Authorization: Basic " + base64.b64encode(name + b":" + word) + b"\r\n"


OURS = basic(b"johndoe")
SOCKS = b"\x05\x01\x02\x01\x07johndoe" + bytes([len(PASSWORD)]) + PASSWORD.encode()


class Lines(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.farm = LoggingFarm(dongles=1, settings=setting(
            make_certificate(folder, "proxy", "proxy.test")))
        cls.enterClassContext(cls.farm)
        cls.farm.add_proxy("d0", 20131, "--whitelist", "127.0.0.0/8")  # For SOCKS4.
        cls.farm.stop_server()
        text = cls.farm.config.read_text()
        cls.farm.config.write_text(
            text.replace("[server]\n", '[server]\nlog = "debug"\n')
            .replace("[limits]\n", "[limits]\nwrong_passwords = 0\n"))
        cls.farm.start_server()
        # The port opens a moment after the server says that it is ready.
        wait_until(lambda: run("ss", "-Hltn", "sport", "=", FIRST_PORT), what="the port")

    def tearDown(self):
        """Whatever a test has sent: the server's own log is whole, too."""
        raw = self.farm.log.read_bytes()
        self.assertTrue(raw.endswith(b"\n"))
        for line in raw.splitlines():
            self.assertRegex(line, rb"\A" + LINE_OF_SERVER + rb"\Z")
            self.assertFalse(line.startswith(FORGED), line)

    def send(self, raw, port=FIRST_PORT, secure=False):
        with contextlib.ExitStack() as stack:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            if secure:
                client = stack.enter_context(trusting().wrap_socket(client))
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                client.sendall(raw)
                if not secure:
                    client.shutdown(socket.SHUT_WR)
                while client.recv(65536):
                    pass

    def line(self):
        """The fields of the one line that was written, whose bytes are looked at first."""
        log = self.farm.access_log
        raw = wait_until(lambda: log.read_bytes()[self.farm.seen:], what="a line")
        self.assertEqual(raw.count(b"\n"), 1, raw)
        self.assertRegex(raw, rb"\A[ -~]+\n\Z")
        self.farm.seen += len(raw)
        return dict(word.split("=", 1) for word in raw.decode("ascii").split())

    def assert_line(self, sent, **expected):
        line = self.line()
        self.assertEqual({key: line[key] for key in expected}, expected, sent)

    def test_the_names_of_users(self):
        for text in NASTY:
            size = bytes([len(text)])
            for raw, protocol in (
                    (b"CONNECT h:80 HTTP/1.1\r\nHost: h\r\n" + basic(text) + b"\r\n", "http"),
                    (b"GET http://h/ HTTP/1.1\r\nHost: h\r\n" + basic(b"johndoe", text) + b"\r\n",
                     "http"),
                    (b"\x05\x01\x02\x01" + size + text + b"\x01x", "socks5"),
                    (b"\x05\x01\x02\x01\x07johndoe" + size + text, "socks5")):
                self.send(raw)
                self.assert_line(raw, protocol=protocol, stage="authenticate",
                                 error="unauthenticated", target="-", credential="-")

    def test_hosts_by_socks(self):
        for text in NASTY:
            self.send(SOCKS + b"\x05\x01\x00\x03" + bytes([len(text)]) + text + b"\x00\x50")
            self.assert_line(text, protocol="socks5", stage="authenticate", error="malformed",
                             target="-")
            for raw in (b"u\0" + text + b"\0", text + b"\0h\0"):  # A NUL is the end of either.
                self.send(b"\x04\x01\x00\x50\x00\x00\x00\x01" + raw, 20131)
                line = self.line()
                self.assertEqual(line["protocol"], "socks4")
                self.assertIn(line["target"], ("-", "h:80", "a:80", "b:80"), raw)

    def test_hosts_paths_and_agents_by_http(self):
        """With the right password, so that they are looked at."""
        for text in NASTY:
            for raw in (b"CONNECT %s:80 HTTP/1.1\r\nHost: h\r\n" % text,
                        b"GET http://%s/ HTTP/1.1\r\nHost: h\r\n" % text,
                        b"GET http://198.19.0.1/%s HTTP/1.1\r\nHost: h\r\n" % text,
                        b"GET http://198.19.0.1/ HTTP/1.1\r\nHost: %s\r\n" % text,
                        b"GET http://198.19.0.1/ HTTP/1.1\r\nHost: h\r\nUser-Agent: %s\r\n" % text,
                        b"%s http://198.19.0.1/ HTTP/1.1\r\nHost: h\r\n" % text):
                self.send(raw + OURS + b"Connection: close\r\n\r\n")
                line = self.line()
                self.assertIn(line["protocol"], ("http", "-"), raw)
                self.assertIn(line["target"], ("-", "198.19.0.1:80"), raw)

    def test_what_is_no_protocol(self):
        for text in NASTY:
            self.send(text)
            line = self.line()
            self.assertEqual(line["target"], "-", text)
            self.assertNotEqual(line["error"], "-", text)

    def test_the_same_by_tls_and_http2(self):
        for text in NASTY:
            raw = b"CONNECT %s:80 HTTP/1.1\r\nHost: %s\r\n" % (text, text) + OURS + b"\r\n"
            self.send(raw, secure=True)
            self.line()
            client = Http2(FIRST_PORT, authorization=OURS.partition(b": ")[2].strip().decode())
            number = client.request("CONNECT", text.decode("latin-1") + ":80", end=False)
            with contextlib.suppress(OSError, AssertionError):
                client.take_until(lambda: client.streams[number].over or client.gone)
            client.socket.close()
            self.line()

    def test_names_of_datagrams(self):
        with socket.create_connection(("127.0.0.1", FIRST_PORT), 10) as control:
            control.sendall(SOCKS + b"\x05\x03\x00\x01" + bytes(6))
            answer = b""
            while len(answer) < 14:
                answer += control.recv(100)
            port = struct.unpack(">H", answer[12:14])[0]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
                for text in NASTY:
                    datagrams.sendto(b"\0\0\0\x03" + bytes([len(text)]) + text + b"\0\x07x",
                                     ("127.0.0.1", port))
                control.sendall(b"x")  # Of no meaning; the datagrams were first.
                time.sleep(0.5)
        self.assert_line("datagrams", protocol="socks5", stage="associate", target="0.0.0.0:0",
                         outgoing="0")
        self.assertRegex(self.farm.log.read_text(), "debug UDP of proxy [0-9]+ dropped")


if __name__ == "__main__":
    unittest.main(verbosity=2)
