"""Bad input of any kind, at every endpoint: a 4xx with a sentence, and the next one is served."""
import contextlib
import html.parser
import http.client
import json
import socket
import unittest

from contract_client import ContractCase
from farm import UnixConnection

STRICT = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
          "Referrer-Policy": "same-origin", "Cache-Control": "no-store"}
GETS = ("list", "change_ip", "ext_ip", "traffic", "reboot", "get_key")
POSTS = ("link", "unlink", "keys", "keys/revoke")
DEEP = "[" * 100_000
# Values that no option takes, escaped as they have to be in a query.
VALUES = ("%00", "%ff%fe", "%0d%0aX:%20y", "99999999999999999999", "-1", "1e999", "%1b[31m", "x" * 4000,
          "%F0%9F%92%A9", "';DROP%20TABLE%20users;--", "%3Cimg%20onerror%3D1%3E", "../../etc/passwd",
          "{}", "NaN", "0x7f", "%")
MALFORMED = {
    "no HTTP at all": b"hello\r\n\r\n",
    "TLS on the plain port": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\0" * 160 + b"\r\n\r\n",
    "SOCKS": b"\x05\x01\x00\r\n\r\n",
    "no version": b"GET /api/proxy/\r\n\r\n",
    "an unknown version": b"GET /api/proxy/ HTTP/9.9.9\r\nHost: x\r\n\r\n",
    "no method": b" /api/proxy/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": b"BREW /api/proxy/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "TRACE": b"TRACE /api/proxy/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "CONNECT": b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    "a NUL in the path": b"GET /api/pro\0xy/ HTTP/1.1\r\nHost: x\r\n\r\n",
    "a field without a colon": b"GET /api/proxy/ HTTP/1.1\r\nHost x\r\n\r\n",
    "a head that is too large": b"GET /api/proxy/ HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    "a path that is too long": b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "too many fields": b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    "a length that is no number": b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n",
    "a negative length": b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "a body that is too large": b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n"
                                + b"x" * 200_000,
    "a chunk that is none": b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                            b"zz\r\nxx\r\n0\r\n\r\n",
    "a chunk that is too large": b"POST /api/login/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked"
                                 b"\r\n\r\nffffffffff\r\nxx\r\n0\r\n\r\n",
}
BODIES = {  # What no JSON endpoint takes.
    "no JSON": "{", "a NUL": "{\"username\": \"\0\"}", "nothing": " ", "deep": DEEP, "a list": "[1]",
    "a number": "1e999", "wrong types": '{"username": [], "password": {}, "name": 1, "user": null}',
    "huge numbers": '{"port": 99999999999999999999, "name": 1e400}', "no UTF-8": "{\"name\": \"\udcff\"}",
    "unknown fields": '{"nothing": "of the sort"}', "twice": '{"name": 1, "name": 2}',
}


class Checked(html.parser.HTMLParser):
    """Fails where a page has what could run; keeps the text."""

    def __init__(self, case, text):
        super().__init__(convert_charrefs=True)
        self.case, self.said = case, ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.case.assertNotIn(tag, ("script", "img", "iframe", "object", "embed", "svg", "base"))
        for name, value in attributes:
            self.case.assertFalse(name.startswith("on") or name == "style", (tag, name))
            self.case.assertFalse((value or "").lower().strip().startswith("javascript:"))

    def handle_data(self, data):
        self.said += data


