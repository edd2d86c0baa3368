"""Limits of single proxies, set while they run: each holds, says its name when it refuses, and is no
other proxy's. Rules by name hold in every protocol by which a client can ask for one."""
import json
import signal
import socket
import subprocess
import time
import unittest

from farm import AIRLANE, FIRST_PORT, Farm, Socks5, run, wait_until
from socks_client import UdpAssociation

MEGABYTE = 1_000_000


class ProxyLimits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=2, settings="""
[limits]
connections_per_proxy = 100
new_per_second = 100
"""))

    def setUp(self):
        for index in range(2):
            self.limit(index, "--reset")

    def limit(self, index, *words):
        """Sets them, and returns what is true then."""
        return json.loads(self.farm.cli("proxy", "limit", self.farm.ids[index], *words))["limits"]

    def refusal(self, index=0, url="http://origin.test/bytes/1", scheme="http", *options):
        """The status and the Proxy-Status of a request that is refused; or 200."""
        answer = run("curl", "-sS", "-i", "--proxy", self.farm.proxy_url(index, scheme), *options,
                     url, check=False)
        status = answer.split("\n", 1)[0].split()[1] if answer else "none"
        details = [line for line in answer.splitlines() if line.startswith("Proxy-Status")]
        return status, details[0].partition("details=")[2].strip('"') if details else ""

    def tunnel(self, index=0, host="origin.test", port=80, source=None):
        client = Socks5(FIRST_PORT + index, source=source, limit=60)
        self.assertEqual(client.log_in(), 0)
        return client, client.connect(host, port)

    def test_each_limit_refuses_by_its_name_and_the_other_proxy_does_not_notice(self):
        self.limit(0, "--connections", "2")
        clients = [self.tunnel() for _ in range(2)]
        self.assertEqual([reply for _, reply in clients], [0, 0])
        self.assertEqual(self.tunnel()[1], 1, "REP 01")
        self.assertEqual(self.refusal(), ("503", "limit connections"))
        self.assertEqual(self.refusal(1)[0], "200")
        self.limit(0, "--connections", "0", "--per-source", "2")
        clients += [self.tunnel(source="127.0.0.8") for _ in range(2)]  # Only those from then on count.
        self.assertEqual(self.refusal(0, "http://origin.test/bytes/1", "http", "--interface", "127.0.0.8"),
                         ("503", "limit connections_per_source"))
        other = self.tunnel(source="127.0.0.9")
        self.assertEqual(other[1], 0, "another client has its own")
        self.limit(0, "--per-source", "0", "--new-per-second", "1")
        answers = {self.refusal() for _ in range(5)}
        self.assertIn(("503", "limit new_per_second"), answers)
        self.assertLessEqual(answers, {("503", "limit new_per_second"), ("200", "")})
        self.limit(0, "--new-per-second", "default")  # What was begun at one a second is paid within one.
        wait_until(lambda: self.refusal()[0] == "200", 2, what="the other limit")
        for client, _ in [*clients, other]:
            client.close()

    def test_a_rate_of_its_own_is_a_share_of_what_the_other_proxy_gets(self):
        def seconds(index):
            start = time.monotonic()
            out = self.farm.folder / f"rate{index}"
            self.farm.curl(self.farm.proxy_url(index), f"http://origin.test/bytes/{MEGABYTE}",
                           "-o", out)
            self.assertEqual(out.stat().st_size, MEGABYTE)
            return time.monotonic() - start
        self.limit(0, "--download", f"{MEGABYTE // 4}B")
        self.limit(1, "--download", f"{MEGABYTE}B")
        slow, fast = seconds(0), seconds(1)
        self.assertTrue(2 < slow / fast < 8, f"a fourth of the rate: {slow:.2f} and {fast:.2f} s")

    def test_a_rate_changes_under_a_tunnel_that_runs(self):
        client, _ = self.tunnel()
        def seconds():
            client.socket.sendall(f"GET /bytes/{MEGABYTE} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
            start, received = time.monotonic(), 0
            while received < MEGABYTE:
                received += len(client.socket.recv(1 << 20))
            return time.monotonic() - start
        before = seconds()
        self.limit(0, "--download", f"{MEGABYTE // 3}B")
        slow = seconds()
        self.assertGreater(slow, 1.5, "three seconds' worth")
        self.assertGreater(slow, 2 * before)
        self.limit(0, "--download", "none")
        self.assertLess(seconds(), slow / 2)

    def test_rules_by_name_hold_in_every_protocol(self):
        self.limit(0, "--rule", "deny Origin.test.", "--rule", "deny * 7777")
        denied = ("403", "limit destinations")
        for host in ("origin.test", "ORIGIN.TEST", "a.origin.test"):
            self.assertEqual(self.refusal(0, f"http://{host}/bytes/1"), denied, host)
            self.assertEqual(self.refusal(0, f"http://{host}/bytes/1", "http", "-p"), denied, host)
            self.assertEqual(self.tunnel(host=host)[1], 2, host)
        self.assertEqual(self.tunnel(host="ip.test")[1], 0)
        self.assertEqual(self.tunnel(host="ip.test", port=7777)[1], 2)
        self.assertEqual(self.tunnel(host="198.19.0.1", port=80)[1], 0, "an address has no name")
        with UdpAssociation() as association:
            self.limit(0, "--rule", "deny echo.test")
            association.send(b"no", "echo.test", 7)
            association.send(b"by address", "198.19.0.1", 7)
            self.assertEqual(association.receive()[0], b"by address")
        wait_until(lambda: 'datagrams_dropped_total{reason="ruled_out"} 1\n'
                   in self.farm.cli("metrics"), what="the datagram that was dropped")

    def test_socks4a_keeps_to_them_too(self):
        proxy = self.farm.ids[0]
        self.farm.cli("proxy", "set", proxy, "--whitelist", "127.0.0.1")
        self.addCleanup(self.farm.cli, "proxy", "set", proxy, "--whitelist", "none")
        url = f"socks4a://127.0.0.1:{FIRST_PORT}"
        self.assertIn("ok", self.farm.curl(url, "http://ip.test/") + "ok")
        self.limit(0, "--rule", "deny ip.test")
        done = subprocess.run(["curl", "-sS", "--proxy", url, "http://ip.test/"],
                              capture_output=True, text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("91", done.stderr, "0x5B")

    def test_some_names_only(self):
        self.limit(0, "--rule", "allow ip.test 80", "--rule", "deny *")
        self.assertEqual(self.refusal(0, "http://ip.test/")[0], "200")
        self.assertEqual(self.tunnel(host="ip.test", port=81)[1], 2)
        self.assertEqual(self.tunnel(host="198.19.0.2")[1], 2, "its address")
        self.assertEqual(self.tunnel(host="origin.test")[1], 2)

    def test_they_survive_a_kill(self):
        before = self.limit(0, "--connections", "7", "--upload", "3MiB", "--rule", "deny origin.test",
                            "--rule", "allow * 443")
        self.assertEqual(before, {"connections": 7, "connections_per_source": None,
                                  "new_per_second": None, "upload": 3 << 20, "download": None,
                                  "destinations": ["deny origin.test", "allow * 443"]})
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        proxies = json.loads(self.farm.cli("proxy", "list", "--json"))["proxies"]
        self.assertEqual(proxies[0]["limits"], before)
        self.assertEqual(self.refusal(), ("403", "limit destinations"))

    def test_what_makes_no_sense_is_refused_with_a_sentence_and_changes_nothing(self):
        before = self.limit(0, "--connections", "7")
        for words, status, sentence in (
                (["--connections", "many"], 2, "neither a whole number nor default"),
                (["--connections", "99999999"], 1, "from 0 to 10000000, or default."),
                (["--upload", "7 parsecs"], 2, "not a size"),
                (["--rule", "deny"], 1, "must go on with"),
                (["--rule", "block example.com"], 1, "allow or deny"),
                (["--rule", "deny * 0-99999"], 1, "port")):
            done = subprocess.run([AIRLANE, "proxy", "limit", str(self.farm.ids[0]), *words,
                                   "--socket", self.farm.socket], capture_output=True, text=True)
            self.assertEqual(done.returncode, status, words)
            self.assertIn(sentence, done.stderr)
        proxies = json.loads(self.farm.cli("proxy", "list", "--json"))["proxies"]
        self.assertEqual(proxies[0]["limits"], before)


if __name__ == "__main__":
    socket.setdefaulttimeout(60)
    unittest.main(verbosity=2)
