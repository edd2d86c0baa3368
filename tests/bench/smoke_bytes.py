"""airlane-bench itself: every work through each relay, with all bytes compared; and it must notice
when a byte is changed, lost or doubled on the way."""
import contextlib
import json
import socket
import subprocess
import threading
import unittest

from bench_network import BENCH, start, stop
from farm import run

ORIGIN, SPLICE, COPY, TWISTED = 9000, 9001, 9002, 9003
SHORT = ["--seconds", "0.3", "--warmup", "0.1", "--check"]


def server(*words):
    process = start([BENCH, *words], stdout=subprocess.PIPE, text=True)
    if process.stdout.readline() != "ready\n":
        raise AssertionError(f"{words} did not start")
    return process


def load(work, port, n, *options):
    return subprocess.run(
        [str(BENCH), "load", work, "--proxy", f"direct://127.0.0.1:{port}", "-n", str(n), *SHORT,
         *options], capture_output=True, text=True, timeout=120, check=False)


def relay_twisted(client, change):
    """One connection, on which what comes from the origin goes through `change`."""
    def forth():
        with contextlib.suppress(OSError):
            while data := client.recv(65536):
                origin.sendall(data)

    with client, socket.create_connection(("127.0.0.1", ORIGIN)) as origin:
        threading.Thread(target=forth, daemon=True).start()
        with contextlib.suppress(OSError):  # The load has seen enough.
            while data := origin.recv(65536):
                client.sendall(change(data))


def serve_twisted(listening, change):
    with contextlib.suppress(OSError):  # The test is over.
        while True:
            client, _ = listening.accept()
            threading.Thread(target=relay_twisted, args=(client, change), daemon=True).start()


class Bytes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run("ip", "link", "set", "lo", "up")
        target = ["--target", f"127.0.0.1:{ORIGIN}"]
        for words in (["origin", "--check", "--listen", f"127.0.0.1:{ORIGIN}"],
                      ["relay", "--splice", "--listen", f"127.0.0.1:{SPLICE}", *target],
                      ["relay", "--copy", "--listen", f"127.0.0.1:{COPY}", *target]):
            process = server(*words)
            cls.addClassCleanup(process.stdout.close)
            cls.addClassCleanup(stop, process)
        cls.relays = {"direct": ORIGIN, "splice": SPLICE, "copy": COPY}

    def each(self, work, n, *options):
        for name, port in self.relays.items():
            with self.subTest(name):
                done = load(work, port, n, *options)
                self.assertEqual(done.returncode, 0, done.stderr)
                row = json.loads(done.stdout)
                self.assertEqual((row["work"], row["n"], row["failures"]), (work, n, 0))
                yield row

    def test_bulk_arrives_as_it_was_sent(self):
        for work in ("down", "up"):
            for row in self.each(work, 16):
                self.assertGreater(row["value"], 0)
                self.assertEqual(row["wrong_reads"], 0)

    def test_connections_and_round_trips_are_counted(self):
        for work in ("connect", "ping"):
            for row in self.each(work, 16):
                self.assertGreater(row["value"], 0)
                self.assertLessEqual(row["p50"], row["p99"])
                self.assertLessEqual(row["p99"], row["p99.9"])
                self.assertLessEqual(row["p99.9"], row["max"])

    def test_http_bodies_are_whole(self):
        for options, size in (([], 1000), (["--large"], 100_000)):
            for row in self.each("http", 8, *options):
                self.assertGreater(row["value"], 0)
                self.assertEqual(row["size"], size)

    def test_idle_tunnels_and_stalled_readers_come_up(self):
        for work in ("idle", "stalled"):
            for row in self.each(work, 30):
                self.assertIn("available_kib", row)
        for row in self.each("ping", 4, "--stalled", "20"):
            self.assertGreater(row["value"], 0)

    def test_datagrams_come_back(self):
        done = load("udp", ORIGIN, 4)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(json.loads(done.stdout)["value"], 0)

    def test_the_cost_of_a_process_is_seen(self):
        burner = start(["sh", "-c", "while :; do :; done"])
        self.addCleanup(stop, burner)
        row = json.loads(load("ping", ORIGIN, 1, "--pid", str(burner.pid)).stdout)
        self.assertGreater(row["cpu"], 0)
        self.assertGreater(row["cpu_share"], 0.01)

    def test_the_cost_of_a_child_is_its_parents(self):
        parent = start(["sh", "-c", "sh -c 'while :; do :; done'; :"])
        self.addCleanup(stop, parent)
        row = json.loads(load("ping", ORIGIN, 1, "--pid", str(parent.pid)).stdout)
        self.assertGreater(row["cpu_share"], 0.01)

    def test_a_changed_lost_or_doubled_byte_is_noticed(self):
        changes = {
            "changed": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
            "lost": lambda data: data[:-1] if len(data) > 1 else data,
            "doubled": lambda data: data + data[-1:],
        }
        for port, (name, change) in enumerate(changes.items(), TWISTED):
            with self.subTest(name), socket.create_server(("127.0.0.1", port)) as listening:
                threading.Thread(target=serve_twisted, args=(listening, change), daemon=True).start()
                done = load("down", port, 1)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertGreater(json.loads(done.stdout)["wrong_reads"], 0)
                self.assertNotEqual(load("http", port, 1, "--large").returncode, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
