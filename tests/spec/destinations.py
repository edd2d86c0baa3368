"""Where a proxy's bytes went, by host and port: off by default; and where it is on, every byte of the
bill once, for its own destination, whatever the protocol, the day and the process.

It runs as the first process of its own namespace: processes that take over become its children.
"""
import base64
import contextlib
import datetime
import json
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

from farm import (FIRST_PORT, PASSWORD, Farm, Socks5, die_with_parent, in_own_processes,
                  is_sanitized, run, wait_until, write_starter)

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from http2_client import Http2  # noqa: E402
from socks_client import UdpAssociation, packed, unpacked  # noqa: E402
from socks_protocols import PEER, let_the_internet_in  # noqa: E402
from tls import make_certificate, setting  # noqa: E402
from upgrade import UpgradingFarm  # noqa: E402

ON = "[usage]\ndestinations = 50\n"
BASIC = "Basic " + base64.b64encode(f"johndoe:{PASSWORD}".encode()).decode()
FAKETIME = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
LOOK = 15  # Seconds, in which an open connection is told.


class Case(unittest.TestCase):
    """`farm` is made by whoever derives from it."""

    def top(self, index=0, **options):
        answer = self.farm.api("top", id=self.farm.ids[index], limit=1000, **options)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def by_name(self, index=0, **options):
        """{"host:port": (incoming, outgoing, connections)}"""
        return {f"{row['host']}:{row['port']}":
                (row["incoming"], row["outgoing"], row["connections"])
                for row in self.top(index, **options)["destinations"]}

    @staticmethod
    def total(answer):
        rows = answer["destinations"] + [answer["other"]]
        return tuple(sum(row[way] for row in rows) for way in ("incoming", "outgoing"))

    def assert_agrees_with_the_bill(self, index=0, limit=LOOK):
        """All of it together is what the proxy is charged for, today and ever."""
        def both():
            return self.total(self.top(index, from_=0)), self.farm.traffic(index)
        with contextlib.suppress(AssertionError):
            wait_until(lambda: (lambda top, bill: top == bill)(*both()), limit)
        self.assertEqual(*both())

    def tunnel(self, host="echo.test", index=0):
        client = Socks5(FIRST_PORT + index)
        self.assertEqual(client.log_in(), 0)
        self.assertEqual(client.connect(host, 7), 0)
        self.addCleanup(client.close)
        return client

    def echo(self, client, size):
        client.socket.sendall(b"x" * size)
        self.assertEqual(client.read(size), b"x" * size)

    def curl(self, scheme, url, *options, index=0):
        self.farm.curl(self.farm.proxy_url(index, scheme), url, "-o", "/dev/null", *options)

    def database(self):
        path = self.farm.folder / "state" / "airlane.db"
        return contextlib.closing(sqlite3.connect(path))

    def wait_for(self, question, what):
        return wait_until(question, LOOK, what)


