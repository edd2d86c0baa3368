"""The operator's side: what the command line changes takes effect at once and disturbs nobody; what
goes wrong is said; a stop leaves nothing behind."""
import contextlib
import http.client
import json
import os
import signal
import socket
import stat
import subprocess
import unittest

from farm import AIRLANE, FIRST_PORT, PASSWORD, Farm, Socks5, run, wait_until


class Operator(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=2))

    def tunnel(self, index=0):
        client = Socks5(FIRST_PORT + index)
        client.log_in()
        self.assertEqual(client.connect("198.19.0.1", 7), 0)
        return client

    def assert_alive(self, client):
        client.socket.sendall(b"hello")
        self.assertEqual(client.read(5), b"hello")

    def refused(self, *words, **options):
        """What the command line says when the server says no."""
        done = subprocess.run([str(AIRLANE), *map(str, words), "--socket", str(self.farm.socket)],
                              capture_output=True, text=True, **options)
        self.assertEqual(done.returncode, 1, done)
        self.assertTrue(done.stderr.strip())
        return done.stderr

    def test_changes_take_effect_at_once_and_leave_others_alone(self):
        mine, others = self.tunnel(0), self.tunnel(1)
        added = self.farm.add_proxy("d0", 20131)
        url = f"http://johndoe:{PASSWORD}@127.0.0.1:20131"
        self.assertEqual(self.farm.curl(url, "http://ip.test/").strip(), self.farm.external_ip(0))
        self.farm.cli("proxy", "set", added["id"], "--password", "another1")
        status = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-x", url,
                     "http://ip.test/")
        self.assertEqual(status, "407")
        url = "http://johndoe:another1@127.0.0.1:20131"
        self.farm.curl(url, "http://ip.test/")
        self.farm.cli("proxy", "set", added["id"], "--dongle", "d1")
        self.assertEqual(self.farm.curl(url, "http://ip.test/").strip(), self.farm.external_ip(1))
        self.farm.cli("proxy", "remove", added["id"])
        # A worker that has not closed the port yet resets who still gets in.
        with self.assertRaises((ConnectionRefusedError, ConnectionResetError)):
            Socks5(20131)
        self.assert_alive(mine)
        self.assert_alive(others)

    def test_a_dongle_that_is_changed_disturbs_no_other(self):
        mine, others = self.tunnel(0), self.tunnel(1)
        first = self.farm.world["dongles"][0]["interface"]
        answer = self.farm.admin("PATCH", "dongles/d0", {"isp": "Another"})
        self.assertEqual((answer.status, answer.json["isp"]), (200, "Another"))
        self.assert_alive(mine)
        answer = self.farm.admin("PATCH", "dongles/d0", {"interface": "plugged-later"})
        self.assertEqual((answer.status, answer.json["state"]), (200, "absent"))
        mine.socket.settimeout(1)
        with self.assertRaises(ConnectionResetError):
            mine.socket.recv(1)
        self.assert_alive(others)
        said = self.refused("rotate", self.farm.ids[0])
        self.assertIn("The dongle d0 is absent: there is no interface plugged-later. Plug it in",
                      said)
        refused = self.farm.admin("PATCH", "dongles/d0",
                                  {"interface": self.farm.dongle(1)["interface"]})
        self.assertEqual(refused.status, 409)
        self.farm.admin("PATCH", "dongles/d0", {"interface": first})
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="dongle 0")
        self.assertEqual(self.farm.curl(self.farm.proxy_url(0), "http://ip.test/").strip(),
                         self.farm.external_ip(0))
        self.assert_alive(others)

    def test_a_change_is_refused_where_somebody_else_was_faster(self):
        number = self.farm.ids[0]
        etag, text = self.farm.cli("proxy", "show", number, "--etag").splitlines()
        self.assertEqual(json.loads(text)["id"], number)
        self.farm.cli("proxy", "set", number, "--comment", "faster")
        said = self.refused("proxy", "set", number, "--comment", "slower", "--if-match", etag)
        self.assertIn("not what If-Match says", said)
        for late in (("quota", number, "1GiB"), ("limit", number, "--connections", 1),
                     ("schedule", number, "--interval", 60), ("top", number, "--keep", 0),
                     ("remove", number)):
            self.assertEqual(self.refused("proxy", *late, "--if-match", etag), said)
        shown = json.loads(self.farm.cli("proxy", "show", number))
        self.assertEqual((shown["comment"], shown["quota"]), ("faster", None))
        etag = self.farm.cli("dongle", "show", "d0", "--etag").splitlines()[0]
        self.farm.cli("dongle", "set", "d0", "--isp", "Another", "--if-match", etag.strip('"'))
        self.assertEqual(self.farm.dongle(0)["isp"], "Another")

    def test_a_list_is_of_what_fits(self):
        def listed(what, *words):
            return json.loads(self.farm.cli(what, "list", "--json", *words))

        def ids(*words):
            return [proxy["id"] for proxy in listed("proxy", *words)["proxies"]]
        first, second = self.farm.ids[:2]
        self.farm.cli("proxy", "set", first, "--comment=--paid")
        self.farm.cli("dongle", "set", "d1", "--isp", "A & B")
        self.assertEqual(ids("--dongle", "d0"), [first])
        self.assertEqual(ids("--comment=--paid", "--user", "demo"), [first])
        self.assertEqual(ids("--isp", "A & B"), [second])
        self.assertEqual(ids("--port", FIRST_PORT + 1), [second])
        self.assertEqual(ids("--username", "nobody"), [])
        self.assertEqual([dongle["name"] for dongle in listed("dongle", "--isp", "A & B")["dongles"]],
                         ["d1"])
        self.assertEqual(listed("dongle", "--state", "absent")["dongles"], [])
        everybody = listed("user")["users"]
        for word, admin in (("on", True), ("off", False)):
            self.assertEqual(listed("user", "--admin", word)["users"],
                             [user for user in everybody if user["admin"] == admin])

    def test_a_removed_proxy_ends_its_connections_within_a_second(self):
        client = self.tunnel(0)
        self.farm.cli("proxy", "remove", self.farm.ids[0])
        client.socket.settimeout(1)
        with self.assertRaises(ConnectionResetError):
            client.socket.recv(1)

    def test_everything_survives_a_restart(self):
        before = self.farm.cli("proxy", "list", "--json")
        users = self.farm.cli("user", "list", "--json")
        self.assertEqual(self.farm.stop_server(), 0)
        self.farm.start_server()
        self.assertEqual(self.farm.cli("proxy", "list", "--json"), before)
        self.assertEqual(self.farm.cli("user", "list", "--json"), users)
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        self.farm.curl(self.farm.proxy_url(0), "http://ip.test/")

    def test_the_ports_are_open_when_the_first_call_is_answered(self):
        is_serving, refused = self.farm.is_serving, 0

        def is_serving_and_open():
            nonlocal refused
            answered = is_serving()
            with socket.socket() as client:
                refused += client.connect_ex(("127.0.0.1", FIRST_PORT)) != 0
            return answered
        self.farm.is_serving = is_serving_and_open
        self.addCleanup(setattr, self.farm, "is_serving", is_serving)
        for _ in range(6):
            self.farm.stop_server()
            self.farm.start_server()
        self.assertEqual(refused, 0)

    def test_a_clean_stop_leaves_no_rule_and_no_table(self):
        before = run("ip", "rule") + run("ip", "-6", "rule")
        self.assertIn("oif dg0", before)
        self.assertEqual(self.farm.stop_server(), 0)
        for family in ("-4", "-6"):
            self.assertNotIn("oif", run("ip", family, "rule"))
            routes = run("ip", family, "route", "show", "table", "all")
            self.assertNotIn("unreachable default", routes)
            self.assertNotIn("192.168.8.1 ", routes)
        self.assertFalse(self.farm.socket.exists())

    def test_a_start_after_kill_9_finds_its_own_rules_and_keeps_one_of_each(self):
        before = run("ip", "rule")
        self.farm.stop_server(signal.SIGKILL)
        self.assertEqual(run("ip", "rule"), before)
        self.farm.start_server()
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        self.assertEqual(run("ip", "rule"), before)
        self.farm.curl(self.farm.proxy_url(0), "http://ip.test/")

    def test_removing_a_dongle_removes_its_table(self):
        self.assertIn("prox", self.refused("dongle", "remove", "d0"))
        self.farm.cli("proxy", "remove", self.farm.ids[0])
        self.farm.cli("dongle", "remove", "d0")
        self.assertNotIn("oif dg0", run("ip", "rule"))
        self.assertIn("oif dg1", run("ip", "rule"))
        self.farm.curl(self.farm.proxy_url(1), "http://ip.test/")

    def test_nonsense_is_refused_with_a_sentence(self):
        base = ["proxy", "add", "--user", "demo", "--dongle", "d0", "--username", "u",
                "--password", "p"]
        self.assertIn("20001", self.refused(*base, "--port", FIRST_PORT))
        self.assertIn("8080", self.refused(*base, "--port", 8080), "the API listens there")
        self.assertIn("nobody", self.refused("proxy", "add", "--user", "nobody", "--dongle", "d0",
                                             "--port", 20141, "--username", "u", "--password", "p"))
        self.assertIn("10.0.0.1/8", self.refused(*base, "--port", 20141, "--whitelist",
                                                 "10.0.0.1/8"))
        self.refused(*base, "--port", 20141, "--whitelist-mode", "sometimes")
        self.refused(*base, "--port", 20141, "--from", "2030-01-01T00:00:00Z",
                     "--till", "2020-01-01T00:00:00Z")
        self.assertIn("warp", self.refused("dongle", "add", "d9", "--interface", "dg9",
                                           "--driver", "warp"))
        self.refused("dongle", "add", "d9", "--interface", "dg0", "--driver", "none")
        self.refused("dongle", "add", "d9", "--interface", "dg9", "--driver", "hilink",
                     "--option", "nonsense=1")
        self.assertIn("--driver: ", self.refused("dongle", "set", "d0", "--driver", "warp"))
        self.assertIn("--hours must be", self.refused("rotate", self.farm.ids[0], "--until",
                                                      "unused", "--hours", 0))
        self.assertIn("--limit must be", self.refused("job", "list", "--limit", "x"))
        self.assertIn("--state must be", self.refused("job", "list", "--state", "x"))
        self.assertIn("--day must be", self.refused("proxy", "top", self.farm.ids[0],
                                                    "--day", "x"))
        self.refused("user", "remove", "demo")
        self.refused("proxy", "remove", 999)
        self.refused("rotate", 999)

    def test_a_dongle_may_be_added_before_it_is_plugged_in(self):
        self.farm.cli("dongle", "add", "later", "--interface", "dg7", "--driver", "none",
                      "--gateway", "192.168.8.1")
        self.farm.add_proxy("later", 20151)
        status = run("curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-x",
                     f"http://johndoe:{PASSWORD}@127.0.0.1:20151", "http://ip.test/")
        self.assertEqual(status, "503")

    def test_a_short_password_is_refused(self):
        said = self.refused("user", "add", "hasty", "--password-stdin", input="1234567\n")
        self.assertIn("at least 8 characters", said)
        self.assertNotIn("hasty", self.farm.cli("user", "list"))
        self.assertEqual(self.farm.admin("POST", "users", {"name": "hasty", "password": "1234567"})
                         .status, 422)

    def test_rotating_from_the_command_line(self):
        before = self.farm.external_ip(0)
        answer = json.loads(self.farm.cli("rotate", self.farm.ids[0], "--json"))
        self.assertEqual(answer["old_ip"], before)
        self.assertEqual(answer["new_ip"], self.farm.external_ip(0))

    def test_the_socket_is_for_root_and_the_group_only(self):
        mode = stat.S_IMODE(os.stat(self.farm.socket).st_mode)
        self.assertEqual(mode & 0o007, 0)
        os.chmod(self.farm.folder, 0o755)
        os.chmod(self.farm.socket, 0o666)  # Even if somebody opens it, the peer is looked at.
        done = run("setpriv", "--reuid", 65534, "--regid", 65534, "--clear-groups", "curl", "-s",
                   "-w", "%{http_code}", "-o", "/dev/null", "--unix-socket", self.farm.socket,
                   "http://localhost/api/admin/users", check=False)
        self.assertEqual(done, "403")
        self.assertEqual(self.farm.plain("/api/admin/users").status, 403, "over TCP with a key")

    def test_two_servers_do_not_share_a_state(self):
        done = subprocess.run([str(AIRLANE), "serve", "-c", str(self.farm.config)],
                              capture_output=True, text=True, timeout=20)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("already serves", done.stderr)
        self.farm.curl(self.farm.proxy_url(0), "http://ip.test/")

    def test_a_second_server_in_the_same_network_is_refused(self):
        client = self.tunnel(0)
        other = self.farm.folder / "other.toml"
        other.write_text(self.farm.config.read_text().replace("/state", "/other-state")
                         .replace(":8080", ":8081").replace("control.sock", "other.sock"))
        done = subprocess.run([str(AIRLANE), "serve", "-c", str(other)], capture_output=True,
                              text=True, timeout=20)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("Another Airlane", done.stderr)
        self.assert_alive(client)

    def test_running_out_of_descriptors_fills_no_log_and_passes(self):
        run("prlimit", "--pid", self.farm.server.pid, "--nofile=100:100")
        clients = [socket.create_connection(("127.0.0.1", FIRST_PORT)) for _ in range(150)]
        with contextlib.suppress(OSError):
            waiting = http.client.HTTPConnection("127.0.0.1", 8080, timeout=2)
            waiting.request("GET", "/ip")
            waiting.getresponse()
        self.assertLess(self.farm.log.stat().st_size, 100_000)
        for client in clients:
            client.close()
        wait_until(lambda: self.farm.plain("/ip").status == 200, 60, "the API")
        self.farm.curl(self.farm.proxy_url(0), "http://ip.test/")

    def test_no_secret_is_logged(self):
        self.farm.curl(self.farm.proxy_url(0), "http://ip.test/")
        self.farm.curl(self.farm.proxy_url(0, credentials="johndoe:verywrong"), "http://ip.test/")
        self.farm.api("list")
        self.farm.cli("rotate", self.farm.ids[0])
        log = self.farm.log.read_text()
        for secret in (PASSWORD, "verywrong", self.farm.key, "letmein12345"):
            self.assertNotIn(secret, log)


class Configuration(unittest.TestCase):
    def check(self, text):
        path = os.path.join(os.environ.get("TMPDIR", "/tmp"), f"airlane-check-{os.getpid()}.toml")
        with open(path, "w") as file:
            file.write(text)
        self.addCleanup(os.unlink, path)
        return subprocess.run([str(AIRLANE), "check-config", path], capture_output=True, text=True)

    def test_a_good_file_is_good(self):
        self.assertEqual(self.check("[server]\nworkers = 1\n").returncode, 0)

    def test_every_error_is_named_with_its_line_and_key(self):
        done = self.check('[server]\nworkers = "two"\n[timeouts]\nrelay = "5"\nfoo = 1\n')
        self.assertEqual(done.returncode, 78)
        said = done.stdout + done.stderr
        for words in (":2:", "server.workers", ":4:", "timeouts.relay", "unit", ":5:", "foo"):
            self.assertIn(words, said)

    def test_a_client_without_a_server_says_what_to_do(self):
        done = subprocess.run([str(AIRLANE), "proxy", "list", "--socket", "/nowhere.sock"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 69)
        self.assertIn("airlane serve", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
