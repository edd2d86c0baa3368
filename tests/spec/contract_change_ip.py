"""The REST contract: a rotation in all its forms, and who has to wait."""
import json
import time
import unittest

from contract_client import STILL_RUNNING, THROTTLED, ContractCase
from farm import FIRST_PORT, wait_until

NOTHING = type(None)
WINDOWS = "*:128:0:*:64240,*:mss,nop,nop,sok:df,id+:0"  # The contract's example.
TOO_SOON = "Request was throttled. "
ADDRESS = r"^198\.18\.\d+\.\d+$"


class ChangeIpCase(ContractCase):
    def rotate(self, proxy, status=200, **options):
        return self.get("change_ip", status, id=proxy, **options)

    def wait_for(self, index, state):
        wait_until(lambda: self.farm.dongle(index)["state"] == state, what=f"{state} {index}")

    def cached_and_moved(self, index):
        """What the server has in its cache, and what the carrier has changed it to."""
        cached = self.get("ext_ip", id=self.farm.ids[index]).json["ip"]
        self.sim(index, "rotate")
        wait_until(lambda: self.farm.external_ip(index) not in (None, cached), what="the carrier")
        return cached, self.farm.external_ip(index)


class Answers(ChangeIpCase):
    """One dongle for each test: its name says what is asked."""
    farm_options = {"dongles": 8}

    @classmethod
    def prepare(cls):
        for index in range(8):
            cls.sim(index, "settings", {"rotate_ms": 100})

    def test_nothing_else_answers_the_new_address(self):
        before = self.farm.external_ip(0)
        status, kind, body = self.curl("change_ip", format="json", id=self.farm.ids[0],
                                       async_="false", show_old_ip="0", from_cache="")
        self.assertEqual((status, kind), (200, "application/json"))
        answer = json.loads(body)
        self.assert_fields(answer, {"success": bool, "new_ip": str, "id": int})
        self.assertEqual(answer, {"success": True, "new_ip": self.farm.external_ip(0),
                                  "id": self.farm.ids[0]})
        self.assertRegex(answer["new_ip"], ADDRESS)
        self.assertNotEqual(answer["new_ip"], before)
        self.assertTrue(self.heard_by_modem(0), "what HEAD must not cause would be seen")

    def test_show_old_ip_adds_the_old_address_after_the_new(self):
        before = self.farm.external_ip(1)
        answer = self.rotate(f"PROXY.example:{FIRST_PORT + 1}", show_old_ip="true").json
        self.assert_fields(answer, {"success": bool, "new_ip": str, "old_ip": str, "id": int})
        self.assertEqual(answer, {"success": True, "new_ip": self.farm.external_ip(1),
                                  "old_ip": before, "id": self.farm.ids[1]})

    def test_async_answers_at_once(self):
        before = self.farm.external_ip(2)
        start = time.monotonic()
        answer = self.rotate(self.farm.ids[2], async_="true").json
        self.assertLess(time.monotonic() - start, 0.5)
        self.assert_fields(answer, {"success": bool, "async": bool, "id": int})
        self.assertEqual(answer, {"success": True, "async": True, "id": self.farm.ids[2]})
        wait_until(lambda: self.farm.external_ip(2) not in (None, before), what="a new address")
        self.assertEqual(self.get("ext_ip", id=self.farm.ids[2]).json["ip"],
                         self.farm.external_ip(2))

    def test_async_with_show_old_ip_looks_first(self):
        cached, moved = self.cached_and_moved(3)
        answer = self.rotate(self.farm.ids[3], async_="true", show_old_ip="true").json
        self.assert_fields(answer, {"success": bool, "async": bool, "old_ip": str,
                                    "from_cache": bool, "id": int})
        self.assertEqual(answer, {"success": True, "async": True, "old_ip": moved,
                                  "from_cache": False, "id": self.farm.ids[3]})
        wait_until(lambda: self.farm.external_ip(3) not in (None, cached, moved), what="rotation")

    def test_async_from_cache_believes_the_cache(self):
        cached, moved = self.cached_and_moved(4)
        answer = self.rotate(self.farm.ids[4], async_="1", show_old_ip="yes",
                             from_cache="TRUE").json
        self.assertEqual(list(answer), ["success", "async", "old_ip", "from_cache", "id"])
        self.assertEqual(answer, {"success": True, "async": True, "old_ip": cached,
                                  "from_cache": True, "id": self.farm.ids[4]})
        wait_until(lambda: self.farm.external_ip(4) not in (None, cached, moved), what="rotation")

    def test_from_cache_alone_changes_nothing(self):
        answer = self.rotate(self.farm.ids[5], from_cache="true", async_="true").json
        self.assertEqual(answer, {"success": True, "async": True, "id": self.farm.ids[5]})

    def test_head_does_nothing_and_counts_for_nothing(self):
        before = self.farm.external_ip(6)
        answer = self.farm.api("change_ip", "HEAD", id=self.farm.ids[6], fp=WINDOWS)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(self.farm.dongle(6)["state"], "up")
        self.assertEqual(self.stored_fp(self.farm.ids[6]), "")
        self.assertEqual((self.farm.external_ip(6), self.heard_by_modem(6)), (before, []))
        self.rotate(self.farm.ids[6], async_="true")  # Not throttled.

    def test_nonsense_does_nothing_and_counts_for_nothing(self):
        before = self.farm.external_ip(7)
        for name in ("async", "show_old_ip", "from_cache"):
            for value in ("maybe", "2", "truee", "-1", "null"):
                answer = self.rotate(self.farm.ids[7], 400, **{name: value})
                self.assert_detail(answer, 400, f'"{name}"')
        self.assertEqual((self.farm.external_ip(7), self.heard_by_modem(7)), (before, []))
        self.rotate(self.farm.ids[7], async_="on", show_old_ip="n")


