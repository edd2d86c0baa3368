"""What was ordered of a dongle can be followed: as a job, and in the history of its addresses; and a
rotation goes on until the address is one that is wanted."""
import signal
import time
import unittest

from farm import wait_until
from job_case import JobCase

FIELDS = ["id", "action", "proxy", "state", "cause", "old_ip", "new_ip", "started", "ended",
          "seconds", "attempts", "until", "reached", "error", "success"]


class Jobs(JobCase):
    farm_options = {"dongles": 5}

    def test_a_rotation_is_followed_by_the_path_in_its_answer(self):
        self.sim(0, "settings", {"rotate_ms": 2000})
        before = self.farm.external_ip(0)
        answer = self.get("change_ip", id=self.farm.ids[0], async_="true", show_job="true")
        number = self.number_in(answer)
        self.assertEqual(answer.json, {"success": True, "async": True, "id": self.farm.ids[0],
                                       "job": number})
        running = self.job(number)
        self.assertEqual(list(running), FIELDS)
        self.assertEqual((running["state"], running["ended"], running["new_ip"]),
                         ("running", None, None))
        job = self.ended(number)
        self.assertEqual(job, job | {
            "id": number, "action": "rotate", "proxy": self.farm.ids[0], "state": "done",
            "cause": "api", "old_ip": before, "new_ip": self.farm.external_ip(0), "attempts": 1,
            "until": None, "reached": None, "error": None, "success": True})
        self.assertGreater(job["seconds"], 2)
        self.assertLess(job["seconds"], 60)
        self.assertEqual(self.jobs(0)["jobs"][0], {name: value for name, value in job.items()
                                                   if name != "success"})

    def test_whoever_wants_a_rotation_gets_a_job(self):
        proxy = self.farm.ids[1]
        link = self.farm.plain(f"/api/proxy/link/?key={self.farm.key}&id={proxy}", "POST").json["url"]
        self.number_in(self.farm.plain(link))
        wait_until(lambda: self.farm.api("change_ip", id=proxy).status == 200, what="the throttle")
        time.sleep(5)
        self.farm.cli("rotate", proxy)
        self.number_in(self.get("reboot", id=proxy))
        wait_until(lambda: self.farm.dongle(1)["state"] == "up", 60, "the reboot")
        self.farm.cli("proxy", "schedule", proxy, "--interval", "5s")
        wait_until(lambda: self.jobs(1)["jobs"][0]["cause"] == "schedule", 40, "the schedule")
        self.farm.cli("proxy", "schedule", proxy, "--interval", "none")
        seen = [(job["cause"], job["action"]) for job in reversed(self.jobs(1)["jobs"])]
        self.assertEqual(seen[:4], [("link", "rotate"), ("api", "rotate"), ("admin", "rotate"),
                                    ("api", "reboot")])
        self.assertEqual(set(seen[4:]), {("schedule", "rotate")})

    def test_nobody_learns_anything_of_others_jobs(self):
        number = self.rotate(2)
        self.ended(number)
        other = self.farm.add_user("other")["api_key"]
        mine = self.farm.api(f"jobs/{number}", key=other)
        none = self.farm.api("jobs/4711", key=other)
        self.assert_detail(mine, 404)
        self.assertEqual(mine.body, none.body)
        self.assertEqual([field for field in mine.headers.items() if field[0] != "Date"],
                         [field for field in none.headers.items() if field[0] != "Date"])
        self.assert_no_such_proxy(self.farm.api("jobs", key=other, id=self.farm.ids[2]))
        self.assert_no_such_proxy(self.farm.api("history", key=other, id=self.farm.ids[2]))
        self.farm.cli("proxy", "set", self.farm.ids[2], "--user", "other")
        self.assertEqual(self.farm.api("jobs", key=other, id=self.farm.ids[2]).json["jobs"], [],
                         "what was ordered before is no business of the next owner")
        self.assert_detail(self.farm.api(f"jobs/{number}"), 404)
        self.farm.cli("proxy", "set", self.farm.ids[2], "--user", "demo")

    def test_the_path_is_one_like_others(self):
        number = self.rotate(3)
        path = f"/api/proxy/jobs/{number}"
        answer = self.farm.plain(path + "?a=b")
        self.assertEqual((answer.status, answer.headers["Location"]), (301, path + "/?a=b"))
        head = self.farm.api(f"jobs/{number}", "HEAD")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assert_detail(self.farm.api(f"jobs/{number}", "POST"), 405)
        self.assertEqual(self.farm.api(f"jobs/{number}", "OPTIONS").json["name"], "Rotation job")
        page = self.farm.api(f"jobs/{number}", headers={"Accept": "text/html"}, format="api")
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertIn(f'action="{path}/"', page.text)
        for nonsense in ("x", "0x1", "-1", "1.0", "9" * 30):
            self.assert_detail(self.farm.api(f"jobs/{nonsense}"), 404)

    def test_what_fails_says_why(self):
        self.sim(4, "settings", {"ignore_writes": True})
        job = self.ended(self.rotate(4))
        self.assertEqual((job["state"], job["new_ip"]), ("failed", None))
        self.assertIn("did not change", job["error"])


