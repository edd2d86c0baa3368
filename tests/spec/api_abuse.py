"""The REST API among people who mean no good, or are merely slow: everybody else is served."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import re
import socket
import statistics
import time
import unittest

from contract_client import STILL_RUNNING, THROTTLED, ContractCase, in_words
from farm import FIRST_PORT, Socks5, wait_until


class Slow(ContractCase):
    """Heads that come byte by byte, bodies that never end, answers that nobody reads."""
    farm_options = {"dongles": 1}

    def connect(self, source="127.0.0.1"):
        connection = socket.create_connection(("127.0.0.1", 8080), 30, (source, 0))
        self.addCleanup(connection.close)
        return connection

    def test_they_are_left_in_time_and_nobody_notices(self):
        heads = [self.connect(f"127.0.0.{2 + i % 2}") for i in range(60)]
        bodies = [self.connect("127.0.0.4") for _ in range(30)]
        unread = [self.connect("127.0.0.5") for _ in range(30)]
        for connection in bodies:
            connection.sendall(b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        question = f"GET /api/proxy/?format=json HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        for connection in unread:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            with contextlib.suppress(BlockingIOError):
                connection.setblocking(False)
                for _ in range(50):
                    connection.send(question)
            connection.setblocking(True)
        self.told = []
        start = time.monotonic()
        waits = []
        while heads + bodies and time.monotonic() - start < 25:
            for crowd in (heads, bodies):
                for connection in list(crowd):
                    if not self.drip(connection):
                        crowd.remove(connection)
            before = time.monotonic()
            self.get("list")
            waits.append(time.monotonic() - before)
            self.assertIn(self.farm.external_ip(0),
                          self.farm.curl(self.farm.proxy_url(0), "http://ip.test/"))
            time.sleep(0.5)
        self.assertEqual(heads + bodies, [], "each had ten seconds for its whole request")
        self.assertEqual(self.told, ["HTTP/1.1 408 "] * 90)
        self.assertLess(statistics.median(waits), 1)

    def drip(self, connection):
        """Another byte; whether the server still waits for more."""
        try:
            connection.sendall(b"G")
            connection.setblocking(False)
            try:
                self.told.append(connection.recv(13).decode())
                return False
            except BlockingIOError:
                return True
            finally:
                connection.setblocking(True)
        except OSError:
            return False

    def test_one_source_cannot_take_all_connections(self):
        crowd = [self.connect("127.0.0.7") for _ in range(100)]
        time.sleep(0.5)
        closed = 0
        for connection in crowd:
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionResetError):
                closed += connection.recv(1) == b""
        self.assertEqual(closed, 68, "one source has 32")
        other = http.client.HTTPConnection("127.0.0.1", 8080, source_address=("127.0.0.9", 0))
        with contextlib.closing(other):
            other.request("GET", f"/api/proxy/list/?key={self.farm.key}")
            self.assertEqual(other.getresponse().status, 200)


class Guessing(ContractCase):
    farm_options = {"dongles": 1}

    def log_in_from(self, source, name, password):
        connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=60,
                                                source_address=(source, 0))
        return self.farm.request(connection, "POST", "/api/login/",
                                 json.dumps({"username": name, "password": password}),
                                 {"Content-Type": "application/json"})

    def test_who_guesses_is_not_believed_for_a_while_and_others_are(self):
        for _ in range(10):
            self.assert_detail(self.log_in_from("127.0.0.2", "demo", "wrong"), 403)
        for password in ("wrong", "letmein12345"):
            answer = self.log_in_from("127.0.0.2", "demo", password)
            self.assert_detail(answer, 429, "Too many wrong passwords")
            self.assertIn(int(answer.headers["Retry-After"]), range(30, 61))
        self.assertEqual(self.log_in_from("127.0.0.3", "demo", "letmein12345").status, 200)
        self.get("list")

    def test_many_at_once_get_no_further(self):
        self.farm.add_user("victim")
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            answers = list(pool.map(lambda _: self.log_in_from("127.0.0.4", "victim", "no").status,
                                    range(24)))
        self.assertEqual(answers.count(403), 10)
        self.assertEqual(answers.count(429), 14)

    @unittest.skipUnless(os.environ.get("AIRLANE_SLOW"), "takes minutes")
    def test_the_time_says_nothing_about_the_name(self):
        times = {"demo": [], "nobody": []}
        for index in range(200):
            for name, seen in times.items():
                before = time.monotonic()
                self.log_in_from(f"127.1.{index // 5}.1", name, "wrong")
                seen.append(time.monotonic() - before)
        first, second = (statistics.median(seen) for seen in times.values())
        self.assertLess(abs(first - second) / first, 0.05)


class Storm(ContractCase):
    """A hundred calls a second for one proxy, then for all of them."""
    farm_options = {"dongles": 4}

    def storm(self, proxies, calls):
        def call(index):
            return self.farm.api("change_ip", id=proxies[index % len(proxies)], async_="true")
        with concurrent.futures.ThreadPoolExecutor(32) as pool:
            return list(pool.map(call, range(calls)))

    def rotations(self, index):
        """How often the modem was told to go offline."""
        return sum("dataswitch" in call["path"] or "net-mode" in call["path"] or
                   "dial" in call["path"] for call in self.heard_by_modem(index))

    def check_refused(self, answers):
        for answer in answers:
            if answer.status == 200:
                continue
            seconds = int(answer.headers["Retry-After"])
            self.assertEqual(answer.status, 429)
            self.assertIn(answer.json["detail"], (THROTTLED.format(in_words(seconds)),
                                                  STILL_RUNNING.format(in_words(seconds))))

    def test_each_dongle_rotates_once(self):
        one = self.rotations(0)
        self.assertEqual(one, 0)
        answers = self.storm([self.farm.ids[0]], 200)
        self.check_refused(answers)
        self.assertEqual([answer.status for answer in answers].count(200), 1)
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        once = self.rotations(0)
        self.assertGreater(once, 0)

        others = self.farm.ids[1:] + [self.farm.add_proxy(f"d{index}", 20101 + index)["id"]
                                      for index in (1, 2, 3)]
        answers = self.storm(others, 400)
        self.check_refused(answers)
        self.assertEqual([answer.status for answer in answers].count(200), 3,
                         "two proxies of one dongle share its rotation")
        for index in (1, 2, 3):
            wait_until(lambda: self.farm.dongle(index)["state"] == "up", what="the dongle")
            self.assertEqual(self.rotations(index), once, f"dongle {index}")


class OneRequest(ContractCase):
    def test_fresh_questions_at_once_ask_the_service_once(self):
        """The carrier says nothing until all of them have asked."""
        self.sim(0, "settings", {"offline": "drop", "offline_dns": "silent"})
        self.sim(0, "offline")
        with self.farm.capture("dg0", "tcp[tcpflags] & tcp-syn != 0 and dst host 198.19.0.2") as seen:
            with concurrent.futures.ThreadPoolExecutor(20) as pool:
                calls = [pool.submit(self.get, "ext_ip", id=self.proxy) for _ in range(20)]
                time.sleep(1)
                self.sim(0, "online")
                answers = [call.result().json["ip"] for call in calls]
        self.assertEqual(len(set(answers)), 1)
        ports = {re.search(r"\.(\d+) > ", line)[1] for line in seen}
        self.assertEqual(len(ports), 1, "\n".join(seen))


class Closed(ContractCase):
    """Nobody gets in who was not let in on purpose."""

    def test_there_is_no_proxy_without_a_name_and_a_password(self):
        for fields in ({"username": ""}, {"password": ""}):
            body = {"user": "demo", "dongle": "d0", "port": 20150, "username": "u",
                    "password": "p"} | fields
            self.assertEqual(self.farm.admin("POST", "proxies", body).status, 422)
            self.assertEqual(self.farm.admin("PATCH", f"proxies/{self.proxy}", fields).status, 422)

    def test_an_empty_whitelist_lets_nobody_in_without_the_password(self):
        self.assertEqual(self.get("list").json["proxies"][0]["src_whitelist"], [])
        client = Socks5(FIRST_PORT, b"\x00")
        self.assertEqual(client.method, 0xff)
        self.assertNotEqual(Socks5(FIRST_PORT).log_in("", ""), 0)

    def test_a_user_who_is_removed_gets_nowhere(self):
        key = self.farm.add_user("leaver", "letmein12345")["api_key"]
        proxy = self.farm.add_proxy("d0", 20160, user="leaver")["id"]
        self.assertEqual(Socks5(20160).log_in(), 0)
        session = self.session("leaver", "letmein12345")
        link = self.farm.cli("proxy", "link", proxy).strip()
        self.farm.cli("proxy", "remove", proxy)
        self.farm.cli("user", "remove", "leaver")
        wait_until(lambda: self.is_refused(20160), what="the closed port")
        self.assert_detail(self.farm.api("list", key=key), 403, "Invalid API key.")
        self.assert_detail(self.farm.api("list", key="", headers=session), 403)
        self.assert_detail(self.farm.plain(link), 404)
        self.assert_detail(self.log_in("leaver", "letmein12345"), 403)

    @staticmethod
    def is_refused(port):
        try:
            Socks5(port).close()
        except ConnectionRefusedError:
            return True
        return False

    def test_a_server_without_its_state_serves_nobody(self):
        key, session = self.farm.key, self.session()
        self.farm.stop_server()
        state = self.farm.folder / "state"
        state.rename(self.farm.folder / "kept")
        self.farm.start_server()
        with self.assertRaises(ConnectionRefusedError):
            Socks5(FIRST_PORT)
        self.assert_detail(self.farm.api("list", key=key), 403)
        self.assert_detail(self.farm.api("list", key="", headers=session), 403)
        self.assertEqual(self.farm.api("list", key="").status, 403)
        self.farm.stop_server()
        for path in sorted(state.glob("*")):
            path.unlink()
        state.rmdir()
        (self.farm.folder / "kept").rename(state)
        self.farm.start_server()
        self.get("list")


class Lines(ContractCase):
    """Whatever is sent, an event stays a line, and no line holds a control character."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log_everything()

    def send(self, raw):
        with socket.create_connection(("127.0.0.1", 8080), 20) as connection:
            connection.sendall(raw)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

    def test_a_log_cannot_be_written_into(self):
        forged = "2026-01-01T00:00:00.000Z info forged"
        nasty = [b"%0d%0a" + forged.encode(), b"\x1b[31m", b"%1b[31m", b"\xff\xfe", b"%00", b"\x07",
                 b"\\r\\n", b"%E2%80%AE"]
        for part in nasty:
            self.send(b"GET /api/proxy/list/" + part + b"?a=" + part + b"&key=" + part +
                      b" HTTP/1.1\r\nHost: " + part + b"\r\nUser-Agent: " + part + b"\r\n\r\n")
        for name in (f"x\r\n{forged}", "\x1b[31m", "\u202e", "a\0b", "é" * 500):
            body = json.dumps({"username": name, "password": "x"})
            self.assert_detail(self.post("login", body, {"Content-Type": "application/json"}), 403)
        raw = self.farm.log.read_bytes()
        self.assertIn(b"/api/proxy/list/", raw, "what is looked for would be seen")
        self.assertIn(b"log-in of ", raw)
        for line in raw.splitlines():
            self.assertRegex(line, rb"^\d{4}-\d\d-\d\dT[\d:.]+Z \w+ [ -~]*$")
            self.assertFalse(line.startswith(forged.encode()))
        self.assertNotIn(b"key=%0d", raw)
        self.assertIn(b"key=***", raw)


if __name__ == "__main__":
    unittest.main(verbosity=2)
