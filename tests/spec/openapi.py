"""The OpenAPI document: valid as an npm validator sees it, and true as the running server shows.

Every operation of the admin API is called with a good and with a bad request, and what comes back is
held against the document's own schemas. A row that is new in the table has to get a line in GOOD."""
import json
import os
import pathlib
import re
import urllib.parse
import unittest

import jsonschema
from farm import Farm, in_own_processes, run

VALIDATOR = pathlib.Path(os.environ["AIRLANE_BUILD"]) / "tests" / "openapi" / "validator"
PROXY = {"user": "carol", "dongle": "d0", "port": 20555, "username": "u", "password": "p",
         "quota": {"bytes": 5000}, "in_use_till": "2090-01-01T00:00:00Z"}
BACKUP = {"file": "copy.db"}  # In the farm's folder.

DOCUMENT = {"format": "airlane", "version": 1, "program": "1", "exported": "2026-01-01T00:00:00Z",
            "users": [], "dongles": [], "proxies": []}

# In this order: method and path of an operation, what stands in the path, and the body.
GOOD = [
    ("GET", "/users", {}, None),
    ("POST", "/users", {}, {"name": "carol", "password": "a long secret"}),
    ("GET", "/users/{name}", {"name": "carol"}, None),
    ("PATCH", "/users/{name}", {"name": "carol"}, {"password": "another secret", "admin": True}),
    ("GET", "/dongles", {}, None),
    ("GET", "/dongles/{name}", {"name": "d0"}, None),
    ("PATCH", "/dongles/{name}", {"name": "d0"}, {"isp": "Other", "dns": []}),
    ("POST", "/dongles", {}, {"name": "spare", "interface": "none0", "driver": "none"}),
    ("DELETE", "/dongles/{name}", {"name": "spare"}, None),
    ("GET", "/proxies", {}, None),
    ("POST", "/proxies", {}, PROXY),
    ("GET", "/proxies/{id}", {}, None),
    ("PATCH", "/proxies/{id}", {}, {"comment": "new", "quota": {"period": "day"}}),
    ("GET", "/proxies/{id}/top", {}, None),
    ("DELETE", "/proxies/{id}/top", {}, None),
    ("GET", "/limits", {}, None),
    ("GET", "/limits/{id}", {}, None),
    ("PATCH", "/limits/{id}", {}, {"limits": {"upload": 5000, "destinations": ["deny * 25"]}}),
    ("DELETE", "/limits/{id}", {}, None),
    ("GET", "/credentials", {}, None),
    ("POST", "/credentials", {}, {"proxy": 1, "name": "dave", "password": "word",
                                  "quota": {"bytes": 5000}}),
    ("GET", "/credentials/{id}", {"id": 1}, None),
    ("PATCH", "/credentials/{id}", {"id": 1}, {"enabled": False, "limits": {"connections": 3}}),
    ("DELETE", "/credentials/{id}", {"id": 1}, None),
    ("GET", "/schedules", {}, None),
    ("GET", "/schedules/{id}", {}, None),
    ("PATCH", "/schedules/{id}", {}, {"ext_ip_upd_interval": "60-90"}),
    ("POST", "/proxies/{id}/link", {}, None),
    ("DELETE", "/proxies/{id}/link", {}, None),
    ("POST", "/keys", {}, {"name": "ci", "user": "carol", "scopes": ["read"]}),
    ("GET", "/keys", {}, None),
    ("DELETE", "/keys/{id}", {}, None),
    ("POST", "/proxies/{id}/see", {}, {"to": "198.51.100.1:80"}),
    ("POST", "/proxies/{id}/rotate", {}, None),
    ("GET", "/jobs", {}, None),
    ("GET", "/jobs/{id}", {}, None),
    ("GET", "/dongles/{name}/history", {"name": "d0"}, None),
    ("POST", "/proxies/{id}/reboot", {}, None),
    ("DELETE", "/proxies/{id}", {}, None),
    ("DELETE", "/users/{name}", {"name": "carol"}, None),
    ("GET", "/metrics", {}, None),
    ("GET", "/server", {}, None),
    ("POST", "/server/backup", {}, BACKUP),
    ("GET", "/export", {}, None),
    ("POST", "/import", {}, DOCUMENT),
    ("POST", "/server/upgrade", {}, None),  # Last: another process answers after it.
]


class DocumentCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.farm = cls.enterClassContext(Farm(dongles=1))
        cls.document = cls.farm.plain("/api/openapi.json").json

    def operations(self):
        for path, methods in self.document["paths"].items():
            for method, operation in methods.items():
                yield method.upper(), path, operation

    def admin_operations(self):
        prefix = "/api/admin"
        return {(method, path[len(prefix):]): operation
                for method, path, operation in self.operations() if path.startswith(prefix)}

    def resolved(self, node):
        if "$ref" not in node:
            return node
        found = self.document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found

    def assert_as_documented(self, operation, answer):
        self.assertIn(str(answer.status), operation["responses"], answer.body)
        response = self.resolved(operation["responses"][str(answer.status)])
        kind = answer.headers["Content-Type"]
        self.assertIn(kind, response["content"])
        if kind != "application/json":
            return
        schema = {**response["content"][kind]["schema"], "components": self.document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json)
        if "headers" in response:
            self.assertRegex(answer.headers["ETag"], r'^"[0-9a-f-]+"$')

    def ask(self, method, path, values, body, query=""):
        for name, value in values.items():
            path = path.replace("{" + name + "}", urllib.parse.quote(str(value)))
        self.assertNotIn("{", path)
        return self.farm.admin(method, path.removeprefix("/") + query, body)


class Document(DocumentCase):
    def test_an_npm_validator_calls_it_valid(self):
        file = self.farm.folder / "openapi.json"
        file.write_bytes(self.farm.plain("/api/openapi.json").body)
        said = run("node", VALIDATOR / "validate.js", file)
        self.assertEqual(said, "a valid document of OpenAPI 3.1\n")

    def test_the_validator_does_find_what_is_wrong(self):
        file = self.farm.folder / "broken.json"
        broken = json.loads(json.dumps(self.document))
        broken["paths"]["/api/admin/users"]["get"]["responses"]["200"].pop("description")
        file.write_text(json.dumps(broken))
        with self.assertRaises(AssertionError):
            run("node", VALIDATOR / "validate.js", file)

    def test_it_is_about_every_operation_once_and_refers_to_nothing_that_is_not_there(self):
        names = [operation["operationId"] for _, _, operation in self.operations()]
        self.assertEqual(len(names), len(set(names)))
        for ref in set(re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(self.document))):
            self.assertTrue(self.resolved({"$ref": ref}), ref)

    def test_the_rest_routes_in_it_are_those_of_the_index(self):
        index = {row["url"] for row in self.farm.api("").json}
        self.assertLessEqual(index, set(self.document["paths"]))
        for path in index:
            self.assertNotEqual(self.document["paths"][path]["get"]["responses"]["200"]["content"]
                                ["application/json"]["schema"], {"type": "object"}, path)
        answers = {"/api/proxy/list/": self.farm.api("list"),
                   "/api/proxy/traffic/": self.farm.api("traffic", id=self.farm.ids[0]),
                   "/api/proxy/ext_ip/": self.farm.api("ext_ip", id=self.farm.ids[0]),
                   "/api/proxy/": self.farm.api("")}
        for path, answer in answers.items():
            self.assertEqual(answer.status, 200)
            self.assert_as_documented(self.document["paths"][path]["get"], answer)

    def test_the_page_tells_the_same_without_a_script(self):
        answer = self.farm.plain("/api/docs/")
        self.assertEqual(answer.status, 200)
        self.assertNotIn("<script", answer.text.lower())
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertIn("width=device-width", answer.text)
        for method, path, operation in self.operations():
            self.assertIn(f"<h2>{method} {path}</h2>", answer.text)
            self.assertIn(f'id="{operation["operationId"]}"', answer.text)


class Operations(DocumentCase):
    def test_every_admin_operation_answers_as_documented(self):
        operations = self.admin_operations()
        self.assertEqual(set(operations), {(method, path) for method, path, _, _ in GOOD})
        ids = {"proxies": self.farm.ids[0], "schedules": self.farm.ids[0],
               "limits": self.farm.ids[0]}
        for method, path, values, body in GOOD:
            with self.subTest(f"{method} {path}"):
                operation = operations[method, path]
                resource = path.split("/")[1]
                if body is BACKUP:
                    body = {"file": str(self.farm.folder / body["file"])}
                values = values or ({"id": ids[resource]} if "{id}" in path else {})
                self.refuse(operation, method, path, values, body)
                answer = self.ask(method, path, values, body)
                self.assertLess(answer.status, 300, answer.body)
                self.assert_as_documented(operation, answer)
                if method == "POST" and path.count("/") == 1 and "id" in answer.json:
                    ids[resource] = answer.json["id"]
                if path.endswith("/rotate"):
                    ids["jobs"] = answer.json["job"]

    def refuse(self, operation, method, path, values, body):
        """The same with a wrong option, a wrong name and a wrong field; nothing comes of it."""
        answer = self.ask(method, path, values, body, "?colour=red")
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.json["error"]["field"], "colour")
        self.assert_as_documented(operation, answer)
        if values:
            answer = self.ask(method, path, {name: "404404" for name in values}, body)
            self.assertEqual(answer.status, 404)
            self.assert_as_documented(operation, answer)
        if body is not None:
            answer = self.ask(method, path, values, {**body, "colour": "red", "size": 1})
            self.assertEqual(answer.status, 422)
            self.assertEqual([wrong["field"] for wrong in answer.json["error"]["fields"]],
                             ["colour", "size"])
            self.assert_as_documented(operation, answer)


if __name__ == "__main__":
    in_own_processes()
    unittest.main()