class On(Case):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        certificate = make_certificate(folder, "first", "first.test")
        cls.farm = cls.enterClassContext(Farm(dongles=3, settings=ON + setting(certificate)))
        let_the_internet_in(cls.farm, 2)

    def test_every_protocol_counts_for_the_destination_that_was_asked_for(self):
        for host in ("echo.test", "ECHO.test", "198.19.0.1"):
            client = self.tunnel(host)
            self.echo(client, 1000)
            client.close()
        run("curl", "-sS", "--proxy", self.farm.proxy_url(0), "-o", "/dev/null",
            "http://origin.test/bytes/70000", "-o", "/dev/null", "http://ip.test/",
            "-o", "/dev/null", "http://origin.test/bytes/5", "-o", "/dev/null",
            "http://origin.test/bytes/5")
        self.curl("http", "http://origin.test/bytes/3000000", "--proxytunnel")
        self.curl("socks5h", "http://origin.test/bytes/200000")
        self.curl("socks5", "http://198.19.0.1/chunked/5000")
        self.assert_agrees_with_the_bill()
        named = self.by_name()
        self.assertEqual(named["echo.test:7"], (2000, 2000, 2))
        self.assertEqual(named["198.19.0.1:7"], (1000, 1000, 1))
        incoming, outgoing, connections = named["origin.test:80"]
        self.assertEqual(connections, 4, "two of the kept connection, a tunnel and SOCKS")
        self.assertGreater(incoming, 3_270_010)
        self.assertLess(incoming, 3_275_000)
        self.assertGreater(outgoing, 300)
        self.assertEqual(named["ip.test:80"][2], 1)
        self.assertGreater(named["198.19.0.1:80"][0], 5000)
        self.assertEqual(self.top()["other"], {"incoming": 0, "outgoing": 0, "connections": 0})
        self.assertEqual(self.top()["missing_at_most"], 0)
        self.assertEqual(set(named), {"echo.test:7", "198.19.0.1:7", "origin.test:80", "ip.test:80",
                                      "198.19.0.1:80"}, "and nothing else of what was said")

    def test_datagrams_and_streams_have_destinations_of_their_own(self):
        with UdpAssociation(FIRST_PORT + 1) as association:
            for size in (0, 1, 1400, 4000):
                association.send(b"x" * size, "198.19.0.1", 7)
                association.receive()
        with UdpAssociation(FIRST_PORT + 1) as association:
            association.send(b"z" * 300, "Echo.test", 7)
            association.receive()
        client = Http2(FIRST_PORT + 1, authorization=BASIC)
        self.addCleanup(client.close)
        streams = [client.request("GET", f"http://{host}/bytes/100000")
                   for host in ("origin.test", "198.19.0.1", "origin.test")]
        for stream in streams:
            self.assertEqual(client.answer(stream).status, "200")
        tunnel = client.tunnel("echo.test:7")
        client.send(tunnel, b"y" * 5000, end=True)
        client.answer(tunnel)
        self.assert_agrees_with_the_bill(1)
        named = self.by_name(1)
        self.assertEqual(set(named), {"198.19.0.1:7", "echo.test:7", "origin.test:80",
                                      "198.19.0.1:80"})
        self.assertEqual(named["198.19.0.1:7"], (5401, 5401, 1))
        self.assertEqual(named["echo.test:7"], (5300, 5300, 2), "a name, and a stream")
        self.assertGreater(named["origin.test:80"][0], 200_000)
        self.assertEqual(named["origin.test:80"][2], 2)
        self.assertEqual(named["198.19.0.1:80"][2], 1)

    def test_bind_counts_for_whom_it_has_met(self):
        for host, expected in (("origin.test", "origin.test"), ("0.0.0.0", "198.19.0.1")):
            before = self.by_name(2)
            client = Socks5(FIRST_PORT + 2)
            client.log_in()
            client.socket.sendall(b"\5\2\0" + packed(host, 0))
            (_, port), _ = unpacked(client.read(10)[3:])
            peer = subprocess.Popen(
                ["nsenter", f"--net={self.farm.world['internet']['netns']}", "python3", "-c", PEER,
                 self.farm.external_ip(2), str(port), "198.19.0.1"], preexec_fn=die_with_parent)
            self.assertEqual(client.read(10)[1], 0)
            self.assertEqual(client.read(19), b"hello from outside\n")
            client.socket.sendall(b"hello from inside\n")
            self.assertEqual(client.read(100), b"hello from inside\n")
            client.close()
            self.assertEqual(peer.wait(10), 0)
            def met():
                return {name: row for name, row in self.by_name(2).items()
                        if before.get(name) != row}
            self.wait_for(met, "the peer")
            (name, row), = met().items()
            self.assertEqual((name.rpartition(":")[0], row), (expected, (37, 18, 1)))

    def test_a_long_tunnel_is_told_while_it_runs(self):
        client = self.tunnel(index=2)
        for size in (12_345, 54_321):
            before = self.by_name(2).get("echo.test:7", (0, 0, 0))[0]
            self.echo(client, size)
            self.wait_for(lambda: self.by_name(2).get("echo.test:7", (0,))[0] == before + size,
                          "its bytes")
        self.assertEqual(self.by_name(2)["echo.test:7"][2], 1)

    def test_what_is_not_named_is_in_other(self):
        self.curl("http", "http://origin.test/", index=2)
        self.curl("http", "http://ip.test/", index=2)
        self.assert_agrees_with_the_bill(2)
        whole = self.top(2)
        one = self.farm.api("top", id=self.farm.ids[2], limit=1).json
        self.assertEqual(one["destinations"], whole["destinations"][:1])
        self.assertEqual(self.total(one), self.total(whole))

    def test_nobody_else_sees_it(self):
        key = self.farm.add_user("stranger")["api_key"]
        for endpoint in ("top", "traffic"):
            answer = self.farm.api(endpoint, key=key, id=self.farm.ids[0])
            self.assertEqual((answer.status, answer.text), (404, "No such proxy"))
        self.assertEqual(self.farm.api("top", key="", id=self.farm.ids[0]).status, 403)

    def test_the_command_line_shows_and_forgets_it(self):
        self.tunnel_on_own_proxy("d1", 20_171)
        proxy = self.own
        shown = json.loads(self.farm.cli("proxy", "top", proxy, "--json"))
        self.assertEqual([(row["host"], row["incoming"]) for row in shown["destinations"]],
                         [("echo.test", 600)])
        table = self.farm.cli("proxy", "top", proxy).splitlines()
        self.assertEqual(table[0].split(), ["HOST", "PORT", "INCOMING", "OUTGOING", "CONNECTIONS"])
        self.assertEqual(table[1].split(), ["echo.test", "7", "600", "600", "1"])
        self.assertEqual(table[2].split(), ["(other)", "-", "0", "0", "0"])
        day = json.loads(self.farm.cli("proxy", "top", proxy, "--json", "--day", "2020-01-31"))
        self.assertEqual((day["day"], day["destinations"]), ("2020-01-31", []))
        self.farm.cli("proxy", "top", proxy, "--forget")
        self.assertEqual(json.loads(self.farm.cli("proxy", "top", proxy, "--json"))["destinations"],
                         [])

    def tunnel_on_own_proxy(self, dongle, port):
        self.own = self.farm.add_proxy(dongle, port)["id"]
        client = Socks5(port)
        client.log_in()
        self.assertEqual(client.connect("echo.test", 7), 0)
        self.echo(client, 600)
        client.close()
        self.wait_for(lambda: json.loads(self.farm.cli("proxy", "top", self.own, "--json"))
                      ["destinations"], "its bytes")