class Few(JobCase):
    farm_options = {"dongles": 1, "modem": "none", "settings": "[rotation]\njobs = 4"}

    def test_pages_and_how_many_are_kept(self):
        """They fail at once here, so each needs a proxy that was not throttled yet."""
        proxies = [self.farm.add_proxy("d0", 20101 + index)["id"] for index in range(6)]
        numbers = [self.number_in(self.farm.api("change_ip", id=proxy)) for proxy in proxies]
        self.assertEqual(numbers, [1, 2, 3, 4, 5, 6])
        for number, proxy in zip(numbers, proxies):
            kept = number > 2
            self.assertEqual(self.farm.api(f"jobs/{number}").status, 200 if kept else 404)
            page = self.get("jobs", id=proxy).json
            self.assertEqual((page["count"], page["next"]), (int(kept), None))
        answer = self.get("change_ip", 503, id=self.proxy, show_job="1")
        self.assertEqual(answer.json["job"], 7)
        self.assertIn("no modem control", answer.json["error"])
        self.assertEqual(self.job(7)["error"], answer.json["error"])
        for bad in ({"limit": 0}, {"limit": 501}, {"limit": "x"}, {"before": "x"}, {"before": -1}):
            self.assert_detail(self.farm.api("jobs", id=self.proxy, **bad), 400, *bad)


class History(JobCase):
    farm_options = {"dongles": 2}

    def history(self, index=0, **options):
        return self.get("history", id=self.farm.ids[index], **options).json

    def test_every_address_with_its_times(self):
        proxy = self.proxy
        seen = [self.get("ext_ip", id=proxy).json["ip"]]
        seen.append(self.get("change_ip", id=proxy).json["new_ip"])
        self.sim(0, "rotate")
        wait_until(lambda: self.farm.external_ip(0) not in (None, *seen), what="the carrier")
        seen.append(self.get("ext_ip", id=proxy).json["ip"])
        body = self.history()
        rows = body["addresses"]
        self.assertEqual([row["ip"] for row in rows], list(reversed(seen)))
        self.assertEqual([row["cause"] for row in rows], ["observed", "rotation", "observed"])
        self.assertEqual(rows[0]["till"], None)
        for newer, older in zip(rows, rows[1:]):
            self.assertEqual(older["till"], newer["from"])
            self.assertGreaterEqual(older["seconds"], 0)
        self.assertEqual(body["unique"], {"days": 14, "periods": 3, "addresses": 3, "share": 1.0})
        self.assertEqual((body["count"], body["next"], body["id"]), (3, None, proxy))
        first = self.history(limit=2)
        self.assertEqual([row["from"] for row in first["addresses"]],
                         [row["from"] for row in rows[:2]])
        second = self.history(limit=2, before=first["next"])
        self.assertEqual((second["addresses"], second["next"]), (rows[2:], None))
        self.farm.cli("proxy", "set", proxy, "--from", "2099-01-01T00:00:00Z")
        self.assertEqual([row["ip"] for row in self.history()["addresses"]], seen[-1:],
                         "nothing of the time before the rental but what is still the address")
        self.farm.cli("proxy", "set", proxy, "--from", "none")
        self.farm.stop_server(signal.SIGKILL)
        self.farm.start_server()
        self.assertEqual([row["ip"] for row in self.history()["addresses"]], list(reversed(seen)))

    def test_the_same_address_again_is_no_period_of_its_own(self):
        self.sim(1, "settings", {"same_ip": 100})
        ip = self.get("ext_ip", id=self.farm.ids[1]).json["ip"]
        self.assertEqual(self.get("change_ip", id=self.farm.ids[1]).json["new_ip"], ip)
        self.assertEqual(self.history(1)["count"], 1)


