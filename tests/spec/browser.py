"""The pages of the API in a real Chromium, and pages of other sites that try to use its session.

Where Chromium is not installed, all of it is skipped: `apt-get install chromium chromium-driver`.
With AIRLANE_SHOTS=FOLDER the pages are kept there as pictures. What browsers make of our words is in
no other test: that of bad_input reads the pages as a parser does.
"""
import http.server
import json
import os
import pathlib
import threading
import time
import unittest
import urllib.parse

from contract_client import ContractCase
from webdriver import MISSING, Browser

RUNS = "document.title='it ran'"
NASTY = f'<img src=x onerror="{RUNS}"><script>{RUNS}</script>'
NASTY_TOO = f"'\"--><svg onload={RUNS}>"
HERE, SAME_SITE, ELSEWHERE = "http://127.0.0.1:8080", "http://127.0.0.1:9000", "http://evil.example:9000"
LOG_IN = "/api/login/?format=api"
PAGES = {
    "index": "/api/proxy/?format=api",
    "list": "/api/proxy/list/?format=api",
    "change_ip": "/api/proxy/change_ip/?format=api",
    "ext_ip": "/api/proxy/ext_ip/?format=api&id=1",
    "traffic": "/api/proxy/traffic/?format=api&id=1",
    "jobs": "/api/proxy/jobs/?format=api",
    "keys": "/api/proxy/keys/?format=api",
    "docs": "/api/docs/",
    "nothing": "/api/proxy/nothing/",
    "log in again": LOG_IN,
}


class Evil(http.server.BaseHTTPRequestHandler):
    """A site whose page is whatever the test has put into `page`."""
    page = ""

    def do_GET(self):
        body = f"<!DOCTYPE html><title>evil</title><body>{self.page}".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def form(path, method, **fields):
    inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
    return f'<form method="{method}" action="{HERE}{path}">{inputs}<button>go</button></form>'


