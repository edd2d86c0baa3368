"""The wall clock is turned under a running server: what waits, waits as long as before, and what is
counted stays what it was. libfaketime turns it for the server alone, and leaves the monotonic one."""
import contextlib
import datetime
import pathlib
import sqlite3
import tempfile
import time
import unittest

from contract_client import THROTTLED, ContractCase
from farm import is_sanitized, wait_until, write_starter

LIBRARIES = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
HOUR, YEARS = 3600, 2 * 365 * 86400


@unittest.skipIf(not LIBRARIES or is_sanitized(), "needs libfaketime, and no sanitizer before it")
class Clock(ContractCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(
            tempfile.TemporaryDirectory(prefix="airlane-clock-")))
        cls.offset = folder / "offset"
        cls.offset.write_text("+0\n")
        wrapper = folder / "airlane"
        write_starter(wrapper, f"env LD_PRELOAD={LIBRARIES[0]} FAKETIME_TIMESTAMP_FILE={cls.offset} "
                               "FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1")
        cls.farm_options = {"dongles": 1, "binary": wrapper}
        super().setUpClass()

    def setUp(self):
        self.turn(0)

    def turn(self, seconds):
        self.offset.write_text(f"{seconds:+d}\n")

    def test_waits_stay_what_they_were(self):
        proxy = self.farm.add_proxy("d0", 20101)["id"]
        for index, jump in enumerate((YEARS, -HOUR, 0, 1, -1, 2)):
            self.turn(0)
            wait_until(lambda: self.farm.api("change_ip", id=proxy, async_="true").status == 200,
                       what=f"a rotation before jump {index}")
            start = time.monotonic()
            self.turn(jump)
            answer = self.farm.api("change_ip", id=proxy)
            seconds = self.assert_throttled(answer, THROTTLED)
            self.assertIn(seconds, (4, 5), jump)
            wait_until(lambda: self.farm.api("change_ip", "GET", id=proxy, async_="true").status
                       == 200 or None, what="the next")
            self.assertGreater(time.monotonic() - start, 4, jump)

    def test_a_job_is_as_long_as_it_was(self):
        proxy = self.farm.add_proxy("d0", 20102)["id"]
        self.sim(0, "settings", {"rotate_ms": 1500})
        self.addCleanup(self.sim, 0, "settings", {"rotate_ms": 800})
        for jump in (-HOUR, YEARS):
            wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
            answer = wait_until(lambda: (got := self.farm.api(
                "change_ip", id=proxy, async_="1", show_job="1")).status == 200 and got,
                what="a rotation")
            path = f"jobs/{answer.json['job']}"
            started = self.get(path).json["started"]
            self.turn(jump)
            wait_until(lambda: self.get(path).json["state"] == "done", 60, "its end")
            job = self.get(path).json
            self.turn(0)
            self.assertEqual(job["started"], started)
            self.assertGreater(job["seconds"], 1.5)
            self.assertLess(job["seconds"], 60)
            begun, ended = (datetime.datetime.fromisoformat(job[name].rstrip("Z"))
                            for name in ("started", "ended"))
            self.assertLessEqual(0, (ended - begun).total_seconds())
            self.assertLess((ended - begun).total_seconds(), 60)
        rows = self.get("history", id=proxy).json["addresses"]
        self.assertTrue(rows)
        self.assertTrue(all(row["seconds"] >= 0 for row in rows), rows)

    def test_intervals_do_not_notice_and_what_was_missed_happens_once(self):
        for port, words in ((20103, ("--interval", "60")), (20104, ("--calendar", "yearly"))):
            proxy = self.farm.add_proxy("d0", port)["id"]
            self.farm.cli("proxy", "schedule", proxy, *words)

        def scheduled(proxy):
            return sum(job["cause"] == "schedule"
                       for job in self.get("jobs", id=proxy).json["jobs"])

        self.turn(-HOUR)
        time.sleep(1)
        self.turn(YEARS)
        wait_until(lambda: scheduled(proxy) == 1, 60, "the yearly one, twice missed")
        time.sleep(8)
        self.assertEqual((scheduled(proxy - 1), scheduled(proxy)), (0, 1))
        for one in (proxy - 1, proxy):
            self.farm.cli("proxy", "remove", one)

    def test_the_cache_neither_lasts_longer_nor_ends(self):
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        self.get("ext_ip", id=self.proxy)
        for jump in (YEARS, -HOUR):
            self.turn(jump)
            self.assertTrue(self.get("ext_ip", id=self.proxy, from_cache="true").json["from_cache"])

    def test_who_guessed_is_blocked_by_the_other_clock(self):
        for _ in range(10):
            self.assert_detail(self.log_in("nobody", "wrong"), 403)
        for jump in (YEARS, -HOUR):
            self.turn(jump)
            self.assertEqual(self.log_in("nobody", "wrong").status, 429)

    def test_no_byte_is_lost_and_none_is_negative(self):
        for jump in (0, -HOUR, YEARS, 0):
            self.turn(jump)
            self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/100000", "-o",
                           "/dev/null")
            time.sleep(1.5)
        counted = self.farm.counted(0)
        self.turn(YEARS + HOUR)
        self.assertEqual(wait_until(lambda: self.farm.traffic(0) == counted and counted,
                                    what="the report"), counted)
        self.turn(0)
        self.farm.stop_server()
        path = next((self.farm.folder / "state").glob("*.db"))
        with contextlib.closing(sqlite3.connect(path)) as database:
            rows = database.execute(" UNION ALL ".join(
                f"SELECT incoming, outgoing FROM traffic_{age}"
                for age in ("recent", "hours", "days"))).fetchall()
        self.farm.start_server()
        self.assertTrue(rows)
        self.assertTrue(all(incoming >= 0 and outgoing >= 0 for incoming, outgoing in rows))
        self.turn(YEARS + HOUR)
        self.assertEqual(self.farm.traffic(0), counted, "the same after a restart")

    def test_a_key_ends_with_its_date_at_once_and_not_before(self):
        entry = self.log_in()
        headers = {"Content-Type": "application/x-www-form-urlencoded",
                   "Cookie": entry.headers["Set-Cookie"].partition(";")[0],
                   "X-CSRFToken": self.form_token(entry)}
        key = self.post("proxy/keys", "name=short&expires=2h", headers).json["key"]
        for jump in (0, -HOUR, HOUR):
            self.turn(jump)
            self.get("list", key=key)
        self.turn(2 * HOUR + 1)
        answer = self.farm.api("list", key=key)
        self.assert_detail(answer, 403)
        self.assertEqual(answer.json["detail"], "This API key has expired.")
        self.turn(HOUR)
        self.get("list", key=key)

    def test_a_session_ends_with_its_date_and_not_before(self):
        session = self.session()
        self.turn(-HOUR)
        self.get("list", key="", headers=session)
        self.turn(YEARS)
        self.assert_detail(self.farm.api("list", key="", headers=session), 403)
        self.turn(0)
        self.get("list", key="", headers=session)


if __name__ == "__main__":
    unittest.main(verbosity=2)
