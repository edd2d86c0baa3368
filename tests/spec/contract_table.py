"""The REST contract, cell by cell: walks contract.toml and asks the running server about each."""
import contextlib
import ipaddress
import re
import sqlite3
import unittest
import urllib.parse

from contract_client import TABLE, ContractCase
from farm import FIRST_PORT, wait_until

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# Of change_ip and traffic, behind those of the contract.
OURS = ("show_job", "until", "tries", "hours", "credential")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def is_ip(value):
    with contextlib.suppress(ValueError):
        return bool(ipaddress.IPv4Address(value))
    return False


def is_cidr(value):
    with contextlib.suppress(ValueError):
        return "/" in value and bool(ipaddress.ip_network(value))
    return False


def is_text(value):
    return type(value) is str


TYPES = {
    "yes": lambda value: value is True,
    "no": lambda value: value is False,
    "bool": lambda value: type(value) is bool,
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) is float,
    "null": lambda value: value is None,
    "text": is_text,
    "ip": lambda value: is_text(value) and is_ip(value),
    "time": lambda value: is_text(value) and bool(TIME.fullmatch(value)),
    "cidrs": lambda value: type(value) is list and all(map(is_cidr, value)),
}


class TableCase(ContractCase):
    farm_options = {"dongles": 3}
    table = TABLE

    @classmethod
    def prepare(cls):
        """Dongle 0 works, dongle 1 is for what goes wrong, dongle 2 has no modem."""
        cls.ports = iter(range(20101, 20400))
        cls.farm.cli("proxy", "remove", cls.farm.ids[2])
        cls.farm.cli("dongle", "remove", "d2")
        cls.farm.cli("dongle", "add", "d2", "--interface", "dg2", "--driver", "none",
                     "--isp", "Carrier2")
        wait_until(lambda: cls.farm.dongle(2)["state"] == "up", what="dongle 2")
        for index in (0, 1):
            cls.sim(index, "settings", {"rotate_ms": 100, "reboot_ms": 1000})

    def new_proxy(self, dongle=0):
        """One that nobody has rotated yet, on a dongle that is not at it."""
        if dongle < 2:
            wait_until(lambda: self.farm.dongle(dongle)["state"] == "up", what=f"dongle {dongle}")
        self.port = next(self.ports)
        return self.farm.add_proxy(f"d{dongle}", self.port)["id"]

    def ask(self, endpoint, query="", **options):
        query = f"?format=json&key={self.farm.key}" + (f"&{query}" if query else "")
        return self.farm.plain(endpoint["path"] + query, **options)

    def assert_typed(self, value, kind, where, **known):
        if type(kind) is dict:
            self.assertEqual(list(value), list(kind), where)
            for name, part in kind.items():
                self.assert_typed(value[name], part, f"{where}.{name}", **known)
        elif kind.startswith("= "):
            self.assertEqual(value, kind[2:].format(**known), where)
        elif kind == "id":
            self.assertEqual((type(value), value), (int, known["id"]), where)
        elif kind == "rows":
            self.assertTrue(value, "a row to look at")
            for row in value:
                self.assert_typed(row, known["rows"], where)
        else:
            self.assertTrue(any(TYPES[part](value) for part in kind.split(" | ")),
                            f"{where}: {value!r} is not {kind}")