class Off(Case):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=1))

    def rows(self):
        """Of the database of a server that has ended."""
        with self.database() as database:
            return [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for table in ("target_days", "targets")]

    def test_nothing_is_kept_until_it_is_switched_on_for_a_proxy(self):
        self.curl("http", "http://origin.test/bytes/1000")
        answer = self.top()
        self.assertTrue(answer["success"])
        self.assertEqual(answer["destinations"], [])
        self.assertIn("not counted", answer["info"])
        self.farm.stop_server()
        self.assertEqual(self.rows(), [0, 0])
        self.farm.start_server()
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        older = self.tunnel()
        self.farm.cli("proxy", "top", self.farm.ids[0], "--keep", 2)
        for host, size in (("198.19.0.1", 5000), ("echo.test", 3000)):
            client = self.tunnel(host)
            self.echo(client, size)
            client.close()
        self.echo(older, 70)
        older.close()
        self.curl("http", "http://ip.test/")
        def all_told():
            answer = self.top()
            return answer if self.total(answer)[0] > 8070 else None
        answer = self.wait_for(all_told, "what was moved since")
        self.assertNotIn("info", answer)
        self.farm.stop_server()
        self.assertEqual(self.rows(), [1, 2], "no more than are kept")
        self.farm.start_server()
        self.assertEqual({name: row[0] for name, row in self.by_name().items()},
                         {"198.19.0.1:7": 5000, "echo.test:7": 3000})
        other = self.top()["other"]
        self.assertGreater(other["incoming"], 70, "a tunnel of before, and the third destination")
        self.assertEqual(other["connections"], 1)
        self.farm.cli("proxy", "top", self.farm.ids[0], "--keep", 0)
        self.assertIn("info", self.top())
        self.assertEqual(len(self.by_name()), 2, "what is there stays")
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        self.curl("http", "http://origin.test/bytes/1000")
        time.sleep(2)
        self.assertEqual(self.top()["other"], other)
        self.farm.cli("proxy", "remove", self.farm.ids[0])
        self.farm.stop_server()
        self.assertEqual(self.rows(), [0, 0], "it goes with its proxy")

    def test_nonsense_is_refused(self):
        for value in (-1, 1001, 1.5, "x", True):
            answer = self.farm.admin("PATCH", f"proxies/{self.farm.ids[0]}",
                                     {"top_destinations": value})
            self.assertEqual(answer.status, 422, value)
            self.assertIn("top_destinations", answer.text)
        for options in ({"day": "x"}, {"limit": 0}, {"from_": "x"}, {"day": "2026-01-01", "from_": 0}):
            self.assertEqual(self.farm.api("top", id=self.farm.ids[0], **options).status, 400)


