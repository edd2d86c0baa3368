"""What proxies look like from outside: p0f in the internet says, and captures of the dongles."""
import concurrent.futures
import contextlib
import http.client
import ipaddress
import pathlib
import re
import subprocess
import sys
import time
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, die_with_parent, run, wait_until

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from packets import ACK, FIN, RST, SYN, Capture  # noqa: E402
from socks_client import UdpAssociation, packed  # noqa: E402

DATABASE = pathlib.Path("/etc/p0f/p0f.fp")
WINDOWS = "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"
WINDOWS_OPTIONS = re.compile(rb"\x02\x04..\x01\x03\x03\x08\x01\x01\x04\x02", re.DOTALL)
MAC = "*:64:0:*:65535,3:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0"
WEB, WEB6, BLACKHOLE = "198.19.0.1", "2001:db8:19::1", "198.19.0.9"
SIM = ("--rotate-ms", 50, "--ipv6")


def specified_signatures():
    """(what it stands for, signature) of each request signature for one thing."""
    label, requests, found = None, False, []
    for line in DATABASE.read_text().splitlines():
        if line.startswith("["):
            requests = line == "[tcp:request]"
        name, _, value = (part.strip() for part in line.partition("="))
        if requests and name == "label":
            kind, _, system, flavour = value.split(":", 3)
            label = (kind, f"{system} {flavour}".strip())
        elif requests and name == "sig" and label[0] == "s":
            found.append((label[1], value))
    return found


class P0f:
    """p0f, listening in a network namespace; its verdicts by what the SYN was sent to."""

    def __init__(self, farm):
        self.log = farm.folder / "p0f.log"
        out = open(farm.folder / "p0f.out", "w")
        self.process = subprocess.Popen(
            ["nsenter", f"--net={farm.world['internet']['netns']}", "p0f", "-i", "any", "-f",
             str(DATABASE), "-o", str(self.log)], stdout=out, stderr=out,
            preexec_fn=die_with_parent)
        out.close()

    def close(self):
        self.process.kill()
        self.process.wait(10)

    def verdicts(self):
        found = {}
        if not self.log.exists():
            return found
        for line in self.log.read_text().splitlines(keepends=True):
            if not line.endswith("\n"):
                break  # It is being written.
            line = line.rstrip()
            fields = dict(field.partition("=")[::2] for field in line.split("] ", 1)[-1].split("|"))
            if fields.get("mod") in ("syn", "sendsyn probe"):
                host, _, port = fields["srv"].partition("/")
                key = f"{ipaddress.ip_address(host)}/{port}"
                found[key] = (fields.get("os") or fields.get("app"), fields["params"],
                              fields["raw_sig"])
        return found

    def wait_for(self, keys, limit=30):
        wait_until(lambda: keys <= self.verdicts().keys(), limit, f"p0f to hear {len(keys)} SYNs")
        return self.verdicts()


class FingerprintCase(unittest.TestCase):
    options = {"dongles": 1, "sim": SIM}

    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(**cls.options))
        # Scale 14 needs 512 MiB that nobody ever uses; one signature has ecn.
        run("sysctl", "-qw", "net.ipv4.tcp_rmem=4096 131072 536870912", "net.ipv4.tcp_ecn=1")
        cls.next_port = 20100

    def new_proxy(self, dongle="d0"):
        type(self).next_port += 1
        return self.farm.add_proxy(dongle, self.next_port)["id"], self.next_port

    def dress(self, proxy, fp):
        """By the customers' API, as soon as no other rotation of the dongle runs."""
        def changed():
            answer = self.farm.api("change_ip", id=proxy, fp=fp)
            if answer.status == 429:
                return None
            self.assertEqual(answer.status, 200, answer.text)
            return True
        wait_until(changed, 60, f"change_ip with {fp}")

    @staticmethod
    def connect(port, host, to_port):
        """Whatever comes of it: the SYN has left."""
        client = Socks5(port, limit=20)
        client.log_in()
        with contextlib.suppress(OSError):
            client.socket.sendall(b"\x05\x01\x00" + packed(host, to_port))
            client.read(10)
        client.close()


