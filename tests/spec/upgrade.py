"""One process takes over from another, and nobody who uses a proxy notices.

It runs as the first process of its own namespace: processes that take over become its children.
"""
import contextlib
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from farm import AIRLANE, FIRST_PORT, Farm, Socks5, in_own_processes, run, wait_until

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from load import ECHO, Load, converse  # noqa: E402

RATE = 1000  # Connections per second.


class Adopted:
    """A process that is a child of this one since its own parent has ended; as subprocess.Popen."""

    def __init__(self, pid):
        self.pid = pid
        self.returncode = None

    def poll(self):
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout):
        wait_until(lambda: self.poll() is not None, timeout, f"the end of process {self.pid}")
        return self.returncode

    def send_signal(self, how):
        os.kill(self.pid, how)


class UpgradingFarm(Farm):
    """Its server is a copy of the program, which tests replace by others."""

    def __init__(self, **options):
        super().__init__(**options)
        self.binary = self.folder / "airlane"
        shutil.copy(AIRLANE, self.binary)
        self.old = None

    def state(self):
        return self.admin("GET", "server").json

    def adopt(self):
        self.old, self.server = self.server, Adopted(self.state()["pid"])

    def upgrade(self):
        before = self.server.pid
        self.cli("upgrade")
        self.adopt()
        assert self.server.pid != before

    def refuse_upgrade(self):
        """What the command says when there is none."""
        done = subprocess.run([AIRLANE, "upgrade", "--socket", self.socket], capture_output=True,
                              text=True, timeout=150)
        assert done.returncode == 1, done
        return done.stderr

    def replace_binary(self, text):
        """As a package manager does: another file of that name."""
        other = self.folder / "other"
        other.write_text(text)
        other.chmod(0o755)
        other.rename(self.binary)

    def close(self):
        if self.old and self.old.poll() is None:
            self.old.send_signal(signal.SIGKILL)
            self.old.wait(20)
        super().close()