class BadInput(ContractCase):
    def tearDown(self):
        self.assertEqual(self.farm.server.poll(), None, "the server is alive")
        self.get("list")

    def assert_refused(self, status, headers, body, what):
        self.assertIn(status, range(400, 500), what)
        for name, value in STRICT.items():
            self.assertEqual(headers[name], value, (what, name))
        self.assertIn("default-src 'none'", headers["Content-Security-Policy"], what)
        if body and headers["Content-Type"] == "application/json":
            said = json.loads(body)
            error = said.get("error")
            body = said.get("detail") or (error["message"] if isinstance(error, dict) else error)
        self.assertRegex(str(body), r"^[A-Z\"][^\n]* .*", what)

    def throw(self, raw):
        """(status, headers, body) of what is answered to these bytes; the server ends it."""
        with socket.create_connection(("127.0.0.1", 8080), 30) as connection:
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                connection.sendall(raw)
            answer = http.client.HTTPResponse(connection)
            answer.begin()
            return answer.status, answer.headers, answer.read().decode()

    def test_malformed_http_is_refused_in_the_form_of_every_answer(self):
        for what, raw in MALFORMED.items():
            with self.subTest(what):
                self.assert_refused(*self.throw(raw), what)

    def test_no_option_of_any_endpoint_takes_nonsense(self):
        for value in VALUES:
            for endpoint in GETS:
                for query in (f"id={value}", f"id={self.proxy}&key={value}", f"format={value}",
                              f"id={self.proxy}&from_cache={value}&from={value}&async={value}"):
                    if endpoint == "list" and query.startswith("id=") and "&" in query and \
                            "key=" not in query:
                        continue  # The list has none of these options, and ignores them.
                    if endpoint == "reboot" and "from_cache" in query:
                        continue  # Nor has this one, which would reboot.
                    if value in ("%", "") or (endpoint == "list" and query == f"id={value}"):
                        continue
                    answer = self.raw(endpoint, query)
                    if endpoint in ("reboot", "change_ip") and answer.status == 429:
                        continue
                    what = (endpoint, query)
                    if answer.status == 200:
                        # What an endpoint does not know it does not look at; nothing was done.
                        self.assertIn(endpoint, ("list", "ext_ip", "traffic"), what)
                        continue
                    self.assert_refused(answer.status, answer.headers, answer.text, what)

    def test_every_posted_endpoint_refuses_nonsense(self):
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", "a/b;c=\"",
                     "multipart/form-data"):
            for what, body in BODIES.items():
                headers = {"Content-Type": kind, "X-API-Key": self.farm.key}
                data = body.encode(errors="surrogateescape")
                for endpoint in POSTS:
                    answer = self.farm.plain(f"/api/proxy/{endpoint}/", "POST", headers, data)
                    self.assert_refused(answer.status, answer.headers, answer.text, (endpoint, what))
                answer = self.farm.plain("/api/login/", "POST", headers, data)
                self.assert_refused(answer.status, answer.headers, answer.text, ("login", kind, what))

    def test_the_admin_api_refuses_it_too(self):
        for path in ("users", "dongles", "proxies", f"proxies/{self.proxy}", "users/demo",
                     "users/%00", "proxies/99999999999999999999", "proxies/-1", "nothing",
                     "proxies/1/2/3/4", "users/" + "x" * 5000):
            for method in ("POST", "PATCH", "DELETE", "PUT"):
                if method == "DELETE" and path in (f"proxies/{self.proxy}", "users/demo"):
                    continue
                for what, body in BODIES.items():
                    answer = self.farm.request(UnixConnection(self.farm.socket), method,
                                               "/api/admin/" + path,
                                               body.encode(errors="surrogateescape"))
                    self.assert_refused(answer.status, answer.headers, answer.text,
                                        (method, path, what))

    def test_json_is_read_whatever_curl_calls_it_and_never_told_back(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}  # As curl -d has it.
        for body, status in (('{"name": "carol", "password": "12345678"}', 201),
                             ("name=carol&password=12345678", 400)):
            answer = self.farm.request(UnixConnection(self.farm.socket), "POST",
                                       "/api/admin/users", body, form)
            self.assertEqual(answer.status, status, answer.text)
            self.assertNotIn("12345678", answer.text)

    def test_a_name_that_is_html_is_shown_as_text(self):
        nasty = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'`&lt;"
        for path, more in (("users", {"password": "letmein12345"}),
                           ("dongles", {"interface": "dg9", "driver": "none"})):
            answer = self.farm.admin("POST", path, {"name": nasty} | more)
            self.assertEqual(answer.status, 422, answer.text)
            self.assertIn("1 to 64 of the characters", answer.text)
        self.farm.admin("PATCH", f"proxies/{self.proxy}", {"comment": nasty})
        entry = self.log_in()
        session = {"Cookie": entry.headers["Set-Cookie"].partition(";")[0], "Accept": "text/html"}
        page = self.farm.plain("/api/proxy/list/", headers=session)
        self.assertIn("text/html", page.headers["Content-Type"])
        self.assertIn(json.dumps(nasty)[1:-1], Checked(self, page.text).said)
        for path in ("list/?comment=", "list/?comment_re=", "ext_ip/?id=", "traffic/?from=",
                     "list/?key=", "change_ip/?fp=", "list/?"):
            for value in ("%22%3E%3Cscript%3Ealert(1)%3C/script%3E", "%3Cimg%20src=x%20onerror=1%3E",
                          "%27%20onmouseover=%27x"):
                page = self.farm.plain(f"/api/proxy/{path}{value}&format=api", headers=session)
                Checked(self, page.text)
                for name, wanted in STRICT.items():
                    self.assertEqual(page.headers[name], wanted, path)

    def test_every_page_has_strict_headers_also_when_it_is_an_error(self):
        for path in ("/api/proxy/", "/api/proxy/list/", "/api/proxy/list", "/nothing", "/api/login/",
                     "/r/x/", "/ip", "/api/proxy/list/?format=xml", "/", "/api/admin/users"):
            for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH"):
                for accept in ("text/html", "application/json", "image/png"):
                    answer = self.farm.plain(path, method, {"Accept": accept})
                    for name, wanted in STRICT.items():
                        self.assertEqual(answer.headers[name], wanted, (method, path))
                    policy = answer.headers["Content-Security-Policy"]
                    self.assertNotIn("unsafe", policy)
                    self.assertIn("frame-ancestors 'none'", policy)
        sheet = self.farm.plain("/static/api.css")
        self.assertEqual(sheet.headers["X-Content-Type-Options"], "nosniff")
        self.assertIn("default-src 'none'", sheet.headers["Content-Security-Policy"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
