"""One line for each connection, whatever becomes of it; and no connection that waits for its line."""
import calendar
import contextlib
import ctypes
import os
import re
import select
import signal
import socket
import struct
import time
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, run, wait_until

KEYS = ("time proxy port client front protocol requests target address interface stage error "
        "reason errno incoming outgoing ms detect_ms authenticate_ms resolve_ms connect_ms "
        "relay_ms credential").split()
STAGES = ("detect", "authenticate", "resolve", "connect", "relay")


class LoggingFarm(Farm):
    """A farm whose server writes an access log; `queue` lines of each worker may wait for it."""

    def __init__(self, *words, path="access.log", queue=4096, **options):
        super().__init__(*words, **options)
        self.access_log = self.folder / path
        self.queue = queue
        self.seen = 0

    def write_config(self):
        super().write_config()
        text = self.config.read_text().replace(
            "[server]\n", f'[server]\naccess_log = "{self.access_log}"\n')
        self.config.write_text(text + f"\n[limits]\naccess_log = {self.queue}\n")

    def lines(self, count=1):
        """The next lines of the log: `count` of them, and no more than that."""
        def read():
            text = self.access_log.read_bytes()[self.seen:]
            return text if text.count(b"\n") >= count else None
        text = wait_until(read, what=f"{count} lines of the access log")
        self.seen += len(text)
        assert text.count(b"\n") == count, text
        return [parse(line) for line in text.decode().splitlines()]

    def metrics(self):
        """{name{labels}: value} as the command line prints them."""
        return parse_metrics(self.cli("metrics"))


def parse(line):
    """A line by its own rules: keys in their order, printable values, exact numbers."""
    assert re.fullmatch(r"[!-~]+( [!-~]+)*", line), line
    fields = dict(word.split("=", 1) for word in line.split(" "))
    assert list(fields) == KEYS, line
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields["time"]), line
    for key in ("proxy", "port", "requests", "incoming", "outgoing"):
        assert fields[key].isdigit(), line
    for key in KEYS[16:22]:
        assert re.fullmatch(r"\d+\.\d{3}|-", fields[key]), line
    assert fields["stage"] in STAGES, line
    return fields


def parse_metrics(text):
    """The text format of Prometheus, strictly: every sample below the type of its family."""
    samples, families, family = {}, set(), None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split(" ")[2]
            assert family not in families and re.fullmatch(r"airlane_[a-z_]+", family), line
            families.add(family)
        elif line.startswith("# TYPE "):
            name, kind = line.split(" ")[2:]
            assert name == family and kind == ("counter" if name.endswith("_total") else "gauge")
        else:
            label = r'[a-z]+="(?:[^"\\\n]|\\.)*"'
            match = re.fullmatch(rf"({family})(\{{{label}(?:,{label})*\}})? (\d+)", line)
            assert match, line
            assert (match[1] + (match[2] or "")) not in samples, line
            samples[match[1] + (match[2] or "")] = int(match[3])
    assert text.endswith("\n")
    return samples


def ended(stage, error="none"):
    return f'airlane_connections_ended_total{{stage="{stage}",error="{error}"}}'


