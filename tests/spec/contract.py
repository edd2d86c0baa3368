"""The REST contract: who is calling, which proxy is meant, which form the answer takes."""
import json
import pathlib
import re
import unittest

from contract_client import TABLE, ContractCase
from farm import FIRST_PORT, run

ENDPOINTS = [(row["name"], row["path"]) for row in TABLE["endpoint"]]
THEIR_WORDS = [
    "Returns your API key", "Rotates proxy external IP", "In case of check failure",
    "for historic reasons", "use at your own risk", "Output speed values",
    "Timedelta before", "Request reboot for the dongle", "Returns the list of your proxies",
    "Comment exact match", "Corresponding proxy id", "airproxy.io", "useless comment",
]
NAMING = ("change_ip", "ext_ip", "traffic", "reboot")  # The endpoints with an id.
ALL = [path.split("/")[3] for _, path in ENDPOINTS]


class Caller(ContractCase):
    @classmethod
    def prepare(cls):
        cls.other_key = cls.farm.add_user("rival")["api_key"]
        cls.other = cls.farm.add_proxy("d0", 20101, user="rival")["id"]
        cls.admin_key = cls.farm.add_user("boss", "letmein12345", "--admin")["api_key"]

    def test_nobody_is_told_to_show_a_key(self):
        for endpoint in ALL:
            answer = self.farm.api(endpoint, key="", id=self.proxy)
            self.assert_detail(answer, 403)
            self.assertEqual(answer.json["detail"],
                             "Authentication credentials were not provided.")

    def test_a_wrong_key_is_refused_everywhere(self):
        for key in ("wrong", self.farm.key[:-1], self.farm.key.upper(), "'", "é"):
            for endpoint in ALL:
                answer = self.farm.api(endpoint, key=key, id=self.proxy)
                self.assert_detail(answer, 403)
                self.assertEqual(answer.json["detail"], "Invalid API key.")

    def test_the_key_may_come_in_a_header(self):
        for headers in ({"X-API-Key": self.farm.key},
                        {"Authorization": f"Bearer {self.farm.key}"},
                        {"Authorization": f"bearer {self.farm.key}"}):
            self.assertEqual(self.get("list", key="", headers=headers).json["count"], 1)
        self.assertEqual(self.get("list", headers={"X-API-Key": "wrong"}).json["count"], 1,
                         "the option outranks the header")

    def test_two_users_see_only_their_own(self):
        mine, theirs = self.get("list").json, self.get("list", key=self.other_key).json
        self.assertEqual([row["id"] for row in mine["proxies"]], [self.proxy])
        self.assertEqual([row["id"] for row in theirs["proxies"]], [self.other])

    def test_a_proxy_of_another_user_does_not_exist(self):
        for endpoint in NAMING:
            for name in (self.other, "proxy.example:20101"):
                self.assert_no_such_proxy(self.farm.api(endpoint, id=name))
            self.assert_no_such_proxy(
                self.farm.api(endpoint, key=self.other_key, id=self.proxy))
            self.assert_no_such_proxy(
                self.farm.api(endpoint, key=self.admin_key, id=self.proxy))
        self.assertEqual(self.get("list", id=self.other).json["count"], 0)
        self.assertEqual(self.get("list", key=self.admin_key).json["count"], 0)

    def test_a_proxy_that_is_not_there_is_no_such_proxy(self):
        for endpoint in NAMING:
            for name in (0, 999, 2**62, "proxy.example:20999", f"other.example:{FIRST_PORT}",
                         f"127.0.0.1:{FIRST_PORT}"):
                self.assert_no_such_proxy(self.farm.api(endpoint, id=name))
        status, kind, body = self.curl("ext_ip", id=999)
        self.assertEqual((status, kind, body), (404, "text/plain; charset=utf-8", "No such proxy"))

    def test_a_proxy_is_named_by_number_or_by_host_and_port(self):
        for name in (self.proxy, f"proxy.example:{FIRST_PORT}", f"PROXY.Example:{FIRST_PORT}"):
            for endpoint in ("ext_ip", "traffic"):
                self.assertEqual(self.get(endpoint, id=name).json["id"], self.proxy)
            self.assertEqual(self.get("list", id=name).json["count"], 1)

    def test_without_an_id_or_with_nonsense_it_says_so(self):
        for endpoint in NAMING:
            self.assert_detail(self.farm.api(endpoint), 400, '"id"', "required")
            self.assert_detail(self.farm.api(endpoint, id=""), 400, '"id"', "required")
            for name in ("abc", "-1", "1.5", "1 ", " 1", "0x1", "proxy.example:", ":20001",
                         "proxy.example:99999", "proxy.example:0", "proxy.example:http"):
                self.assert_detail(self.farm.api(endpoint, id=name), 400, '"id"')
        self.assert_detail(self.farm.api("list", id="abc"), 400, '"id"')

    def test_the_last_of_two_counts_and_the_unknown_is_ignored(self):
        answer = self.raw("ext_ip", f"id=abc&id={self.proxy}&colour=blue")
        self.assert_json(answer)
        self.assertEqual(answer.json["id"], self.proxy)

    def test_the_calls_of_the_readme_that_change_nothing_are_answered(self):
        readme = pathlib.Path(__file__).parents[2] / "README.md"
        calls = re.findall(r'^    (curl .*"\$API/(list|ext_ip|traffic|jobs)/.*)$', readme.read_text(),
                           re.MULTILINE)
        self.assertEqual(sorted(name for _, name in calls), ["ext_ip", "jobs", "list", "traffic"])
        for call, _ in calls:
            call = call.replace("id=1", f"id={self.proxy}").replace("curl ", "curl -sSf ", 1)
            run("sh", "-c", f"K={self.farm.key}; API=http://{self.farm.address}:8080/api/proxy\n"
                            + call)

    def test_the_callers_address_is_echoed(self):
        answer = self.farm.plain("/ip")
        self.assertEqual((answer.status, answer.text), (200, "127.0.0.1\n"))
        self.assertEqual(answer.headers["Content-Type"], "text/plain; charset=utf-8")


