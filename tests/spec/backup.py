"""A copy of the database while the server runs, and a server that starts from it."""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import unittest
import urllib.parse

from farm import AIRLANE, PASSWORD, Farm


class Backup(unittest.TestCase):
    def setUp(self):
        self.farm = self.enterContext(Farm(dongles=2))
        self.state = self.farm.folder / "state"
        self.copy = self.farm.folder / "copy.db"

    def move(self, size):
        self.farm.curl(self.farm.proxy_url(0), f"http://origin.test/bytes/{size}", "-o", "/dev/null")

    def back_up(self, path):
        return subprocess.run([AIRLANE, "backup", path, "--socket", self.farm.socket], text=True,
                              capture_output=True, timeout=60)

    def restore(self):
        """As docs/operating.md says."""
        for name in ("airlane.db", "airlane.db-wal", "airlane.db-shm"):
            (self.state / name).unlink(missing_ok=True)
        shutil.copyfile(self.copy, self.state / "airlane.db")

    def listing(self):
        return [json.loads(self.farm.cli(what, "list", "--json"))
                for what in ("user", "dongle", "proxy")]

    @staticmethod
    def records(listing):
        """What was made, without what a restart may change for a moment."""
        return [listing[0]["users"], [dongle["name"] for dongle in listing[1]["dongles"]],
                [(proxy["id"], proxy["port"], proxy["username"], proxy["password"], proxy["user"])
                 for proxy in listing[2]["proxies"]]]

    def test_a_new_machine_starts_from_it_with_the_traffic_of_that_moment(self):
        self.move(100_000)
        before, made = self.farm.traffic(0), self.listing()
        result = self.back_up(self.copy)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout, f"{self.copy}: {self.copy.stat().st_size} bytes\n")
        self.assertEqual(self.copy.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sqlite3.connect(self.copy).execute("PRAGMA integrity_check").fetchall(),
                         [("ok",)])
        self.move(200_000)
        self.farm.stop_server()
        shutil.rmtree(self.state)
        self.state.mkdir(mode=0o700)
        self.restore()
        self.farm.start_server()
        incoming, outgoing = self.farm.traffic(0)
        # The copy lags behind the counters by a second at most, and these are gone.
        self.assertLessEqual(incoming, before[0])
        self.assertEqual(self.records(self.listing()), self.records(made))
        body = urllib.parse.urlencode({"username": "demo", "password": "letmein12345"})
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self.farm.plain("/api/login/", "POST", kind, body)
        self.assertEqual(answer.json, {"success": True})
        self.assertEqual(len(self.farm.api("list").json["proxies"]), 2)
        self.move(100_000)
        self.assertGreaterEqual(self.farm.traffic(0)[0], incoming + 100_000)

    def test_it_opens_with_the_key_of_the_server_only(self):
        self.assertEqual(self.back_up(self.copy).returncode, 0)
        for secret in (PASSWORD, self.farm.key):
            self.assertNotIn(secret.encode(), self.copy.read_bytes())
        self.farm.stop_server()
        self.restore()
        key = self.farm.folder / "state-secret" / "key"
        kept = key.read_text()
        key.write_text("0" * 64 + "\n")
        refused = subprocess.run([AIRLANE, "serve", "-c", self.farm.config], text=True,
                                 capture_output=True, timeout=60)
        self.assertEqual(refused.returncode, 78, refused.stderr)
        self.assertIn("put back the key that belongs to this database", refused.stderr)
        key.write_text(kept)
        self.farm.start_server()
        self.move(1000)

    def test_all_that_was_counted_before_it_is_in_it_after_a_second(self):
        self.move(100_000)
        self.farm.stop_server()  # Everything is folded.
        self.farm.start_server()
        before = self.farm.traffic(0)
        self.assertGreaterEqual(before[0], 100_000)
        self.assertEqual(self.back_up(self.copy).returncode, 0)
        self.farm.stop_server()
        shutil.rmtree(self.state)
        self.state.mkdir(mode=0o700)
        self.restore()
        self.farm.start_server()
        self.assertEqual(self.farm.traffic(0), before)

    def test_restored_beside_newer_counters_nothing_is_lost_and_nothing_counts_twice(self):
        self.move(100_000)
        self.assertEqual(self.back_up(self.copy).returncode, 0)
        self.move(200_000)
        self.farm.stop_server()
        counted = self.farm.counted(0)
        self.restore()
        self.farm.start_server()
        self.assertEqual(self.farm.traffic(0), counted)
        self.farm.stop_server()
        self.farm.start_server()
        self.assertEqual(self.farm.traffic(0), counted)

    def test_what_is_there_is_not_replaced(self):
        self.copy.write_text("precious")
        result = self.back_up(self.copy)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"There is something at {self.copy} already", result.stderr)
        self.assertEqual(self.copy.read_text(), "precious")

    def test_a_full_disk_is_said_and_leaves_nothing_and_the_server_goes_on(self):
        full = self.farm.folder / "full"
        full.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", full], check=True)
        self.addCleanup(subprocess.run, ["umount", full], check=True)
        result = self.back_up(full / "copy.db")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{full}/copy.db", result.stderr)
        self.assertRegex(result.stderr, "is full|free space")
        self.assertEqual(list(full.iterdir()), [])
        self.farm.cli("user", "add", "after", "--password-stdin", input="a long password\n")
        self.assertEqual(self.back_up(self.copy).returncode, 0)

    def test_a_folder_that_is_missing_is_said(self):
        path = pathlib.Path("/nonexistent/copy.db")
        result = self.back_up(path)
        self.assertEqual(result.returncode, 1)
        self.assertIn("Cannot create /nonexistent/copy.db: No such file", result.stderr)


if __name__ == "__main__":
    unittest.main()
