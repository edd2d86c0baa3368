"""Extra credentials of a proxy: in every protocol, counted apart to the byte whatever happens to the
server, with limits of their own, and gone within a second when they are taken away."""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest

from farm import AIRLANE, FIRST_PORT, Farm, Socks5, in_own_processes, run, wait_until
from socks_client import packed, unpacked
from tls import make_certificate, setting

WORD = "Ohgh4iiw"


class Credentials(unittest.TestCase):
    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        certificate = make_certificate(folder, "proxy", "proxy.test")
        self.farm = self.enterContext(Farm(
            dongles=2, drain="60s", settings=setting(certificate) + "[limits]\ncredentials = 3\n"))
        self.bob = self.add("bob")
        self.carol = self.add("carol")

    def add(self, name, *options, proxy=0, check=True):
        return json.loads(self.farm.cli("credential", "add", self.farm.ids[proxy], name,
                                        "--password-stdin", *options, input=WORD + "\n",
                                        check=check))

    def set(self, credential, *options):
        return json.loads(self.farm.cli("credential", "set", credential["id"], *options))

    def limit(self, credential, *options):
        return json.loads(self.farm.cli("credential", "limit", credential["id"], *options))

    def quota(self, credential, *options):
        return json.loads(self.farm.cli("credential", "quota", credential["id"], *options))

    def remove(self, credential):
        self.farm.cli("credential", "remove", credential["id"])

    def url(self, name, scheme="http", index=0):
        return self.farm.proxy_url(index, scheme, f"{name}:{WORD}")

    def works(self, name, scheme="http", *options):
        return self.farm.curl(self.url(name, scheme), "http://ip.test/", *options,
                              check=False).strip() == self.farm.external_ip(0)

    def answer(self, name, url="http://origin.test/bytes/1"):
        """Status and details of a request."""
        text = run("curl", "-sS", "-i", "--proxy", self.url(name), url, check=False)
        details = [line for line in text.splitlines() if line.startswith("Proxy-Status")]
        return text.split()[1], details[0].partition("details=")[2].strip('"') if details else ""

    def tunnel(self, name, word=WORD, port=7):
        client = Socks5(FIRST_PORT, limit=60)
        self.assertEqual(client.log_in(name, word), 0)
        self.assertEqual(client.connect("198.19.0.1", port), 0)
        return client

    def echo(self, client, size):
        sent = os.urandom(size)
        client.socket.sendall(sent)
        self.assertEqual(client.read(size), sent)

    def moved(self, name=None):
        """(incoming, outgoing) of a credential, or of the proxy with all of them."""
        return self.farm.traffic(0, **({"credential": name} if name else {}))

    def ended(self, client):
        """Waits for the reset; how long it took."""
        start = time.monotonic()
        with self.assertRaises(ConnectionResetError):
            while client.socket.recv(1 << 20):
                pass
        return time.monotonic() - start

    def test_every_protocol_takes_them_and_counts_them_apart(self):
        for scheme, options in (("http", ()), ("http", ("-p",)), ("socks5h", ()),
                                ("https", ("--proxy-insecure",)),
                                ("https", ("--proxy-insecure", "-p"))):
            before, all_before, carol = self.moved("bob"), self.moved(), self.moved("carol")
            self.assertTrue(self.works("bob", scheme, *options), (scheme, options))
            gained = [now - was for now, was in zip(self.moved("bob"), before)]
            self.assertGreater(min(gained), 0, (scheme, options))
            self.assertEqual([now - was for now, was in zip(self.moved(), all_before)], gained)
            self.assertEqual(self.moved("carol"), carol)
        self.assertFalse(self.works("dave"))
        self.assertEqual(Socks5(FIRST_PORT + 1).log_in("bob", WORD), 1, "of another proxy")
        self.assertEqual(self.farm.traffic(1), (0, 0))
        self.assertEqual(self.farm.api("traffic", id=self.farm.ids[0], credential="dave").status, 404)

    def test_datagrams_are_counted_for_them_too(self):
        client = Socks5(FIRST_PORT)
        self.assertEqual(client.log_in("bob", WORD), 0)
        client.socket.sendall(b"\x05\x03\x00" + packed("0.0.0.0", 0))
        answer = client.read(10)
        self.assertEqual(answer[1], 0)
        relay, _ = unpacked(answer[3:])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(10)
            for size in (1, 100, 1000):
                datagrams.sendto(bytes(3) + packed("198.19.0.1", 7) + os.urandom(size), relay)
                datagrams.recv(2048)
        self.assertEqual(self.moved("bob"), (1101, 1101))
        self.assertEqual(self.moved(), (1101, 1101))

    def test_counters_are_exact_through_kill_9_and_a_restart(self):
        for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            before = {name: self.moved(name) for name in ("bob", "carol", None)}
            clients = {name: self.tunnel(name) for name in ("bob", "carol")}
            own = self.tunnel("johndoe", "Chie8eP7oB6fa5")
            self.echo(clients["bob"], 300_000)
            self.echo(clients["carol"], 50_000)
            self.echo(own, 1_000)
            if how == signal.SIGTERM:  # It would wait for them.
                for client in (*clients.values(), own):
                    client.close()
            self.farm.stop_server(how)
            self.farm.start_server()
            wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
            for name, bytes_ in (("bob", 300_000), ("carol", 50_000), (None, 351_000)):
                gained = tuple(now - was for now, was in zip(self.moved(name), before[name]))
                self.assertEqual(gained, (bytes_, bytes_), (how, name))

    def test_kill_9_in_the_middle_loses_no_counted_byte(self):
        client = self.tunnel("bob", port=80)
        client.socket.sendall(b"GET /bytes/1000000000 HTTP/1.1\r\nHost: h\r\n\r\n")
        received = 0
        while received < 20_000_000:
            received += len(client.socket.recv(1 << 20))
        self.farm.stop_server(signal.SIGKILL)
        try:
            while part := client.socket.recv(1 << 20):
                received += len(part)
        except ConnectionResetError:
            pass
        counted = self.slots(self.row_of("bob"))
        everything = self.farm.counted(0)
        self.farm.start_server()
        self.assertEqual(self.moved("bob"), counted)
        self.assertEqual(self.moved(), everything)
        self.assertGreaterEqual(counted[0], received, "what arrived has been counted")
        # The two are counted one after the other: a kill can come between them.
        self.assertLessEqual(abs(everything[0] - counted[0]), 1 << 20)

    def row_of(self, name):
        """Proxies have the first rows here, then come the credentials."""
        return {"bob": 2, "carol": 3}[name]

    def slots(self, row):
        raw = (self.farm.folder / "state" / "counters").read_bytes()
        workers, _ = struct.unpack_from("<II", raw, 16)
        slots = [struct.unpack_from("<QQ", raw, 4096 + 64 * (row * workers + worker))
                 for worker in range(workers)]
        return sum(slot[0] for slot in slots), sum(slot[1] for slot in slots)

    def test_an_upgrade_loses_nothing(self):
        client = self.tunnel("bob")
        self.echo(client, 10_000)
        self.farm.cli("upgrade")
        self.echo(client, 20_000)  # In the process that drains.
        new = self.tunnel("bob")
        self.echo(new, 3_000)
        wait_until(lambda: self.moved("bob") == (33_000, 33_000), what="the bytes of both")
        self.assertEqual(self.moved(), (33_000, 33_000))
        client.close()
        wait_until(lambda: json.loads(self.farm.admin("GET", "server").text)["draining"] is None,
                   what="the end of the drain")
        self.assertEqual(self.moved("bob"), (33_000, 33_000))

    def test_limits_of_their_own_hold_within_those_of_the_proxy(self):
        self.limit(self.bob, "--connections", "1", "--rule", "deny ip.test")
        first = self.tunnel("bob")
        self.assertEqual(self.answer("bob"), ("503", "limit connections of the credential"))
        self.assertEqual(self.answer("carol")[0], "200")
        first.close()
        wait_until(lambda: self.answer("bob")[0] == "200", what="the free place")
        self.assertEqual(self.answer("bob", "http://ip.test/"),
                         ("403", "limit destinations of the credential"))
        self.farm.cli("proxy", "limit", self.farm.ids[0], "--rule", "deny origin.test")
        self.assertEqual(self.answer("carol"), ("403", "limit destinations"))
        self.farm.cli("proxy", "limit", self.farm.ids[0], "--reset")

    def test_a_quota_of_its_own_ends_one_and_not_the_other(self):
        self.quota(self.bob, "500000B", "--period", "day")
        busy = self.tunnel("bob", port=80)
        other = self.tunnel("carol")
        busy.socket.sendall(b"GET /bytes/50000000 HTTP/1.1\r\nHost: h\r\n\r\n")
        self.ended(busy)
        used = sum(self.moved("bob"))
        self.assertTrue(500_000 <= used <= 500_000 + 2 * 65536, used)
        self.assertEqual(self.answer("bob"), ("403", "limit quota of the credential"))
        self.echo(other, 1_000)
        shown = json.loads(self.farm.cli("credential", "list", "--json"))["credentials"]
        self.assertEqual(shown[0]["quota"]["used"], used)
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        self.assertEqual(self.answer("bob"), ("403", "limit quota of the credential"))
        self.quota(self.bob, "none")
        wait_until(lambda: self.answer("bob")[0] == "200", what="no quota")

    def test_who_is_taken_away_is_gone_within_a_second_and_nobody_else(self):
        bob, carol = self.tunnel("bob"), self.tunnel("carol")
        own = self.tunnel("johndoe", "Chie8eP7oB6fa5")
        for client in (bob, carol, own):
            self.echo(client, 10)
        self.remove(self.bob)
        self.assertLess(self.ended(bob), 1)
        self.assertEqual(self.answer("bob")[0], "407")
        self.set(self.carol, "--disable")
        self.assertLess(self.ended(carol), 1)
        self.assertEqual(self.answer("carol")[0], "407")
        self.echo(own, 1_000)
        self.set(self.carol, "--enable")
        self.assertEqual(self.answer("carol")[0], "200")

    def test_the_end_of_its_time_ends_it(self):
        bob, carol = self.tunnel("bob"), self.tunnel("carol")
        till = time.time() + 3
        self.set(self.bob, "--till", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(till)))
        self.ended(bob)
        self.assertTrue(int(till) - 0.1 <= time.time() <= till + 2)
        self.assertEqual(self.answer("bob")[0], "403")
        self.echo(carol, 1_000)
        self.set(self.bob, "--till", "none")
        self.assertEqual(self.answer("bob")[0], "200")

    def test_its_whitelist_is_its_own(self):
        self.set(self.bob, "--whitelist", "127.0.0.9", "--whitelist-mode", "restrict")
        self.assertEqual(self.answer("bob")[0], "407")
        self.assertTrue(self.works("bob", "http", "--interface", "127.0.0.9"))
        self.set(self.carol, "--whitelist", "127.0.0.8")
        before = self.moved("carol")
        out = self.farm.curl(self.farm.proxy_url(0, credentials=""), "http://ip.test/",
                             "--interface", "127.0.0.8")
        self.assertEqual(out.strip(), self.farm.external_ip(0), "it needs no password there")
        self.assertGreater(self.moved("carol"), before, "and is known by its address")

    def test_what_makes_no_sense_is_refused(self):
        proxy = self.farm.ids[0]
        for words, sentence in ((["add", proxy, "bob"], "already logs in"),
                                (["add", proxy, "johndoe"], "already logs in"),
                                (["add", 4711, "dave"], "There is no proxy 4711"),
                                (["add", proxy, "d:d"], "The name of a credential")):
            done = subprocess.run([AIRLANE, "credential", *map(str, words), "--password-stdin",
                                   "--socket", self.farm.socket], input=WORD + "\n",
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 1, words)
            self.assertIn(sentence, done.stderr)
        self.add("third")
        done = subprocess.run([AIRLANE, "credential", "add", str(proxy), "fourth", "--socket",
                               self.farm.socket, "--password", WORD], capture_output=True, text=True)
        self.assertIn("limits.credentials", done.stderr)


if __name__ == "__main__":
    in_own_processes()
    socket.setdefaulttimeout(60)
    unittest.main(verbosity=2)
