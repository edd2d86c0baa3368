"""HTTPS proxy: TLS on the proxy's own port, HTTP/1.1, SOCKS and HTTP/2 inside, with real clients."""
import base64
import contextlib
import hashlib
import json
import os
import pathlib
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from counting import pattern_sha256
from farm import AIRLANE, FIRST_PORT, PASSWORD, Farm, run, wait_until
from http2_client import Http2, h2, trusting
from process import descriptors_of, memory_of

MEBIBYTE = 1 << 20
BASIC = "Basic " + base64.b64encode(f"johndoe:{PASSWORD}".encode()).decode()


def make_certificate(folder, name, *names):
    """Paths of a self-signed certificate for the names, and of its key."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}",
        "-addext", "subjectAltName=" + ",".join("DNS:" + each for each in names))
    return certificate, key


def setting(*pairs):
    listed = ", ".join(f'{{ certificate = "{crt}", key = "{key}" }}' for crt, key in pairs)
    return f"[tls]\ncertificates = [{listed}]\n[timeouts]\nauthenticate = \"2s\"\n"


class WithCertificates(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.first = make_certificate(cls.folder, "first", "first.test")
        cls.second = make_certificate(cls.folder, "second", "second.test", "*.second.test")
        cls.farm = cls.enterClassContext(Farm(dongles=2, settings=setting(cls.first, cls.second)))

    def http2(self, index=0, **options):
        client = Http2(FIRST_PORT + index, authorization=options.pop("authorization", BASIC),
                       **options)
        self.addCleanup(client.close)
        return client


class Tls(WithCertificates):
    def curl(self, url, *options, index=0, credentials=f"johndoe:{PASSWORD}"):
        proxy = self.farm.proxy_url(index, "https", credentials)
        return self.farm.curl(proxy, url, "--proxy-insecure", *options)

    def test_curl_forwards_and_tunnels(self):
        for index in range(2):
            expected = self.farm.external_ip(index)
            self.assertEqual(self.curl("http://ip.test/", index=index).strip(), expected)
            self.assertEqual(self.curl("http://ip.test/", "--proxytunnel", index=index).strip(),
                             expected)

    def test_curl_trusts_the_certificate_of_the_name_it_asks_for(self):
        # Without --proxy-insecure: curl checks chain and name itself.
        for name, (certificate, _) in (("first.test", self.first), ("second.test", self.second),
                                       ("x.second.test", self.second)):
            seen = run("curl", "-sS", "--max-time", 20, "--proxy",
                       f"https://johndoe:{PASSWORD}@{name}:{FIRST_PORT}", "--proxy-cacert",
                       certificate, "--resolve", f"{name}:{FIRST_PORT}:127.0.0.1",
                       "http://ip.test/")
            self.assertEqual(seen.strip(), self.farm.external_ip(0), name)

    def test_a_wrong_password_is_a_407(self):
        for options in ([], ["--proxytunnel"]):
            out = run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{http_connect}",
                      "--proxy", self.farm.proxy_url(0, "https", "johndoe:wrong"),
                      "--proxy-insecure", *options, "http://ip.test/", check=False)
            self.assertIn("407", out.split())

    def test_a_hundred_mebibytes_arrive_whole_both_ways(self):
        size = 100 * MEBIBYTE
        for options in ([], ["--proxytunnel"]):
            out = self.farm.folder / "download"
            self.curl(f"http://origin.test/bytes/{size}", "-o", out, *options)
            self.assertEqual(hashlib.sha256(out.read_bytes()).hexdigest(), pattern_sha256(size))
            upload = self.farm.folder / "upload"
            upload.write_bytes(os.urandom(MEBIBYTE) * 100)
            answer = json.loads(self.curl("http://origin.test/upload", "-T", upload, *options))
            self.assertEqual(answer["sha256"], hashlib.sha256(upload.read_bytes()).hexdigest())

    def test_socks5_inside_tls(self):
        with trusting().wrap_socket(socket.create_connection(("127.0.0.1", FIRST_PORT), 20)) as tls:
            name, word = b"johndoe", PASSWORD.encode()
            tls.sendall(b"\x05\x01\x02\x01" + bytes([len(name)]) + name + bytes([len(word)]) + word +
                        b"\x05\x01\x00\x03\x09echo.test\x00\x07hello")
            received = b""
            while len(received) < 2 + 2 + 10 + 5:
                received += tls.recv(100)
            self.assertEqual(received[:6], b"\x05\x02\x01\x00\x05\x00")
            self.assertEqual(received[-5:], b"hello")

    def test_old_versions_are_refused(self):
        for version, accepted in (("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)):
            done = subprocess.run(["openssl", "s_client", "-connect", f"127.0.0.1:{FIRST_PORT}",
                                   version, "-cipher", "DEFAULT:@SECLEVEL=0"], input="",
                                  capture_output=True, text=True, timeout=20)
            self.assertEqual("Cipher is (NONE)" not in done.stdout, accepted, version)

    def test_garbage_is_answered_by_an_alert_or_not_at_all(self):
        for garbage, answer in ((b"\x16\x03\x01\x00\x05garbage", b"\x15"),
                                (b"\x16" + b"garbage" * 10, b"")):
            with socket.create_connection(("127.0.0.1", FIRST_PORT), 20) as client:
                client.sendall(garbage)
                self.assertEqual(client.recv(1), answer)
                with contextlib.suppress(ConnectionResetError):
                    while client.recv(100):
                        pass

    def test_a_handshake_that_stalls_is_closed(self):
        with socket.create_connection(("127.0.0.1", FIRST_PORT), 20) as client:
            client.sendall(b"\x16\x03\x01\x02\x00\x01")
            self.assertEqual(client.recv(100), b"")

    def test_new_files_are_shown_to_the_next_client(self):
        def shown(name):
            with trusting().wrap_socket(socket.create_connection(("127.0.0.1", FIRST_PORT), 20),
                                        server_hostname=name) as tls:
                return tls.getpeercert(binary_form=True)

        before = shown("second.test")
        kept = shown("first.test")
        old = [path.read_bytes() for path in self.second]
        self.second[1].write_text("half a key")
        time.sleep(3)
        self.assertEqual(shown("second.test"), before, "what cannot be used changes nothing")
        make_certificate(self.folder, "second", "second.test", "*.second.test")
        wait_until(lambda: shown("second.test") != before, what="the new certificate")
        self.assertEqual(shown("first.test"), kept)
        for path, content in zip(self.second, old):
            path.write_bytes(content)
        wait_until(lambda: shown("second.test") == before, what="the old certificate")

    def test_plain_clients_go_on_at_the_same_port(self):
        with socket.create_connection(("127.0.0.1", FIRST_PORT), 20) as client:
            client.sendall(b"GET / HTTP/1.1\r\n\r\n")
            self.assertTrue(client.recv(100).startswith(b"HTTP/1.1 4"))


class OverHttp2(WithCertificates):
    def test_nghttp_is_told_that_this_is_no_server(self):
        # A client that takes us for a server: https is for CONNECT only.
        done = subprocess.run(["nghttp", "-v", "--no-verify-peer",
                               f"https://127.0.0.1:{FIRST_PORT}/"], capture_output=True, text=True,
                              timeout=20)
        self.assertIn(":status: 501", done.stdout)
        self.assertIn("proxy-status: airlane; error=http_request_error", done.stdout)

    def test_many_requests_at_once(self):
        client = self.http2()
        numbers = [client.request("GET", f"http://origin.test/bytes/{10_000 + index}")
                   for index in range(90)]
        for index, number in enumerate(numbers):
            stream = client.answer(number)
            self.assertEqual((stream.status, stream.ended), ("200", True))
            self.assertEqual(stream.received, 10_000 + index)
            self.assertEqual(stream.body.hexdigest(), pattern_sha256(10_000 + index))

    def test_many_tunnels_at_once(self):
        client = self.http2()
        numbers = [client.tunnel("echo.test:7") for _ in range(20)]
        sent = {number: os.urandom(50_000) for number in numbers}
        for number, data in sent.items():
            client.send(number, data, end=True)
        for number, data in sent.items():
            stream = client.answer(number)
            self.assertEqual((stream.ended, stream.received), (True, len(data)))
            self.assertEqual(stream.body.digest(), hashlib.sha256(data).digest())

    def test_every_stream_leaves_by_the_proxys_dongle(self):
        for index in range(2):
            client = self.http2(index)
            stream = client.answer(client.request("GET", "http://ip.test/"))
            self.assertEqual(stream.first.decode().strip(), self.farm.external_ip(index))

    def test_a_hundred_mebibytes_arrive_whole_both_ways(self):
        size = 100 * MEBIBYTE
        client = self.http2(limit=120)
        for path in ("bytes", "chunked"):
            stream = client.answer(client.request("GET", f"http://origin.test/{path}/{size}"))
            self.assertEqual(stream.received, size)
            self.assertEqual(stream.body.hexdigest(), pattern_sha256(size))
        block = os.urandom(MEBIBYTE)
        digest = hashlib.sha256()
        number = client.request("POST", "http://origin.test/upload", end=False)
        for part in range(100):
            digest.update(block)
            client.send(number, block, end=part == 99)
        self.assertEqual(json.loads(client.answer(number).first)["sha256"], digest.hexdigest())

    def test_bytes_are_counted_as_the_target_saw_them(self):
        before = self.farm.counted(1)
        client = self.http2(1)
        number = client.tunnel("echo.test:7")
        client.send(number, b"x" * 12_345, end=True)
        client.answer(number)
        wait_until(lambda: tuple(now - then for now, then in zip(self.farm.counted(1), before)) ==
                   (12_345, 12_345), what="the bytes to be counted")

    def test_refusals_come_on_their_stream(self):
        client = self.http2(authorization="Basic " + base64.b64encode(b"johndoe:no").decode())
        for number in (client.request("GET", "http://ip.test/"), client.connect("ip.test:80"),
                       client.request("POST", "http://ip.test/", end=False)):
            stream = client.answer(number)
            self.assertEqual(stream.status, "407")
            self.assertIn("basic", stream.heads[-1]["proxy-authenticate"].lower())
        client.authorization = BASIC
        expected = {"http://nowhere.test/": "502", "http://127.0.0.1/": "403",
                    "http://ip.test/": "200", "https://ip.test/": "501"}
        for url, status in expected.items():
            self.assertEqual(client.answer(client.request("GET", url)).status, status, url)
        self.assertEqual(client.answer(client.connect("127.0.0.1:80")).status, "403")
        self.assertEqual(client.answer(client.connect("origin.test:81")).status, "502")

    def test_bodies_heads_and_trailers_of_every_kind(self):
        client = self.http2()
        self.assertEqual(client.answer(client.request("GET", "http://origin.test/204")).status, "204")
        self.assertEqual(client.answer(client.request("GET", "http://origin.test/status/404")).status,
                         "404")
        head = client.answer(client.request("HEAD", "http://origin.test/bytes/77"))
        self.assertEqual((head.heads[-1]["content-length"], head.received), ("77", 0))
        interim = client.answer(client.request("GET", "http://origin.test/continue"))
        self.assertEqual([each[":status"] for each in interim.heads], ["100", "200"])
        closing = client.answer(client.request("GET", "http://origin.test/close/5000"))
        self.assertEqual((closing.received, closing.ended), (5000, True))
        echoed = client.answer(client.request("GET", "http://origin.test/echo?a=b", ("x-own", "1"),
                                              ("cookie", "a=1"), ("cookie", "b=2")))
        text = echoed.first.decode()
        self.assertTrue(text.startswith("GET /echo?a=b HTTP/1.1\r\n"), text)
        self.assertIn("cookie: a=1; b=2\r\n", text)
        for word in ("proxy-", "via", "forwarded", "johndoe"):
            self.assertNotIn(word, text.lower())

    def test_a_body_that_the_target_cut_is_reset(self):
        client = self.http2()
        for path in ("cut/5000", "reset/5000"):
            stream = client.answer(client.request("GET", f"http://origin.test/{path}"))
            self.assertIsNotNone(stream.reset, path)
            self.assertFalse(stream.ended, path)
        number = client.tunnel("origin.test:80")
        client.send(number, b"GET /reset/5000 HTTP/1.1\r\nHost: h\r\n\r\n")
        stream = client.answer(number)
        self.assertEqual(stream.reset, h2.errors.ErrorCodes.CONNECT_ERROR)

    def test_malformed_requests_reset_their_stream(self):
        client = self.http2()
        client.h2.config.normalize_outbound_headers = False
        number = client.request("GET", "http://ip.test/", ("transfer-encoding", "chunked"))
        self.assertEqual(client.answer(number).reset, h2.errors.ErrorCodes.PROTOCOL_ERROR)
        number = client.request("GET", "http://ip.test/")
        self.assertEqual(client.answer(number).status, "200", "the connection goes on")

    def test_what_a_slow_target_does_not_take_is_not_sent(self):
        client = self.http2()
        before = memory_of(self.farm.server.pid)
        # The echo's answers are not taken, so that it stops reading.
        client.greedy = False
        number = client.tunnel("echo.test:7")
        block, sent, idle = b"x" * 65536, 0, 0
        while idle < 3 and sent < 400 * MEBIBYTE:
            some = client.send_some(number, block)
            sent += some
            if not some:
                with contextlib.suppress(TimeoutError):
                    client.take(0.5)
                    continue
                idle += 1
        self.assertLess(sent, 100 * MEBIBYTE, "no more than the kernels' buffers hold")
        self.assertLess(memory_of(self.farm.server.pid) - before, 4 * MEBIBYTE)
        client.greedy = True
        other = client.request("GET", "http://ip.test/")
        self.assertEqual(client.answer(other).status, "200", "other streams go on")

    def test_what_a_slow_client_does_not_take_is_not_read(self):
        client = self.http2()
        client.greedy = False
        before = memory_of(self.farm.server.pid)
        counted = self.farm.counted(0)[0]
        numbers = [client.request("GET", f"http://origin.test/bytes/{100 * MEBIBYTE}")
                   for _ in range(20)]
        time.sleep(2)
        client.socket.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while client.take(0.5):
                pass
        self.assertLess(memory_of(self.farm.server.pid) - before, 8 * MEBIBYTE)
        self.assertLess(self.farm.counted(0)[0] - counted, 20 * 16 * MEBIBYTE)
        self.assertTrue(all(not client.streams[number].over for number in numbers))

    def test_a_client_that_vanishes_takes_its_tunnels_along(self):
        client = self.http2()
        for _ in range(10):
            client.tunnel("echo.test:7")
        pid = self.farm.server.pid
        # Two for each pair, one for each target, one for the client.
        self.assertGreater(descriptors_of(pid), 30)
        open_before = descriptors_of(pid)
        client.socket.close()
        wait_until(lambda: descriptors_of(pid) <= open_before - 31,
                   what="the descriptors to be closed")

    def test_a_rapid_reset_ends_the_connection(self):
        client = self.http2()
        cancelled = 0
        try:
            while not client.gone and cancelled < 2000:
                number = client.request("GET", "http://198.19.0.9/")
                client.h2.reset_stream(number)
                client.flush()
                cancelled += 1
                with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
                    client.take(0.001)
            client.take_until(lambda: client.gone)
        except (OSError, h2.exceptions.ProtocolError):
            client.gone = True
        self.assertTrue(client.gone)
        self.assertTrue(100 < cancelled < 2000, cancelled)
        again = self.http2()
        self.assertEqual(again.answer(again.request("GET", "http://ip.test/")).status, "200")

    def test_a_removed_proxy_ends_its_streams(self):
        proxy = self.farm.add_proxy("d0", 20171)
        client = Http2(20171, authorization="Basic " + base64.b64encode(
            f"johndoe:{PASSWORD}".encode()).decode())
        number = client.tunnel("echo.test:7")
        self.farm.cli("proxy", "remove", proxy["id"])
        try:
            client.take_until(lambda: client.gone or client.streams[number].over)
            self.assertTrue(client.gone or client.streams[number].reset)
        except OSError:  # A reset.
            pass
        self.assertFalse(client.streams[number].ended)
        client.close()


class Configuration(unittest.TestCase):
    def test_check_config_names_the_file_that_cannot_be_used(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            one, two = make_certificate(folder, "one", "a"), make_certificate(folder, "two", "b")
            config = folder / "airlane.toml"

            def check(pair):
                config.write_text(setting(pair))
                return subprocess.run([str(AIRLANE), "check-config", str(config)],
                                      capture_output=True, text=True)

            self.assertEqual(check(one).returncode, 0)
            for pair, blamed in (((one[0], two[1]), "two.key"), ((one[0], folder / "no.key"), "no.key"),
                                 ((folder / "no.crt", one[1]), "no.crt")):
                done = check(pair)
                self.assertEqual(done.returncode, 78)
                self.assertIn(f"{config}: tls.certificates: ", done.stderr)
                self.assertIn(blamed, done.stderr)

    def test_without_certificates_tls_is_closed(self):
        with Farm(dongles=1) as farm:
            with socket.create_connection(("127.0.0.1", FIRST_PORT), 20) as raw:
                with self.assertRaises(OSError):
                    trusting().wrap_socket(raw)
            seen = farm.curl(farm.proxy_url(0), "http://ip.test/").strip()
            self.assertEqual(seen, farm.external_ip(0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