class Judged(FingerprintCase):
    options = {"dongles": 3, "sim": SIM}

    def test_p0f_takes_every_proxy_for_what_its_signature_stands_for(self):
        """All of them at the same time, a third on each dongle."""
        judge = P0f(self.farm)
        self.addCleanup(judge.close)
        rows = specified_signatures()
        self.assertEqual(len(rows), 76, "p0f is missing, or another one: script/setup installs it")
        proxies = [self.new_proxy(f"d{index % 3}") for index in range(len(rows))]

        def dress_third(first):
            for index in range(first, len(rows), 3):
                self.dress(proxies[index][0], rows[index][1])
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(dress_third, range(3)))

        wanted = {}  # What it is sent to: the row.
        for index, (_, signature) in enumerate(rows):
            wanted[f"{WEB}/{30000 + index}"] = index
            if not signature.startswith("4:"):
                wanted[f"{WEB6}/{30000 + index}"] = index
        for key, index in wanted.items():
            host, port = key.split("/")
            self.connect(proxies[index][1], host, int(port))
        verdicts = judge.wait_for(wanted.keys())
        recognised = {WEB: 0, WEB6: 0}
        for key, index in wanted.items():
            name, params, raw = verdicts[key]
            with self.subTest(rows[index][1], to=key):
                self.assertEqual(name, rows[index][0], raw)
                self.assertEqual(params, "random_ttl" if "-:0" in rows[index][1] else "none", raw)
                recognised[key.split("/")[0]] += 1
        self.assertEqual(recognised, {WEB: 76, WEB6: 70})


