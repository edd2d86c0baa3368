"""What a client is told when it may not, or cannot, go where it wants: docs/errors.md, row by row,
as curl and a byte-wise SOCKS5 client see it. Every answer within two seconds."""
import contextlib
import time
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, run, wait_until


class Questions:
    """How to ask, for the test cases below, which have a `farm`."""

    @contextlib.contextmanager
    def within_two_seconds(self):
        start = time.monotonic()
        yield
        self.assertLess(time.monotonic() - start, 2)

    def http(self, url, proxy=None, *options):
        """The status that a plain request and a CONNECT get; they are the same."""
        proxy = proxy or self.farm.proxy_url(0)
        with self.within_two_seconds():
            plain = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--proxy", proxy,
                        *options, url)
        with self.within_two_seconds():
            tunnel = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_connect}", "--proxy",
                         proxy, "--proxytunnel", *options, url, check=False)
        self.assertEqual(plain, tunnel)
        return int(plain)

    def socks5(self, host, port, proxy_port=FIRST_PORT):
        with self.within_two_seconds():
            client = Socks5(proxy_port)
            self.assertEqual(client.log_in(), 0)
            reply = client.connect(host, port)
            self.assertEqual(client.read(1), b"", "a failed request ends the connection")
            client.close()
        return reply


class Refusals(Questions, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=2))

    def test_a_wrong_password(self):
        self.assertEqual(self.http("http://ip.test/",
                                   self.farm.proxy_url(0, credentials="johndoe:wrong")), 407)
        self.assertEqual(self.http("http://ip.test/", self.farm.proxy_url(0, credentials="")), 407)
        client = Socks5(FIRST_PORT)
        self.assertEqual(client.log_in(password="wrong"), 1)
        self.assertEqual(client.read(1), b"")
        self.assertEqual(Socks5(FIRST_PORT, methods=b"\x00").method, 0xff)

    def test_an_unlisted_source(self):
        for mode in ("restrict", "only"):
            proxy = self.farm.add_proxy("d0", 20111, "--whitelist", "127.0.0.2/32",
                                        "--whitelist-mode", mode)
            url = f"http://johndoe:{PASSWORD}@127.0.0.1:20111"
            self.assertEqual(self.http("http://ip.test/", url), 403)
            self.assertEqual(Socks5(20111, methods=b"\x00\x02").method, 0xff)
            listed = 407 if mode == "restrict" else 200
            self.assertEqual(self.http("http://ip.test/", "http://johndoe:no@127.0.0.1:20111",
                                       "--interface", "127.0.0.2"), listed)
            self.assertEqual(self.http("http://ip.test/", url, "--interface", "127.0.0.2"), 200)
            self.farm.cli("proxy", "remove", proxy["id"])

    def test_a_rental_that_is_over_or_not_yet_begun(self):
        for window in (("--till", "2020-01-01T00:00:00Z"), ("--from", "2999-01-01T00:00:00Z")):
            proxy = self.farm.add_proxy("d0", 20112, *window)
            url = f"http://johndoe:{PASSWORD}@127.0.0.1:20112"
            self.assertEqual(self.http("http://ip.test/", url), 403)
            self.assertEqual(Socks5(20112).method, 0xff)
            self.farm.cli("proxy", "remove", proxy["id"])

    def test_an_unknown_name(self):
        self.assertEqual(self.http("http://nowhere.test/"), 502)
        self.assertEqual(self.socks5("nowhere.test", 80), 4)

    def test_a_closed_port(self):
        self.assertEqual(self.http("http://origin.test:81/"), 502)
        self.assertEqual(self.socks5("198.19.0.1", 81), 5)

    def test_a_destination_inside(self):
        for host in ("127.0.0.1", "10.1.2.3", "172.16.0.1", "169.254.169.254", "100.64.0.1",
                     "0.0.0.0", "192.168.8.1", "192.168.8.100", "203.0.113.2", "224.0.0.1"):
            self.assertEqual(self.http(f"http://{host}/"), 403, host)
            self.assertEqual(self.socks5(host, 80), 2, host)
        for name in ("loopback.test", "private.test", "gateway.test", "10-1-2-3.ip.test"):
            self.assertEqual(self.http(f"http://{name}/"), 403, name)
            self.assertEqual(self.socks5(name, 80), 2, name)
        for literal in ("[::1]", "[::ffff:127.0.0.1]", "[fe80::1]", "[::]"):
            self.assertEqual(self.http(f"http://{literal}/"), 403, literal)

    def test_a_name_with_one_address_inside_leads_to_the_other(self):
        self.assertEqual(self.http("http://mixed.test/"), 200)

    def test_a_name_that_changes_its_mind_never_leads_inside(self):
        answers = {run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--proxy",
                       self.farm.proxy_url(0), "http://rebind.test:8080/") for _ in range(20)}
        self.assertEqual(answers, {"502", "403"}, "8080 is our API's port, and closed outside")

    def test_numbers_that_only_the_c_library_takes_for_addresses(self):
        for host in ("0x7f.1", "2130706433", "017700000001", "127.1"):
            client = Socks5(FIRST_PORT)
            client.log_in()
            self.assertNotEqual(client.connect(host, 80), 0, host)

    def test_an_unreachable_target(self):
        self.assertEqual(self.http("http://198.19.0.10/"), 502)
        self.assertEqual(self.socks5("198.19.0.10", 80), 3)

    def test_a_request_that_is_malformed(self):
        status = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--proxy",
                     self.farm.proxy_url(0), "-H", "Bad Name: x", "http://origin.test/")
        self.assertEqual(status, "400")

    def test_errors_say_what_happened(self):
        answer = run("curl", "-sS", "-i", "--proxy", self.farm.proxy_url(0), "http://nowhere.test/")
        self.assertIn("Proxy-Status: airlane; error=dns_error", answer)
        self.assertIn("The host name has no address.", answer)
        self.assertNotIn("nowhere", answer, "nothing of the request comes back")


class Vanished(Questions, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=2))

    def test_a_dongle_that_has_been_unplugged(self):
        self.farm.sim_control("POST", "/dongles/0/unplug")
        wait_until(lambda: self.farm.dongle(0)["state"] == "absent", what="its absence")
        self.assertEqual(self.http("http://ip.test/"), 503)
        self.assertEqual(self.socks5("ip.test", 80), 3)
        seen = self.farm.curl(self.farm.proxy_url(1), "http://ip.test/").strip()
        self.assertEqual(seen, self.farm.external_ip(1), "the other one goes on")


if __name__ == "__main__":
    unittest.main(verbosity=2)