class Processes(Case):
    def setUp(self):
        self.farm = self.enterContext(UpgradingFarm(dongles=1, drain="60s", settings=ON))

    def test_a_stop_loses_nothing_and_a_kill_only_what_came_last(self):
        client = self.tunnel()
        self.echo(client, 4000)
        client.close()
        self.farm.stop_server()
        self.farm.start_server()
        self.assertEqual(self.by_name()["echo.test:7"], (4000, 4000, 1))
        self.assert_agrees_with_the_bill()
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        client = self.tunnel()
        self.echo(client, 77)
        client.close()
        self.wait_for(lambda: self.by_name()["echo.test:7"][0] == 4077, "the last bytes")
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        self.assertIn(self.by_name()["echo.test:7"][0], (4000, 4077))
        wait_until(lambda: self.farm.traffic(0)[0] == 4077, what="the bill, which loses nothing")

    def test_an_upgrade_loses_nothing_of_either_process(self):
        client = self.tunnel()
        self.echo(client, 1000)
        self.farm.upgrade()
        self.echo(client, 500)  # In the old process, which has no database any more.
        other = self.tunnel("198.19.0.1")
        self.echo(other, 30)
        other.close()
        client.close()
        self.farm.old.wait(30)
        self.assert_agrees_with_the_bill()
        self.assertEqual(self.by_name(), {"echo.test:7": (1500, 1500, 1),
                                          "198.19.0.1:7": (30, 30, 1)})


@unittest.skipIf(not FAKETIME or is_sanitized(), "needs libfaketime, and no sanitizer before it")
class Midnight(Case):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.offset = folder / "offset"
        now = datetime.datetime.now(datetime.timezone.utc)
        self.today = now.date()
        evening = datetime.datetime.combine(self.today, datetime.time(23, 50),
                                            datetime.timezone.utc)
        self.before = int((evening - now).total_seconds())
        self.turn(self.before)
        wrapper = folder / "airlane"
        write_starter(wrapper, f"env LD_PRELOAD={FAKETIME[0]} FAKETIME_TIMESTAMP_FILE={self.offset} "
                               "FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1")
        self.farm = self.enterContext(Farm(dongles=1, settings=ON, binary=wrapper))

    def turn(self, seconds):
        self.offset.write_text(f"{seconds:+d}\n")

    def test_a_tunnel_that_goes_on_counts_for_both_days(self):
        tomorrow = self.today + datetime.timedelta(days=1)
        client = self.tunnel()
        self.echo(client, 9000)
        self.wait_for(lambda: self.by_name(day=self.today).get("echo.test:7") == (9000, 9000, 1),
                      "the evening")
        self.turn(self.before + 3600)
        self.echo(client, 400)
        self.wait_for(lambda: self.by_name(day=tomorrow).get("echo.test:7") == (400, 400, 0),
                      "the night")
        self.assertEqual(self.by_name(day=self.today)["echo.test:7"], (9000, 9000, 1))
        self.assertEqual(self.by_name(from_=self.today)["echo.test:7"], (9400, 9400, 1))
        client.close()
        self.assert_agrees_with_the_bill()


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