class AccessLog(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(LoggingFarm(dongles=2))

    def assert_line(self, fields, **expected):
        self.assertEqual({key: fields[key] for key in expected}, expected)

    def test_a_line_says_who_went_where_by_which_proxy_and_how_long_it_took(self):
        before = time.time()
        for index, scheme in ((0, "http"), (1, "socks5h")):
            self.farm.curl(self.farm.proxy_url(index, scheme), "http://origin.test/bytes/1000",
                           "-o", "/dev/null", "--proxytunnel", "--local-port", 10001 + index)
            line, = self.farm.lines()
            self.assert_line(line, proxy=str(self.farm.ids[index]), port=str(FIRST_PORT + index),
                             client=f"127.0.0.1:{10001 + index}", front="-", requests="1",
                             protocol=scheme.rstrip("h"), target="origin.test:80",
                             address="198.19.0.1:80", interface=f"dg{index}", stage="relay",
                             error="-", reason="-", errno="-")
            self.assertNotIn("-", [line[key] for key in KEYS[16:22]], "each stage was reached")
            parts = sum(float(line[f"{stage}_ms"]) for stage in STAGES)
            self.assertAlmostEqual(float(line["ms"]), parts, delta=0.01)
            begun = calendar.timegm(time.strptime(line["time"][:19], "%Y-%m-%dT%H:%M:%S"))
            self.assertLess(abs(begun - before), 20)

    def test_its_bytes_are_those_that_are_counted_for_the_proxy(self):
        before = [self.farm.counted(index) for index in range(2)]
        sums = [[0, 0], [0, 0]]
        for index, scheme in ((0, "http"), (1, "socks5h"), (0, "socks5"), (1, "http")):
            for options in (("http://198.19.0.1/bytes/3000000",),
                            ("http://198.19.0.1/chunked/70000",),
                            ("http://198.19.0.1/upload", "-T", self.upload()),
                            ("http://198.19.0.1/bytes/5", "-p")):
                self.farm.curl(self.farm.proxy_url(index, scheme), options[0], "-o", "/dev/null",
                               *options[1:])
                line, = self.farm.lines()
                self.assertEqual(line["port"], str(FIRST_PORT + index))
                sums[index][0] += int(line["incoming"])
                sums[index][1] += int(line["outgoing"])
        for index in range(2):
            counted = self.farm.counted(index)
            self.assertEqual([counted[0] - before[index][0], counted[1] - before[index][1]],
                             sums[index])
            self.assertGreater(sums[index][0], 3_000_000)
            metrics = self.farm.metrics()
            for direction, value in zip(("incoming", "outgoing"), counted):
                labels = (f'proxy="{self.farm.ids[index]}",port="{FIRST_PORT + index}",'
                          f'direction="{direction}"')
                self.assertEqual(metrics[f"airlane_proxy_bytes_total{{{labels}}}"], value)

    def upload(self):
        file = self.farm.folder / "upload"
        file.write_bytes(bytes(200_000))
        return file

    def test_a_kept_connection_is_one_line_with_its_requests(self):
        run("curl", "-sS", "--proxy", self.farm.proxy_url(0), "-o", "/dev/null",
            "http://origin.test/", "-o", "/dev/null", "http://ip.test/", "-o", "/dev/null",
            "http://origin.test/bytes/7")
        line, = self.farm.lines()
        self.assert_line(line, requests="3", target="origin.test:80", address="198.19.0.1:80",
                         stage="relay", error="-")

    def test_refusals_say_where_and_why(self):
        """And each is counted once, under the same stage and error."""
        proxy = self.farm.add_proxy("d0", 20151, "--whitelist", "127.0.0.9/32", "--whitelist-mode",
                                    "only")
        wrong = self.farm.proxy_url(0, credentials="johndoe:wrong")
        good = self.farm.proxy_url(0)
        cases = [
            (wrong, "http://ip.test/", "authenticate", "unauthenticated", "-", "-"),
            ("http://127.0.0.1:20151", "http://ip.test/", "authenticate", "denied", "-", "-"),
            (good, "http://nowhere.test/", "resolve", "unresolved", "nowhere.test:80", "-"),
            (good, "http://10.1.2.3/", "resolve", "prohibited", "10.1.2.3:80", "-"),
            (good, "http://198.19.0.1:81/", "connect", "refused", "198.19.0.1:81",
             "ECONNREFUSED"),
            (good, "http://198.19.0.10/", "connect", "unreachable", "198.19.0.10:80",
             "EHOSTUNREACH"),
        ]
        for url, target, stage, error, name, errno in cases:
            for option in ("--proxytunnel", "--silent"):
                before = self.farm.metrics()
                self.farm.curl(url, target, option, "-o", "/dev/null", check=False)
                line, = self.farm.lines()
                self.assert_line(line, stage=stage, error=error, target=name, errno=errno,
                                 address="-", incoming="0", outgoing="0", relay_ms="-")
                after = self.farm.metrics()
                grown = {key for key in after if key.startswith("airlane_connections_ended_total")
                         and after[key] != before[key]}
                self.assertEqual(grown, {ended(stage, error)})
                self.assertEqual(after[ended(stage, error)], before[ended(stage, error)] + 1)
        self.farm.cli("proxy", "remove", proxy["id"])
        self.assertNotIn(PASSWORD, self.farm.access_log.read_text())
        self.assertNotIn("wrong", self.farm.access_log.read_text())

    def test_resets_from_either_end(self):
        client = Socks5(FIRST_PORT)
        client.log_in()
        self.assertEqual(client.connect("echo.test", 7), 0)
        client.socket.sendall(b"ping")
        self.assertEqual(client.read(4), b"ping")
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        line, = self.farm.lines()
        self.assert_line(line, stage="relay", error="broken", errno="ECONNRESET", incoming="4",
                         outgoing="4", target="echo.test:7")
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/reset/1000", "--proxytunnel",
                       "-o", "/dev/null", check=False)
        line, = self.farm.lines()
        self.assert_line(line, stage="relay", error="broken", errno="ECONNRESET")

    def test_a_moved_file_is_reopened_and_no_line_is_lost(self):
        moved = []
        for number in range(60):
            self.farm.curl(self.farm.proxy_url(0), "http://198.19.0.1/", "-o", "/dev/null",
                           "--local-port", 11000 + number)
            if number % 10 == 5:
                moved.append(self.farm.folder / f"access.log.{number}")
                self.farm.access_log.rename(moved[-1])
                self.farm.seen = 0
        def ports():
            text = "".join(file.read_text() for file in (*moved, self.farm.access_log))
            found = re.findall(r"client=127\.0\.0\.1:(11\d{3}) ", text)
            return found if len(found) >= 60 else None
        self.assertEqual(sorted(wait_until(ports, what="60 lines")),
                         [str(11000 + number) for number in range(60)])
        self.farm.seen = self.farm.access_log.stat().st_size

    def test_metrics_know_the_dongles_and_what_is_open(self):
        metrics = self.farm.metrics()
        self.assertEqual([metrics[f'airlane_dongle_up{{dongle="d{i}"}}'] for i in range(2)], [1, 1])
        client = Socks5(FIRST_PORT)
        open_now = wait_until(lambda: self.farm.metrics()["airlane_connections_active"], what="it")
        self.assertEqual(open_now, 1)
        client.close()
        self.farm.lines()
        metrics = self.farm.metrics()
        self.assertEqual(metrics["airlane_connections_active"], 0)
        for name in ("connections_ended_total", "connections_spoken_total"):
            self.assertEqual(metrics["airlane_connections_accepted_total"], sum_of(metrics, name))
        self.assertEqual(metrics["airlane_access_log_dropped_total"], 0)


