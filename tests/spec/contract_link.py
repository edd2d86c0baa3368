"""The link that rotates a proxy for whoever has it."""
import json
import unittest

from contract_client import STILL_RUNNING, THROTTLED, ContractCase
from farm import wait_until


class Link(ContractCase):
    farm_options = {"dongles": 3}

    def make(self, proxy):
        answer = self.farm.plain(f"/api/proxy/link/?id={proxy}&key={self.farm.key}", "POST")
        self.assert_json(answer)
        self.assert_fields(answer.json, {"success": bool, "url": str, "id": int})
        self.assertRegex(answer.json["url"], r"^/r/[0-9a-f]{64}/$")
        return answer.json["url"]

    def test_it_rotates_by_get_and_by_post_and_shares_the_throttle(self):
        proxy = self.farm.ids[0]
        url = self.make(proxy)
        for method in ("GET", "POST"):
            before = self.farm.external_ip(0)
            answer = wait_until(lambda: self.unless_throttled(url, method), what="its turn")
            self.assert_json(answer)
            self.assert_fields(answer.json, {"success": bool, "new_ip": str, "id": int})
            self.assertEqual(answer.json["id"], proxy)
            self.assertNotEqual(answer.json["new_ip"], before)
            self.assertEqual(answer.json["new_ip"], self.farm.external_ip(0))
            self.assert_throttled(self.farm.plain(url, method), THROTTLED)
            self.assert_throttled(self.farm.api("change_ip", id=proxy), THROTTLED)

    def unless_throttled(self, url, method):
        answer = self.farm.plain(url, method)
        return None if answer.status == 429 else answer

    def wait_until_up(self, index):
        wait_until(lambda: self.farm.dongle(index)["state"] == "up", what="the dongle")
        return True

    def test_it_says_that_a_rotation_runs(self):
        self.sim(1, "settings", {"rotate_ms": 4000})
        first, second = self.farm.ids[1], self.farm.add_proxy("d1", 20101)["id"]
        url = self.make(second)
        self.assert_json(self.farm.api("change_ip", id=first, async_="true"))
        self.assert_throttled(self.farm.plain(url), STILL_RUNNING)

    def test_it_ends_when_the_proxy_gets_another_owner(self):
        proxy = self.farm.add_proxy("d0", 20131)["id"]
        url = self.make(proxy)
        self.farm.add_user("mallory", "a long password")
        for owner, status in (("demo", 200), ("mallory", 404)):
            answer = self.farm.admin("PATCH", f"proxies/{proxy}", {"user": owner, "comment": owner})
            self.assertEqual((answer.status, answer.json["user"]), (200, owner))
            self.assertEqual(self.farm.plain(url).status, status)

    def test_it_survives_a_restart_and_ends_when_it_is_revoked(self):
        proxy = self.farm.ids[2]
        replaced, url = self.make(proxy), self.make(proxy)
        self.farm.stop_server()
        for path in (self.farm.folder / "state").iterdir():
            self.assertNotIn(url.split("/")[2].encode(), path.read_bytes(), path)
        self.farm.start_server()
        self.wait_until_up(2)
        self.assert_detail(self.farm.plain(replaced), 404)
        self.assert_json(self.farm.plain(url + "?async=true"))
        self.farm.cli("proxy", "unlink", proxy)
        for path in (url, "/r/x/", "/r/", "/r/" + "0" * 64 + "/"):
            answer = self.farm.plain(path)
            self.assert_detail(answer, 404)
            self.assertEqual(answer.json["detail"], "Not found.")
        by_cli = self.farm.cli("proxy", "link", proxy).strip()
        self.assertRegex(by_cli, r"^/r/[0-9a-f]{64}/$")
        self.assertEqual(json.loads(self.farm.plain(by_cli, "OPTIONS").text)["name"],
                         "Rotation link")
        log = self.farm.log.read_text()
        for secret in (url, replaced, by_cli):
            self.assertNotIn(secret.split("/")[2], log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