class Upgrade(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(UpgradingFarm(dongles=2, drain="60s"))
        self.ports = [FIRST_PORT, FIRST_PORT + 1]

    def tunnel(self, index=0):
        client = Socks5(FIRST_PORT + index)
        client.log_in()
        self.assertEqual(client.connect(*ECHO), 0)
        self.assert_alive(client)
        return client

    def assert_traffic(self, index, expected):
        # A report that had to wait for the disk spreads the last seconds: then ask again.
        with contextlib.suppress(AssertionError):
            wait_until(lambda: self.farm.traffic(index) == expected, 10)
        self.assertEqual(self.farm.traffic(index), expected)

    def assert_alive(self, client):
        client.socket.sendall(b"hello")
        self.assertEqual(client.read(5), b"hello")

    def assert_reset(self, client, limit=5):
        client.socket.settimeout(limit)
        with self.assertRaises(ConnectionResetError):
            client.socket.recv(1)

    def assert_nothing_changed(self, pid, client):
        """After an upgrade that failed."""
        state = self.farm.state()
        self.assertEqual(state["pid"], pid)
        self.assertEqual(state["upgrade"], "failed")
        self.assert_alive(client)
        converse(FIRST_PORT, b"new")
        self.farm.cli("proxy", "list")
        self.assertIn("did not take over", self.farm.log.read_text())

    def test_under_load_not_one_connection_is_refused_or_reset_and_every_byte_counts(self):
        downloads = [Download(port, 30_000_000, 3_000_000) for port in self.ports]
        with Load(self.ports, RATE) as load:
            time.sleep(2)
            # Another number of workers each time: fewer workers take over more sockets each.
            self.farm.workers = 3
            self.farm.write_config()
            self.farm.upgrade()
            self.assertTrue(all(download.is_alive() for download in downloads))
            for download in downloads:
                download.join(60)
                self.assertEqual(download.error, None)
            self.assert_old_one_ends()
            self.farm.workers = 1
            self.farm.write_config()
            self.farm.upgrade()
            time.sleep(2)
            moved, errors, rate = load.stop()
        print(f"{moved['connections']} connections, {rate:.0f} per second", file=sys.stderr)
        self.assertEqual(errors, [])
        self.assertGreater(moved["connections"], 1000)
        self.assert_old_one_ends()
        for index, (port, download) in enumerate(zip(self.ports, downloads)):
            self.assert_traffic(index, (moved[port] + download.received,
                                        moved[port] + download.sent))
        self.assert_no_old_counters()

    def assert_old_one_ends(self):
        self.assertEqual(self.farm.old.wait(60), 0)
        wait_until(lambda: self.farm.state()["draining"] is None, what="the news of its end")

    def assert_no_old_counters(self):
        wait_until(lambda: not list((self.farm.folder / "state").glob("counters-*")),
                   what="the last fold")

    def test_old_tunnels_go_on_until_what_they_live_on_is_gone(self):
        first, second = self.tunnel(0), self.tunnel(1)
        added = self.farm.add_proxy("d0", 20131)
        third = Socks5(20131)
        third.log_in()
        self.assertEqual(third.connect(*ECHO), 0)
        self.farm.upgrade()
        for client in (first, second, third):
            self.assert_alive(client)
        self.assertEqual(self.farm.state()["draining"], self.farm.old.pid)
        # The old process learns what the new one is told: a proxy that is removed...
        self.farm.cli("proxy", "remove", added["id"])
        self.assert_reset(third)
        self.assert_alive(first)
        # ... and a dongle that takes another address.
        self.farm.cli("rotate", self.farm.ids[1])
        self.assert_reset(second)
        self.assert_alive(first)
        self.assertIn("drains", self.farm.refuse_upgrade())
        self.assert_alive(first)
        first.close()
        self.assert_old_one_ends()

    def test_a_signal_does_it_too_and_the_kernels_tables_never_vanish(self):
        client = self.tunnel()
        watch = subprocess.Popen(["ip", "monitor", "rule", "route"], stdout=subprocess.PIPE,
                                 text=True)
        self.addCleanup(watch.stdout.close)
        time.sleep(0.5)
        before = self.farm.server.pid
        os.kill(before, signal.SIGUSR2)
        wait_until(lambda: self.farm.state()["pid"] != before, what="another process")
        self.farm.adopt()
        client.close()
        self.assert_old_one_ends()
        watch.terminate()
        self.assertEqual([line for line in watch.communicate(timeout=10)[0].splitlines()
                          if line.startswith("Deleted")], [])
        self.assertEqual(self.farm.curl(self.farm.proxy_url(0), "http://ip.test/").strip(),
                         self.farm.external_ip(0))
        self.assertEqual(self.farm.stop_server(), 0)
        self.assertNotIn("2000", run("ip", "rule"), "the last one cleans up")
        self.assertFalse(self.farm.socket.exists())

    def test_a_configuration_that_is_wrong_changes_nothing(self):
        client, pid = self.tunnel(), self.farm.server.pid
        good = self.farm.config.read_text()
        self.farm.config.write_text(good.replace("workers = 2", "workers = -2"))
        self.assertIn("server.workers", self.farm.refuse_upgrade())
        self.assert_nothing_changed(pid, client)
        # What only a start can find out.
        with socket.create_server(("127.0.0.1", 8099)):
            self.farm.config.write_text(good.replace("127.0.0.1:8080", "127.0.0.1:8099"))
            self.assertIn("8099", self.farm.refuse_upgrade())
        self.assert_nothing_changed(pid, client)
        self.farm.config.write_text(good.replace("/state", "/elsewhere"))
        self.assertIn("server.state", self.farm.refuse_upgrade())
        self.assert_nothing_changed(pid, client)
        self.farm.config.write_text(good.replace("127.0.0.1:8080", "127.0.0.1:8090"))
        self.farm.upgrade()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", 8080))
        socket.create_connection(("127.0.0.1", 8090)).close()
        self.assert_alive(client)

    def test_a_program_that_does_not_work_changes_nothing(self):
        client, pid = self.tunnel(), self.farm.server.pid
        self.farm.replace_binary("neither a program nor a script")
        self.assertIn("Exec format error", self.farm.refuse_upgrade())
        self.farm.replace_binary("#!/bin/sh\nexit 3\n")
        self.assertIn("status 3", self.farm.refuse_upgrade())
        self.assert_nothing_changed(pid, client)
        self.farm.replace_binary("#!/bin/sh\nexec sleep 0\n")
        self.assertIn("without a word", self.farm.refuse_upgrade())
        self.assert_nothing_changed(pid, client)
        self.farm.binary.unlink()
        self.assertIn("No such file", self.farm.refuse_upgrade())
        self.assert_nothing_changed(pid, client)

    def test_a_successor_that_dies_with_everything_in_its_hands_loses_nothing(self):
        client, pid = self.tunnel(), self.farm.server.pid
        converse(FIRST_PORT, b"before")
        self.farm.replace_binary(f"#!{sys.executable}\n" + DIES_AFTER_THE_HAND_OVER)
        for wanted in (b"serving!", b""):
            (self.farm.folder / "last_word").write_bytes(wanted)
            self.farm.refuse_upgrade()
            self.assert_nothing_changed(pid, client)
            self.assertIn("the control plane is back", self.farm.log.read_text())
        self.assert_traffic(0, (5 + 6 + 2 * 5 + 2 * 3,) * 2)
        self.assertEqual(self.farm.curl(self.farm.proxy_url(0), "http://ip.test/").strip(),
                         self.farm.external_ip(0))
        self.farm.replace_binary("")
        shutil.copy(AIRLANE, self.farm.binary)
        self.farm.upgrade()
        self.assert_alive(client)

    def test_kill_9_of_one_or_both_loses_no_counted_byte(self):
        first, second = self.tunnel(0), self.tunnel(1)
        self.farm.upgrade()
        self.assert_alive(first)
        converse(FIRST_PORT, b"x" * 1000)
        self.farm.old.send_signal(signal.SIGKILL)
        self.farm.old.wait(20)
        wait_until(lambda: self.farm.state()["draining"] is None, what="the news of its end")
        self.assert_traffic(0, (1010, 1010))
        self.assert_no_old_counters()
        third = self.tunnel(1)
        self.farm.upgrade()
        self.assert_alive(third)
        converse(FIRST_PORT + 1, b"x" * 2000)
        for process in (self.farm.server, self.farm.old):
            process.send_signal(signal.SIGKILL)
            process.wait(20)
        self.assertEqual(len(list((self.farm.folder / "state").glob("counters-*"))), 1)
        self.farm.start_server()
        self.assert_traffic(0, (1010, 1010))
        self.assert_traffic(1, (2015, 2015))
        self.assert_no_old_counters()
        for client in (first, second, third):
            client.close()

    def test_a_new_start_counts_what_a_draining_process_still_moves(self):
        client = self.tunnel(0)
        self.farm.upgrade()
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        self.assert_alive(client)
        self.assert_traffic(0, (10, 10))
        client.close()
        self.assertEqual(self.farm.old.wait(60), 0)
        self.assert_no_old_counters()
        self.assert_traffic(0, (10, 10))


class Supervised(unittest.TestCase):
    def test_the_supervisor_is_told_who_serves_and_when_it_ends(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
            supervisor.bind(folder + "/notify")
            supervisor.settimeout(30)
            os.environ["NOTIFY_SOCKET"] = folder + "/notify"
            self.addCleanup(os.environ.pop, "NOTIFY_SOCKET")
            with UpgradingFarm(dongles=1) as farm:
                self.assertEqual(supervisor.recv(1000), b"READY=1")
                farm.upgrade()
                self.assertEqual(supervisor.recv(1000), b"MAINPID=%d" % farm.server.pid)
                self.assertEqual(farm.stop_server(), 0)
                self.assertTrue(supervisor.recv(1000).startswith(b"STOPPING=1\n"))


# Speaks like a successor, and ends when it has everything, with a last word or without one.
DIES_AFTER_THE_HAND_OVER = """
import os, socket
channel = socket.socket(fileno=int(os.environ["AIRLANE_TAKEOVER"]))
def listen(until):
    while True:
        text, fds, _, _ = socket.recv_fds(channel, 65536, 250)
        for fd in fds:
            os.close(fd)
        if text == until:
            return
listen(b"prepared?")
channel.send(b"hello 1 %d" % os.getpid())
listen(b"yours")
if word := open(os.path.dirname(os.path.abspath(__file__)) + "/last_word", "rb").read():
    channel.send(word)
"""


class Download(threading.Thread):
    """A body of `size` bytes through a tunnel, at `rate` bytes per second."""

    def __init__(self, port, size, rate):
        super().__init__(daemon=True)
        self.client = Socks5(port, limit=30)
        self.client.log_in()
        assert self.client.connect("198.19.0.1", 80) == 0
        request = f"GET /bytes/{size} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode()
        self.client.socket.sendall(request)
        self.sent = len(request)
        self.received = 0
        self.size = size
        self.rate = rate
        self.error = None
        self.start()

    def run(self):
        began = time.monotonic()
        try:
            while part := self.client.socket.recv(1 << 16):
                self.received += len(part)
                time.sleep(max(0, self.received / self.rate - (time.monotonic() - began)))
        except OSError as error:
            self.error = error
        if self.received < self.size:
            self.error = self.error or f"it ended after {self.received} bytes"
        self.client.socket.shutdown(socket.SHUT_RDWR)  # The processes of a load have copies of it.
        self.client.close()


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
