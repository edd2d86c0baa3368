"""A client by TLS is one connection with one line; the streams of HTTP/2 have a line each and are
counted apart."""
import contextlib
import socket
import unittest

from access_log import LoggingFarm, ended, sum_of
from farm import FIRST_PORT, Socks5, wait_until
from http2_client import Http2, h2
from tls import BASIC, make_certificate, setting

PLACES = 3


class NarrowFarm(LoggingFarm):
    """With a certificate, and places for few connections."""

    def write_config(self):
        self.settings = setting(make_certificate(self.folder, "one", "one.test"))
        super().write_config()
        self.config.write_text(self.config.read_text().replace(
            "[proxy]\n", f"[proxy]\nconnections = {PLACES}\n"))


class TlsCounting(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(NarrowFarm(dongles=1))

    def setUp(self):
        self.before = self.farm.metrics()

    def grown(self):
        """What has changed since the test began, once nothing is open."""
        def settled():
            now = self.farm.metrics()
            over = (not now["airlane_connections_active"] and
                    now["airlane_streams_total"] == sum_of(now, "streams_ended_total"))
            return now if over else None
        after = wait_until(settled, what="the end of all")
        for name in ("connections_ended_total", "connections_spoken_total"):
            self.assertEqual(after["airlane_connections_accepted_total"], sum_of(after, name))
        return {key: after[key] - self.before[key] for key in after
                if after[key] != self.before[key] and "proxy_bytes" not in key and
                "log_lines" not in key}

    def test_http1_is_what_it_is_in_the_clear(self):
        for scheme, port in (("https", 13001), ("http", 13002)):
            self.farm.curl(self.farm.proxy_url(0, scheme), "http://origin.test/bytes/1000",
                           "-o", "/dev/null", "--proxytunnel", "--proxy-insecure",
                           "--local-port", port)
            line, = self.farm.lines()
            self.assertEqual([line[key] for key in ("client", "protocol", "requests", "target",
                                                    "stage", "error")],
                             [f"127.0.0.1:{port}", "http", "1", "origin.test:80", "relay", "-"])
        self.assertEqual(self.grown(), {
            "airlane_connections_accepted_total": 2, ended("relay"): 2,
            'airlane_connections_spoken_total{protocol="http"}': 2})

    def test_http2_is_one_connection_and_a_line_for_each_stream(self):
        client = Http2(FIRST_PORT, authorization=BASIC)
        for size in (11, 22):
            client.answer(client.request("GET", f"http://origin.test/bytes/{size}"))
        number = client.tunnel("echo.test:7")
        client.send(number, b"x" * 33, end=True)
        client.answer(number)
        client.authorization = None
        self.assertEqual(client.answer(client.request("GET", "http://ip.test/")).status, "407")
        lines = self.farm.lines(4)
        self.assertEqual(self.farm.metrics()["airlane_connections_active"], 1)
        self.assertEqual([line["target"] for line in lines],
                         ["origin.test:80", "origin.test:80", "echo.test:7", "-"])
        self.assertEqual(lines[2]["incoming"], "33")
        self.assertEqual({line["client"] for line in lines},
                         {"127.0.0.1:%d" % client.socket.getsockname()[1]})
        client.close()
        self.assertEqual({key: value for key, value in self.grown().items()
                          if "connections_ended" not in key}, {
            "airlane_connections_accepted_total": 1, "airlane_streams_total": 4,
            'airlane_streams_ended_total{stage="relay",error="none"}': 3,
            'airlane_streams_ended_total{stage="authenticate",error="unauthenticated"}': 1,
            'airlane_connections_spoken_total{protocol="tls"}': 1})
        self.assertEqual(self.farm.access_log.stat().st_size, self.farm.seen, "no line of its own")

    def test_a_handshake_that_failed_is_one_line(self):
        for said, error in ((b"\x16\x03\x01\x00\x05garbage", "malformed"),
                            (b"\x16\x03\x01\x02\x00\x01", "timed_out")):
            with socket.create_connection(("127.0.0.1", FIRST_PORT), 20) as client:
                client.sendall(said)
                with contextlib.suppress(ConnectionResetError):
                    while client.recv(100):
                        pass
            line, = self.farm.lines()
            self.assertEqual([line[key] for key in ("stage", "protocol", "error", "proxy")],
                             ["detect", "tls", error, str(self.farm.ids[0])])
        self.assertEqual(self.grown(), {
            "airlane_connections_accepted_total": 2, ended("detect", "malformed"): 1,
            ended("detect", "timed_out"): 1,
            'airlane_connections_spoken_total{protocol="tls"}': 2})

    def test_a_connection_has_the_place_of_its_first_stream(self):
        client = Http2(FIRST_PORT, authorization=BASIC)
        numbers = [client.tunnel("echo.test:7") for _ in range(PLACES)]
        refused = client.connect("echo.test:7")
        self.assertEqual(client.answer(refused).reset, h2.errors.ErrorCodes.REFUSED_STREAM)
        with socket.create_connection(("127.0.0.1", FIRST_PORT), 20) as other:
            other.sendall(b"G")
            with contextlib.suppress(ConnectionResetError):
                self.assertEqual(other.recv(1), b"", "nobody else has a place")
        client.send(numbers[0], b"", end=True)
        client.answer(numbers[0])
        self.farm.lines()
        client.tunnel("echo.test:7")
        client.close()
        self.farm.lines(PLACES)
        grown = self.grown()
        self.assertEqual(grown["airlane_connections_turned_away_total"], 2)
        self.assertEqual(grown["airlane_connections_accepted_total"], 1)
        # All places are free again.
        held = [Socks5(FIRST_PORT) for _ in range(PLACES)]
        self.assertEqual([one.log_in() for one in held], [0] * PLACES)
        for one in held:
            one.close()
        self.farm.lines(PLACES)


if __name__ == "__main__":
    unittest.main(verbosity=2)
