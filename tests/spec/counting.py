"""Every byte is counted, once, for the right proxy, whatever happens to the server."""
import hashlib
import os
import signal
import struct
import subprocess
import time
import unittest

from farm import FIRST_PORT, Farm, Socks5, wait_until

GIBIBYTE = 1 << 30


def pattern_sha256(size):
    """The hash of the simulator's pattern, see docs/simulator.md."""
    block = bytes((i * 2654435761 & 0xffffffff) >> 24 for i in range(1048573))
    digest = hashlib.sha256()
    whole, rest = divmod(size, len(block))
    for _ in range(whole):
        digest.update(block)
    digest.update(block[:rest])
    return digest.hexdigest()


class Counting(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=2))

    def test_a_gibibyte_arrives_whole_and_is_counted_to_the_byte(self):
        client = Socks5(FIRST_PORT, limit=60)
        client.log_in()
        self.assertEqual(client.connect("origin.test", 80), 0)
        request = f"GET /bytes/{GIBIBYTE} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode()
        client.socket.sendall(request)
        head, received, digest = b"", 0, hashlib.sha256()
        while part := client.socket.recv(1 << 20):
            if b"\r\n\r\n" not in head:
                head += part
                if b"\r\n\r\n" not in head:
                    continue
                head, part = head.split(b"\r\n\r\n", 1)
                head += b"\r\n\r\n"
            received += len(part)
            digest.update(part)
        self.assertEqual(received, GIBIBYTE)
        self.assertEqual(digest.hexdigest(), pattern_sha256(GIBIBYTE))
        expected = (len(head) + GIBIBYTE, len(request))
        self.assertEqual(self.farm.counted(0), expected)
        self.assertEqual(self.farm.traffic(0), expected)
        self.assertEqual(self.farm.traffic(1), (0, 0))

    def test_uploads_count_as_outgoing(self):
        client = Socks5(FIRST_PORT + 1)
        client.log_in()
        self.assertEqual(client.connect("198.19.0.1", 7), 0)
        sent = os.urandom(5_000_000)
        received = b""
        for start in range(0, len(sent), 50_000):
            client.socket.sendall(sent[start:start + 50_000])
            received += client.read(50_000)
        self.assertEqual(received, sent)
        self.assertEqual(self.farm.traffic(1), (len(sent), len(sent)))

    def test_kill_9_in_the_middle_loses_no_counted_byte(self):
        for _ in range(3):
            before = self.farm.traffic(0)[0]
            counted_before = self.farm.counted(0)[0]
            process = subprocess.Popen(
                ["curl", "-s", "--limit-rate", "40M", "--proxy",
                 self.farm.proxy_url(0, "socks5h"), f"http://origin.test/bytes/{GIBIBYTE}"],
                stdout=subprocess.PIPE)
            received = 0
            while received < 10_000_000:
                received += len(os.read(process.stdout.fileno(), 1 << 16))
            time.sleep(0.3)
            self.farm.stop_server(signal.SIGKILL)
            received += len(process.stdout.read())
            process.wait()
            process.stdout.close()
            counted = self.farm.counted(0)[0]
            self.farm.start_server()
            after = self.farm.traffic(0)[0]
            self.assertEqual(after - before, counted - counted_before)
            self.assertGreaterEqual(after - before, received, "what arrived has been counted")
            wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")

    def test_a_clean_restart_counts_nothing_twice(self):
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/100000", "-o", "/dev/null")
        before = self.farm.traffic(0)
        for _ in range(2):
            self.assertEqual(self.farm.stop_server(), 0)
            self.farm.start_server()
            self.assertEqual(self.farm.traffic(0), before)

    def test_more_than_a_double_holds_is_counted_to_the_byte_and_shown_as_near_as_it_can_be(self):
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/1000", "-o", "/dev/null")
        self.assertEqual(self.farm.stop_server(), 0)
        incoming, outgoing = self.farm.counted(0)
        total = (1 << 53) + 1  # As if so much had come in before it was stopped.
        path = self.farm.folder / "state" / "counters"
        raw = bytearray(path.read_bytes())
        first, = struct.unpack_from("<Q", raw, 4096)
        struct.pack_into("<Q", raw, 4096, first + total - incoming)
        path.write_bytes(raw)
        self.farm.start_server()
        self.assertEqual(self.farm.counted(0), (total, outgoing))
        self.assertEqual(self.farm.traffic(0), (float(total), float(outgoing)))
        self.assertRegex(self.farm.cli("metrics"),
                         rf'proxy_bytes_total{{[^}}]*direction="incoming"}} {total}\n')

    def test_another_number_of_workers_keeps_the_counts(self):
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/100000", "-o", "/dev/null")
        before = self.farm.traffic(0)
        self.farm.stop_server(signal.SIGKILL)
        self.farm.workers = 3
        self.farm.write_config()
        self.farm.start_server()
        self.assertEqual(self.farm.traffic(0), before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