class Throttle(ChangeIpCase):
    farm_options = {"dongles": 2, "settings": '[rotation]\nlimit = "7s"'}

    def test_five_seconds_pass_between_two_calls(self):
        proxy = self.farm.ids[0]
        start = time.monotonic()
        self.rotate(proxy, async_="true", fp=WINDOWS)
        waits = []
        while (answer := self.farm.api("change_ip", id=proxy, async_="true")).status == 429:
            if answer.json["detail"].startswith(TOO_SOON):
                waits.append(self.assert_throttled(answer, THROTTLED))
            self.assertLess(time.monotonic() - start, 20)
            time.sleep(0.05)
        self.assertEqual(sorted(set(waits), reverse=True), [5, 4, 3, 2, 1])
        self.assertEqual(waits, sorted(waits, reverse=True))
        self.assertEqual(answer.json, {"success": True, "async": True, "id": proxy})
        self.assertGreater(time.monotonic() - start, 5)
        status, kind, body = self.curl("change_ip", format="json", id=proxy, fp="reset")
        self.assertEqual((status, kind), (429, "application/json"))
        self.assertIn(TOO_SOON, json.loads(body)["detail"])
        self.assertEqual(self.stored_fp(proxy), WINDOWS, "kept by the second, refused the third")

    def test_while_it_runs_others_are_told_for_how_long_at_most(self):
        self.sim(1, "settings", {"rotate_ms": 9000})
        first, second = self.farm.ids[1], self.farm.add_proxy("d1", 20101)["id"]
        path = f"/api/proxy/change_ip/?key={self.farm.key}&id={first}&show_old_ip=true"
        before = self.farm.external_ip(1)
        with self.call_under_way(path) as call:
            self.wait_for(1, "rotating")
            waits = []
            while (answer := self.farm.api("change_ip", id=second)).status == 429:
                waits.append(self.assert_throttled(answer, STILL_RUNNING))
                mine = self.farm.api("change_ip", id=first)
                if mine.status == 429 and not mine.json["detail"].startswith(TOO_SOON):
                    self.assert_throttled(mine, STILL_RUNNING)
                busy = self.get("reboot", 409, id=second).json
                self.assertEqual(busy, {"success": False, "error": "Failed to call reboot",
                                        "id": second})
                time.sleep(0.1)
                if waits[-1] == 1:
                    break
            response = call.getresponse()
            body = json.loads(response.read())
        self.assertEqual(sorted(set(waits), reverse=True), [7, 6, 5, 4, 3, 2, 1])
        # The limit is over: the address is not known, and the call a success all the same.
        self.assertEqual(response.status, 200)
        self.assert_fields(body, {"success": bool, "new_ip": NOTHING, "old_ip": str, "id": int})
        self.assertEqual(body, {"success": True, "new_ip": None, "old_ip": before, "id": first})