class Captured(FingerprintCase):
    def test_two_proxies_of_one_dongle_and_one_without_at_the_same_time(self):
        _, plain_port = self.new_proxy()
        self.dress(self.farm.ids[0], WINDOWS)
        mac, mac_port = self.new_proxy()
        self.dress(mac, MAC)
        with Capture() as capture:
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                for index in range(30):
                    port = (FIRST_PORT, mac_port, plain_port)[index % 3]
                    pool.submit(self.connect, port, WEB, 31000 + index)
            capture.wait_for(lambda packet: packet.is_syn and packet.to_port >= 31000, 30)
        for packet in capture.packets:
            if not packet.is_syn or not 31000 <= packet.to_port < 31030:
                continue
            kind = (packet.to_port - 31000) % 3
            self.assertTrue(packet.has_right_sums())
            if kind == 0:
                self.assertEqual((packet.ttl, packet.window), (128, 64240))
                self.assertRegex(packet.options, WINDOWS_OPTIONS)
            elif kind == 1:
                self.assertEqual((packet.ttl, packet.window, packet.options[-2:]),
                                 (64, 65535, b"\0\0"))
            else:
                self.assertEqual((packet.ttl, packet.options[4:6]), (64, b"\x04\x02"), "native")

    def test_every_packet_has_the_ttl_from_the_first_syn_to_a_reset(self):
        self.dress(self.farm.ids[0], WINDOWS)
        for host in (WEB, f"[{WEB6}]"):
            with self.subTest(host), Capture() as capture:
                url = f"http://{host}/bytes/3000000"
                self.farm.curl(self.farm.proxy_url(0), url, "-o", "/dev/null")
                self.farm.curl(self.farm.proxy_url(0), f"http://{host}/upload", "-T",
                               self.upload(), "-o", "/dev/null")
                run("curl", "-sS", "--proxy", self.farm.proxy_url(0), "--max-filesize", "10",
                    "--proxytunnel", "-o", "/dev/null", url, check=False)
                capture.wait_for(lambda packet: packet.flags & RST)
            flags = 0
            for packet in capture.packets:
                if packet.is_tcp and packet.to_port == 80 and packet.to in (WEB, WEB6):
                    self.assertEqual(packet.ttl, 128)
                    self.assertTrue(packet.has_right_sums())
                    flags |= packet.flags
            self.assertEqual(flags & (SYN | ACK | FIN | RST), SYN | ACK | FIN | RST)

    def test_a_proxy_that_is_added_with_a_fingerprint_has_it_from_its_first_syn(self):
        body = {"user": "demo", "dongle": "d0", "port": 20399, "username": "johndoe",
                "password": PASSWORD, "fp": WINDOWS}
        answer = self.farm.admin("POST", "proxies", body)
        self.assertEqual(answer.status, 201, answer.text)
        self.addCleanup(self.farm.admin, "DELETE", f"proxies/{answer.json['id']}")
        with Capture() as capture:
            self.connect(20399, WEB, 32200)
            syn = capture.wait_for(lambda packet: packet.to_port == 32200)[0]
        self.assertEqual((syn.ttl, syn.window), (128, 64240))
        self.assertRegex(syn.options, WINDOWS_OPTIONS)

    def upload(self):
        path = self.farm.folder / "upload"
        path.write_bytes(bytes(range(256)) * 4000)
        return path

    def test_check_sums_are_right_without_offload(self):
        self.dress(self.farm.ids[0], WINDOWS)
        run("ethtool", "-K", "dg0", "tx", "off", "tso", "off", "gso", "off")
        try:
            with Capture() as capture:
                for host in (WEB, f"[{WEB6}]"):
                    self.farm.curl(self.farm.proxy_url(0), f"http://{host}/upload", "-T",
                                   self.upload(), "-o", "/dev/null")
            sent = [packet for packet in capture.packets if packet.is_tcp and packet.to_port == 80]
            self.assertGreater(len(sent), 100)
            for packet in sent:
                self.assertFalse(packet.not_ready)
                self.assertTrue(packet.has_right_sums())
                self.assertEqual(packet.ttl, 128)
        finally:
            run("ethtool", "-K", "dg0", "tx", "on", "tso", "on", "gso", "on")

    def test_a_repeated_syn_looks_like_the_first(self):
        self.dress(self.farm.ids[0], WINDOWS)
        with Capture() as capture:
            self.connect(FIRST_PORT, BLACKHOLE, 32000)
        syns = [packet for packet in capture.packets if packet.to_port == 32000]
        self.assertGreaterEqual(len(syns), 3)
        for packet in syns:
            self.assertTrue(packet.is_syn)
            self.assertEqual((packet.ttl, packet.window), (128, 64240))
            self.assertRegex(packet.options, WINDOWS_OPTIONS)
            self.assertTrue(packet.has_right_sums())

    def test_names_and_datagrams_have_the_ttl_too(self):
        self.dress(self.farm.ids[0], WINDOWS)
        with Capture() as capture:
            name = f"never-{time.monotonic_ns()}.test"
            self.farm.curl(self.farm.proxy_url(0, "socks5h"), f"http://{name}/", check=False)
            association = UdpAssociation()
            association.send(b"hello", WEB, 7)
            asked = capture.wait_for(lambda packet: packet.is_udp and packet.to_port == 53)
            sent = capture.wait_for(lambda packet: packet.is_udp and packet.to_port == 7)
            association.close()
        for packet in asked + sent:
            self.assertEqual(packet.ttl, 128)

    def test_a_connection_keeps_its_looks_and_the_next_one_has_the_new_ones(self):
        proxy, port = self.new_proxy()
        self.farm.admin("PATCH", f"proxies/{proxy}", {"fp": WINDOWS})
        client = Socks5(port)
        client.log_in()
        self.assertEqual(client.connect(WEB, 7), 0)
        self.farm.admin("PATCH", f"proxies/{proxy}", {"fp": "macos"})
        with Capture() as capture:
            client.socket.sendall(b"old")
            self.assertEqual(client.read(3), b"old")
            self.connect(port, WEB, 32100)
            old = capture.wait_for(lambda packet: packet.to_port == 7)
            new = capture.wait_for(lambda packet: packet.to_port == 32100)
        self.assertEqual({packet.ttl for packet in old}, {128})
        self.assertEqual({packet.ttl for packet in new}, {64})
        self.assertEqual(new[0].window, 65535)
        client.close()

    def test_a_kept_http_connection_is_not_used_with_other_looks(self):
        proxy, port = self.new_proxy()
        with Capture() as capture:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            credentials = {"Proxy-Authorization": "Basic am9obmRvZTpDaGllOGVQN29CNmZhNQ=="}
            for fp in ("", None, WINDOWS, None):
                if fp is not None:
                    answer = self.farm.admin("PATCH", f"proxies/{proxy}", {"fp": fp})
                    self.assertEqual(answer.status, 200, answer.text)
                connection.request("GET", f"http://{WEB}/bytes/10", headers=credentials)
                self.assertEqual(len(connection.getresponse().read()), 10)
        connection.close()
        syns = [packet for packet in capture.packets if packet.is_syn and packet.to_port == 80]
        self.assertEqual([packet.ttl for packet in syns], [64, 128])

    def test_downloads_are_whole_and_quick_at_every_scale(self):
        proxy, port = self.new_proxy()
        for scale in range(15):
            fp = f"*:128:0:*:64240,{scale}:mss,nop,ws,nop,nop,sok:df,id+:0"
            answer = self.farm.admin("PATCH", f"proxies/{proxy}", {"fp": fp})
            self.assertEqual(answer.status, 200, answer.text)
            with self.subTest(scale), Capture() as capture:
                out = self.farm.folder / "download"
                url = f"http://johndoe:Chie8eP7oB6fa5@127.0.0.1:{port}"
                # A wrong scale was seen to make this take an hour.
                self.farm.curl(url, f"http://{WEB}/bytes/20000000", "-o", out)
                self.assertEqual(out.stat().st_size, 20_000_000)
                self.assertRegex(out.read_bytes()[:1], b".")
                syn = capture.wait_for(lambda packet: packet.is_syn)[0]
                self.assertEqual(syn.options[5:8], bytes([3, 3, scale]))


if __name__ == "__main__":
    unittest.main(verbosity=2)
