"""Three dongles with one address, one gateway and one MAC, and each proxy leaves by its own."""
import concurrent.futures
import socket
import unittest

from farm import FIRST_PORT, PASSWORD, Farm, Socks5, run


class Lanes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=3))

    def test_the_dongles_are_indistinguishable_but_for_their_interfaces(self):
        lines = [line.split() for line in run("ip", "-brief", "link").splitlines()
                 if line.startswith("dg")]
        self.assertEqual(len(lines), 3)
        self.assertEqual(len({line[2] for line in lines}), 1, "one MAC")
        addresses = [line.split()[2] for line in run("ip", "-brief", "-4", "address").splitlines()
                     if line.startswith("dg")]
        self.assertEqual(addresses, ["192.168.8.100/24"] * 3)

    def test_each_proxy_shows_its_dongles_external_ip_in_every_protocol(self):
        for index in range(3):
            expected = self.farm.external_ip(index)
            for scheme in ("http", "socks5", "socks5h"):
                url = "http://198.19.0.2/" if scheme == "socks5" else "http://ip.test/"
                seen = self.farm.curl(self.farm.proxy_url(index, scheme), url).strip()
                self.assertEqual(seen, expected, f"proxy {index} by {scheme}")
            seen = self.farm.curl(self.farm.proxy_url(index), "http://ip.test/", "--proxytunnel")
            self.assertEqual(seen.strip(), expected, f"proxy {index} by CONNECT")
        self.assertEqual(len({self.farm.external_ip(index) for index in range(3)}), 3)

    def test_many_clients_at_once_keep_their_lanes(self):
        expected = [self.farm.external_ip(index) for index in range(3)]

        def ask(number):
            index = number % 3
            scheme = ("http", "socks5h")[number % 2]
            return index, self.farm.curl(self.farm.proxy_url(index, scheme),
                                         "http://ip.test/").strip()

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            for index, seen in pool.map(ask, range(60)):
                self.assertEqual(seen, expected[index])

    def test_one_port_speaks_both_protocols_to_python_as_well(self):
        client = Socks5(FIRST_PORT)
        self.assertEqual(client.log_in(), 0)
        self.assertEqual(client.connect("origin.test", 80), 0)
        client.socket.sendall(b"GET / HTTP/1.0\r\nHost: origin.test\r\n\r\n")
        self.assertIn(b"200 OK", client.read(1 << 16))
        client.close()

    def test_a_listed_source_needs_no_password(self):
        proxy = self.farm.add_proxy("d0", 20101, "--whitelist", "127.0.0.2/32")
        try:
            url = "http://127.0.0.1:20101"
            seen = self.farm.curl(url, "http://ip.test/", "--interface", "127.0.0.2").strip()
            self.assertEqual(seen, self.farm.external_ip(0))
            status = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--proxy", url,
                         "http://ip.test/")
            self.assertEqual(status, "407", "from 127.0.0.1, which is not listed")
            client = Socks5(20101, methods=b"\x00\x02", source="127.0.0.2")
            self.assertEqual(client.method, 0, "Chromium knows no SOCKS password")
            self.assertEqual(client.connect("198.19.0.2", 80), 0)
            client.close()
        finally:
            self.farm.cli("proxy", "remove", proxy["id"])

    def test_the_target_sees_the_request_as_if_the_client_had_sent_it_itself(self):
        echoed = self.farm.curl(self.farm.proxy_url(0), "http://origin.test/echo?a=b",
                                "-H", "X-MiXed-CaSe: kept", "-H", "Connection: close, X-Named",
                                "-H", "X-Named: removed", "-A", "agent")
        self.assertIn("GET /echo?a=b HTTP/1.1", echoed)
        self.assertIn("X-MiXed-CaSe: kept", echoed)
        for word in ("X-Named", "Proxy-", "Via", "Forwarded", "johndoe", PASSWORD):
            self.assertNotIn(word.lower(), echoed.lower())

    def test_bodies_of_both_kinds_arrive_whole_both_ways(self):
        proxy = self.farm.proxy_url(1)
        upload = self.farm.folder / "upload"
        upload.write_bytes(bytes(range(256)) * 20_000)
        for options in ([], ["-H", "Transfer-Encoding: chunked"]):
            answer = self.farm.curl(proxy, "http://origin.test/upload", "-T", upload, *options)
            self.assertIn(str(upload.stat().st_size), answer)
        for path in ("bytes", "chunked"):
            out = self.farm.folder / path
            self.farm.curl(proxy, f"http://origin.test/{path}/3000000", "-o", out)
            self.assertEqual(out.stat().st_size, 3_000_000)
        self.assertEqual((self.farm.folder / "bytes").read_bytes(),
                         (self.farm.folder / "chunked").read_bytes())

    def test_curl_keeps_its_connection_for_the_next_request(self):
        out = run("curl", "-sS", "--proxy", self.farm.proxy_url(2), "-w", "%{num_connects}\n",
                  "-o", "/dev/null", "http://origin.test/", "-o", "/dev/null", "http://ip.test/",
                  "-o", "/dev/null", "http://origin.test/")
        self.assertEqual(out.split(), ["1", "0", "0"])

    def test_half_closing_clients_get_their_whole_answer(self):
        client = Socks5(FIRST_PORT)
        client.log_in()
        self.assertEqual(client.connect("echo.test", 7), 0)
        client.socket.sendall(b"x" * 100_000)
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.read(1 << 20), b"x" * 100_000)
        client.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
