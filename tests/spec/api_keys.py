"""Named keys: made once, good for what their scopes say, and found nowhere afterwards."""
import json
import os
import pathlib
import re
import unittest
import urllib.parse

from contract_client import ContractCase

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ALL = "read rotate reboot"


class KeysCase(ContractCase):
    @classmethod
    def prepare(cls):
        cls.farm.add_user("boss", "letmein12345", "--admin")

    def enter(self, *who):
        """The headers of a fresh session that may post."""
        entry = self.log_in(*who)
        self.assert_json(entry)
        return FORM | {"Cookie": entry.headers["Set-Cookie"].partition(";")[0],
                       "X-CSRFToken": self.form_token(entry)}

    def make(self, name, scopes="read", headers=None, **options):
        body = urllib.parse.urlencode({"name": name, "scopes": scopes} | options)
        answer = self.post("proxy/keys", body, headers or self.enter())
        self.assert_json(answer)
        self.assert_fields(answer.json, {
            "success": bool, "key": str, "id": int, "name": str, "scopes": [str] * len(
                scopes.split()), "created_at": str,
            "expires_at": str if options.get("expires") else type(None), "last_used_at": type(None)})
        self.assertRegex(answer.json["key"], r"^[0-9a-f]{64}$")
        return answer.json

    def revoke(self, key):
        answer = self.post("proxy/keys/revoke", f"id={key['id']}", self.enter())
        self.assertEqual(answer.json, {"success": True, "id": key["id"]})

    def keys(self):
        rows = self.farm.plain("/api/proxy/keys/", headers=self.enter()).json["keys"]
        return {row["name"]: row for row in rows}

    def with_key(self, endpoint, key, **options):
        return self.farm.api(endpoint, key="", headers={"Authorization": f"Bearer {key}"},
                             **options)


class Keys(KeysCase):
    def post(self, what, body="", headers=None):
        return super().post(what, body, headers)

    def test_one_opens_by_each_of_the_three_ways_and_curl(self):
        key = self.make("three")["key"]
        self.assertEqual(self.get("list", key=key).json["count"], 1)
        self.assertEqual(self.get("list", key="", headers={"X-API-Key": key}).json["count"], 1)
        self.assertEqual(self.with_key("list", key).json["count"], 1)
        status, _, body = self.curl("list", "-H", f"Authorization: Bearer {key}", key="")
        self.assertEqual((status, json.loads(body)["count"]), (200, 1))

    def test_each_may_do_what_its_scopes_say_and_no_more(self):
        for scope in ALL.split():
            key = self.make("only-" + scope, scope)["key"]
            for endpoint, needs in (("list", "read"), ("ext_ip", "read"), ("traffic", "read"),
                                    ("change_ip", "rotate"), ("reboot", "reboot")):
                # A proxy that is nobody's: whoever is let in is told so, and nothing is done.
                answer = self.with_key(endpoint, key, id=4711)
                if needs == scope:
                    self.assertEqual(answer.status, 200 if endpoint == "list" else 404, endpoint)
                else:
                    self.assert_detail(answer, 403, f'lacks the scope "{needs}"')
        self.assertEqual(self.with_key("get_key", key).status, 403)

    def test_the_key_of_get_key_does_everything_as_before(self):
        for endpoint in ("list", "ext_ip", "traffic"):
            self.get(endpoint, id=self.proxy)
        for endpoint in ("change_ip", "reboot"):
            self.assert_no_such_proxy(self.farm.api(endpoint, id=4711))

    def test_it_says_when_it_was_used_and_a_restart_knows(self):
        made = self.make("used")
        self.assertIsNone(self.keys()["used"]["last_used_at"])
        self.with_key("list", made["key"])
        used = self.keys()["used"]["last_used_at"]
        self.assertRegex(used, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        self.farm.stop_server()
        self.farm.start_server()
        self.assertEqual(self.keys()["used"]["last_used_at"], used)
        self.assertEqual(self.with_key("list", made["key"]).status, 200)

    def test_a_revoked_one_is_worth_nothing_at_once_and_after_a_restart(self):
        made = self.make("short")
        self.assertEqual(self.with_key("list", made["key"]).status, 200)
        self.revoke(made)
        for _ in range(2):
            answer = self.with_key("list", made["key"])
            self.assert_detail(answer, 403)
            self.assertEqual(answer.json["detail"], "Invalid API key.")
            self.farm.stop_server()
            self.farm.start_server()

    def test_the_command_line_makes_one_and_takes_it_back(self):
        made = self.farm.cli("key", "add", "demo", "typed", "--scope", "read")
        said, key = made.splitlines()
        number = re.fullmatch(r"key (\d+) of demo, told this once and never again:", said)[1]
        self.assertRegex(key, r"^[0-9a-f]{64}$")
        opened = ("list", "-H", f"Authorization: Bearer {key}")
        status, _, body = self.curl(*opened, key="")
        self.assertEqual((status, json.loads(body)["count"]), (200, 1))
        self.assert_detail(self.with_key("change_ip", key, id=self.proxy), 403, '"rotate"')
        listed = self.farm.cli("key", "list", "--user", "demo")
        self.assertRegex(listed, rf"(?m)^{number} +demo +typed +read +\S+ +- ")
        self.assertNotIn(key, listed + self.farm.cli("key", "list", "--json"))
        self.assertEqual(self.farm.cli("key", "revoke", number), f"key {number} revoked\n")
        self.assertEqual(self.curl(*opened, key="")[0], 403)
        with self.assertRaisesRegex(AssertionError, f"exited 1: airlane: There is no key {number}"):
            self.farm.cli("key", "revoke", number)

    def test_it_is_not_for_keys_to_make_keys(self):
        key = self.make("maker", ALL)["key"]
        for method, path in (("GET", "keys/"), ("POST", "keys/?name=x"), ("POST", "keys/revoke/?id=1")):
            for given in (key, self.farm.key):
                answer = self.farm.plain("/api/proxy/" + path, method, {"X-API-Key": given})
                self.assert_detail(answer, 403, "Log in for this")

    def test_what_makes_no_sense_is_refused_with_a_sentence(self):
        self.make("taken")
        session = self.enter()
        for body, status, words in (
                ("", 400, '"name" is required'), ("name=a b", 400, "name of a key"),
                ("name=" + "x" * 65, 400, "1 to 64"), ("name=taken", 409, "already a key taken"),
                ("name=x&scopes=write", 400, '"scopes" must be'),
                ("name=x&scopes=admin", 400, "admin users only"),
                ("name=x&expires=yesterday", 400, '"expires" must be'),
                ("name=x&expires=1", 400, "expired already")):
            self.assert_detail(self.post("proxy/keys", body, session), status, words)
        self.assert_detail(self.post("proxy/keys/revoke", "id=99999", session), 404, "no key")
        without = {name: value for name, value in session.items() if name != "X-CSRFToken"}
        self.assert_detail(self.post("proxy/keys", "name=x", without), 403, "CSRF")

    def test_the_page_makes_one_without_javascript(self):
        session = self.enter()
        html = {"Accept": "text/html", "Cookie": session["Cookie"]}
        page = self.farm.plain("/api/proxy/keys/", headers=html)
        self.assertIn('method="post" action="/api/proxy/keys/"', page.text)
        token = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page.text)[1]
        made = self.post("proxy/keys", f"name=by-page&scopes=read&csrf_token={token}", FORM | html)
        self.assertEqual(made.status, 200)
        key = re.search(r"&quot;key&quot;: &quot;([0-9a-f]{64})&quot;", made.text)[1]
        self.assertEqual(self.with_key("list", key).json["count"], 1)
        self.assertNotIn(key, self.farm.plain("/api/proxy/keys/", headers=html).text)

    def test_a_user_who_is_removed_takes_his_keys_along(self):
        self.farm.add_user("leaver", "letmein12345")
        key = self.make("his", headers=self.enter("leaver", "letmein12345"))["key"]
        self.assertEqual(self.with_key("list", key).status, 200)
        self.farm.admin("DELETE", "users/leaver")
        self.assert_detail(self.with_key("list", key), 403, "Invalid API key.")