@unittest.skipIf(MISSING, f"not installed: {', '.join(MISSING)}")
class InABrowser(ContractCase):
    @classmethod
    def prepare(cls):
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 9000), Evil)
        cls.addClassCleanup(site.server_close)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        cls.addClassCleanup(site.shutdown)
        cls.farm.admin("PATCH", f"proxies/{cls.farm.ids[0]}",
                       {"comment": NASTY, "username": NASTY_TOO})
        cls.farm.admin("PATCH", "dongles/d0", {"isp": NASTY})

        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.open(HERE + LOG_IN)
        self.browser.forget()

    def enter(self):
        self.browser.open(HERE + LOG_IN)
        self.keep_picture("login")
        self.browser.type('input[name="username"]', "demo")
        self.browser.type('input[name="password"]', "letmein12345")
        self.browser.click("main form button")
        self.assertEqual(self.browser.url, HERE + "/api/proxy/")
        self.assertIn("demo", self.browser.text("header"))

    def assert_nothing_ran(self, what):
        title = self.browser.run("return document.title")
        self.assertNotEqual(title, "it ran", what)
        self.assertEqual(self.browser.find("img, script, svg, iframe, [onerror], [onload]"), [], what)

    def keep_picture(self, name):
        if folder := os.environ.get("AIRLANE_SHOTS"):
            self.browser.picture(pathlib.Path(folder) / f"{name}.png")

    def test_what_looks_like_html_is_text_on_every_page(self):
        self.enter()
        for name, path in PAGES.items():
            self.browser.open(HERE + path)
            time.sleep(0.2)  # For what would run a moment later.
            self.assert_nothing_ran(path)
            said = [text for text in self.browser.console() if "responded with a status" not in text]
            self.assertEqual(said, [], path)
            self.keep_picture(name)
            if name == "list":
                for nasty in (NASTY, NASTY_TOO):
                    self.assertIn(json.dumps(nasty)[1:-1], self.browser.text())

    def test_what_comes_by_the_address_is_text_too(self):
        self.enter()
        for path in ("/api/proxy/list/", "/api/proxy/nothing/", "/api/proxy/ext_ip/", "/api/docs/"):
            for option in ("comment", "id", "format", "comment_re", "unknown"):
                query = {"format": "api"} | {option: f'"><img src=x onerror="{RUNS}">'}
                self.browser.open(f"{HERE}{path}?{urllib.parse.urlencode(query)}")
                self.assert_nothing_ran((path, option))

    def test_the_policy_stops_what_would_run(self):
        """Were something to be written into a page all the same."""
        self.enter()
        self.browser.run("document.body.innerHTML = arguments[0]", NASTY)
        time.sleep(0.5)
        self.assertNotEqual(self.browser.run("return document.title"), "it ran")
        said = " ".join(self.browser.console())
        self.assertIn("Content Security Policy", said, "what is looked for elsewhere would be seen")

    def test_the_cookies_are_kept_from_scripts_and_other_sites(self):
        self.enter()
        cookies = self.browser.cookies()
        self.assertEqual(set(cookies), {"sessionid", "csrftoken"})
        for name, cookie in cookies.items():
            self.assertEqual(cookie["sameSite"], "Strict", name)
            self.assertEqual(cookie["path"], "/", name)
        self.assertTrue(cookies["sessionid"]["httpOnly"])
        self.assertNotIn("sessionid", self.browser.run("return document.cookie"))
        self.browser.click("header form button")
        self.assertNotIn("sessionid", self.browser.cookies())
        self.browser.open(HERE + PAGES["keys"])
        self.assertIn("403", self.browser.text())

    def submit_from(self, site, page):
        """What is seen after the only form of another site's page was sent off. A browser lends the
        cookie to another port of the same host, which is the same site; to another name it does not."""
        Evil.page = page
        self.browser.open(site + "/")
        self.browser.click("button")
        return self.browser.text()

    def test_a_form_of_another_site_is_refused(self):
        self.enter()
        made = dict(name="stolen", scopes="read")
        for site in (SAME_SITE, ELSEWHERE):
            for fields in (made, made | {"csrf_token": ""}, made | {"csrf_token": "0" * 64}):
                self.assertIn("403", self.submit_from(site, form("/api/proxy/keys/", "post", **fields)))
            for path in ("/api/logout/", "/api/proxy/link/", "/api/login/"):
                said = self.submit_from(site, form(path, "post", id=self.proxy, username="demo",
                                                   password="letmein12345"))
                self.assertRegex(said, "CSRF Failed|credentials were not provided", (site, path))
            for path in ("/api/proxy/change_ip/", "/api/proxy/reboot/"):
                self.assertIn("403", self.submit_from(site, form(path, "get", id=self.proxy)))
        self.browser.open(HERE + PAGES["keys"])
        self.assertIn("HTTP 200", self.browser.text(), "still logged in")
        self.assertNotIn("stolen", self.browser.text())
        self.assertEqual(self.heard_by_modem(0), [])

    def test_who_follows_a_link_from_another_site_has_the_token_of_his_session_again(self):
        """Of which that answer knew nothing: the browser did not send it."""
        self.enter()
        token = self.browser.cookies()["csrftoken"]["value"]
        self.assertIn("Log in", self.submit_from(ELSEWHERE, form("/api/login/", "get")))
        self.assertNotEqual(self.browser.cookies()["csrftoken"]["value"], token)
        self.browser.open(HERE + PAGES["list"])
        self.assertEqual(self.browser.cookies()["csrftoken"]["value"], token)

    def test_a_form_of_our_own_without_the_token_is_refused(self):
        self.enter()
        self.browser.open(HERE + PAGES["keys"])
        self.browser.run("document.querySelectorAll('[name=csrf_token]').forEach(e => e.remove())")
        self.browser.click("header form button")
        self.assertIn("CSRF Failed: CSRF token missing or incorrect.", self.browser.text())
        self.browser.open(HERE + PAGES["keys"])
        self.assertIn("HTTP 200", self.browser.text())

    def test_no_site_can_frame_a_page_or_read_an_answer(self):
        self.enter()
        for site in (SAME_SITE, ELSEWHERE):
            Evil.page = f'<iframe src="{HERE}/api/proxy/list/?format=api"></iframe>'
            self.browser.open(site + "/")
            time.sleep(0.5)
            self.assertRegex(" ".join(self.browser.console()), "frame-ancestors|X-Frame-Options")
            answer = self.browser.run(
                "return fetch(arguments[0], {credentials: 'include'}).then(a => a.text(), e => 'refused')",
                HERE + "/api/proxy/list/?format=json")
            self.assertEqual(answer, "refused")


if __name__ == "__main__":
    unittest.main(verbosity=2)
