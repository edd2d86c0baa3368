"""SIGTERM: nobody new, time for those who are there, and the last byte counted."""
import contextlib
import pathlib
import signal
import socket
import sys
import time
import unittest

from farm import FIRST_PORT, Farm, Socks5, in_own_processes, wait_until

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from load import ECHO  # noqa: E402


class Drain(unittest.TestCase):
    def start(self, drain):
        self.farm = self.enterContext(Farm(dongles=1, drain=drain))

    def tunnel(self):
        client = Socks5(FIRST_PORT)
        client.log_in()
        self.assertEqual(client.connect(*ECHO), 0)
        return client

    def assert_traffic(self, index, expected):
        # A report that had to wait for the disk spreads the last seconds: then ask again.
        with contextlib.suppress(AssertionError):
            wait_until(lambda: self.farm.traffic(index) == expected, 10)
        self.assertEqual(self.farm.traffic(index), expected)

    def assert_alive(self, client):
        client.socket.sendall(b"hello")
        self.assertEqual(client.read(5), b"hello")

    def is_closed(self):
        try:
            Socks5(FIRST_PORT).close()
        except ConnectionError:
            return True
        return False

    def test_running_tunnels_may_end_by_themselves(self):
        self.start("120s")
        client = self.tunnel()
        self.farm.server.send_signal(signal.SIGTERM)
        wait_until(self.is_closed, 5, "a port that refuses")
        for _ in range(5):
            self.assert_alive(client)
            time.sleep(0.3)
        self.assertIsNone(self.farm.server.poll())
        client.close()
        self.assertEqual(self.farm.server.wait(20), 0)
        self.farm.start_server()
        self.assert_traffic(0, (25, 25))

    def test_a_tunnel_that_does_not_end_is_ended(self):
        self.start("2s")
        client = self.tunnel()
        began = time.monotonic()
        self.farm.server.send_signal(signal.SIGTERM)
        time.sleep(1)
        self.assert_alive(client)
        self.assertEqual(self.farm.server.wait(20), 0)
        self.assertGreaterEqual(time.monotonic() - began, 2)
        self.farm.start_server()
        self.assert_traffic(0, (5, 5))

    def answer_to(self, caller):
        with caller, contextlib.suppress(ConnectionResetError):
            return caller.recv(100)
        return b""

    def test_what_was_asked_of_the_api_comes_to_its_end(self):
        self.start("120s")
        client = self.tunnel()
        body = b'{"username": "demo", "password": "not this one"}'
        head = (b"POST /api/login/ HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body))
        callers = [socket.create_connection((self.farm.address, 8080), 10) for _ in range(4)]
        for caller in callers:
            caller.sendall(head + body)
        time.sleep(0.05)  # Scrypt takes longer.
        self.farm.server.send_signal(signal.SIGTERM)
        answers = [self.answer_to(caller) for caller in callers]
        self.assertIn(b"", answers, "somebody was still waiting")
        time.sleep(2)
        self.assert_alive(client)
        client.close()
        self.assertEqual(self.farm.server.wait(20), 0)

    def test_a_second_signal_ends_at_once(self):
        for first, second in ((signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT),
                              (signal.SIGTERM, signal.SIGINT)):
            with self.subTest(first=first, second=second), Farm(dongles=1, drain="10m") as farm:
                self.farm = farm
                client = self.tunnel()
                self.assert_alive(client)
                farm.server.send_signal(first)
                wait_until(self.is_closed, 5, "a port that refuses")
                self.assert_alive(client)
                farm.server.send_signal(second)
                self.assertEqual(farm.server.wait(20), 0)
                farm.start_server()
                self.assert_traffic(0, (10, 10))

    def test_without_connections_it_ends_at_once(self):
        self.start("10m")
        self.assertEqual(self.farm.stop_server(), 0)

    def test_a_dongle_that_is_lost_ends_its_tunnels_also_then(self):
        self.start("10m")
        client = self.tunnel()
        self.farm.server.send_signal(signal.SIGTERM)
        wait_until(self.is_closed, 5, "a port that refuses")
        self.assert_alive(client)
        self.farm.sim_control("POST", "/dongles/0/unplug")
        client.socket.settimeout(10)
        with self.assertRaises(ConnectionResetError):
            client.socket.recv(1)
        self.assertEqual(self.farm.server.wait(20), 0)


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
