"""A job whose process ends in the middle has failed for the next one, in whatever way it ended.

It runs as the first process of its own namespace, for the upgrade's sake.
"""
import pathlib
import signal
import sys
import time
import unittest

from farm import in_own_processes, wait_until

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from job_case import JobCase  # noqa: E402
from upgrade import UpgradingFarm  # noqa: E402


class Ends(JobCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(UpgradingFarm(dongles=1, drain="5s"))
        cls.sim(0, "settings", {"rotate_ms": 4000})

    def assert_cut_short(self, end):
        self.assertEqual(self.farm.dongle(0)["state"], "up")
        number = self.rotate(0)
        end()
        job = self.job(number)
        self.assertEqual((job["state"], job["ended"], job["seconds"]), ("failed", None, None))
        self.assertIn("server ended", job["error"])
        self.assertIsNotNone(job["started"])
        wait_until(lambda: self.farm.external_ip(0), 30, "the modem to be online")
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", what="the dongle")
        following = wait_until(lambda: self.farm.api("change_ip", id=self.farm.ids[0], async_="1"),
                               what="another rotation")
        self.assertEqual(following.status, 200)
        self.assertEqual(self.number_in(following), number + 1, "ids go on")
        self.assertEqual(self.ended(number + 1)["state"], "done")
        time.sleep(5)

    def restart(self, how):
        self.farm.stop_server(how)
        self.farm.start_server()

    def test_killed(self):
        self.assert_cut_short(lambda: self.restart(signal.SIGKILL))

    def test_stopped(self):
        self.assert_cut_short(lambda: self.restart(signal.SIGTERM))

    def test_upgraded(self):
        self.assert_cut_short(self.farm.upgrade)


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
