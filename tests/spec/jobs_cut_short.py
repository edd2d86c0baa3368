"""A job whose process ends in the middle has failed for the next one, in whatever way it ended; who
waits for its answer gets none.

It runs as the first process of its own namespace, for the upgrade's sake.
"""
import pathlib
import signal
import sys
import threading
import time
import unittest

from farm import FIRST_PORT, Socks5, in_own_processes, wait_until

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from job_case import JobCase  # noqa: E402
from load import ECHO  # noqa: E402
from upgrade import UpgradingFarm  # noqa: E402


class Ends(JobCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(UpgradingFarm(dongles=2, drain="5s"))
        cls.sim(0, "settings", {"rotate_ms": 4000})

    def wait_for_answer(self):
        try:
            self.outcome = self.farm.api("change_ip", id=self.farm.ids[0])
        except ConnectionResetError as error:  # Or its child, that the server closed.
            self.outcome = error

    def order(self):
        """By somebody who waits for the answer."""
        self.caller = threading.Thread(target=self.wait_for_answer)
        self.caller.start()
        return wait_until(self.running, what="the order")

    def running(self):
        jobs = self.jobs(0, limit=1)["jobs"]
        return jobs and jobs[0]["state"] == "running" and jobs[0]["id"]

    def assert_cut_short(self, end):
        self.assertEqual(self.farm.dongle(0)["state"], "up")
        number = self.order()
        end()
        self.caller.join(10)
        self.assertIsInstance(self.outcome, ConnectionResetError)
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

    def test_what_ends_within_the_drain_is_done(self):
        self.sim(0, "settings", {"rotate_ms": 1000})
        self.addCleanup(self.sim, 0, "settings", {"rotate_ms": 4000})
        other = Socks5(FIRST_PORT + 1)  # It keeps the server for all of its drain.
        other.log_in()
        self.assertEqual(other.connect(*ECHO), 0)
        number = self.order()
        self.restart(signal.SIGTERM)
        other.close()
        self.caller.join(10)
        self.assertIsInstance(self.outcome, ConnectionResetError)
        job = self.job(number)
        self.assertEqual((job["state"], job["new_ip"]), ("done", self.farm.external_ip(0)))
        time.sleep(5)  # The throttle.

    def test_upgraded(self):
        self.assert_cut_short(self.farm.upgrade)


if __name__ == "__main__":
    in_own_processes()
    unittest.main(verbosity=2)
