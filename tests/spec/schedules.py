"""Schedules on the real server: it rotates by itself, says when, survives a restart, and a customer
is neither throttled nor told nonsense because of it."""
import calendar
import signal
import time
import unittest

from farm import Farm, wait_until


def unix(stamp):
    return calendar.timegm(time.strptime(stamp, "%Y-%m-%dT%H:%M:%SZ"))


class Schedules(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=2))

    def proxy(self, index):
        proxies = self.farm.admin("GET", "proxies").json["proxies"]
        return next(proxy for proxy in proxies if proxy["id"] == self.farm.ids[index])

    def change(self, index, body):
        return self.farm.admin("PATCH", f"proxies/{self.farm.ids[index]}", body)

    def rotated(self, before, index=0):
        """Waits for another address at the carrier, and for the proxy to leave by it."""
        wait_until(lambda: self.farm.external_ip(index) not in (None, before), limit=60,
                   what="a scheduled rotation")
        wait_until(lambda: self.farm.dongle(index)["state"] == "up", what="its end")
        now = self.farm.external_ip(index)
        seen = self.farm.curl(self.farm.proxy_url(index), "http://ip.test/").strip()
        self.assertIn(seen, (now, self.farm.external_ip(index)))
        return now

    def test_an_interval_rotates_again_and_again_and_nobody_else(self):
        other = self.farm.external_ip(1)
        before = self.farm.external_ip(0)
        self.farm.cli("proxy", "schedule", self.farm.ids[0], "--interval", "5s-7s")
        for _ in range(2):
            before = self.rotated(before)
        self.assertIn("5s-7s", self.farm.cli("proxy", "list"))
        self.assertEqual(self.farm.external_ip(1), other)
        row = self.farm.api("list", id=self.farm.ids[0]).json["proxies"][0]
        self.assertEqual((row["ext_ip_upd_interval"], row["ext_ip_upd_calendar"]), ("5s-7s", ""))
        wait_until(lambda: self.proxy(0)["next_rotation_at"], what="the next time")
        self.assertLess(abs(unix(self.proxy(0)["next_rotation_at"]) - time.time()), 30)
        self.assertLess(time.time() - unix(self.farm.dongle(0)["rotated_at"]), 60)
        self.farm.cli("proxy", "schedule", self.farm.ids[0], "--interval", "none")
        self.assertIsNone(self.proxy(0)["next_rotation_at"])

    def test_a_calendar_rotates_at_its_time(self):
        before = self.farm.external_ip(0)
        answer = self.change(0, {"ext_ip_upd_calendar": "*:*:0/10 UTC"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(unix(answer.json["next_rotation_at"]) % 10, 0)
        self.rotated(before)
        answer = self.change(0, {"ext_ip_upd_calendar": "*-01-01 00:00:00 Europe/Rome"})
        self.assertRegex(answer.json["next_rotation_at"], r"-12-31T23:00:00Z$")

    def test_a_customer_is_not_throttled_by_the_schedule(self):
        before = self.farm.external_ip(0)
        self.change(0, {"ext_ip_upd_calendar": "*:*:0/10 UTC"})
        self.rotated(before)
        self.change(0, {"ext_ip_upd_calendar": ""})
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the end of the last one")
        answer = self.farm.api("change_ip", id=self.farm.ids[0])
        self.assertEqual((answer.status, answer.json["success"]), (200, True))

    def test_a_customers_call_during_it_is_told_that_one_runs(self):
        self.farm.sim_control("POST", "/dongles/0/settings", {"rotate_ms": 6000})
        self.change(0, {"ext_ip_upd_interval": "5s"})
        wait_until(lambda: self.farm.dongle(0)["state"] == "rotating", limit=60,
                   what="a scheduled rotation")
        answer = self.farm.api("change_ip", id=self.farm.ids[0])
        self.assertEqual(answer.status, 429)
        self.assertIn("previous call is still running", answer.json["detail"])

    def test_what_is_missed_while_the_server_is_down_happens_once(self):
        self.change(0, {"ext_ip_upd_interval": "8s"})
        self.change(1, {"ext_ip_upd_calendar": "daily UTC"})
        later = self.proxy(1)["next_rotation_at"]
        due = unix(self.proxy(0)["next_rotation_at"])
        before, other = self.farm.external_ip(0), self.farm.external_ip(1)
        self.farm.stop_server(signal.SIGKILL)
        wait_until(lambda: time.time() > due + 1, limit=30, what="its time")
        self.assertEqual(self.farm.external_ip(0), before)
        self.farm.start_server()
        self.rotated(before)
        self.assertEqual(self.proxy(1)["next_rotation_at"], later)
        self.assertEqual(self.farm.external_ip(1), other)

    def test_nonsense_is_refused_with_its_place(self):
        answer = self.change(0, {"ext_ip_upd_calendar": "Mon 25:00"})
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.json["error"]["field"], "ext_ip_upd_calendar")
        self.assertIn("at character 5: an hour is 0 to 23", answer.json["error"]["message"])
        answer = self.change(0, {"ext_ip_upd_interval": "60-"})
        self.assertEqual((answer.status, answer.json["error"]["field"]),
                         (422, "ext_ip_upd_interval"))
        self.assertIsNone(self.proxy(0)["next_rotation_at"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
