"""Modems that hang, drip, flood or lie: each costs its own dongle a rotation, and nobody else anything.

Every dongle of this farm lies in another way, and all of them are told to rotate at once.
"""
import collections
import json
import statistics
import time
import unittest

from contract_client import ContractCase
from farm import run, wait_until

LIES = ("hang", "drip", "flood", "garbage", "cut", "code")
HONEST, REBOOTING = len(LIES), len(LIES) + 1
CALL = 10  # Seconds for one call of a modem, whatever it sends.
OPERATION = 60  # For all calls of one rotation, the way back not included.


def lifetimes(lines):
    """How long each connection to the modem was spoken on, by tcpdump's lines."""
    times = collections.defaultdict(list)
    for line in lines:
        clock, _, source, _, target = line.split()[:5]
        hours, minutes, seconds = clock.split(":")
        ours = source if not source.endswith(".80") else target.rstrip(":")
        times[ours].append(int(hours) * 3600 + int(minutes) * 60 + float(seconds))
    return [max(seen) - min(seen) for seen in times.values()]


class LyingModems(ContractCase):
    farm_options = {"dongles": len(LIES) + 2}

    @classmethod
    def prepare(cls):
        for index, lie in enumerate(LIES):
            if lie != "hang":
                cls.sim(index, "settings", {"lie": lie})
        cls.sim(LIES.index("hang"), "hang")

    def order(self, index):
        answer = self.get("change_ip", id=self.farm.ids[index], async_="true", show_job="true")
        return answer.json["job"]

    def job(self, number):
        return self.get(f"jobs/{number}").json

    @staticmethod
    def received(index):
        link, = json.loads(run("ip", "-json", "-statistics", "link", "show", f"dg{index}"))
        return link["stats64"]["rx"]["bytes"]

    def test_nobody_notices_but_whoever_asked_for_it(self):
        flooded = self.received(LIES.index("flood"))
        with self.farm.capture("dg0", "tcp port 80 and host 192.168.8.1") as hung, \
                self.farm.capture("dg1", "tcp port 80 and host 192.168.8.1") as dripped:
            begun = time.monotonic()
            jobs = {lie: self.order(index) for index, lie in enumerate(LIES)}
            self.assertLess(time.monotonic() - begun, 5)
            others = self.watch_the_others(jobs.values())
            took = time.monotonic() - begun
        self.assertLess(took, OPERATION + 3 * CALL)
        for lie, number in jobs.items():
            job = self.job(number)
            self.assertEqual((job["state"], job["new_ip"]), ("failed", None), f"{lie}: {job}")
            self.assertRegex(job["error"], r"^[A-Z].*\.$", lie)
            self.assertEqual(self.farm.dongle(LIES.index(lie))["state"], "up", lie)
        self.assertEqual(others["done"], others["begun"], "the honest one rotated all the while")
        self.assertGreater(others["begun"], 1)
        self.assertLess(statistics.median(others["waits"]), 0.1)
        self.assertLess(max(others["waits"]), 2)
        for lines in (hung, dripped):
            self.assertTrue(lines)
            self.assertLess(max(lifetimes(lines)), CALL + 2)
        self.assertLess(self.received(LIES.index("flood")) - flooded, 50_000_000,
                        "of hundreds of megabytes it takes one of each, and what was on its way")
        self.make_honest()

    def watch_the_others(self, jobs):
        """Until all these have ended: another dongle rotates, and the API is asked all the time."""
        seen = {"waits": [], "begun": 0, "done": 0}
        mine, next_time = None, 0
        waiting = list(jobs)
        while waiting or mine:
            start = time.monotonic()
            self.get("list")
            seen["waits"].append(time.monotonic() - start)
            if mine and self.job(mine)["state"] != "running":
                seen["done"] += self.job(mine)["state"] == "done"
                mine = None
            if waiting and not mine and start > next_time:
                mine, next_time = self.order(HONEST), start + 6
                seen["begun"] += 1
            waiting = [number for number in waiting if self.job(number)["state"] == "running"]
            time.sleep(0.05)
        return seen

    def make_honest(self):
        """Whoever told lies and does not any more rotates like everybody."""
        self.sim(LIES.index("hang"), "unhang")
        for index, lie in enumerate(LIES):
            self.sim(index, "settings", {"lie": ""})
            before = self.farm.external_ip(index)
            answer = self.get("change_ip", id=self.farm.ids[index], show_old_ip="true").json
            self.assertEqual(answer["old_ip"], before, lie)
            self.assertEqual(answer["new_ip"], self.farm.external_ip(index), lie)
            self.assertNotEqual(answer["new_ip"], before, lie)

    def test_one_that_reboots_in_the_middle_is_waited_for(self):
        """Its data comes back with it; whether the driver was told or not is for the job to say."""
        index = REBOOTING
        self.sim(index, "settings", {"reboot_ms": 2000, "rotate_ms": 300})
        number = self.order(index)
        wait_until(lambda: not self.farm.sim_control("GET", f"/dongles/{index}").json["data_enabled"],
                   what="the data to be off")
        self.sim(index, "reboot")
        job = wait_until(lambda: self.job(number)["state"] != "running" and self.job(number), 120,
                         "the end of the job")
        wait_until(lambda: self.farm.dongle(index)["state"] == "up", 60, "the dongle")
        if job["state"] == "done":
            self.assertEqual(job["new_ip"], self.farm.external_ip(index))
        else:
            self.assertTrue(job["error"])
        wait_until(lambda: self.farm.external_ip(index), 30, "the carrier")
        wait_until(lambda: self.get("ext_ip", id=self.farm.ids[index]).json["ip"]
                   == self.farm.external_ip(index), 30, "the proxy")


if __name__ == "__main__":
    unittest.main(verbosity=2)
