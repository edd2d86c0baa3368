"""A rotation gives the proxy another external IP, ends its old connections, and disturbs nobody."""
import base64
import http.client
import signal
import subprocess
import threading
import time
import unittest

from farm import AIRLANE, FIRST_PORT, PASSWORD, Farm, Socks5, die_with_parent, wait_until


class Rotation(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=2))

    def tunnel(self, index):
        client = Socks5(FIRST_PORT + index, limit=20)
        client.log_in()
        self.assertEqual(client.connect("198.19.0.1", 7), 0)
        client.socket.sendall(b"hello")
        self.assertEqual(client.read(5), b"hello")
        return client

    def seen(self, index):
        return self.farm.curl(self.farm.proxy_url(index), "http://ip.test/").strip()

    def test_it_changes_the_address_and_ends_the_old_tunnels(self):
        mine, others = self.tunnel(0), self.tunnel(1)
        before = self.farm.external_ip(0)
        answer = self.farm.api("change_ip", id=self.farm.ids[0], show_old_ip="true")
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["success"], True)
        self.assertEqual(answer.json["old_ip"], before)
        self.assertEqual(answer.json["new_ip"], self.farm.external_ip(0))
        self.assertNotEqual(answer.json["new_ip"], before)
        with self.assertRaises(ConnectionResetError):
            mine.socket.recv(1)
        others.socket.sendall(b"still here")
        self.assertEqual(others.read(10), b"still here")
        self.assertEqual(self.seen(0), answer.json["new_ip"])
        self.tunnel(0)

    def test_a_second_one_within_five_seconds_is_throttled(self):
        self.assertEqual(self.farm.api("change_ip", id=self.farm.ids[0]).status, 200)
        answer = self.farm.api("change_ip", id=self.farm.ids[0])
        self.assertEqual(answer.status, 429)
        seconds = int(answer.headers["Retry-After"])
        self.assertIn(seconds, range(1, 6))
        plural = "" if seconds == 1 else "s"
        self.assertEqual(answer.json, {
            "detail": f"Request was throttled. Expected available in {seconds} second{plural}."})
        self.assertNotEqual(self.farm.api("change_ip", id=self.farm.ids[1]).status, 429,
                            "another proxy on another dongle")

    def test_a_call_during_another_is_told_so(self):
        self.farm.sim_control("POST", "/dongles/0/settings", {"rotate_ms": 7000})
        second = self.farm.add_proxy("d0", 20121)
        thread = threading.Thread(target=self.farm.api, args=("change_ip",),
                                  kwargs={"id": self.farm.ids[0]})
        thread.start()
        wait_until(lambda: self.farm.dongle(0)["state"] == "rotating", what="the rotation")
        for proxy in (self.farm.ids[0], second["id"]):
            if proxy == self.farm.ids[0]:
                time.sleep(5)  # Until the five seconds of this proxy are over: only the lock is left.
            answer = self.farm.api("change_ip", id=proxy)
            self.assertEqual(answer.status, 429)
            self.assertRegex(answer.json["detail"],
                             r"^Request was throttled: previous call is still running\. "
                             r"Expected available in less than \d+ seconds\.$")
            self.assertIn(int(answer.headers["Retry-After"]), range(1, 166))
        thread.join(60)

    def test_it_goes_on_when_the_caller_hangs_up(self):
        before = self.farm.external_ip(0)
        connection = http.client.HTTPConnection(self.farm.address, 8080, timeout=10)
        connection.request("GET", f"/api/proxy/change_ip/?format=json&key={self.farm.key}"
                                  f"&id={self.farm.ids[0]}")
        wait_until(lambda: self.farm.dongle(0)["state"] == "rotating", what="the rotation")
        connection.close()
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="its end")
        self.assertNotEqual(self.farm.external_ip(0), before)
        self.assertEqual(self.seen(0), self.farm.external_ip(0))

    def test_requests_during_it_are_refused_at_once(self):
        self.farm.sim_control("POST", "/dongles/0/settings", {"rotate_ms": 3000})
        self.farm.api("change_ip", id=self.farm.ids[0], async_="true")
        wait_until(lambda: self.farm.dongle(0)["state"] == "rotating", what="the rotation")
        start = time.monotonic()
        status = self.farm.curl(self.farm.proxy_url(0), "http://ip.test/", "-o", "/dev/null", "-w",
                                "%{http_code}")
        self.assertEqual(status, "503")
        self.assertLess(time.monotonic() - start, 1)

    def test_the_same_address_again_is_no_failure(self):
        self.farm.sim_control("POST", "/dongles/0/settings", {"same_ip": 100})
        before = self.farm.external_ip(0)
        answer = self.farm.api("change_ip", id=self.farm.ids[0], show_old_ip="true").json
        self.assertEqual((answer["success"], answer["old_ip"], answer["new_ip"]),
                         (True, before, before))

    def test_an_asynchronous_one_answers_at_once(self):
        before = self.farm.external_ip(0)
        answer = self.farm.api("change_ip", id=self.farm.ids[0], async_="true", show_old_ip="true")
        self.assertEqual(answer.json, {"success": True, "async": True, "old_ip": before,
                                       "from_cache": False, "id": self.farm.ids[0]})
        wait_until(lambda: self.farm.external_ip(0) not in (None, before), what="a new address")
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the end of the rotation")
        self.assertEqual(self.seen(0), self.farm.external_ip(0))

    def test_a_hung_modem_blocks_nobody_else(self):
        self.farm.sim_control("POST", "/dongles/0/hang")
        self.farm.api("change_ip", id=self.farm.ids[0], async_="true")
        start = time.monotonic()
        answer = self.farm.api("change_ip", id=self.farm.ids[1])
        self.assertEqual(answer.json["new_ip"], self.farm.external_ip(1))
        self.assertEqual(self.farm.api("list").status, 200)
        self.assertLess(time.monotonic() - start, 20)
        self.farm.sim_control("POST", "/dongles/0/unhang")

    def test_a_modem_that_says_ok_and_does_nothing_is_found_out(self):
        self.farm.sim_control("POST", "/dongles/0/settings", {"ignore_writes": True})
        before = self.farm.external_ip(0)
        answer = self.farm.api("change_ip", id=self.farm.ids[0])
        self.assertEqual(answer.json["success"], False)
        self.assertTrue(answer.json["error"])
        self.assertEqual(self.farm.external_ip(0), before)

    def test_a_kept_http_connection_leaves_by_the_new_address(self):
        connection = http.client.HTTPConnection("127.0.0.1", FIRST_PORT, timeout=20)
        login = base64.b64encode(f"johndoe:{PASSWORD}".encode()).decode()

        def ask():
            connection.request("GET", "http://ip.test/",
                               headers={"Proxy-Authorization": f"Basic {login}"})
            return connection.getresponse().read().decode().strip()

        self.assertEqual(ask(), self.farm.external_ip(0))
        self.farm.api("change_ip", id=self.farm.ids[0])
        self.assertEqual(ask(), self.farm.external_ip(0))
        with self.farm.capture("dg0", "tcp port 80 and host 198.19.0.2") as old:
            self.farm.cli("proxy", "set", self.farm.ids[0], "--dongle", "d1")
            self.assertEqual(ask(), self.farm.external_ip(1))
        self.assertEqual([line for line in old if "[S]" in line or "[P.]" in line], [])
        connection.close()

    def test_a_server_killed_in_the_middle_switches_the_data_on_again(self):
        self.farm.sim_control("POST", "/dongles/0/settings", {"rotate_ms": 1000})
        self.farm.api("change_ip", id=self.farm.ids[0], async_="true")
        wait_until(lambda: not self.farm.sim_control("GET", "/dongles/0").json["data_enabled"],
                   what="the data to be off")
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        wait_until(lambda: self.farm.external_ip(0), what="the modem to be online")
        wait_until(lambda: self.seen(0) == self.farm.external_ip(0), what="the proxy")

    def test_a_reboot_takes_the_interface_away_and_brings_the_proxy_back(self):
        client = self.tunnel(0)
        before = self.farm.ifindex("dg0")
        answer = self.farm.api("reboot", id=self.farm.ids[0])
        self.assertEqual(answer.json, {
            "success": True, "info": "Reboot initiated. It may take 20-60 seconds to complete.",
            "id": self.farm.ids[0]})
        with self.assertRaises(ConnectionResetError):
            client.socket.recv(1)
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", limit=40, what="the dongle")
        self.assertNotEqual(self.farm.ifindex("dg0"), before)
        wait_until(lambda: self.seen(0) == self.farm.external_ip(0), what="the proxy")


