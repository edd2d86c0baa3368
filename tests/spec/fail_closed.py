"""A packet of a proxy leaves by its dongle or not at all. The host of these tests has a default route
by `wan0`, and captures on every other interface see what would have leaked."""
import concurrent.futures
import contextlib
import time
import unittest

from farm import FIRST_PORT, Farm, Socks5, run, wait_until


class FailClosed(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=2))

    @contextlib.contextmanager
    def nothing_leaks(self, *interfaces):
        """Fails if a packet towards the internet, or a question for a name, is seen on any."""
        expression = "net 198.18.0.0/15 or port 53 or arp host 192.168.8.1"
        with contextlib.ExitStack() as stack:
            captures = {name: stack.enter_context(self.farm.capture(name, expression))
                        for name in interfaces}
            yield
        for name, packets in captures.items():
            self.assertEqual(packets, [], f"leaked by {name}")

    def hammer(self, index):
        """All kinds of requests at once, whatever their outcome."""
        requests = [("http", "http://ip.test/"), ("socks5h", "http://ip.test/"),
                    ("http", "http://198.19.0.1/"), ("socks5", "http://198.19.0.1/")]

        def ask(request):
            run("curl", "-s", "--max-time", 3, "--proxy", self.farm.proxy_url(index, request[0]),
                request[1], check=False)

        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            list(pool.map(ask, requests * 3))

    def test_a_working_dongle_keeps_everything_to_itself(self):
        with self.nothing_leaks("wan0", "dg1"):
            with self.farm.capture("dg0", "net 198.18.0.0/15 or port 53") as own:
                self.hammer(0)
        self.assertTrue(any("198.19.0.1.80" in line for line in own))
        self.assertTrue(any("192.168.8.1.53" in line for line in own), "names too")

    def test_an_interface_that_is_deleted_under_its_connections(self):
        client = Socks5(FIRST_PORT)
        client.log_in()
        self.assertEqual(client.connect("198.19.0.1", 7), 0)
        with self.nothing_leaks("wan0", "dg1"):
            run("ip", "link", "delete", "dg0")
            with contextlib.suppress(OSError):
                client.socket.sendall(b"x" * 1000)
            self.hammer(0)

    def test_a_link_that_is_down_and_an_address_that_is_gone(self):
        for take, give_back in (
                (["link", "set", "dg0", "down"], ["link", "set", "dg0", "up"]),
                (["address", "del", "192.168.8.100/24", "dev", "dg0"],
                 ["address", "add", "192.168.8.100/24", "dev", "dg0", "noprefixroute"])):
            with self.nothing_leaks("wan0", "dg1"):
                run("ip", *take)
                self.hammer(0)
            run("ip", *give_back)
            wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
            seen = self.farm.curl(self.farm.proxy_url(0), "http://ip.test/").strip()
            self.assertEqual(seen, self.farm.external_ip(0), f"after {give_back}")

    def test_tunnels_end_within_a_second_of_every_loss(self):
        losses = {
            "link down": ["link", "set", "dg0", "down"],
            "address removed": ["address", "del", "192.168.8.100/24", "dev", "dg0"],
            "route removed": ["route", "del", "default", "table", str(self.table_of("dg0")), "via",
                              "192.168.8.1"],
            "interface deleted": ["link", "delete", "dg0"],
        }
        for loss, command in losses.items():
            client = Socks5(FIRST_PORT)
            client.log_in()
            self.assertEqual(client.connect("198.19.0.1", 7), 0, loss)
            other = Socks5(FIRST_PORT + 1)
            other.log_in()
            self.assertEqual(other.connect("198.19.0.1", 7), 0)
            run("ip", *command)
            client.socket.settimeout(1)
            with self.assertRaises(ConnectionResetError, msg=loss):
                client.socket.recv(1)
            other.socket.sendall(b"still here")
            self.assertEqual(other.read(10), b"still here")
            if loss == "link down":
                run("ip", "link", "set", "dg0", "up")
            if loss == "address removed":
                run("ip", "address", "add", "192.168.8.100/24", "dev", "dg0", "noprefixroute")
            if loss != "interface deleted":
                wait_until(lambda: self.farm.dongle(0)["state"] == "up", what=f"after {loss}")

    def table_of(self, interface):
        line = next(line for line in run("ip", "rule").splitlines() if f"oif {interface} " in line)
        return int(line.split("lookup ")[1].split()[0])

    def test_a_dongle_that_comes_back_with_another_index_works_again(self):
        before = self.farm.ifindex("dg0")
        self.farm.sim_control("POST", "/dongles/0/unplug")
        wait_until(lambda: self.farm.dongle(0)["state"] == "absent", what="its absence")
        self.farm.sim_control("POST", "/dongles/0/plug")
        begun = time.monotonic()
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="its return")
        self.assertLess(time.monotonic() - begun, 5)
        self.assertNotEqual(self.farm.ifindex("dg0"), before)
        wait_until(lambda: self.farm.curl(self.farm.proxy_url(0), "http://ip.test/", check=False)
                   .strip() == self.farm.external_ip(0), what="the proxy")


if __name__ == "__main__":
    unittest.main(verbosity=2)
