"""What lies on the disk opens nothing without the key, and a lost key is never replaced."""
import contextlib
import json
import shutil
import signal
import sqlite3
import subprocess
import unittest

from contract_client import ContractCase
from farm import AIRLANE, PASSWORD, Socks5, FIRST_PORT

MODEM_PASSWORD = "modem-Sw0rdfish-77"


class AtRest(ContractCase):
    @classmethod
    def prepare(cls):
        cls.farm.add_user("careful", "correct horse battery")
        answer = cls.farm.admin("POST", "dongles", {
            "name": "spare", "interface": "nowhere0", "driver": "hilink",
            "options": {"password": MODEM_PASSWORD}})
        assert answer.status == 201, answer.text

    @property
    def state(self):
        return self.farm.folder / "state"

    @property
    def key_file(self):
        return self.farm.folder / "state-secret" / "key"

    @property
    def secrets(self):
        return [PASSWORD, self.farm.key, MODEM_PASSWORD, "correct horse battery", "letmein12345"]

    def check_files(self):
        names = [path.name for path in self.state.iterdir()]
        self.assertIn("airlane.db", names)
        for path in self.state.iterdir():
            for secret in self.secrets:
                self.assertNotIn(secret.encode(), path.read_bytes(), path)

    def check_service(self):
        """Everything that needs a secret still has it."""
        rows = self.get("list").json["proxies"]
        self.assertEqual(rows[0]["password"], PASSWORD)
        self.assertEqual(Socks5(FIRST_PORT).log_in(), 0)
        self.assertEqual(self.get("get_key", key="", headers=self.session()).json["key"],
                         self.farm.key)
        dongles = json.loads(self.farm.cli("dongle", "list", "--json"))["dongles"]
        options = next(row["options"] for row in dongles if row["name"] == "spare")
        self.assertEqual(options, {"password": MODEM_PASSWORD})

    def start_in_vain(self):
        """(exit status, what it said) of a server that must not start."""
        done = subprocess.run([AIRLANE, "serve", "-c", self.farm.config], capture_output=True,
                              text=True, timeout=60)
        self.assertNotEqual(done.returncode, 0)
        return done.returncode, done.stderr + done.stdout

    def tearDown(self):
        if self.farm.server.poll() is not None:
            self.farm.start_server()

    def test_no_secret_is_in_the_files_of_a_running_a_killed_and_a_stopped_server(self):
        self.check_service()
        self.check_files()
        for how in (signal.SIGKILL, signal.SIGTERM):
            self.farm.add_proxy("d0", 20150 + how)
            self.farm.stop_server(how)
            self.check_files()
            self.farm.start_server()
            self.check_service()

    def test_the_key_is_its_owners_and_outside_of_the_state(self):
        self.assertEqual(self.key_file.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.key_file.parent.stat().st_mode & 0o777, 0o700)
        self.assertRegex(self.key_file.read_text(), r"^[0-9a-f]{64}\n$")
        self.assertNotIn(self.key_file.read_text().strip(), self.farm.log.read_text())

    def test_a_database_from_before_is_sealed_at_the_start_and_purged(self):
        self.farm.stop_server()
        path = self.state / "airlane.db"
        with contextlib.closing(sqlite3.connect(path)) as database:
            # As an older version left it: in the clear, with deleted rows between the pages.
            database.execute("DELETE FROM sealing")
            database.execute("UPDATE proxies SET password = ?", (PASSWORD,))
            database.execute("UPDATE users SET api_key = ? || id", (self.farm.key,))
            database.execute("UPDATE users SET api_key = ? WHERE name = 'demo'", (self.farm.key,))
            database.execute("UPDATE dongle_options SET value = ?", (MODEM_PASSWORD,))
            database.execute("CREATE TABLE old (text TEXT)")
            database.executemany("INSERT INTO old VALUES (?)", [(PASSWORD + "x" * 500,)] * 200)
            database.execute("DROP TABLE old")
            database.commit()
        self.assertIn(PASSWORD.encode(), path.read_bytes(), "what is looked for would be seen")
        self.farm.start_server()
        self.check_files()
        self.check_service()
        self.farm.stop_server()
        self.check_files()

    def test_without_its_key_a_server_does_not_start_and_makes_no_other(self):
        self.farm.stop_server()
        kept = self.key_file.with_name("kept")
        self.key_file.rename(kept)
        database = (self.state / "airlane.db").read_bytes()
        status, said = self.start_in_vain()
        self.assertEqual(status, 78)
        self.assertIn(f"its file {self.key_file} is not there; put it back from your copy", said)
        self.assertFalse(self.key_file.exists())
        self.key_file.write_text("0" * 64 + "\n")
        self.key_file.chmod(0o600)
        status, said = self.start_in_vain()
        self.assertEqual(status, 78)
        self.assertIn("sealed with another key", said)
        self.key_file.chmod(0o644)
        self.assertIn("chmod 600", self.start_in_vain()[1])
        self.key_file.write_text("nonsense\n")
        self.key_file.chmod(0o600)
        self.assertIn("openssl rand -hex 32", self.start_in_vain()[1])
        self.assertEqual((self.state / "airlane.db").read_bytes(), database, "nothing was changed")
        kept.rename(self.key_file)
        self.farm.start_server()
        self.check_service()

    def test_the_key_may_be_elsewhere_or_come_from_systemd(self):
        self.farm.stop_server()
        text = self.farm.config.read_text()
        elsewhere = self.farm.folder / "elsewhere.key"
        shutil.copy(self.key_file, elsewhere)
        kept = self.key_file.with_name("kept")
        self.key_file.rename(kept)
        try:
            self.farm.config.write_text(text.replace(
                "[server]\n", f'[server]\nsecret_key = "{elsewhere}"\n'))
            self.farm.start_server()
            self.check_service()
            self.farm.stop_server()
        finally:
            self.farm.config.write_text(text)
            kept.rename(self.key_file)


if __name__ == "__main__":
    unittest.main(verbosity=2)
