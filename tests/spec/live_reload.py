"""Accounts change as fast as the admin API takes it, under load: nobody else notices."""
import json
import pathlib
import resource
import socket
import sys
import threading
import time
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, UnixConnection, in_own_processes

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from load import ECHO, Load  # noqa: E402

TUNNELS = 1000
SECONDS = 8


class Changer(threading.Thread):
    """One administrator on one connection, who changes, adds and removes proxies of his own."""

    def __init__(self, farm, number):
        super().__init__(daemon=True)
        self.connection = UnixConnection(farm.socket)
        self.port = 21000 + number
        self.changes = 0
        self.errors = []
        self.late = 0  # What was answered and not so at the port.
        self.ending = False

    def call(self, method, path, wanted, **body):
        self.connection.request(method, "/api/admin/" + path, json.dumps(body) if body else None)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != wanted:
            self.errors.append((method, path, answer.status, text))
        self.changes += 1
        return json.loads(text)

    def is_open(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def run(self):
        while not self.ending:
            proxy = self.call("POST", "proxies", 201, user="demo", dongle="d1", port=self.port,
                              username="johndoe", password=PASSWORD)["id"]
            self.late += not self.is_open()
            for change in range(20):
                self.call("PATCH", f"proxies/{proxy}", 200, password=f"another{change}",
                          comment=f"change {change}")
            self.call("DELETE", f"proxies/{proxy}", 200)
            self.late += self.is_open()
        self.connection.close()


class LiveReload(unittest.TestCase):
    def setUp(self):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.farm = self.enterContext(Farm(dongles=2))

    def tunnel(self, port):
        client = Socks5(port)
        client.log_in()
        self.assertEqual(client.connect(*ECHO), 0)
        return client

    def test_changes_of_others_break_nothing(self):
        tunnels = [self.tunnel(FIRST_PORT) for _ in range(TUNNELS)]
        changers = [Changer(self.farm, number) for number in range(8)]
        with Load([FIRST_PORT], 300) as load:
            for changer in changers:
                changer.start()
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                for client in tunnels:  # One byte each, there and back.
                    client.socket.sendall(b"x")
                for client in tunnels:
                    self.assertEqual(client.read(1), b"x")
            for changer in changers:
                changer.ending = True
            for changer in changers:
                changer.join(60)
            moved, errors, _ = load.stop()
        changes = sum(changer.changes for changer in changers)
        print(f"{changes / SECONDS:.0f} changes and {moved['connections'] / SECONDS:.0f} "
              "connections per second", file=sys.stderr)
        self.assertEqual([error for changer in changers for error in changer.errors], [])
        self.assertEqual(sum(changer.late for changer in changers), 0)
        self.assertEqual(errors, [])
        self.assertGreater(changes, 100)
        self.assertGreater(moved["connections"], 100)
        for client in tunnels:
            client.close()

    def test_who_is_disabled_or_removed_under_changes_is_cut_off_within_a_second(self):
        removed = self.farm.add_proxy("d0", 20131)
        ended = self.farm.add_proxy("d0", 20132)
        changer = Changer(self.farm, 0)
        changer.start()
        kept, first, second = (self.tunnel(port) for port in (FIRST_PORT, 20131, 20132))
        self.farm.cli("proxy", "remove", removed["id"])
        self.farm.admin("PATCH", f"proxies/{ended['id']}",
                        {"in_use_till": "2020-01-01T00:00:00Z"})
        for client in (first, second):
            client.socket.settimeout(1)
            with self.assertRaises(ConnectionResetError):
                client.socket.recv(1)
        kept.socket.sendall(b"hello")
        self.assertEqual(kept.read(5), b"hello")
        changer.ending = True
        changer.join(30)
        self.assertEqual(changer.errors, [])


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
