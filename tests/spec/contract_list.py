"""The REST contract: the list of proxies, with every filter."""
import json
import unittest

from contract_client import ContractCase
from farm import FIRST_PORT, PASSWORD

ROW = {"id": int, "ip": str, "port": int, "username": str, "password": str, "src_whitelist": [],
       "isp": str, "comment": str, "in_use_from": str, "in_use_till": str,
       "ext_ip_upd_interval": str, "ext_ip_upd_calendar": str}
UNBOUND = ROW | {"in_use_from": type(None), "in_use_till": type(None),
                 "ext_ip_upd_interval": type(None)}


class ProxyList(ContractCase):
    farm_options = {"dongles": 2}

    @classmethod
    def prepare(cls):
        first, second = cls.farm.ids
        fields = {"src_whitelist": ["203.0.113.200/32", "198.51.100.0/24"],
                  "comment": "Ground floor, port 7 (ü)", "in_use_from": "2022-05-29T12:29:45Z",
                  "in_use_till": "2099-10-07T12:39:55+02:00", "ext_ip_upd_interval": "60-90"}
        cls.change(first, fields)
        cls.change(second, {"username": "Janedoe", "ext_ip_upd_calendar": "weekly"})
        cls.third = cls.farm.add_proxy("d0", 20101, "--comment", "Roof 2")["id"]

    @classmethod
    def change(cls, proxy, fields):
        answer = cls.farm.admin("PATCH", f"proxies/{proxy}", fields)
        if answer.status != 200:
            raise AssertionError(answer.text)

    def found(self, **filters):
        """The ids; a filter never changes the form of the answer."""
        answer = self.get("list", **filters).json
        self.assertEqual(list(answer), ["proxies", "count", "success"])
        self.assertEqual((answer["success"], answer["count"]), (True, len(answer["proxies"])))
        return [row["id"] for row in answer["proxies"]]

    def test_every_field_is_there_in_its_order_and_type(self):
        answer = self.get("list").json
        self.assertEqual(list(answer), ["proxies", "count", "success"])
        self.assertIs(type(answer["count"]), int)
        self.assertIs(answer["success"], True)
        full, bare, _ = answer["proxies"]
        self.assert_fields(full, ROW | {"src_whitelist": [str, str]})
        self.assert_fields(bare, UNBOUND)

    def test_every_value_is_what_was_set(self):
        first, second, third = self.get("list").json["proxies"]
        self.assertEqual(first, {
            "id": self.farm.ids[0], "ip": "proxy.example", "port": FIRST_PORT,
            "username": "johndoe", "password": PASSWORD,
            "src_whitelist": ["203.0.113.200/32", "198.51.100.0/24"], "isp": "Carrier0",
            "comment": "Ground floor, port 7 (ü)", "in_use_from": "2022-05-29T12:29:45Z",
            "in_use_till": "2099-10-07T10:39:55Z", "ext_ip_upd_interval": "60-90",
            "ext_ip_upd_calendar": ""})
        self.assertEqual(second, {
            "id": self.farm.ids[1], "ip": "proxy.example", "port": FIRST_PORT + 1,
            "username": "Janedoe", "password": PASSWORD, "src_whitelist": [], "isp": "Carrier1",
            "comment": "", "in_use_from": None, "in_use_till": None, "ext_ip_upd_interval": None,
            "ext_ip_upd_calendar": "weekly"})
        self.assertEqual((third["comment"], third["ext_ip_upd_calendar"]), ("Roof 2", ""))

    def test_curl_gets_the_same(self):
        status, kind, body = self.curl("list", format="json")
        self.assertEqual((status, kind), (200, "application/json"))
        self.assertEqual(json.loads(body), self.get("list").json)
        status, kind, body = self.curl("list")  # curl takes anything: that is JSON.
        self.assertEqual((status, kind), (200, "application/json"))

    def test_head_has_the_headers_of_get(self):
        head, whole = self.farm.api("list", "HEAD"), self.get("list")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertEqual(head.headers["Content-Type"], "application/json")
        self.assertEqual(head.headers["Content-Length"], whole.headers["Content-Length"])

    def test_each_filter_alone(self):
        first, second, third = self.farm.ids[0], self.farm.ids[1], self.third
        everything = [first, second, third]
        for name, value, expected in (
                ("id", second, [second]), ("id", f"proxy.example:{FIRST_PORT}", [first]),
                ("id", f"PROXY.example:{FIRST_PORT}", [first]), ("id", "other.example:20001", []),
                ("id", 999, []), ("ip", "proxy.example", everything),
                ("ip", "Proxy.EXAMPLE", everything), ("ip", "example", []),
                ("port", 20101, [third]), ("port", 20999, []), ("username", "Janedoe", [second]),
                ("username", "janedoe", []), ("username", "Jane", []),
                ("isp", "Carrier0", [first, third]), ("isp", "carrier0", []),
                ("isp", "Carrier", []), ("comment", "Ground floor, port 7 (ü)", [first]),
                ("comment", "ground floor, port 7 (ü)", []), ("comment", "Ground", []),
                ("comment", "Roof 2", [third])):
            self.assertEqual(self.found(**{name: value}), expected, (name, value))

    def test_filters_together_must_all_fit(self):
        first, second, third = self.farm.ids[0], self.farm.ids[1], self.third
        self.assertEqual(self.found(isp="Carrier0", username="johndoe"), [first, third])
        self.assertEqual(self.found(isp="Carrier0", port=20101), [third])
        self.assertEqual(self.found(isp="Carrier1", port=20101), [])
        self.assertEqual(self.found(id=first, port=FIRST_PORT + 1), [])
        self.assertEqual(self.found(isp="Carrier0", comment_re="^Ground"), [first])
        self.assertEqual(self.found(id=second, ip="PROXY.EXAMPLE", port=FIRST_PORT + 1,
                                    username="Janedoe", isp="Carrier1", comment_re="^$"), [second])

    def test_comment_re_is_a_posix_expression_found_anywhere(self):
        first, second, third = self.farm.ids[0], self.farm.ids[1], self.third
        for pattern, expected in (
                ("floor", [first]), ("FLOOR", []), ("^floor", []), ("^Ground", [first]),
                ("[0-9]", [first, third]), ("[[:digit:]]$", [third]),
                ("[[:upper:]]", [first, third]),
                ("^$", [second]), ("", [first, second, third]), (".", [first, third]),
                ("Roof|floor", [first, third]), ("o{2}", [first, third]), ("o{3}", []),
                (r"\(ü\)$", [first]), (r"\(.\)", [first]), ("Roof.2", [third]),
                (r"port\s\d", [first]), ("(Gr|gr)ound", [first])):
            self.assertEqual(self.found(comment_re=pattern), expected, pattern)

    def test_a_bad_comment_re_is_refused_with_the_reason(self):
        for pattern in ("[", "(", "*", "a**b(", "a{2,1}", "[z-a]", "\\", r"(a)\1", "(?=a)"):
            self.assert_detail(self.farm.api("list", comment_re=pattern), 400, '"comment_re"')
        self.assert_detail(self.farm.api("list", comment_re="a" * 2000), 400, '"comment_re"')

    def test_comment_re_is_not_looked_at_beside_comment(self):
        third = self.third
        self.assertEqual(self.found(comment="Roof 2", comment_re="^Ground"), [third])
        self.assertEqual(self.found(comment="Roof 2", comment_re="["), [third])

    def test_a_hostile_expression_takes_no_time(self):
        self.assertEqual(self.found(comment_re="(.*)*(.*)*(.*)*(.*)*nowhere"), [])

    def test_empty_filters_are_left_out(self):
        self.assertEqual(len(self.found(id="", ip="", port="", username="", isp="", comment="",
                                        comment_re="")), 3)

    def test_nonsense_is_refused_by_name(self):
        for port in ("abc", "0", "65536", "-1", "20001x"):
            self.assert_detail(self.farm.api("list", port=port), 400, '"port"')
        self.assert_detail(self.farm.api("list", id="proxy.example"), 400, '"id"')

    def test_an_interval_may_be_taken_back(self):
        second = self.farm.ids[1]
        for value, kind in (("15", str), ("60-90", str), (None, type(None))):
            self.change(second, {"ext_ip_upd_interval": value})
            row = self.get("list", id=second).json["proxies"][0]
            self.assertEqual((row["ext_ip_upd_interval"], type(row["ext_ip_upd_interval"])),
                             (value, kind))

    def test_a_bound_may_be_in_any_form_and_is_shown_in_utc(self):
        probe = self.farm.add_proxy("d1", 20102, "--from", "2026-03-01T00:30:00-05:30",
                                    "--till", "2026-03-02")["id"]
        self.addCleanup(self.farm.cli, "proxy", "remove", probe)
        row = self.get("list", id=probe).json["proxies"][0]
        self.assertEqual((row["in_use_from"], row["in_use_till"]),
                         ("2026-03-01T06:00:00Z", "2026-03-02T00:00:00Z"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
