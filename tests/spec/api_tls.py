"""TLS on the control side: with real clients, renewed under them, slow ones bounded."""
import contextlib
import http.client
import json
import pathlib
import signal
import socket
import ssl
import tempfile
import time
import unittest

from farm import Farm, in_own_processes, run, wait_until

PORT = 8443


def make_certificate(folder, name):
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={name}",
        "-addext", "subjectAltName=DNS:api.test")
    return certificate, key


def trusting():
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class ApiTls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.files = make_certificate(cls.folder, "api")
        certificate, key = cls.files
        cls.farm = Farm(dongles=1, settings=f"[limits]\napi_connections = 100\n")
        write = cls.farm.write_config

        def write_config():
            write()
            text = cls.farm.config.read_text().replace(
                "[control]\n", f'[control]\nlisten_tls = ["127.0.0.1:{PORT}"]\ncertificates = '
                f'[{{ certificate = "{certificate}", key = "{key}" }}]\n')
            cls.farm.config.write_text(text)
        cls.farm.write_config = write_config
        cls.enterClassContext(cls.farm)

    def ask(self, method="GET", path=None, body=None, headers=None):
        path = path or f"/api/proxy/list/?key={self.farm.key}"
        connection = http.client.HTTPSConnection("127.0.0.1", PORT, timeout=30, context=trusting())
        return self.farm.request(connection, method, path, body, headers)

    @staticmethod
    def shown():
        with trusting().wrap_socket(socket.create_connection(("127.0.0.1", PORT), 20)) as tls:
            return tls.getpeercert(binary_form=True)

    def logged(self, text):
        return wait_until(lambda: text in self.farm.log.read_text(), what=text)

    def test_curl_checks_the_certificate_and_gets_its_list(self):
        out = run("curl", "-sS", "--max-time", 20, "--cacert", self.files[0], "--resolve",
                  f"api.test:{PORT}:127.0.0.1", "-H", f"X-API-Key: {self.farm.key}",
                  f"https://api.test:{PORT}/api/proxy/list/")
        self.assertEqual(json.loads(out)["count"], 1)

    def test_the_plain_address_stays_plain_and_the_other_does_not_answer_in_the_clear(self):
        self.assertEqual(self.farm.api("list").status, 200)
        with socket.create_connection(("127.0.0.1", PORT), 20) as client:
            client.sendall(b"GET /api/proxy/ HTTP/1.1\r\nHost: x\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                self.assertFalse(client.recv(1000).startswith(b"HTTP"))

    def test_cookies_are_secure_and_browsers_are_told_to_stay(self):
        body = json.dumps({"username": "demo", "password": "letmein12345"})
        kind = {"Content-Type": "application/json"}
        entry = self.ask("POST", "/api/login/", body, kind)
        for cookie in entry.headers.get_all("Set-Cookie"):
            self.assertIn("Secure", cookie.split("; "))
        plain = self.farm.plain("/api/login/", "POST", kind, body)
        for cookie in plain.headers.get_all("Set-Cookie"):
            self.assertNotIn("Secure", cookie.split("; "))
        cookie = {"Cookie": entry.headers["Set-Cookie"].partition(";")[0]}
        self.assertEqual(self.ask(path="/api/proxy/get_key/", headers=cookie).json["key"],
                         self.farm.key)
        for path in ("/api/proxy/", "/nothing", "/static/api.css", "/ip"):
            hsts = self.ask(path=path).headers["Strict-Transport-Security"]
            self.assertEqual(hsts, "max-age=31536000", path)
            self.assertIsNone(self.farm.plain(path).headers["Strict-Transport-Security"])

    def test_old_versions_are_refused(self):
        for version, accepted in (("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)):
            out = run("openssl", "s_client", "-connect", f"127.0.0.1:{PORT}", version, "-cipher",
                      "DEFAULT:@SECLEVEL=0", check=False, input="")
            self.assertEqual("Cipher is (NONE)" not in out, accepted, version)

    def test_what_stalls_inside_tls_is_left_in_time_and_proxies_do_not_notice(self):
        silent = socket.create_connection(("127.0.0.1", PORT), 30)
        half = socket.create_connection(("127.0.0.1", PORT), 30)
        half.sendall(b"\x16\x03\x01\x02\x00\x01")
        head = trusting().wrap_socket(socket.create_connection(("127.0.0.1", PORT), 30))
        body = trusting().wrap_socket(socket.create_connection(("127.0.0.1", PORT), 30))
        body.sendall(b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        start = time.monotonic()
        left = {silent, half, head, body}
        while left and time.monotonic() - start < 20:
            for client in list(left):
                client.settimeout(0.1)
                try:
                    if client in (head, body):
                        client.sendall(b"G")
                    if client.recv(1) == b"":
                        left.discard(client)
                except TimeoutError:
                    continue
                except OSError:
                    left.discard(client)
            self.assertIn(self.farm.external_ip(0),
                          self.farm.curl(self.farm.proxy_url(0), "http://ip.test/"))
        for client in (silent, half, head, body):
            client.close()
        self.assertEqual(left, set(), "each had ten seconds, handshake and all")

    def test_handshakes_of_one_source_are_so_many(self):
        crowd = [socket.create_connection(("127.0.0.1", PORT), 20) for _ in range(70)]
        time.sleep(1)
        closed = 0
        for client in crowd:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                try:
                    closed += client.recv(1) == b""
                except ConnectionResetError:
                    closed += 1
        self.assertGreaterEqual(closed, 20, "of 100 connections one source has half")
        other = http.client.HTTPSConnection("127.0.0.1", PORT, timeout=20, context=trusting(),
                                            source_address=("127.0.0.9", 0))
        answer = self.farm.request(other, "GET", f"/api/proxy/list/?key={self.farm.key}")
        self.assertEqual(answer.status, 200)
        for client in crowd:
            client.close()

    def test_a_hang_up_reads_new_files_and_keeps_the_old_ones_when_they_are_bad(self):
        before = self.shown()
        old = [path.read_bytes() for path in self.files]
        self.files[1].write_text("half a key")
        self.farm.server.send_signal(signal.SIGHUP)
        self.logged("cannot be used")
        self.logged("The one before stays in use.")
        self.assertEqual(self.shown(), before)
        make_certificate(self.folder, "api")
        self.farm.server.send_signal(signal.SIGHUP)
        wait_until(lambda: self.shown() != before, what="the new certificate")
        self.assertEqual(self.ask().status, 200)
        for path, content in zip(self.files, old):
            path.write_bytes(content)
        self.farm.server.send_signal(signal.SIGHUP)
        wait_until(lambda: self.shown() == before, what="the old certificate")

    def test_a_configuration_without_a_usable_certificate_is_refused(self):
        good = self.farm.config.read_text()
        wrong = self.folder / "wrong.toml"
        wrong.write_text("\n".join(line for line in good.splitlines()
                                   if not line.startswith("certificates")))
        out = run(self.farm.binary, "check-config", wrong, check=False)
        self.assertEqual(out, "")
        wrong.write_text(good.replace("api.crt", "missing.crt"))
        with self.assertRaisesRegex(AssertionError, "control.certificates: The certificate"):
            run(self.farm.binary, "check-config", wrong)
        wrong.write_text("[control]\nlisten_tls = [\"127.0.0.1:1\"]\n")
        with self.assertRaisesRegex(AssertionError, "control.listen_tls: needs control.certif"):
            run(self.farm.binary, "check-config", wrong)

    def test_z_an_upgrade_hands_the_listening_socket_on(self):
        before = self.farm.admin("GET", "server").json["pid"]
        run(self.farm.binary, "upgrade", "-c", self.farm.config)
        wait_until(lambda: self.farm.admin("GET", "server").json["pid"] != before,
                   what="the new process")
        self.assertEqual(self.ask().json["count"], 1)
        self.assertEqual(self.farm.api("list").json["count"], 1)


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
