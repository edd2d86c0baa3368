"""Chromium by its own driver, in the words of the W3C's WebDriver, as far as the tests need them.

Neither is installed by script/setup, for they are 400 MB: `apt-get install chromium chromium-driver`.
"""
import base64
import http.client
import json
import pathlib
import shutil
import subprocess
import tempfile

from farm import die_with_parent, wait_until

MISSING = [name for name in ("chromium", "chromedriver") if not shutil.which(name)]
PORT = 9515
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # How the standard says "what follows is one".


class Browser:
    """With a profile of its own; names that end in .example lead to 127.0.0.1."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="airlane-browser-")
        self.driver = subprocess.Popen(
            ["chromedriver", f"--port={PORT}"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, preexec_fn=die_with_parent, start_new_session=True)
        wait_until(lambda: self.call("GET", "/status", session=False)["ready"], 60, "chromedriver")
        options = {"args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--window-size=1000,900",
            "--host-resolver-rules=MAP *.example 127.0.0.1", f"--user-data-dir={self.folder.name}"]}
        self.session = self.call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"}}}}, session=False)["sessionId"]

    def close(self):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait(20)
            self.folder.cleanup()

    def call(self, method, path, body=None, session=True):
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        try:
            body = json.dumps(body or {}) if method == "POST" else None
            connection.request(method, (f"/session/{self.session}" if session else "") + path, body,
                               {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{path}: {value['error']}: {value['message']}")
        return value

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    @property
    def url(self):
        return self.call("GET", "/url")

    def find(self, css):
        """The elements that match."""
        return [found[ELEMENT] for found in
                self.call("POST", "/elements", {"using": "css selector", "value": css})]

    def text(self, css="body"):
        """What is seen of the first one."""
        return self.run("return document.querySelector(arguments[0]).innerText", css)

    def type(self, css, text):
        self.call("POST", f"/element/{self.find(css)[0]}/value", {"text": text})

    def click(self, css):
        """What leads to another page, and waits for that."""
        self.run("window.left = false")
        self.call("POST", f"/element/{self.find(css)[0]}/click")
        wait_until(lambda: self.run("return window.left === undefined && "
                                    "document.readyState === 'complete'"), 60, "the next page")

    def run(self, script, *arguments):
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def cookies(self):
        return {cookie["name"]: cookie for cookie in self.call("GET", "/cookie")}

    def forget(self):
        """Who was logged in, and what it has complained about."""
        self.call("DELETE", "/cookie")
        self.console()

    def console(self):
        """What it has complained about since it was asked last; its mere advice left out."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})
                if entry["level"] in ("WARNING", "SEVERE")]

    def picture(self, path):
        """The whole page as PNG."""
        for height in (200, 3000):  # From little, for no page is lower than its window.
            height = min(height, self.run("return document.documentElement.scrollHeight") + 140)
            self.call("POST", "/window/rect", {"width": 1000, "height": height})
        pathlib.Path(path).write_bytes(base64.b64decode(self.call("GET", "/screenshot")))
