"""script/bench with the least of every work: the real server, the yardsticks, both networks. The rows
must be sane; what they say about speed means nothing here."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import bench_main

MAIN = bench_main.__file__
KEYS = {"subject", "protocol", "work", "n", "value", "unit", "cpu", "cpu_unit", "p50", "p99", "rounds"}
UNITS = {"down": "GB/s", "up": "GB/s", "connect": "connections/s", "ping": "round trips/s",
         "idle": "KiB/tunnel", "stalled": "KiB/reader", "http": "requests/s", "udp": "datagrams/s"}


def connect(subject, protocol, cpu):
    """A row as a run would have written it."""
    return {"subject": subject, "protocol": protocol, "work": "connect", "n": 64, "value": 5000.0,
            "unit": "connections/s", "cpu": cpu, "cpu_unit": "s/1000 connections", "p50": 80.0,
            "p99": 900.0, "p99.9": 1000.0, "rounds": 3, "network": "loopback"}


class Script(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="airlane-bench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def bench(self, *options):
        out = self.folder / "rows.json"
        done = subprocess.run([sys.executable, MAIN, "--smoke", "--json", str(out), *options],
                              capture_output=True, text=True, timeout=280, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.rows = json.loads(out.read_text())
        for row in self.rows:
            self.check_row(row)
        self.said = done.stderr
        return {(row["subject"], row["protocol"], row["work"]) for row in self.rows}

    def check_row(self, row):
        self.assertLessEqual(KEYS, set(row))
        self.assertEqual(row["unit"], UNITS[row["work"]])
        self.assertEqual(row["rounds"], 1)
        self.assertEqual(row["failures"], 0, row)
        if row["work"] not in ("idle", "stalled"):
            self.assertGreater(row["value"], 0)
            if row["subject"] != "direct":
                self.assertGreater(row["cpu"], 0, row)
        if row["work"] in ("connect", "ping", "http", "udp"):
            self.assertGreater(row["p50"], 0)
            self.assertGreaterEqual(row["p99"], row["p50"])
        if row["work"] == "idle" and row["subject"] != "direct":
            self.assertAlmostEqual(row["descriptors"], 2, delta=0.5)

    def test_airlane_and_the_yardsticks_do_every_work(self):
        seen = self.bench("--quick", "--only", "airlane,relay-splice,relay-copy")
        tunnels = {"down", "up", "connect", "ping", "idle"}
        expected = {("airlane", "http", "http")}
        expected |= {("airlane", protocol, work) for protocol in ("socks5", "connect")
                     for work in tunnels}
        expected |= {(relay, "tcp", work) for relay in ("relay-splice", "relay-copy")
                     for work in tunnels | {"http"}}
        self.assertLessEqual(expected, seen, self.said)

    def test_stalled_readers_and_the_other_network_are_there_in_a_full_run(self):
        seen = self.bench("--only", "airlane,relay-copy,direct", "--work", "down,stalled")
        self.assertIn(("airlane", "socks5", "stalled"), seen, self.said)
        self.assertIn("veth", {row["network"] for row in self.rows})
        self.assertIn(20, {row.get("stalled") for row in self.rows if row["work"] == "down"})

    def test_variants_of_airlane_take_turns(self):
        seen = self.bench("--quick", "--only", "airlane,airlane-open,airlane-2workers,airlane-busy",
                          "--work", "connect,ping")
        self.assertLessEqual({("airlane", "connect", "connect"), ("airlane-open", "connect", "connect"),
                              ("airlane-2workers", "socks5", "connect"),
                              ("airlane-busy", "socks5", "ping")}, seen, self.said)

    def test_a_proxy_by_address_is_measured_too(self):
        relay = f"{bench_main.BENCH} relay --copy --listen 127.0.0.1:18900 --target 198.18.0.1:9000"
        seen = self.bench("--quick", "--only", "mine", "--work", "ping",
                          "--proxy", f"mine=direct://127.0.0.1:18900,run={relay}")
        self.assertEqual(seen, {("mine", "tcp", "ping")}, self.said)

    def report(self, page, *rows):
        path = self.folder / "made.json"
        path.write_text(json.dumps(rows))
        subprocess.run([sys.executable, MAIN, "--report", str(path), "--docs", str(page)], check=True,
                       timeout=60)
        return page.read_text()

    def test_the_report_has_tables_verdicts_and_plots(self):
        text = self.report(self.folder / "page.md", connect("airlane", "socks5", 0.05),
                           connect("airlane", "connect", 0.08), connect("relay-copy", "tcp", 0.04))
        self.assertIn("| relay-copy | 5,000 | 40.0 | 80 | 900 |", text)
        self.assertIn("| relay-copy: connections, socks5, CPU | 1.25 | at most 1.35 | yes |", text)
        self.assertIn("| relay-copy: connections, connect, CPU | 2.00 | at most 1.25 | **no** |", text)
        plot = (self.folder / "benchmarks-connect.svg").read_text()
        self.assertIn(">airlane, connect</text>", plot)
        self.assertIn(">80</text>", plot)

    def test_the_report_keeps_the_text_around_it(self):
        page = self.folder / "page.md"
        text = self.report(page, connect("relay-copy", "tcp", 0.04))
        page.write_text("Before.\n" + text + "After.\n")
        text = self.report(page, connect("relay-splice", "tcp", 0.04))
        self.assertTrue(text.startswith("Before.\n") and text.endswith("After.\n"), text)
        self.assertNotIn("| relay-copy |", text)
        self.assertIn("| relay-splice |", text)

    def test_a_wrong_command_line_is_refused_at_once(self):
        for options in (["--only", "nobody"], ["--work", "nothing"], ["--network", "moon"],
                        ["--proxy", "x=socks5://127.0.0.1:1"], ["--proxy", "nonsense"]):
            done = subprocess.run([sys.executable, MAIN, "--check", *options], capture_output=True,
                                  text=True, timeout=60, check=False)
            self.assertNotEqual(done.returncode, 0, options)
            self.assertIn("bench: ", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
