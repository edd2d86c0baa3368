"""What the files of the contract's test share: a farm per class, a real client, a look at types."""
import contextlib
import http.client
import json
import pathlib
import tomllib
import unittest
import urllib.parse

from farm import Farm, run

TABLE = tomllib.loads(pathlib.Path(__file__).with_name("contract.toml").read_text())
THROTTLED = "Request was throttled. Expected available in {}."
STILL_RUNNING = ("Request was throttled: previous call is still running. "
                 "Expected available in less than {}.")


def in_words(seconds):
    return f"{seconds} second" + ("" if seconds == 1 else "s")


def shape(value):
    """The fields with the types of their values, exactly: no bool passes for an int."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    return type(value)


class ContractCase(unittest.TestCase):
    """One farm for the whole class: whoever rotates takes a proxy that nobody else takes."""
    farm_options = {"dongles": 1}

    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(**cls.farm_options))
        cls.prepare()

    @classmethod
    def prepare(cls):
        pass

    @classmethod
    def log_everything(cls):
        """Starts the server anew, at its most talkative."""
        cls.farm.stop_server()
        text = cls.farm.config.read_text()
        cls.farm.config.write_text(text.replace("[server]", '[server]\nlog = "debug"'))
        cls.farm.start_server()

    @property
    def proxy(self):
        return self.farm.ids[0]

    def get(self, endpoint, status=200, **options):
        """An answer that must have this status and be JSON."""
        answer = self.farm.api(endpoint, **options)
        self.assert_json(answer, status)
        return answer

    def raw(self, endpoint, query, **options):
        """The query as it stands here, nothing escaped."""
        return self.farm.plain(f"/api/proxy/{endpoint}/?format=json&key={self.farm.key}&{query}",
                               **options)

    def curl(self, endpoint, *words, **options):
        """(status, content type, body) as curl gets them."""
        options = {"key": self.farm.key} | {name.rstrip("_"): value
                                            for name, value in options.items()}
        path = f"/api/proxy/{endpoint}/" if endpoint else "/api/proxy/"
        url = f"http://{self.farm.address}:8080{path}?{urllib.parse.urlencode(options)}"
        out = run("curl", "-sS", "--max-time", 60, "-w", "\n%{http_code} %{content_type}", *words,
                  url)
        body, _, line = out.rpartition("\n")
        status, _, kind = line.partition(" ")
        return int(status), kind, body

    def assert_json(self, answer, status=200):
        self.assertEqual(answer.status, status, answer.text)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))

    def assert_fields(self, value, expected):
        """The same fields in the same order with the same types."""
        self.assertEqual(shape(value), expected)
        self.assertEqual(list(value), list(expected))
        for name, part in expected.items():
            if isinstance(part, dict):
                self.assertEqual(list(value[name]), list(part))

    def assert_detail(self, answer, status, *words):
        """An error: one sentence, which names what is wrong."""
        self.assert_json(answer, status)
        self.assert_fields(answer.json, {"detail": str})
        for word in words:
            self.assertIn(word, answer.json["detail"])

    def assert_no_such_proxy(self, answer):
        self.assertEqual((answer.status, answer.text), (404, "No such proxy"))
        self.assertEqual(answer.headers["Content-Type"], "text/plain; charset=utf-8")

    def assert_throttled(self, answer, sentence):
        self.assert_detail(answer, 429)
        self.assertRegex(answer.headers["Retry-After"], r"^[1-9][0-9]*$")
        seconds = int(answer.headers["Retry-After"])
        self.assertEqual(answer.json, {"detail": sentence.format(in_words(seconds))})
        return seconds

    # Sessions

    def log_in(self, name="demo", password="letmein12345"):
        body = urllib.parse.urlencode({"username": name, "password": password})
        return self.post("login", body, {"Content-Type": "application/x-www-form-urlencoded"})

    def post(self, what, body="", headers=None):
        return self.farm.plain(f"/api/{what}/", "POST", headers, body)

    def session(self, *who):
        """The header of a fresh session."""
        answer = self.log_in(*who)
        self.assert_json(answer)
        return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}

    @staticmethod
    def form_token(answer):
        """What the forms of the session that begins with this answer must bring back."""
        cookies = dict(field.partition(";")[0].split("=")
                       for field in answer.headers.get_all("Set-Cookie"))
        return cookies["csrftoken"]

    # The farm behind the server's back

    @classmethod
    def sim(cls, index, verb, body=None):
        answer = cls.farm.sim_control("POST", f"/dongles/{index}/{verb}", body)
        if answer.status != 200:
            raise AssertionError(answer.text)

    def heard_by_modem(self, index):
        """What the modem's API was asked to do, polling left out."""
        state = self.farm.sim_control("GET", "/state").json["dongles"][index]
        return [call for call in state["requests"] if call["method"] == "POST"]

    def stored_fp(self, proxy):
        rows = json.loads(self.farm.cli("proxy", "list", "--json"))["proxies"]
        return next(row["fp"] for row in rows if row["id"] == proxy)

    @contextlib.contextmanager
    def call_under_way(self, path):
        """A request whose answer is read at the end, by get()."""
        connection = http.client.HTTPConnection(self.farm.address, 8080, timeout=60)
        with contextlib.closing(connection):
            connection.request("GET", path)
            yield connection