def sum_of(metrics, name):
    return sum(value for key, value in metrics.items() if key.startswith(f"airlane_{name}{{"))


class Stopping(unittest.TestCase):
    def test_what_was_open_is_logged_before_the_server_is_gone(self):
        with LoggingFarm(dongles=1) as farm:
            client = Socks5(FIRST_PORT)
            client.log_in()
            self.assertEqual(client.connect("198.19.0.1", 7), 0)
            client.socket.sendall(b"x" * 1000)
            self.assertEqual(client.read(1000), b"x" * 1000)
            self.assertEqual(farm.stop_server(signal.SIGTERM), 0)
            line, = farm.lines()
            self.assertEqual([line[key] for key in ("stage", "error", "incoming", "outgoing")],
                             ["relay", "closing", "1000", "1000"])
            client.close()


class SlowDisk(unittest.TestCase):
    """A FIFO: as slow as its reader."""
    COUNT = 1500

    def knock(self):
        """A connection that is over at once."""
        with socket.create_connection(("127.0.0.1", FIRST_PORT), 10) as client:
            client.sendall(b"\x00")
            self.assertEqual(client.recv(1), b"")

    def test_nobody_waits_for_it(self):
        farm = LoggingFarm(dongles=1, path="fifo", queue=16)
        os.mkfifo(farm.access_log)
        with farm:
            self.knock()
            reader = os.open(farm.access_log, os.O_RDONLY | os.O_NONBLOCK)
            self.addCleanup(os.close, reader)
            slowest = 0
            for _ in range(self.COUNT):
                start = time.monotonic()
                self.knock()
                slowest = max(slowest, time.monotonic() - start)
            self.assertLess(slowest, 5)
            farm.curl(farm.proxy_url(0), "http://origin.test/bytes/50000000", "-o",
                      farm.folder / "out")
            self.assertEqual((farm.folder / "out").stat().st_size, 50_000_000)
            wait_until(lambda: farm.metrics()["airlane_connections_active"] == 0, what="the end")
            dropped = farm.metrics()["airlane_access_log_dropped_total"]
            self.assertGreater(dropped, 0)
            wait_until(lambda: "the access log has dropped" in farm.log.read_text(),
                       what="the server to say so")
            self.read_the_rest(farm, reader, self.COUNT + 2 - dropped)
            farm.curl(farm.proxy_url(0), "http://origin.test/", "-o", "/dev/null")
            line, = self.read_lines(reader, 1)
            self.assertEqual(line["target"], "origin.test:80", "it goes on")

    def read_the_rest(self, farm, reader, expected):
        lines = self.read_lines(reader, expected)
        self.assertEqual(len(lines), expected)
        wait_until(lambda: farm.metrics()["airlane_access_log_lines_total"] == expected,
                   what="the count of lines")

    def read_lines(self, reader, count):
        text, end = b"", time.monotonic() + 30
        while text.count(b"\n") < count and time.monotonic() < end:
            if select.select([reader], [], [], 1)[0]:
                with contextlib.suppress(BlockingIOError):
                    text += os.read(reader, 1 << 16)
        self.assertTrue(text.endswith(b"\n"))
        return [parse(line) for line in text.decode().splitlines()]