class Leaks(KeysCase):
    """A key is told once. Whatever the server writes, it is not in it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log_everything()

    def test_no_key_is_found_in_log_state_command_lines_or_answers(self):
        made = self.make("secret", ALL)
        key, main = made["key"], self.farm.key
        answers = []
        for given in (key, main, "wrong" + key[5:]):
            for path in (f"list/?key={given}", f"list?key={given}", f"nothing/?key={given}",
                         f"ext_ip/?id=nonsense&key={given}", f"list/?format=xml&key={given}",
                         f"list/?format=api&key={given}", f"list/?%6Bey={given}",
                         f"list/?api_key={given}", f"change_ip/?id=0&key={given}&key={given}"):
                answers.append(self.farm.plain("/api/proxy/" + path))
                answers.append(self.farm.plain("/api/proxy/" + path, "DELETE"))
            for headers in ({"X-API-Key": given}, {"Authorization": f"Bearer {given}"}):
                answers.append(self.farm.api("ext_ip", key="", headers=headers, id="nonsense"))
        answers.append(self.farm.plain("/api/proxy/keys/", headers=self.enter()))
        for answer in answers:
            said = answer.body + str(answer.headers.items()).encode()
            location = answer.headers.get("Location", "")
            for secret in (key, main, key[5:]):
                # A redirect gives the caller's own query back to him, and to nobody else.
                self.assertNotIn(secret.encode(),
                                 said.replace(location.encode(), b"") if location else said)
        log = self.farm.log.read_text()
        self.assertIn("/api/proxy/list/?key=***", log, "what is looked for would be seen")
        for secret in (key, main, key[5:]):
            self.assertNotIn(secret, log)
            for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
                if path.parent.name != str(os.getpid()):
                    try:
                        self.assertNotIn(secret.encode(), path.read_bytes())
                    except OSError:
                        continue  # It has ended meanwhile.
        self.farm.stop_server()
        for path in (self.farm.folder / "state").iterdir():
            for secret in (key, main):
                self.assertNotIn(secret.encode(), path.read_bytes(), path)
        self.farm.start_server()


if __name__ == "__main__":
    unittest.main(verbosity=2)
