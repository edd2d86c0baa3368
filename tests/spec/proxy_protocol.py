"""Behind a balancer the client is whom the PROXY header names: for the whitelist, and in the log."""
import contextlib
import shutil
import socket
import struct
import subprocess
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, die_with_parent, run, wait_until

FRONT = "127.0.0.1"
STRANGER = "127.0.0.3"
LISTED = "203.0.113.77"
PORT = 20201  # Of the proxy that admits LISTED only, without a password.

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def line(source, family="TCP4"):
    target = "198.51.100.1" if family == "TCP4" else "2001:db8::1"
    return f"PROXY {family} {source} {target} 40000 {PORT}\r\n".encode()


def block(source=None, command=1, tlvs=b""):
    if source is None:
        return SIGNATURE + bytes([0x20 | command, 0]) + struct.pack(">H", len(tlvs)) + tlvs
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    target = "2001:db8::1" if ":" in source else "198.51.100.1"
    body = (socket.inet_pton(family, source) + socket.inet_pton(family, target) +
            struct.pack(">HH", 40000, PORT) + tlvs)
    kind = 0x21 if ":" in source else 0x11
    return SIGNATURE + bytes([0x20 | command, kind]) + struct.pack(">H", len(body)) + body


CONNECT = b"CONNECT 198.19.0.2:80 HTTP/1.1\r\nHost: 198.19.0.2:80\r\n\r\n"
GET = b"GET / HTTP/1.0\r\nHost: ip.test\r\n\r\n"


class FrontedFarm(Farm):
    def write_config(self):
        super().write_config()
        text = self.config.read_text()
        fronts = f'fronts = ["{FRONT}/32", "2001:db8:f::/48"]'
        log = f'access_log = "{self.folder}/access.log"'
        self.config.write_text(text.replace("[proxy]\n", f"[proxy]\n{fronts}\n")
                               .replace("[server]\n", f"[server]\n{log}\n"))


class ProxyProtocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(FrontedFarm(dongles=1))
        for index, mode in enumerate(("only", "restrict")):
            cls.farm.add_proxy("d0", PORT + index, "--whitelist", f"{LISTED}/32",
                               "--whitelist", "2001:db8:7::/64", "--whitelist-mode", mode)

    def exchange(self, *pieces, port=PORT, source=FRONT):
        """All that comes back for these bytes, each piece in a write of its own."""
        with socket.create_connection(("127.0.0.1", port), 10, (source, 0)) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            received = b""
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    client.sendall(piece)
                while part := client.recv(65536):
                    received += part
                    if received.endswith(b"established\r\n\r\n"):
                        client.sendall(GET)
            return received

    def assert_admitted(self, *pieces, **how):
        answer = self.exchange(*pieces, **how)
        self.assertTrue(answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\n"), answer)
        self.assertTrue(answer.rstrip().endswith(self.farm.external_ip(0).encode()), answer)

    def assert_denied(self, *pieces, **how):
        self.assertIn(b"403 Forbidden", self.exchange(*pieces, **how).split(b"\r\n")[0])

    def test_the_whitelist_asks_for_whom_the_header_names(self):
        for header in (line(LISTED), block(LISTED), line("2001:db8:7::5", "TCP6"),
                       block("2001:db8:7::5"), line(f"::ffff:{LISTED}", "TCP6"),
                       block(LISTED, tlvs=b"\x01\x00\x02h2\x04\x00\x00")):
            self.assert_admitted(header + CONNECT)
        for header in (line("203.0.113.78"), block("203.0.113.78"), line(FRONT), block(FRONT),
                       line("2001:db8:8::5", "TCP6"), block("2001:db8:8::5")):
            self.assert_denied(header + CONNECT)

    def test_a_header_may_come_in_pieces(self):
        for header in (line(LISTED), block(LISTED, tlvs=b"\x04\x00\x00")):
            self.assert_admitted(*(bytes([byte]) for byte in header), CONNECT)
            for cut in (1, 5, 12, 16, 20, len(header) - 1):
                self.assert_admitted(header[:cut], header[cut:] + CONNECT)

    def test_a_header_does_not_replace_the_password(self):
        answer = self.exchange(line(LISTED) + CONNECT, port=PORT + 1)
        self.assertIn(b"407", answer.split(b"\r\n")[0])
        self.assertIn(b"407", self.exchange(line(LISTED) + CONNECT, port=FIRST_PORT))

    def test_a_health_check_has_the_fronts_own_address(self):
        for header in (block(command=0), block(LISTED, command=0), b"PROXY UNKNOWN\r\n", block()):
            self.assert_denied(header + CONNECT)

    def test_the_access_log_names_the_client_and_the_front(self):
        self.assert_admitted(line(LISTED).replace(b"40000", b"43210") + CONNECT)
        self.assert_denied(line("203.0.113.78").replace(b"40000", b"43211") + CONNECT)
        log = self.farm.folder / "access.log"
        wait_until(lambda: "203.0.113.78:43211" in log.read_text(), what="the lines")
        found = {text.split(" client=")[1].split(" protocol=")[0]: text
                 for text in log.read_text().splitlines()}
        for client, end in (("203.0.113.77:43210", "error=-"), ("203.0.113.78:43211", "denied")):
            key = next(key for key in found if key.startswith(client))
            self.assertRegex(key, rf"^{client} front=127\.0\.0\.1:\d+$")
            self.assertIn(end, found[key])

    def test_a_front_without_a_header_is_not_answered(self):
        for sent in (CONNECT, b"\x05\x01\x00", b"PROXY TCP4 nonsense\r\n" + CONNECT,
                     SIGNATURE + b"\x21\x11\xff\xff" + bytes(100), bytes(100)):
            self.assertEqual(self.exchange(sent), b"")

    def test_nobody_else_may_send_one(self):
        for header in (line(LISTED), block(LISTED), b"PROXY UNKNOWN\r\n"):
            answer = self.exchange(header + CONNECT, source=STRANGER)
            self.assertIn(b"400", answer.split(b"\r\n")[0])
            self.assertNotIn(b"established", answer)

    def test_the_port_speaks_without_a_header_to_everybody_else(self):
        self.assert_denied(CONNECT, source=STRANGER)
        seen = self.farm.curl(self.farm.proxy_url(0), "http://ip.test/", "--interface", STRANGER)
        self.assertEqual(seen.strip(), self.farm.external_ip(0))

    def test_curl_as_a_front(self):
        seen = run("curl", "-sS", "--haproxy-protocol", "--proxy", self.farm.proxy_url(0),
                   "http://ip.test/")
        self.assertEqual(seen.strip(), self.farm.external_ip(0))

    @unittest.skipUnless(shutil.which("haproxy"), "haproxy is not installed")
    def test_haproxy_as_a_front(self):
        own = self.farm.add_proxy("d0", PORT + 9, "--whitelist", "127.0.0.2/32",
                                  "--whitelist-mode", "only")
        config = self.farm.folder / "haproxy.cfg"
        config.write_text("defaults\n mode tcp\n timeout client 10s\n timeout server 10s\n"
                          " timeout connect 10s\n" + "".join(f"""
listen version{version}
 bind 127.0.0.1:{25000 + version}
 server airlane 127.0.0.1:{PORT + 9} source {FRONT} send-proxy{"-v2" if version == 2 else ""} check
""" for version in (1, 2)))
        haproxy = subprocess.Popen(["haproxy", "-db", "-f", config], preexec_fn=die_with_parent,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for version in (1, 2):
                url = f"http://127.0.0.1:{25000 + version}"
                wait_until(lambda: socket.create_connection(("127.0.0.1", 25000 + version)),
                           what="haproxy").close()
                seen = self.farm.curl(url, "http://ip.test/", "--proxytunnel", "--interface",
                                      "127.0.0.2")
                self.assertEqual(seen.strip(), self.farm.external_ip(0))
                status = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--proxy", url,
                             "--interface", STRANGER, "http://ip.test/")
                self.assertEqual(status, "403")
        finally:
            haproxy.terminate()
            haproxy.wait(10)
            self.farm.cli("proxy", "remove", own["id"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
