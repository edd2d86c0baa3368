"""Everything of one server as a document, and a server with another key that goes on from it."""
import contextlib
import http.client
import json
import signal
import subprocess
import threading
import time
import unittest
import urllib.parse

from farm import AIRLANE, FIRST_PORT, PASSWORD, Farm, Socks5, UnixConnection, run, wait_until

INTERVAL = "60-90"
CALENDAR = "Mon..Fri 8:00"


class TransferCase(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=2))
        self.state = self.farm.folder / "state"

    def airlane(self, *words, **options):
        return subprocess.run([AIRLANE, *[str(word) for word in words], "--socket",
                               self.farm.socket], text=True, capture_output=True, timeout=120,
                              **options)

    def fill(self):
        """Everything that can be set is set."""
        farm = self.farm
        farm.add_user("root2", "a long password", "--admin")
        self.named_key = farm.admin("POST", "keys", {
            "name": "ci", "user": "demo", "scopes": ["read", "rotate"],
            "expires_at": "2090-01-01T00:00:00Z"}).json["key"]
        first, second = farm.ids
        answer = farm.admin("PATCH", f"proxies/{first}", {
            "comment": "für alle", "src_whitelist": ["192.0.2.0/24", "2001:db8::/32"],
            "src_whitelist_mode": "bypass", "in_use_from": "2020-01-01T00:00:00Z",
            "in_use_till": "2090-01-01T00:00:00Z", "ext_ip_upd_interval": INTERVAL,
            "ext_ip_upd_calendar": CALENDAR, "top_destinations": 7,
            "quota": {"bytes": 10**12, "period": "month", "time_zone": "Europe/Rome",
                      "action": "throttle", "rate": 5000},
            "limits": {"connections": 100, "upload": 10**9, "destinations": ["deny 192.0.2.7 25"]}})
        self.assertEqual(answer.status, 200, answer.text)
        self.link = farm.admin("POST", f"proxies/{first}/link").json["url"]
        answer = farm.admin("POST", "credentials", {
            "proxy": second, "name": "guest", "password": "guest-Pass1",
            "limits": {"download": 10**9}, "quota": {"bytes": 10**12, "period": "day"}})
        self.assertEqual(answer.status, 201, answer.text)
        farm.curl(farm.proxy_url(0), "http://origin.test/bytes/100000", "-o", "/dev/null")
        farm.curl(farm.proxy_url(1, credentials="guest:guest-Pass1"),
                  "http://origin.test/bytes/50000", "-o", "/dev/null")
        time.sleep(2.5)  # All of that is folded.

    def export(self, *options):
        done = self.airlane("export", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def start_anew(self):
        """Another server: nothing of the state is left, nor of the key."""
        self.farm.stop_server()
        run("rm", "-rf", self.state, self.farm.folder / "state-secret")
        self.farm.start_server()

    def bring(self, document, *options):
        """By the file that the command line reads."""
        file = self.farm.folder / "document.json"
        file.write_text(document if isinstance(document, str) else json.dumps(document))
        return self.airlane("import", file, *options)

    def post(self, body, query=""):
        if not isinstance(body, (str, bytes)):
            body = json.dumps(body)
        return self.farm.request(UnixConnection(self.farm.socket), "POST",
                                 "/api/admin/import" + query, body)

    def listing(self):
        return [self.farm.admin("GET", what).json
                for what in ("users", "keys", "proxies", "credentials", "limits")]


class RoundTrip(TransferCase):
    def test_another_server_with_another_key_goes_on_where_the_first_one_was(self):
        self.fill()
        traffic = [self.farm.traffic(index) for index in (0, 1)]
        document = self.export()
        made = json.loads(document)
        self.start_anew()
        done = self.bring(document)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout,
                         "imported 2 users, 1 keys, 2 dongles, 2 proxies, 1 credentials\n")
        again = json.loads(self.export())
        for one in (made, again):
            one.pop("exported")
        self.assertEqual(json.dumps(again), json.dumps(made))

        for index in (0, 1):
            wait_until(lambda: self.farm.dongle(index)["state"] == "up", what=f"dongle {index}")
        self.assertEqual([self.farm.traffic(index) for index in (0, 1)], traffic)
        body = urllib.parse.urlencode({"username": "demo", "password": "letmein12345"})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.farm.plain("/api/login/", "POST", kind, body).json,
                         {"success": True})
        for key in (self.farm.key, self.named_key):
            rows = self.farm.api("list", key=key).json["proxies"]
            self.assertEqual([row["id"] for row in rows], self.farm.ids)
            self.assertEqual(rows[0]["password"], PASSWORD)
        self.assertEqual(self.farm.plain(self.link, "OPTIONS").status, 200)
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/100000", "-o", "/dev/null")
        self.farm.curl(self.farm.proxy_url(1, credentials="guest:guest-Pass1"),
                       "http://origin.test/bytes/50000", "-o", "/dev/null")
        self.assertGreaterEqual(self.farm.traffic(0)[0], traffic[0][0] + 100_000)

        self.farm.stop_server()
        self.farm.start_server()
        later = json.loads(self.export("--no-traffic"))
        later.pop("exported")
        later["users"][0]["keys"][0]["last_used"] = None  # It was used above.
        for proxy in made["proxies"]:
            proxy.pop("traffic")
            for credential in proxy["credentials"]:
                credential.pop("traffic")
        self.assertEqual(json.dumps(later), json.dumps(made))

    def test_a_file_is_its_owners_and_replaces_nothing(self):
        file = self.farm.folder / "all.json"
        self.export(file)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        document = json.loads(file.read_text())
        self.assertEqual(document["proxies"][0]["password"], PASSWORD)
        self.assertEqual(document["users"][0]["api_key"], self.farm.key)
        before = file.read_bytes()
        done = self.airlane("export", file)
        self.assertEqual(done.returncode, 1)
        self.assertIn("File exists", done.stderr)
        self.assertEqual(file.read_bytes(), before)
        self.assertEqual([path.name for path in file.parent.glob("all.json*")], ["all.json"])

    def test_what_runs_is_not_disturbed_by_what_comes(self):
        document = json.loads(self.export())
        document["users"][0].update(name="other", api_key="k" * 64)
        for index, dongle in enumerate(document["dongles"]):
            dongle.update(name=f"new{index}", interface=f"nowhere{index}")
        for index, proxy in enumerate(document["proxies"]):
            proxy.update(id=1000 + index, port=21000 + index, user="other", dongle=f"new{index}")
        client = Socks5(FIRST_PORT)
        self.assertEqual(client.log_in(), 0)
        self.assertEqual(client.connect("origin.test", 80), 0)
        done = self.bring(document)
        self.assertEqual(done.returncode, 0, done.stderr)
        client.socket.sendall(b"GET /bytes/5000 HTTP/1.1\r\nHost: origin.test\r\n"
                              b"Connection: close\r\n\r\n")
        self.assertIn(b"200 OK", client.read(5000))
        newcomer = Socks5(21000)
        self.assertEqual(newcomer.log_in(), 0)  # Its dongle is away, but it listens.
        self.assertEqual(self.farm.api("list", key="k" * 64).json["proxies"][0]["id"], 1000)


