"""The REST contract: the external address, from the cache and not, and the reboot."""
import json
import unittest

from contract_client import ContractCase
from farm import FIRST_PORT, wait_until

NOTHING = type(None)
EXT_IP = {"success": bool, "ip": str, "from_cache": bool, "id": int}


class ExternalIpCase(ContractCase):
    def ext_ip(self, index, **options):
        answer = self.get("ext_ip", id=self.farm.ids[index], **options).json
        self.assertEqual(list(answer), list(EXT_IP))
        self.assertEqual((answer["success"], answer["id"]), (True, self.farm.ids[index]))
        return answer["ip"], answer["from_cache"]

    def move(self, index):
        """The carrier hands out another address and tells nobody."""
        before = self.farm.external_ip(index)
        self.sim(index, "rotate")
        wait_until(lambda: self.farm.external_ip(index) not in (None, before), what="the carrier")
        return self.farm.external_ip(index)


class ExternalIp(ExternalIpCase):
    farm_options = {"dongles": 6}

    def test_the_fields_are_those_of_the_contract(self):
        status, kind, body = self.curl("ext_ip", format="json", id=self.farm.ids[0])
        self.assertEqual((status, kind), (200, "application/json"))
        self.assert_fields(json.loads(body), EXT_IP)
        self.assertEqual(json.loads(body), {"success": True, "ip": self.farm.external_ip(0),
                                            "from_cache": False, "id": self.farm.ids[0]})

    def test_it_looks_unless_the_cache_will_do(self):
        old, _ = self.ext_ip(1)
        new = self.move(1)
        self.assertEqual(self.ext_ip(1, from_cache="true"), (old, True))
        self.assertEqual(self.ext_ip(1), (new, False))
        self.assertEqual(self.ext_ip(1, from_cache="true"), (new, True), "what was seen is cached")
        self.assertEqual(self.ext_ip(1, from_cache="false"), (new, False))
        self.assertEqual(self.ext_ip(1, from_cache=""), (new, False), "left out")

    def test_an_empty_cache_is_filled(self):
        ip = self.farm.external_ip(2)
        self.assertEqual(self.ext_ip(2, from_cache="true"), (ip, False))
        self.assertEqual(self.ext_ip(2, from_cache="true"), (ip, True))

    def test_the_proxies_of_one_dongle_share_what_is_known(self):
        other = self.farm.add_proxy("d0", 20101)["id"]
        self.ext_ip(0)
        answer = self.get("ext_ip", id=other, from_cache="true").json
        self.assertEqual((answer["ip"], answer["from_cache"]), (self.farm.external_ip(0), True))

    def test_a_rotation_forgets_the_old_address_and_knows_the_new(self):
        self.ext_ip(3)
        new = self.get("change_ip", id=self.farm.ids[3]).json["new_ip"]
        self.assertEqual(self.ext_ip(3, from_cache="true"), (new, True))

    def test_it_is_null_while_the_carrier_is_offline(self):
        self.sim(4, "offline")
        for options in ({}, {"from_cache": "true"}):
            answer = self.get("ext_ip", id=self.farm.ids[4], **options).json
            self.assert_fields(answer, EXT_IP | {"ip": NOTHING})
            self.assertEqual(answer, {"success": True, "ip": None, "from_cache": False,
                                      "id": self.farm.ids[4]})
        self.sim(4, "online")
        wait_until(lambda: self.ext_ip(4)[0] == self.farm.external_ip(4), what="the address")

    def test_head_looks_at_nothing(self):
        answer = self.farm.api("ext_ip", "HEAD", id=self.farm.ids[5])
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(self.ext_ip(5, from_cache="true"), (self.farm.external_ip(5), False),
                         "the cache is still empty")

    def test_head_does_not_promise_another_length_than_get(self):
        # RFC 9110, section 8.6: the length of GET's answer, or none.
        for endpoint in ("ext_ip", "change_ip", "reboot"):
            length = self.farm.api(endpoint, "HEAD", id=self.farm.ids[0]).headers["Content-Length"]
            self.assertTrue(length is None or int(length) > len("{}"), f"{endpoint}: {length}")

    def test_nonsense_is_refused(self):
        for value in ("maybe", "2", "cache"):
            answer = self.farm.api("ext_ip", id=self.farm.ids[0], from_cache=value)
            self.assert_detail(answer, 400, '"from_cache"')


class ShortMemory(ExternalIpCase):
    farm_options = {"dongles": 1, "settings": 'cache = "1s"'}  # In [external_ip].

    def test_the_cache_lasts_no_longer_than_configured(self):
        self.ext_ip(0)
        self.assertEqual(self.ext_ip(0, from_cache="true")[1], True)
        wait_until(lambda: not self.ext_ip(0, from_cache="true")[1], limit=4, what="it to forget")


class Reboot(ContractCase):
    farm_options = {"dongles": 2}

    def test_it_is_ordered_at_once_and_happens(self):
        before = self.farm.ifindex("dg0")
        name = f"proxy.example:{FIRST_PORT}"
        status, kind, body = self.curl("reboot", format="json", id=name)
        self.assertEqual((status, kind), (200, "application/json"))
        answer = json.loads(body)
        self.assert_fields(answer, {"success": bool, "info": str, "id": int})
        self.assertEqual(answer, {
            "success": True, "info": "Reboot initiated. It may take 20-60 seconds to complete.",
            "id": self.farm.ids[0]})
        again = self.get("reboot", 409, id=self.farm.ids[0]).json
        self.assert_fields(again, {"success": bool, "error": str, "id": int})
        self.assertEqual(again, {"success": False, "error": "Failed to call reboot",
                                 "id": self.farm.ids[0]})
        answer = self.get("change_ip", 429, id=self.farm.ids[0])
        self.assertIn("previous call is still running", answer.json["detail"])
        wait_until(lambda: self.farm.dongle(0)["state"] == "up", limit=30, what="the dongle")
        self.assertNotEqual(self.farm.ifindex("dg0"), before)

    def test_head_does_nothing(self):
        before = self.farm.ifindex("dg1")
        answer = self.farm.api("reboot", "HEAD", id=self.farm.ids[1])
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(self.farm.dongle(1)["state"], "up")
        self.assertEqual((self.farm.ifindex("dg1"), self.heard_by_modem(1)), (before, []))


class NoReboot(ContractCase):
    farm_options = {"dongles": 1, "modem": "none"}

    def test_a_dongle_without_a_modem_cannot(self):
        answer = self.get("reboot", 503, id=self.proxy).json
        self.assert_fields(answer, {"success": bool, "error": str, "id": int})
        self.assertEqual(answer, {"success": False, "error": "Failed to call reboot",
                                  "id": self.proxy})


if __name__ == "__main__":
    unittest.main(verbosity=2)