class UnreachableFarm(Farm):
    """The carrier lets nobody through to the service that tells the external IP."""

    def write_config(self):
        super().write_config()
        text = self.config.read_text()
        self.config.write_text(text.replace("http://198.19.0.2/", "http://198.19.0.9/"))


class AddressNotKnown(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(UnreachableFarm(
            dongles=1, settings='timeout = "2s"\n[rotation]\nlimit = "25s"'))
        self.before = self.farm.external_ip(0)

    def seen(self):
        return self.farm.curl(self.farm.proxy_url(0), "http://ip.test/").strip()

    def assert_served_while(self, state):
        wait_until(lambda: self.farm.external_ip(0) not in (None, self.before), what="the modem")
        wait_until(lambda: self.farm.dongle(0)["up"], what="the proxy")
        self.assertEqual(self.seen(), self.farm.external_ip(0))
        self.assertEqual(self.farm.dongle(0)["state"], state)
        self.assertIn('dongle_up{dongle="d0"} 1', self.farm.cli("metrics"))

    def assert_logged(self, what):
        line = wait_until(lambda: [line for line in self.farm.log.read_text().splitlines()
                                   if f"dongle d0: {what}. " in line], 60, "the log line")[0]
        for word in ("http://198.19.0.9/: ", "[external_ip] urls"):
            self.assertIn(word, line)

    def test_a_rotated_proxy_works_and_the_operator_is_told(self):
        command = subprocess.Popen(
            [AIRLANE, "rotate", str(self.farm.ids[0]), "--socket", self.farm.socket],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent)
        self.assert_served_while("rotating")
        out, err = command.communicate(timeout=60)
        self.assertEqual(command.returncode, 3)
        self.assertEqual(out, f"proxy {self.farm.ids[0]}: - -> not known\n")
        self.assertIn("the new external IP is not known", err)
        self.assertIn("http://198.19.0.9/", err)
        self.assert_logged("rotated")
        self.assertEqual(self.farm.dongle(0)["state"], "up")
        self.assertEqual(self.farm.api("change_ip", id=self.farm.ids[0]).json,
                         {"success": True, "new_ip": None, "id": self.farm.ids[0]})

    def test_a_rebooted_proxy_works_as_soon_as_it_is_back(self):
        self.assertTrue(self.farm.api("reboot", id=self.farm.ids[0]).json["success"])
        wait_until(lambda: not self.farm.dongle(0)["up"], what="its end")
        self.assert_served_while("rebooting")
        self.assert_logged("rebooted")


class WithoutModem(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=1, modem="none"))

    def test_it_says_that_it_cannot_rotate_and_touches_no_tunnel(self):
        client = Socks5(FIRST_PORT)
        client.log_in()
        self.assertEqual(client.connect("198.19.0.1", 7), 0)
        answer = self.farm.api("change_ip", id=self.farm.ids[0])
        self.assertEqual(answer.json["success"], False)
        self.assertIn("driver", answer.json["error"])
        client.socket.sendall(b"hello")
        self.assertEqual(client.read(5), b"hello")
        self.assertEqual(self.farm.api("reboot", id=self.farm.ids[0]).json["success"], False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