class Overlap(ChangeIpCase):
    """The carrier says nothing at all, so that the look at the old address takes its time."""
    farm_options = {"dongles": 1, "settings": 'timeout = "6s"'}

    def test_a_call_while_another_looks_at_the_old_address_has_to_wait(self):
        self.sim(0, "settings", {"offline": "drop", "offline_dns": "silent"})
        self.sim(0, "offline")
        first, second = self.proxy, self.farm.add_proxy("d0", 20101)["id"]
        path = (f"/api/proxy/change_ip/?key={self.farm.key}&id={first}"
                "&async=true&show_old_ip=true&format=json")
        with self.call_under_way(path) as call:
            wait_until(lambda: self.farm.api("change_ip", id=first).status == 429, what="the first")
            answer = self.farm.api("change_ip", id=second, async_="true")
            self.sim(0, "online")
            body = json.loads(call.getresponse().read())
        self.wait_for(0, "up")
        self.assertEqual((body["success"], body["id"]), (True, first))
        told = [body, answer.json]
        denied = [line for line in self.farm.log.read_text().splitlines() if "no rotation" in line]
        self.assertEqual(denied, [], f"but both callers were told of a success: {told}")
        if answer.status == 429:
            self.assert_throttled(answer, STILL_RUNNING)


class Fingerprint(ChangeIpCase):
    farm_options = {"dongles": 1, "modem": "none"}

    def store(self, index, query):
        """Rotation fails here, after the fingerprint was stored: one proxy for each call."""
        proxy = self.farm.add_proxy("d0", 20101 + index)["id"]
        self.farm.admin("PATCH", f"proxies/{proxy}", {"fp": "*:64:0:*:1,0:mss:df:0"})
        return self.raw("change_ip", f"id={proxy}{query}"), self.stored_fp(proxy)

    def test_keep_reset_and_signatures(self):
        old = "*:64:0:*:1,0:mss:df:0"
        escaped = "%2A%3A128%3A0%3A%2A%3A64240%2C%2A%3Amss%2Cnop%2Cnop%2Csok%3Adf%2Cid%2B%3A0"
        for index, (query, stored) in enumerate((
                ("", old), ("&fp=keep", old), ("&fp=reset", ""), ("&fp=", ""), ("&fp", ""),
                (f"&fp={escaped}", WINDOWS), (f"&fp={WINDOWS.replace('+', '%2B')}", WINDOWS),
                (f"&fp={WINDOWS}", WINDOWS), (f"&fp={WINDOWS.replace('+', '%20')}", WINDOWS),
                ("&fp=4:64%2B0:0:1460:mss*20,7:mss,sok,ts,nop,ws:df,id%2B:0",
                 "4:64:0:1460:mss*20,7:mss,sok,ts,nop,ws:df,id+:0"),
                ("&fp=windows-10", "*:128:0:*:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0"),
                ("&fp=6:64:0:*:mss*20,7:mss,sok,ts,nop,ws:flow:0",
                 "6:64:0:*:mss*20,7:mss,sok,ts,nop,ws:flow:0"))):
            answer, seen = self.store(index, query)
            self.assert_json(answer, 503)
            self.assertEqual(seen, stored, query)

    def test_a_bad_signature_is_refused_and_nothing_stored_or_counted(self):
        for index, fp in enumerate((
                "windows", "KEEP", "Reset", "*:128:0", WINDOWS + ":0", WINDOWS.replace(":df", ""),
                "5" + WINDOWS[1:], WINDOWS[:-1] + "9", WINDOWS[:-1] + "+", WINDOWS.replace("mss", "MSS"),
                WINDOWS.replace("mss", "m;s"), "<script>", ":::::::", "x" * 300 + ":::::::")):
            query = "&fp=" + fp.replace("+", "%2B").replace(";", "%3B")
            answer, seen = self.store(50 + index, query)
            self.assert_detail(answer, 400, '"fp"')
            self.assertEqual(seen, "*:64:0:*:1,0:mss:df:0")

    def test_a_bad_signature_does_not_throttle(self):
        proxy = self.farm.add_proxy("d0", 20190)["id"]
        self.rotate(proxy, 400, fp="nonsense")
        self.rotate(proxy, 503)

    def test_a_dongle_that_cannot_rotate_says_so_with_the_id(self):
        proxy = self.farm.add_proxy("d0", 20192)["id"]
        answer = self.rotate(proxy, 503).json
        self.assert_fields(answer, {"success": bool, "error": str, "id": int})
        self.assertEqual((answer["success"], answer["id"]), (False, proxy))
        self.assert_throttled(self.rotate(proxy, 429), THROTTLED)  # What failed counts.


if __name__ == "__main__":
    unittest.main(verbosity=2)
