"""Names are asked through the proxy's own dongle, remembered as long as they hold, and lead to
whichever of their addresses answers; nothing about them is seen on another interface."""
import base64
import concurrent.futures
import contextlib
import ipaddress
import re
import socket
import threading
import time
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, run, wait_until
from process import memory_of

NAMES_MOST = 100


def v6_of(external_ip):
    """What the simulated carrier makes of an IPv4 address."""
    return str(ipaddress.IPv6Address("2001:db8:e::" + external_ip))


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(
            Farm(dongles=2, sim=["--ipv6"], settings=f"[limits]\nnames = {NAMES_MOST}\n"))
        # What leaks by IPv6 shall have a way to do so.
        run("ip", "address", "add", "2001:db8:f::2/64", "dev", "wan0", "nodad")
        run("ip", "route", "add", "::/0", "via", "2001:db8:f::1", "dev", "wan0", "metric", "1")
        run("ip", "neighbour", "add", "2001:db8:f::1", "lladdr", "02:00:00:00:00:01", "dev",
            "wan0", "nud", "permanent")
        wait_until(lambda: cls.see(cls, 0, "six.test") == v6_of(cls.farm.external_ip(0)),
                   what="IPv6")

    def see(self, index, host, scheme="http", check=False):
        return self.farm.curl(self.farm.proxy_url(index, scheme), f"http://{host}/", "-g",
                              check=check).strip()

    def status(self, index, host, port=80):
        """Of a CONNECT."""
        authority = f"{host}:{port}"
        with socket.create_connection(("127.0.0.1", FIRST_PORT + index), 30) as client:
            client.sendall(f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n"
                           f"{self.credentials()}\r\n".encode())
            return int(client.recv(4096).split()[1])

    @staticmethod
    def credentials():
        pair = base64.b64encode(f"johndoe:{PASSWORD}".encode()).decode()
        return f"Proxy-Authorization: Basic {pair}\r\n"

    def rotate(self, index):
        before = self.farm.external_ip(index)
        self.farm.api("change_ip", id=self.farm.ids[index])
        wait_until(lambda: self.farm.external_ip(index) not in (None, before), limit=60,
                   what="another address")
        wait_until(lambda: self.farm.dongle(index)["state"] == "up", what="the dongle")

    @contextlib.contextmanager
    def questions(self, interface, expression="port 53"):
        """The packets that go to a name server."""
        packets = []
        with self.farm.capture(interface, expression) as lines:
            yield packets
        packets.extend(line for line in lines if re.search(r"> 192\.168\.8\.1\.53:", line))

    def test_each_dongle_is_left_by_the_family_that_the_target_has(self):
        for index in range(2):
            v4 = self.farm.external_ip(index)
            expected = {"ip.test": v4, "six.test": v6_of(v4), "both.test": v6_of(v4),
                        "[2001:db8:19::2]": v6_of(v4), "198.19.0.2": v4}
            for host, seen in expected.items():
                for scheme in ("http", "socks5h"):
                    self.assertEqual(self.see(index, host, scheme), seen, f"{host} by {scheme}")

    def test_an_ipv6_address_that_is_a_black_hole_costs_a_moment_and_not_the_connection(self):
        begun = time.monotonic()
        self.assertEqual(self.see(0, "half.test"), self.farm.external_ip(0))
        self.assertLess(time.monotonic() - begun, 5, "its stage has ten seconds")

    def test_a_slow_answer_about_ipv6_is_not_waited_for(self):
        self.rotate(1)  # Nothing is remembered.
        begun = time.monotonic()
        self.assertEqual(self.see(1, "late.test"), self.farm.external_ip(1))
        self.assertLess(time.monotonic() - begun, 1.9)

    def test_no_question_and_no_packet_is_seen_on_another_interface(self):
        self.rotate(0)  # Nothing is remembered.
        expression = ("dst port 53 or dst net 198.18.0.0/15 or dst net 2001:db8:19::/48 or "
                      "dst net 2001:db8:8::/48 or arp dst host 192.168.8.1")
        hosts = ["ip.test", "both.test", "six.test", "half.test", "big.test", "gone.test",
                 "silent.test", "unreachable.test", "[2001:db8:19::1]", "rebind.test"]

        def ask(number):
            scheme = ("http", "socks5h")[number % 2]
            run("curl", "-s", "-g", "--max-time", 4, "--proxy", self.farm.proxy_url(0, scheme),
                f"http://{hosts[number // 2]}/", check=False)

        with contextlib.ExitStack() as stack:
            others = {name: stack.enter_context(self.farm.capture(name, expression))
                      for name in ("wan0", "dg1")}
            loopback = stack.enter_context(self.farm.capture("lo", "port 53"))
            own = stack.enter_context(self.farm.capture("dg0", expression))
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                list(pool.map(ask, range(2 * len(hosts))))
            # And while the dongle goes away under them.
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                asking = [pool.submit(ask, number) for number in range(2 * len(hosts))]
                run("ip", "link", "set", "dg0", "down")
                concurrent.futures.wait(asking)
            run("ip", "link", "set", "dg0", "up")
        # Which takes its IPv6 address and route along, as the kernel does.
        run("ip", "address", "replace", "2001:db8:8::100/64", "dev", "dg0", "nodad",
            "noprefixroute")
        run("ip", "route", "replace", "::/0", "via", "2001:db8:8::1", "dev", "dg0", "onlink",
            "metric", "20")
        for name, packets in others.items():
            self.assertEqual(packets, [], f"leaked by {name}")
        self.assertEqual(loopback, [])
        self.assertTrue(any("AAAA? both.test" in line for line in own))
        self.assertTrue(any("192.168.8.1.53: Flags [S]" in line for line in own), "big.test")
        wait_until(lambda: self.see(0, "six.test") == v6_of(self.farm.external_ip(0)),
                   what="the dongle with IPv6")

    def test_a_name_that_comes_by_tcp_comes_with_a_fingerprint_too(self):
        def answer():
            client = Socks5(FIRST_PORT)
            self.addCleanup(client.close)
            client.log_in()
            return client.connect("big.test", 80)
        native = answer()  # It has addresses, of which none can be reached.
        self.assertNotEqual(native, 4, "host unreachable: it was not found")
        for fp in ("windows-10", "macos"):
            self.farm.admin("PATCH", f"proxies/{self.farm.ids[0]}", {"fp": fp})
            self.assertEqual(answer(), native, fp)
        self.farm.admin("PATCH", f"proxies/{self.farm.ids[0]}", {"fp": ""})

    def test_a_name_is_asked_for_once_and_again_when_it_holds_no_longer(self):
        self.rotate(1)  # Nothing is remembered.
        with self.questions("dg1") as asked:
            for _ in range(12):
                self.assertEqual(self.see(1, "both.test"), v6_of(self.farm.external_ip(1)))
        self.assertLessEqual(len(asked), 4, "by two workers, for two families")
        self.assertGreaterEqual(len(asked), 2)
        with self.questions("dg1") as asked:
            for _ in range(12):
                self.assertEqual(self.status(1, "nowhere.test"), 502)
        self.assertLessEqual(len(asked), 4, "nor for what is not there")
        with self.questions("dg1") as asked:
            for _ in range(3):
                self.assertEqual(self.see(1, "short.test"), self.farm.external_ip(1))
                time.sleep(1.1)
        self.assertGreaterEqual(sum(" A? short" in line for line in asked), 3)

    def test_nothing_is_remembered_over_a_rotation(self):
        self.assertEqual(self.see(0, "ip.test"), self.farm.external_ip(0))
        self.rotate(0)
        with self.questions("dg0") as asked:
            self.assertEqual(self.see(0, "ip.test"), self.farm.external_ip(0))
        self.assertTrue(any(" A? ip.test" in line for line in asked), asked)

    def test_names_that_point_inside_in_turn_never_lead_there(self):
        reached = []
        with socket.create_server(("127.0.0.1", 80)) as trap:
            trap.settimeout(0.2)
            ended = threading.Event()

            def accept():
                while not ended.is_set():
                    with contextlib.suppress(TimeoutError):
                        reached.append(trap.accept())

            catcher = threading.Thread(target=accept)
            catcher.start()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                statuses = list(pool.map(lambda _: self.status(0, "rebind.test"), range(300)))
            ended.set()
            catcher.join()
        self.assertEqual(reached, [])
        self.assertEqual(set(statuses), {200, 403}, "both answers were given")

    def test_a_flood_of_names_that_do_not_exist_costs_nobody_anything(self):
        def flood(number):
            return self.status(0, f"flood-{number}.test")

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            self.assertEqual(set(pool.map(flood, range(500))), {502})
            before = memory_of(self.farm.server.pid)
            asking = [pool.submit(flood, number) for number in range(500, 4000)]
            for _ in range(5):
                self.assertEqual(self.see(0, "ip.test"), self.farm.external_ip(0))
                self.assertEqual(self.see(1, "ip.test"), self.farm.external_ip(1))
            self.assertEqual({done.result() for done in asking}, {502})
        self.assertLess(memory_of(self.farm.server.pid) - before, 4_000_000)

    def test_who_waits_for_a_silent_server_waits_alone_and_not_for_ever(self):
        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(40) as pool:
            waiting = [pool.submit(self.status, 0, "silent.test") for _ in range(20)]
            waiting += [pool.submit(self.status, 0, "slow.test") for _ in range(20)]
            for _ in range(10):
                self.assertEqual(self.see(0, "ip.test"), self.farm.external_ip(0))
            self.assertLess(time.monotonic() - begun, 5, "nobody else waits")
            self.assertEqual({done.result() for done in waiting}, {504})
        self.assertLess(time.monotonic() - begun, 12)

    def test_socks_clients_may_name_what_has_ipv6_only(self):
        client = Socks5(FIRST_PORT)
        client.log_in()
        client.socket.sendall(b"\x05\x01\x00\x03\x08six.test\x00\x50")
        self.assertEqual(client.read(4)[1], 0)
        client.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