class Forms(ContractCase):
    @classmethod
    def prepare(cls):
        cls.farm.cli("proxy", "set", cls.farm.ids[0], "--comment",
                     "</pre><script>alert(1)</script>&\"'")

    def page(self, endpoint, **options):
        answer = self.farm.api(endpoint, format="api", **options)
        self.assertEqual(answer.headers["Content-Type"], "text/html; charset=utf-8")
        self.assertNotIn("<script", answer.text)
        return answer

    def test_the_index_needs_nobody(self):
        self.assertEqual(self.get("", key="").json, self.get("").json)

    def test_the_descriptions_are_in_our_own_words(self):
        for row in self.get("").json:
            for words in THEIR_WORDS:
                self.assertNotIn(words.lower(), row["description"].lower(), row["name"])

    def test_options_describes_an_endpoint_to_anybody(self):
        for name, path in ENDPOINTS:
            answer = self.farm.plain(path + "?format=json", "OPTIONS")
            self.assert_json(answer)
            self.assert_fields(answer.json, {"name": str, "description": str, "renders": [str, str],
                                             "parses": [str, str]})
            self.assertEqual(answer.json["name"], name)
            self.assertEqual(answer.headers["Allow"], "GET, HEAD, OPTIONS")

    def test_every_answer_has_the_headers(self):
        for path in ("/api/proxy/", *(path for _, path in ENDPOINTS)):
            answer = self.farm.plain(f"{path}?key={self.farm.key}&id={self.proxy}", "HEAD")
            self.assertEqual(answer.headers["Allow"], "GET, HEAD, OPTIONS")
            self.assertEqual(answer.headers["Vary"],
                             "Accept" if path == "/api/proxy/" else "Accept, Cookie")
            self.assertEqual(answer.headers["Cache-Control"], "no-store")
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            self.assertEqual(answer.headers["X-Frame-Options"], "DENY")
            self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
            self.assertTrue(answer.headers["Referrer-Policy"])

    def test_what_is_posted_cannot_be_got(self):
        for path in ("/api/login/", "/api/logout/"):
            answer = self.farm.plain(path)
            self.assert_detail(answer, 405)
            self.assertEqual(answer.headers["Allow"], "POST, OPTIONS")

    def test_a_missing_slash_is_redirected_with_the_query(self):
        for path in ("/api/proxy/", *(path for _, path in ENDPOINTS)):
            for method in ("GET", "HEAD"):
                answer = self.farm.plain(path.rstrip("/") + "?id=1&key=a%20b", method)
                self.assertEqual((answer.status, answer.headers["Location"]),
                                 (301, path + "?id=1&key=a%20b"))
        answer = self.farm.plain("/api/login", "POST")
        self.assertEqual((answer.status, answer.headers["Location"]), (308, "/api/login/"))
        url = f"http://{self.farm.address}:8080/api/proxy/list?key={self.farm.key}"
        self.assertEqual(json.loads(run("curl", "-sSL", url))["count"], 1)

    def test_what_is_not_there_is_not_found(self):
        for path in ("/", "/api/", "/api/proxy/nothing/", "/api/proxy/list/1/", "/API/proxy/list/",
                     "/api/proxy//list/", "/ip/nothing"):
            answer = self.farm.plain(path)
            self.assert_detail(answer, 404)
            self.assertEqual(answer.json["detail"], "Not found.")

    def test_format_and_accept_choose_together(self):
        path = f"/api/proxy/list/?key={self.farm.key}"
        browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        for accept, kind in ((None, "application/json"), ("*/*", "application/json"),
                             ("application/json", "application/json"),
                             ("text/html", "text/html; charset=utf-8"),
                             ("text/*", "text/html; charset=utf-8"),
                             ("application/json; indent=4", "application/json"),
                             ("application/xml, */*;q=0.1", "application/json"),
                             (browser, "text/html; charset=utf-8"),
                             ("text/html;q=0.5, application/json", "application/json"),
                             ("text/html, application/json;q=0.5", "text/html; charset=utf-8"),
                             ("text/html, application/json", "application/json")):
            headers = {"Accept": accept} if accept else {}
            answer = self.farm.plain(path, headers=headers)
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, kind), accept)
        for accept in ("image/png", "application/json;q=0, text/html;q=0"):
            self.assert_detail(self.farm.plain(path, headers={"Accept": accept}), 406)
        self.assert_json(self.farm.plain(path + "&format=json", headers={"Accept": browser}))
        for form, accept in (("json", "text/html"), ("api", "application/json")):
            answer = self.farm.plain(f"{path}&format={form}", headers={"Accept": accept})
            self.assert_detail(answer, 406)
            self.assertEqual(answer.json["detail"], "Could not satisfy the request Accept header.")

    def test_a_page_shows_the_answer_and_escapes_all_of_it(self):
        status, kind, body = self.curl("list", format="api")
        self.assertEqual((status, kind), (200, "text/html; charset=utf-8"))
        self.assertNotIn("<script", body)
        self.assertIn("&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;", body)
        for line in ("HTTP 200", "Allow: GET, HEAD, OPTIONS", "Content-Type: application/json",
                     "Vary: Accept", "&quot;count&quot;: 1"):
            self.assertIn(line, body)
        self.page("list", comment="<script>alert(2)</script>")
        self.page("traffic", id=self.proxy, speed_unit="<script>")
        self.page("list", **{"<script>": "x"})

    def test_a_page_has_the_status_of_its_answer_and_not_the_key(self):
        for status, endpoint, options in ((200, "", {}), (200, "ext_ip", {"id": self.proxy}),
                                          (200, "traffic", {"id": self.proxy}),
                                          (400, "reboot", {}), (403, "get_key", {})):
            page = self.page(endpoint, **options)
            self.assertEqual(page.status, status)
            self.assertIn(f"HTTP {status}", page.text)
            self.assertNotIn(self.farm.key, page.text)
        page = self.page("ext_ip", id=999)
        self.assertEqual(page.status, 404)
        self.assertIn("HTTP 404 Not Found\n", page.text)
        self.assertIn("\n\nNo such proxy</pre>", page.text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