class Answers(TableCase):
    """Each `when` of the table is a method that brings it about, and gives the proxy and the
    headers to ask with."""
    # So long does `check_fails` take.
    farm_options = TableCase.farm_options | {"settings": '[rotation]\nlimit = "8s"'}

    def fresh(self, _):
        return self.new_proxy(0), {}

    def cached(self, _):
        proxy = self.new_proxy(0)
        self.get("ext_ip", id=proxy)
        return proxy, {}

    def offline(self, _):
        proxy = self.new_proxy(1)
        self.sim(1, "offline")
        self.addCleanup(self.sim, 1, "online")
        return proxy, {}

    def check_fails(self, _):
        """The modem rotates, but never gets its coverage back in time."""
        proxy = self.new_proxy(1)
        self.get("ext_ip", id=proxy)
        self.sim(1, "settings", {"rotate_ms": 60000})
        self.addCleanup(self.sim, 1, "settings", {"rotate_ms": 100})
        return proxy, {}

    def throttled(self, endpoint):
        proxy = self.new_proxy(0)
        self.assertEqual(self.ask(endpoint, f"id={proxy}&async=true").status, 200)
        return proxy, {}

    def running(self, endpoint):
        proxy, other = self.new_proxy(1), self.new_proxy(1)
        self.sim(1, "settings", {"rotate_ms": 3000})
        self.addCleanup(self.sim, 1, "settings", {"rotate_ms": 100})
        change = f"/api/proxy/change_ip/?key={self.farm.key}&id={other}&async=true"
        self.assertEqual(self.farm.plain(change).status, 200)
        return proxy, {}

    def no_modem(self, _):
        return self.new_proxy(2), {}

    def unknown(self, _):
        return 99999, {}

    def logged_in(self, _):
        return self.proxy, self.session()

    def api_switched_off(self, _):
        session = self.session()
        self.farm.cli("user", "set", "demo", "--api", "off")
        self.addCleanup(self.farm.cli, "user", "set", "demo", "--api", "on")
        return self.proxy, session

    def database_fails(self, _):
        """Behind the back of a server that is down: it locks its database."""
        self.rename("traffic_hours", "elsewhere")
        self.addCleanup(self.rename, "elsewhere", "traffic_hours")
        return self.proxy, {}

    def rename(self, old, new):
        self.farm.stop_server()
        path = next((self.farm.folder / "state").glob("*.db"))
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute(f"ALTER TABLE {old} RENAME TO {new}")
            database.commit()
        self.farm.start_server()

    def check(self, endpoint, expected):
        proxy, headers = getattr(self, expected["when"])(endpoint)
        where = f"{endpoint['name']} {expected['when']} {expected.get('query', '')}"
        takes_id = any(option["name"] == "id" for option in endpoint["option"])
        query = "&".join(([f"id={proxy}"] if takes_id else []) + [expected.get("query", "")])
        answer = self.ask(endpoint, query.rstrip("&"), headers=headers)
        self.assertEqual(answer.status, expected["status"], f"{where}: {answer.text}")
        self.assertEqual(answer.headers["Allow"], "GET, HEAD, OPTIONS", where)
        if "text" in expected:
            self.assertEqual(answer.text, expected["text"], where)
            return
        self.assertEqual(answer.headers["Content-Type"], "application/json", where)
        self.assert_typed(answer.json, expected["fields"], where, id=proxy,
                          rows=expected.get("rows"), retry_after=answer.headers["Retry-After"])
        if answer.status == 429:
            self.assertIn(int(answer.headers["Retry-After"]), range(1, 166), where)

    def test_every_answer_has_its_fields_in_their_order_and_types(self):
        for endpoint in self.table["endpoint"]:
            for expected in endpoint["answer"]:
                with self.subTest(endpoint["name"], when=expected["when"],
                                  query=expected.get("query")):
                    self.check(endpoint, expected)
                self.doCleanups()


