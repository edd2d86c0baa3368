"""A proxy that may move so many bytes in a day: to the byte, whatever happens to the server."""
import json
import signal
import socket
import subprocess
import time
import unittest

from farm import AIRLANE, FIRST_PORT, Farm, Socks5, run, wait_until

MEGABYTE = 1_000_000
# What may be on its way past the end: a portion of each worker; see proxy/throttle.h.
PORTIONS = 2 * 65536


class Quotas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=2))

    def tearDown(self):
        for index in range(2):
            self.set(index, "none")

    def set(self, index, *words):
        return json.loads(self.farm.cli("proxy", "quota", self.farm.ids[index], *words))["quota"]

    def shown(self, index):
        proxies = json.loads(self.farm.cli("proxy", "list", "--json"))["proxies"]
        return next(proxy["quota"] for proxy in proxies if proxy["id"] == self.farm.ids[index])

    def used(self, index):
        return sum(self.farm.traffic(index))

    def allow(self, index, more, *words):
        """A quota that leaves so many bytes of today."""
        return self.set(index, f"{int(self.used(index)) + more}B", "--period", "day", *words)

    def reply(self, index):
        """Of a SOCKS5 proxy to CONNECT."""
        client = Socks5(FIRST_PORT + index)
        status = client.log_in()
        return client.connect("origin.test", 80) if status == 0 else f"status {status}"

    def is_refused(self, index):
        """The answer to HTTP, to CONNECT and to SOCKS."""
        url = self.farm.proxy_url(index)
        plain = run("curl", "-sS", "-i", "--proxy", url, "http://ip.test/", check=False)
        tunnel = run("curl", "-s", "-i", "-p", "--proxy", url, "http://ip.test/", check=False)
        for answer in (plain, tunnel):
            if "403 Forbidden" not in answer or "error=http_request_denied" not in answer:
                return False
        self.assertEqual(self.reply(index), 2)
        self.assertIn("quota", plain.split("\n\n", 1)[1].lower(), "it says which limit")
        return True

    def works(self, index):
        return self.farm.curl(self.farm.proxy_url(index), "http://ip.test/", check=False).strip() \
            == self.farm.external_ip(index)

    def tunnel(self, index):
        client = Socks5(FIRST_PORT + index, limit=60)
        client.log_in()
        self.assertEqual(client.connect("origin.test", 80), 0)
        return client

    @staticmethod
    def ask_for(client, size):
        client.socket.sendall(f"GET /bytes/{size} HTTP/1.1\r\nHost: h\r\n\r\n".encode())

    @staticmethod
    def read_to_the_end(client):
        received = 0
        try:
            while part := client.socket.recv(1 << 20):
                received += len(part)
        except ConnectionResetError:
            return received, "reset"
        return received, "end"

    def test_a_tunnel_ends_at_the_last_byte_and_nobody_comes_in_after_it(self):
        before = self.used(0)
        quota = self.allow(0, 2 * MEGABYTE)
        self.assertEqual((quota["period"], quota["action"], quota["time_zone"]),
                         ("day", "refuse", "UTC"))
        idle = self.tunnel(0)
        busy = self.tunnel(0)
        self.ask_for(busy, 50 * MEGABYTE)
        received, end = self.read_to_the_end(busy)
        self.assertEqual(end, "reset")
        moved = sum(self.farm.counted(0)) - before
        self.assertGreaterEqual(moved, 2 * MEGABYTE)
        self.assertLessEqual(moved, 2 * MEGABYTE + PORTIONS)
        self.assertLessEqual(received, moved)
        self.assertEqual(self.read_to_the_end(idle)[1], "reset", "the others end, too")
        self.assertTrue(self.is_refused(0))
        self.assertEqual(sum(self.farm.counted(0)) - before, moved, "a refusal costs nothing")
        self.assertEqual(self.shown(0)["used"], self.used(0))
        self.assertTrue(self.works(1), "another proxy has its own")
        self.assertRegex(self.farm.cli("metrics"),
                         r'connections_ended_total\{[^}]*"over_quota"[^}]*\} [1-9]')

    def test_a_restart_forgives_nothing(self):
        self.allow(0, 500_000)
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/300000", "-o", "/dev/null")
        before = sum(self.farm.counted(0))
        for how in (signal.SIGKILL, signal.SIGTERM):
            self.farm.stop_server(how)
            self.farm.start_server()
            wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
            quota = self.shown(0)
            self.assertEqual(quota["used"], before)
            self.assertTrue(100_000 < quota["bytes"] - quota["used"] < 200_000)
        client = self.tunnel(0)
        self.ask_for(client, 50 * MEGABYTE)
        self.read_to_the_end(client)
        moved = sum(self.farm.counted(0)) - before
        left = quota["bytes"] - quota["used"]
        self.assertTrue(left <= moved <= left + PORTIONS, (left, moved))
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        self.assertTrue(self.is_refused(0))

    def test_a_larger_quota_and_none_open_it_again(self):
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/1000", "-o", "/dev/null")
        quota = self.set(0, "1B", "--period", "month")
        self.assertEqual(quota["bytes"], 1)
        wait_until(lambda: self.is_refused(0), what="the refusal")
        self.allow(0, MEGABYTE)
        wait_until(lambda: self.works(0), what="the larger quota")
        self.set(0, "1B")
        wait_until(lambda: self.is_refused(0), what="the refusal")
        self.assertIsNone(self.set(0, "none"))
        wait_until(lambda: self.works(0), what="no quota at all")

    def test_a_throttle_slows_down_who_is_there_and_who_comes(self):
        quota = self.allow(1, MEGABYTE, "--throttle", "250000B")
        self.assertEqual((quota["action"], quota["rate"]), ("throttle", 250_000))
        there = self.tunnel(1)
        self.farm.curl(self.farm.proxy_url(1), "http://origin.test/bytes/2000000", "-o", "/dev/null")
        time.sleep(3)  # The counters are looked at once a second.
        for client in (there, self.tunnel(1)):
            start = time.monotonic()
            self.ask_for(client, MEGABYTE)
            received = 0
            while received < MEGABYTE:
                received += len(client.socket.recv(1 << 20))
            self.assertGreater(time.monotonic() - start, 2, "four seconds' worth")
        self.set(1, "none")
        wait_until(lambda: self.is_fast(there), what="no throttle")

    def is_fast(self, client):
        start = time.monotonic()
        self.ask_for(client, 2 * MEGABYTE)
        received = 0
        while received < 2 * MEGABYTE:
            received += len(client.socket.recv(1 << 20))
        return time.monotonic() - start < 4

    def test_the_next_day_it_begins_anew(self):
        # There is always somewhere where it is midnight next minute.
        midnight = (int(time.time()) + 20) // 60 * 60 + 60
        ahead = -midnight // 60 % 1440
        ahead = ahead - 1440 if ahead > 840 else ahead
        zone = f"{'-' if ahead < 0 else '+'}{abs(ahead) // 60:02}:{abs(ahead) % 60:02}"
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/200000", "-o", "/dev/null")
        quota = self.set(0, "150000B", "--period", "day", "--zone", zone)
        self.assertEqual(quota["resets"], time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(midnight)))
        wait_until(lambda: self.is_refused(0), what="the refusal")
        while time.time() < midnight - 2:
            self.assertTrue(self.is_refused(0))
            time.sleep(1)
        wait_until(lambda: self.works(0), what="the new day")
        quota = self.shown(0)
        self.assertLess(quota["used"], 150_000)
        self.assertEqual(quota["resets"],
                         time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(midnight + 86400)))

    def test_what_makes_no_sense_is_refused_with_a_sentence(self):
        for words, status, sentence in (
                (["50"], 2, "like 50GiB, or none"), (["0B"], 1, "at least one byte"),
                (["1GiB", "--period", "week"], 1, "--period must be one of month, day"),
                (["1GiB", "--zone", "Mars"], 1, "UTC"),
                (["1GiB", "--throttle", "0B"], 1, "rate"), (["--refuse"], 1, "byte")):
            done = subprocess.run([AIRLANE, "proxy", "quota", str(self.farm.ids[0]), *words,
                                   "--socket", self.farm.socket], capture_output=True, text=True)
            self.assertEqual(done.returncode, status, words)
            self.assertIn(sentence, done.stderr)
            self.assertIsNone(self.shown(0), words)


if __name__ == "__main__":
    socket.setdefaulttimeout(60)
    unittest.main(verbosity=2)