class FullDisk(unittest.TestCase):
    """A file system of 64 KiB, in a mount namespace of this process."""

    def test_lines_are_whole_and_wait_until_there_is_room(self):
        self.assertEqual(ctypes.CDLL(None).unshare(0x00020000), 0, "CLONE_NEWNS")
        run("mount", "--make-rprivate", "/")
        farm = LoggingFarm(dongles=1, path="small/access.log")
        small = farm.folder / "small"
        small.mkdir()
        run("mount", "-t", "tmpfs", "-o", "size=64k", "airlane-test", small)
        self.addCleanup(run, "umount", "-l", small, check=False)
        with farm:
            (small / "filler").write_bytes(bytes(56 << 10))
            for number in range(60):  # More than the rest of 8 KiB holds.
                farm.curl(farm.proxy_url(0), "http://198.19.0.1/", "-o", "/dev/null",
                          "--local-port", 12000 + number)
            wait_until(lambda: "cannot write the access log" in farm.log.read_text(),
                       what="the server to say so")
            text = farm.access_log.read_text()
            self.assertTrue(text.endswith("\n"))
            self.assertLess(text.count("\n"), 60)
            (small / "filler").unlink()
            lines = farm.lines(60)
            self.assertEqual(sorted(line["client"] for line in lines),  # Two workers.
                             [f"127.0.0.1:{12000 + number}" for number in range(60)])
            self.assertEqual(farm.metrics()["airlane_access_log_dropped_total"], 0)
            run("umount", "-l", small)


if __name__ == "__main__":
    unittest.main(verbosity=2)
