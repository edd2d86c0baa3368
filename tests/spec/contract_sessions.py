"""The REST contract: logging in, the session, and the key that only a session may read."""
import json
import re
import unittest

from contract_client import ContractCase

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
JSON = {"Content-Type": "application/json"}


class Sessions(ContractCase):
    @classmethod
    def prepare(cls):
        cls.other_key = cls.farm.add_user("rival", "another12345")["api_key"]

    def test_get_key_answers_a_session(self):
        cookie = self.session()
        for key in ("", self.farm.key):
            answer = self.get("get_key", key=key, headers=cookie)
            self.assert_fields(answer.json, {"success": bool, "key": str})
            self.assertEqual(answer.json, {"success": True, "key": self.farm.key})

    def test_get_key_refuses_a_key(self):
        answer = self.get("get_key", 403)
        self.assert_fields(answer.json, {"success": bool, "error": str})
        self.assertEqual(answer.json, {"success": False,
                                       "error": "You are not allowed to use API."})

    def test_get_key_to_curl(self):
        cookie = self.session()["Cookie"]
        status, kind, body = self.curl("get_key", "--cookie", cookie, key="", format="json")
        self.assertEqual((status, kind), (200, "application/json"))
        self.assertEqual(json.loads(body)["key"], self.farm.key)

    def test_the_cookie_is_kept_from_scripts_and_other_sites(self):
        answer = self.log_in()
        self.assertEqual(answer.json, {"success": True})
        pair, *flags = answer.headers["Set-Cookie"].split("; ")
        self.assertRegex(pair, r"^sessionid=[0-9a-f]{32,}$")
        self.assertEqual(set(flags), {"HttpOnly", "SameSite=Strict", "Path=/"})
        self.assertNotEqual(pair, self.log_in().headers["Set-Cookie"].split("; ")[0])

    def test_a_session_opens_every_endpoint(self):
        cookie = self.session()
        self.assertEqual(self.get("list", key="", headers=cookie).json["count"], 1)
        self.get("ext_ip", key="", headers=cookie, id=self.proxy)
        self.get("traffic", key="", headers=cookie, id=self.proxy)

    def test_a_session_beats_any_key(self):
        cookie = self.session()
        for key in ("nonsense", self.other_key):
            rows = self.get("list", key=key, headers=cookie).json["proxies"]
            self.assertEqual([row["id"] for row in rows], [self.proxy])
        cookie = self.session("rival", "another12345")
        self.assertEqual(self.get("list", headers=cookie).json["count"], 0)

    def test_a_cookie_that_is_no_session_counts_for_nothing(self):
        for value in ("sessionid=", "sessionid=nonsense", "sessionid=" + "0" * 64, "other=1"):
            self.assert_detail(self.farm.api("list", key="", headers={"Cookie": value}), 403)
            self.assertEqual(self.get("list", headers={"Cookie": value}).json["count"], 1)

    def test_other_cookies_beside_it_do_not_disturb(self):
        cookie = {"Cookie": "a=b; " + self.session()["Cookie"] + "; c=d"}
        self.assertEqual(self.get("get_key", key="", headers=cookie).json["key"], self.farm.key)

    def test_logging_out_ends_this_session_only(self):
        entry, second = self.log_in(), self.session()
        cookie = {"Cookie": entry.headers["Set-Cookie"].partition(";")[0]}
        for token in ({}, {"X-CSRFToken": "0" * 64}, {"X-CSRFToken": self.form_token(self.log_in())}):
            answer = self.post("logout", headers=cookie | token)
            self.assert_detail(answer, 403)
            self.assertEqual(answer.json["detail"],
                             "CSRF Failed: CSRF token missing or incorrect.")
        self.get("get_key", key="", headers=cookie)
        answer = self.post("logout", headers=cookie | {"X-CSRFToken": self.form_token(entry)})
        self.assert_json(answer)
        self.assertEqual(answer.json, {"success": True})
        self.assertRegex(answer.headers["Set-Cookie"], r"^sessionid=;.*Max-Age=0")
        self.assert_detail(self.farm.api("get_key", key="", headers=cookie), 403)
        self.get("get_key", key="", headers=second)
        self.assert_json(self.post("logout", headers=cookie))  # Again: nothing to do.
        self.assert_json(self.post("logout"))

    def test_logging_in_as_json(self):
        body = json.dumps({"username": "demo", "password": "letmein12345"})
        self.assert_json(self.post("login", body, JSON))

    def test_a_wrong_pair_is_refused_alike(self):
        answers = [self.log_in(*pair) for pair in (("demo", "wrong"), ("nobody", "letmein12345"),
                                                   ("rival", "letmein12345"))]
        for answer in answers:
            self.assert_detail(answer, 403)
            self.assertEqual(answer.json["detail"], "Invalid username/password.")
            self.assertNotIn("Set-Cookie", answer.headers)

    def test_what_cannot_be_read_is_said(self):
        self.assert_detail(self.post("login", "{", JSON), 400)
        self.assert_detail(self.post("login", "<login/>", {"Content-Type": "text/xml"}), 415)
        for body, headers in (("", FORM), ("username=demo", FORM), ("password=x", FORM),
                              ("[]", JSON), ("{}", JSON), ('{"username": 1, "password": 2}', JSON)):
            self.assert_detail(self.post("login", body, headers), 400, "username", "password")

    def test_credentials_in_the_query_do_not_log_in(self):
        self.assert_detail(self.farm.plain("/api/login/?username=demo&password=letmein12345",
                                           "POST"), 400)

    def test_a_page_of_another_site_can_neither_log_in_nor_out(self):
        cookie = self.session()
        there = {"Origin": "http://evil.example"}
        body = "username=demo&password=letmein12345"
        self.assert_detail(self.post("login", body, FORM | there), 403)
        self.assert_detail(self.post("logout", headers=cookie | there), 403)
        self.get("get_key", key="", headers=cookie)
        for site in ("cross-site", "same-site"):
            for endpoint in ("change_ip", "reboot"):
                answer = self.farm.api(endpoint, key="", id=self.proxy,
                                       headers=cookie | {"Sec-Fetch-Site": site})
                self.assert_detail(answer, 403, "another site")
        self.assertEqual(self.heard_by_modem(0), [])
        # A key is nothing that a browser sends by itself: an extension or a panel may use one.
        answer = self.farm.api("change_ip", id=self.proxy,
                               headers=there | {"Sec-Fetch-Site": "cross-site"})
        self.assertEqual(answer.status, 200, answer.text)

    def test_a_browser_logs_in_and_out_by_the_pages(self):
        """As one without JavaScript does: the form, its cookie, and where it is sent on to."""
        html = {"Accept": "text/html", "Origin": f"http://{self.farm.address}:8080"}
        form = self.farm.plain("/api/login/", headers=html)
        self.assertEqual(form.status, 200)
        self.assertIn('name="password" type="password"', form.text)
        token = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', form.text)[1]
        jar = {"Cookie": form.headers["Set-Cookie"].partition(";")[0]}
        self.assertEqual(jar["Cookie"], f"csrftoken={token}")
        body = "username=demo&password=letmein12345"
        for headers, extra in ((jar, ""), ({}, f"&csrf_token={token}"),
                               (jar, "&csrf_token=" + "0" * 64)):
            self.assertEqual(self.post("login", body + extra, FORM | html | headers).status, 403)
        entry = self.post("login", f"{body}&csrf_token={token}", FORM | html | jar)
        self.assertEqual((entry.status, entry.headers["Location"]), (303, "/api/proxy/"))
        jar = {"Cookie": "; ".join(field.partition(";")[0]
                                   for field in entry.headers.get_all("Set-Cookie"))}
        index = self.farm.plain("/api/proxy/", headers=html | jar)
        self.assertIn("<span>demo</span>", index.text)
        token = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', index.text)[1]
        page = self.farm.plain("/api/proxy/get_key/", headers=html | jar)
        self.assertIn(self.farm.key, page.text)
        gone = self.post("logout", f"csrf_token={token}", FORM | html | jar)
        self.assertEqual((gone.status, gone.headers["Location"]), (303, "/api/login/"))
        self.assertEqual(self.farm.plain("/api/proxy/get_key/", headers=html | jar).status, 403)

    def test_an_id_that_was_planted_is_not_taken(self):
        planted = {"Cookie": "sessionid=" + "a" * 64}
        body = json.dumps({"username": "demo", "password": "letmein12345"})
        entry = self.post("login", body, JSON | planted)
        self.assertRegex(entry.headers["Set-Cookie"], r"^sessionid=[0-9a-f]{64};")
        self.assertNotIn(planted["Cookie"], entry.headers["Set-Cookie"])
        self.assert_detail(self.farm.api("get_key", key="", headers=planted), 403)

    def test_logging_in_again_ends_the_session_before(self):
        cookie = self.session()
        body = json.dumps({"username": "demo", "password": "letmein12345"})
        again = self.post("login", body, JSON | cookie)
        self.assertNotEqual(again.headers["Set-Cookie"].partition(";")[0], cookie["Cookie"])
        self.assert_detail(self.farm.api("get_key", key="", headers=cookie), 403)

    def test_whose_api_is_switched_off_is_told_so_everywhere(self):
        cookie = self.session("rival", "another12345")
        self.farm.cli("user", "set", "rival", "--api", "off")
        for endpoint in ("get_key", "change_ip", "ext_ip", "traffic", "reboot", "list"):
            for key, headers in ((self.other_key, {}), ("", cookie)):
                answer = self.get(endpoint, 403, key=key, headers=headers, id=self.proxy)
                self.assertEqual(answer.json, {"success": False,
                                               "error": "You are not allowed to use API."})
        self.farm.cli("user", "set", "rival", "--api", "on")
        self.get("list", key=self.other_key)

    def test_no_password_is_stored_as_it_is(self):
        self.farm.add_user("careful", "correct horse battery")
        self.log_in("careful", "correct horse battery")
        for path in (self.farm.folder / "state").iterdir():
            self.assertNotIn(b"correct horse battery", path.read_bytes(), path)


class Log(ContractCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log_everything()

    def test_no_key_and_no_session_is_logged_even_at_its_most_talkative(self):
        key = self.farm.key
        cookie = self.session()
        token = cookie["Cookie"].partition("=")[2]
        self.get("get_key", key="", headers=cookie)
        self.get("list", key="", headers={"X-API-Key": key})
        self.get("list", key="", headers={"Authorization": f"Bearer {key}"})
        for endpoint in ("list", "ext_ip", "traffic", "change_ip", "reboot", "nothing"):
            self.farm.api(endpoint, id=self.proxy, async_="true")
            self.farm.api(endpoint, id="nonsense", format="api")
            self.farm.api(endpoint, id=self.proxy, method="POST")
        self.farm.plain(f"/api/proxy/list?key={key}")
        self.farm.api("list", key="wrongkey12345")
        self.log_in("demo", "wrongpassword")
        self.post("logout", headers=cookie)
        log = self.farm.log.read_text()
        self.assertIn("/api/proxy/list/", log, "what is looked for would be seen")
        for secret in (key, token, "wrongkey12345", "letmein12345", "wrongpassword"):
            self.assertNotIn(secret, log)


if __name__ == "__main__":
    unittest.main(verbosity=2)