class Until(JobCase):
    farm_options = {"dongles": 2, "sim": ("--rotate-ms", "200")}

    def test_it_stays_away_longer_until_the_carrier_has_noticed(self):
        self.sim(0, "settings", {"keep_ms": 5500})
        before = self.farm.external_ip(0)
        answer = self.get("change_ip", id=self.farm.ids[0], until="different", tries=3).json
        self.assertEqual(list(answer), ["success", "new_ip", "id", "job", "attempts", "reached"])
        self.assertEqual((answer["attempts"], answer["reached"]), (2, True))
        self.assertEqual(answer["new_ip"], self.farm.external_ip(0))
        self.assertNotEqual(answer["new_ip"], before)
        job = self.job(answer["job"])
        self.assertEqual((job["until"], job["attempts"], job["reached"], job["old_ip"],
                          job["error"]), ("different", 2, True, before, None))

    def test_it_says_when_it_is_not_reached_and_the_command_too(self):
        self.sim(1, "settings", {"same_ip": 100})
        proxy, ip = self.farm.ids[1], self.farm.external_ip(1)
        answer = self.get("change_ip", id=proxy, until="different", tries=2, show_old_ip=1).json
        self.assertEqual(list(answer), ["success", "new_ip", "old_ip", "id", "job", "attempts",
                                        "reached", "reason"])
        self.assertEqual(answer, answer | {
            "success": True, "new_ip": ip, "old_ip": ip, "attempts": 2, "reached": False,
            "reason": "2 tries have not brought an address that is known to be different."})
        self.assertEqual(self.job(answer["job"])["error"], answer["reason"])


class Unused(JobCase):
    farm_options = {"dongles": 2, "sim": ("--seed", "7", "--rotate-ms", "200")}

    def test_it_is_what_no_dongle_of_the_owner_had(self):
        """The simulator begins anew, and brings the same addresses in the same order once more."""
        first, second = (self.get("ext_ip", id=proxy).json["ip"] for proxy in self.farm.ids)
        third = self.get("change_ip", id=self.farm.ids[1]).json["new_ip"]
        self.farm.stop_server()
        self.farm.sim.terminate()
        self.farm.sim.wait(20)
        self.farm.sim.stdout.close()
        self.farm.start_sim()
        self.farm.start_server()
        for index in (0, 1):
            wait_until(lambda: self.farm.dongle(index)["state"] == "up", what="the dongle")
        self.assertEqual([self.farm.external_ip(index) for index in (0, 1)], [first, second])
        answer = self.get("change_ip", id=self.farm.ids[0], until="unused", hours=1).json
        self.assertEqual((answer["attempts"], answer["reached"]), (2, True))
        self.assertNotIn(answer["new_ip"], (first, second, third))
        rows = self.get("history", id=self.farm.ids[0]).json["addresses"]
        self.assertEqual([row["ip"] for row in rows], [answer["new_ip"], third, first],
                         "what a try brought was an address too")


class OutOfTime(JobCase):
    farm_options = {"dongles": 1, "settings": '[rotation]\nlimit = "9s"'}

    def test_all_tries_share_the_time_of_one_rotation(self):
        self.sim(0, "settings", {"same_ip": 100, "rotate_ms": 500})
        start = time.monotonic()
        answer = self.get("change_ip", id=self.proxy, until="different", tries=10).json
        self.assertLess(time.monotonic() - start, 15)
        self.assertFalse(answer["reached"])
        self.assertIn("no time for another try", answer["reason"])
        self.assertLess(answer["attempts"], 3)


if __name__ == "__main__":
    unittest.main(verbosity=2)