class Options(TableCase):
    def endpoints_with(self, kind):
        for endpoint in self.table["endpoint"]:
            for option in endpoint["option"]:
                if option["type"] == kind:
                    yield endpoint, option

    def all_options(self):
        for endpoint in self.table["endpoint"]:
            for option in endpoint["option"]:
                yield endpoint, option

    @staticmethod
    def filled_in(value, proxy, port):
        return value.replace("{id}", str(proxy)).replace("{port}", str(port))

    def query(self, endpoint, proxy, name=None, value=None):
        """What is required, and this option with this value."""
        parts = {option["name"]: proxy for option in endpoint["option"]
                 if option.get("required") and option["type"] == "proxy"}
        if name is not None:
            parts[name] = value
        return urllib.parse.urlencode(parts)

    def test_what_is_required_is_asked_for_by_name(self):
        for endpoint, option in self.all_options():
            with self.subTest(endpoint["name"], option=option["name"]):
                if option["type"] == "key":
                    answer = self.farm.plain(f"{endpoint['path']}?id={self.proxy}")
                    self.assert_detail(answer, 403)
                elif option.get("required"):
                    self.assert_detail(self.ask(endpoint), 400, f'"{option["name"]}"', "required")
                elif not endpoint.get("acts"):
                    answer = self.ask(endpoint, self.query(endpoint, self.proxy))
                    self.assert_json(answer)

    def test_every_bad_value_is_refused_by_name_and_does_nothing(self):
        before = self.heard_by_modem(0)
        for endpoint, option in self.all_options():
            for value in self.table["types"].get(option["type"], {}).get("bad", ()):
                with self.subTest(endpoint["name"], option=option["name"], value=value):
                    query = self.query(endpoint, self.proxy, option["name"], value)
                    self.assert_detail(self.ask(endpoint, query), 400, f'"{option["name"]}"')
        self.assertEqual(self.heard_by_modem(0), before)

    def test_every_good_value_is_taken(self):
        for endpoint, option in self.all_options():
            if endpoint.get("acts"):
                continue
            for value in self.table["types"].get(option["type"], {}).get("good", ("x",)):
                with self.subTest(endpoint["name"], option=option["name"], value=value):
                    if option["type"] == "key":
                        continue
                    value = self.filled_in(value, self.proxy, FIRST_PORT)
                    query = self.query(endpoint, self.proxy, option["name"], value)
                    if option["name"] == "from":
                        query += "&till=4102444800"
                    elif option["name"] == "till":
                        query += "&delta=0"
                    self.assert_json(self.ask(endpoint, query))

    def test_every_good_value_is_taken_by_what_acts(self):
        """By a dongle without a modem: it refuses once everything else was good."""
        for endpoint, option in self.all_options():
            if not endpoint.get("acts") or option["type"] == "key":
                continue
            for value in self.table["types"][option["type"]]["good"]:
                with self.subTest(endpoint["name"], option=option["name"], value=value):
                    proxy = self.new_proxy(2)
                    value = self.filled_in(value, proxy, self.port)
                    answer = self.ask(endpoint, self.query(endpoint, proxy, option["name"], value))
                    asynchronous = option["name"] == "async" and value.lower() in (
                        "true", "t", "yes", "y", "on", "1")
                    self.assert_json(answer, 200 if asynchronous else 503)
                    self.assertEqual(answer.json["id"], proxy)
                    if option["type"] == "fp":
                        stored = "" if value in ("keep", "reset") else value.replace(" ", "+")
                        self.assertEqual(self.stored_fp(proxy), stored)

    def test_what_means_the_same_as_nothing_gives_the_same_answer(self):
        for kind in ("flag", "delta", "speed", "data"):
            for endpoint, option in self.endpoints_with(kind):
                if endpoint.get("acts"):
                    continue
                fixed = "&till=1772366400" if "traffic" in endpoint["path"] else ""
                plain = self.ask(endpoint, self.query(endpoint, self.proxy) + fixed)
                self.assert_json(plain)
                for value in self.table["types"][kind]["same"]:
                    with self.subTest(endpoint["name"], option=option["name"], value=value):
                        query = self.query(endpoint, self.proxy, option["name"], value) + fixed
                        self.assertEqual(self.ask(endpoint, query).body, plain.body)

    def test_each_unit_is_so_many_bits(self):
        self.farm.curl(self.farm.proxy_url(0), "http://origin.test/bytes/300000", "-o", "/dev/null")
        wait_until(lambda: self.farm.traffic(0)[0] > 300000, what="the counters")
        endpoint = next(row for row in self.table["endpoint"] if "traffic" in row["path"])
        query = f"id={self.proxy}&from=0&till=4102444800"
        plain = wait_until(lambda: self.settled(endpoint, query), what="the counters to settle")
        for kind, name, field in (("speed", "speed_unit", "speed_avg"),
                                  ("data", "data_unit", "data")):
            units = self.table["types"][kind]
            for unit, bits in zip(units["good"], units["bits"]):
                with self.subTest(unit):
                    got = self.ask(endpoint, f"{query}&{name}={unit}").json[field]
                    self.assertEqual(got["unit"], unit)
                    for part in ("incoming", "outgoing", "total"):
                        self.assertAlmostEqual(got[part] * bits / plain[field][part], 1, places=12)

    def settled(self, endpoint, query):
        first, second = (self.ask(endpoint, query).json for _ in range(2))
        return first if first == second else None