class Refused(TransferCase):
    def test_a_dry_run_says_how_it_would_go_and_changes_nothing(self):
        document = self.export()
        self.start_anew()
        done = self.bring(document, "--dry-run")
        self.assertEqual(done.stdout,
                         "would import 1 users, 0 keys, 2 dongles, 2 proxies, 0 credentials\n")
        self.assertEqual(self.farm.admin("GET", "users").json["users"], [])
        self.assertEqual(self.farm.admin("GET", "dongles").json["dongles"], [])
        self.assertEqual(self.bring(document).returncode, 0)

    def test_an_id_leaves_room_for_those_that_come_after_it(self):
        document = json.loads(self.export())
        for wrong in (2 ** 63 - 1, 2 ** 53, 0):
            document["proxies"][0]["id"] = wrong
            answer = self.post(document)
            self.assertEqual((answer.status, answer.json["error"]["field"]), (422, "proxies.0.id"))

    def test_every_conflict_is_named_at_once_and_nothing_changes(self):
        self.farm.admin("POST", "keys", {"name": "ci", "user": "demo", "scopes": ["read"]})
        document, before = self.export(), self.listing()
        answer = self.post(document)
        self.assertEqual((answer.status, answer.json["error"]["code"]), (409, "conflict"))
        self.assertEqual([wrong["field"] for wrong in answer.json["error"]["fields"]],
                         ["users.0.name", "users.0.api_key", "users.0.keys.0.key_hash",
                          "dongles.0.name", "dongles.0.interface", "dongles.1.name",
                          "dongles.1.interface",
                          "proxies.0.id", "proxies.0.port", "proxies.1.id", "proxies.1.port"])
        self.assertIn("The API key of the document's user demo is that of this server's user demo.",
                      answer.text)
        self.assertEqual(self.post(document, "?dry_run=true").status, 409)
        self.assertEqual(self.listing(), before)

    def test_one_conflict_keeps_all_of_it_out(self):
        document = json.loads(self.export())
        document["users"][0].update(name="other", api_key="k" * 64)
        document["dongles"] = [{**document["dongles"][0], "name": "new", "interface": "nowhere"}]
        document["proxies"] = [
            {**document["proxies"][0], "id": 1000, "port": 21000, "user": "other", "dongle": "new"},
            {**document["proxies"][0], "id": 1001, "port": 8080, "user": "other", "dongle": "new"}]
        before = self.listing()
        answer = self.post(document)
        self.assertEqual(answer.status, 409, answer.text)
        self.assertEqual(answer.json["error"]["field"], "proxies.1.port")
        self.assertEqual(self.listing(), before)

    def test_a_wrong_document_is_told_field_by_field(self):
        good = self.export()
        self.start_anew()
        for text in (good[:-10], "", "[]", "nonsense"):
            self.assertEqual(self.post(text).status, 400, text[:20])

        def fields(change):
            document = json.loads(good)
            change(document)
            answer = self.post(document)
            self.assertEqual(answer.status, 422, answer.text)
            return [wrong["field"] for wrong in answer.json["error"]["fields"]]

        self.assertEqual(fields(lambda all_: all_.update(version=2)), ["version"])
        self.assertEqual(fields(lambda all_: all_.update(format="other", colour="red")),
                         ["format", "colour"])
        self.assertEqual(fields(lambda all_: all_.pop("users")), ["users"])
        self.assertEqual(fields(lambda all_: all_["proxies"][1].update(port="x", fp=7)),
                         ["proxies.1.port", "proxies.1.fp"])

        def break_all(all_):
            all_["users"].append(all_["users"][0])
            all_["dongles"][1]["interface"] = all_["dongles"][0]["interface"]
            all_["proxies"][0].update(user="nobody", dongle="none", ext_ip_upd_interval="soon",
                                      fp="4:1", src_whitelist=["x"])
            all_["proxies"][1].update(port=all_["proxies"][0]["port"], id=all_["proxies"][0]["id"])
            all_["proxies"][1]["traffic"]["hours"] = ["2026-01-01T00:00:01Z 1 2"]
        self.assertEqual(fields(break_all), [
            "users.1.name", "users.1.api_key", "dongles.1.interface", "proxies.0.user",
            "proxies.0.dongle", "proxies.0.src_whitelist", "proxies.0.ext_ip_upd_interval",
            "proxies.0.fp", "proxies.1.id", "proxies.1.port", "proxies.1.traffic.hours"])
        self.assertEqual(self.farm.admin("GET", "users").json["users"], [])
        self.assertEqual(self.bring(good).returncode, 0)

    def test_only_an_admin_may_and_only_the_socket_takes_large_ones(self):
        self.assertEqual(self.farm.plain("/api/admin/export").status, 403)
        key = {"Authorization": f"Bearer {self.farm.key}"}
        self.assertEqual(self.farm.plain("/api/admin/export", headers=key).status, 403)
        large = json.dumps({"x": "y" * (3 << 20)})
        self.assertEqual(self.post(large).status, 422)
        self.assertEqual(self.farm.plain("/api/admin/import", "POST", key, large).status, 413)


class Killed(TransferCase):
    def test_in_the_middle_of_it_leaves_all_or_nothing(self):
        document = json.loads(self.export("--no-traffic"))
        template = document["proxies"][0]
        document["proxies"] = [{**template, "id": index + 1, "port": 22000 + index}
                               for index in range(2000)]
        text, seen = json.dumps(document), set()
        for delay in (0.02, 0.2, 0.4, 0.8):
            self.start_anew()
            thread = threading.Thread(target=self.post_and_forget, args=(text,))
            thread.start()
            time.sleep(delay)
            self.farm.stop_server(signal.SIGKILL)
            thread.join()
            self.farm.start_server()
            count = self.farm.admin("GET", "proxies?limit=1").json["count"]
            users = self.farm.admin("GET", "users").json["count"]
            self.assertIn((users, count), ((0, 0), (1, 2000)))
            seen.add(count)
        self.assertIn(0, seen)

    def post_and_forget(self, text):
        with contextlib.suppress(OSError, http.client.HTTPException):  # The server is gone.
            self.post(text)


if __name__ == "__main__":
    unittest.main()