class Describing(TableCase):
    """What the index, OPTIONS, the forms and the methods say, against the table."""

    def test_the_index_is_the_table(self):
        index = self.table["index"]
        answer = self.farm.plain(index["path"])
        self.assertEqual(answer.status, index["status"])
        for name, value in index["headers"].items():
            self.assertEqual(answer.headers[name], value)
        self.assertEqual([(row["name"], row["url"]) for row in answer.json],
                         [(row["name"], row["path"]) for row in self.table["endpoint"]])
        for row in answer.json:
            self.assert_typed(row, index["fields"], row["name"])

    def test_every_option_is_described_with_its_default(self):
        descriptions = {row["url"]: row["description"] for row in self.farm.plain("/api/proxy/").json}
        for endpoint in self.table["endpoint"]:
            text = descriptions[endpoint["path"]]
            described = self.farm.plain(endpoint["path"], "OPTIONS").json
            self.assertEqual((described["name"], described["description"]), (endpoint["name"], text))
            found = re.findall(r"^ - (\*\*\*|\*)(\w+)\1( \(required\))?(?: \(default: `(.*)`\))?$",
                               text, re.M)
            self.assertEqual(
                [(name, bool(required), default) for _, name, required, default in found
                 if name not in OURS],
                [(option["name"], option.get("required", False), option.get("default", ""))
                 for option in endpoint["option"]])

    def test_every_page_has_a_form_with_every_option(self):
        session = self.session()
        for endpoint in self.table["endpoint"]:
            page = self.farm.plain(endpoint["path"] + "?format=api", headers=session)
            self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
            names = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', page.text)
            self.assertEqual([name for name in names
                              if name not in ("format", "csrf_token", *OURS)],
                             [option["name"] for option in endpoint["option"]
                              if option["name"] != "key"])
            self.assertIn(f'<form class="options" method="get" action="{endpoint["path"]}">',
                          page.text)

    def test_every_endpoint_answers_in_both_forms_and_no_other(self):
        for endpoint in self.table["endpoint"] + [self.table["index"]]:
            path = f"{endpoint['path']}?key={self.farm.key}"
            for query, accept, kind in (
                    ("&format=json", BROWSER, "application/json"),
                    ("&format=json", None, "application/json"),
                    ("&format=api", BROWSER, "text/html; charset=utf-8"),
                    ("&format=api", None, "text/html; charset=utf-8"),
                    ("", None, "application/json"), ("", "*/*", "application/json"),
                    ("", "application/json", "application/json"),
                    ("", BROWSER, "text/html; charset=utf-8")):
                headers = {"Accept": accept} if accept else {}
                answer = self.farm.plain(path + query, headers=headers)
                self.assertEqual(answer.headers["Content-Type"], kind, (path, query, accept))
                self.assertIn("Accept", answer.headers["Vary"])
            self.assert_detail(self.farm.plain(path + "&format=xml"), 404)
            self.assert_detail(self.farm.plain(path, headers={"Accept": "image/png"}), 406)

    def test_methods_and_slashes(self):
        for endpoint in self.table["endpoint"] + [self.table["index"]]:
            path = f"{endpoint['path']}?key={self.farm.key}&id={self.proxy}"
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                answer = self.farm.plain(path, method)
                self.assert_detail(answer, 405)
                self.assertEqual(answer.json["detail"], f'Method "{method}" not allowed.')
                self.assertEqual(answer.headers["Allow"], "GET, HEAD, OPTIONS")
            answer = self.farm.plain(endpoint["path"].rstrip("/") + "?id=1")
            self.assertEqual((answer.status, answer.headers["Location"]),
                             (301, endpoint["path"] + "?id=1"))
            head = self.farm.plain(path + "&format=json", "HEAD")
            self.assertEqual(head.body, b"")
        self.assertEqual(self.heard_by_modem(0), [], "neither HEAD nor another method acts")


if __name__ == "__main__":
    unittest.main(verbosity=2)
