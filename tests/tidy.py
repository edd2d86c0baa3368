#!/usr/bin/env python3
"""The style guide, in the form that fails a build.

Checks what a reviewer should never have to: which folder includes which, that each C library has
one door, and that files, lines and functions stay at a size that fits the eye. Prints every
violation as path:line, and exits 1 if there was one.
"""
import pathlib
import re
import sys

FOLDERS = {  # folder: what it may include besides itself. A row may name only rows above it.
    "base": [],
    "conf": ["base"],
    "db": ["base"],
    "netlink": ["base"],
    "netlink/fingerprint": ["base", "netlink"],
    "proxy/protocol": ["base"],
    "proxy/front": ["base", "proxy/protocol"],
    "proxy": ["base", "proxy/protocol", "proxy/front"],
    "control/modem": ["base"],
    "control/schedule": ["base"],
    "control": ["base", "conf", "db", "netlink", "netlink/fingerprint", "proxy", "control/modem",
                "control/schedule"],
    "control/api": ["base", "conf", "control"],
    "control/api/admin": ["base", "control", "control/api"],
    "control/api/openapi": ["base", "control", "control/api", "control/api/admin"],
    "server": ["base", "conf", "db", "netlink", "netlink/fingerprint", "proxy", "control",
               "control/api", "control/api/admin", "control/api/openapi"],
    "cli": ["base", "conf"],
    "sim": ["base"],
    "bench": ["base", "proxy", "proxy/protocol"],
    "bench/usage": ["base", "db", "proxy", "control"],
    "tests/support": ["base", "proxy/protocol"],
    "tests": ["base", "conf", "db", "netlink", "netlink/fingerprint", "proxy", "proxy/protocol",
              "proxy/front", "control", "control/modem", "control/schedule", "control/api",
              "control/api/admin", "control/api/openapi", "server", "cli", "sim", "bench", "tests/support"],
}
DOORS = {  # include prefix: the folders that may write it. Tests may look behind every door.
    "event2/": "base/event/",
    "openssl/": "base/tls/",
    "curl/": "base/http/",
    "spdlog/": "base/log",
    "toml++/": "conf/",
    "sqlite3": "db/",
    "netlink/": "netlink/",
    "bpf/": "netlink/fingerprint/",
    "ares": "proxy/resolve",
    "nghttp2/": "proxy/front/http2",
    "nlohmann/": "control/api/ cli/ sim/ bench/",
    "re2/": "control/api/pattern",
    "absl/": "control/schedule/zone.cc",
    "CLI/": "cli/ sim/ bench/",
}
LINE_MAX, FILE_MAX, FUNCTION_MAX = 100, 400, 60


def folder_of(path):
    """The most specific row of FOLDERS that holds this path, or None."""
    return max((f for f in FOLDERS if path.startswith(f + "/")), key=len, default=None)


def check(root, path, report):
    rel = path.relative_to(root).as_posix()
    folder = folder_of(rel)
    lines = path.read_text().splitlines()
    if len(lines) > FILE_MAX:
        report(rel, len(lines), f"file has {len(lines)} lines, limit {FILE_MAX}")
    if path.suffix == ".h" and not lines[0].startswith("//"):
        report(rel, 1, "a header opens with what it is for")
    opened = None
    for number, line in enumerate(lines, 1):
        if len(line) > LINE_MAX:
            report(rel, number, f"line has {len(line)} columns, limit {LINE_MAX}")
        if include := re.match(r'#include ([<"])([^>"]+)', line):
            quoted, name = include[1] == '"', include[2]
            other = folder_of(name)
            if quoted and other != folder and other not in FOLDERS[folder]:
                report(rel, number, f"{folder} may not include {name}")
            for prefix, door in DOORS.items():
                allowed = any(rel.startswith(d) for d in door.split())
                if not quoted and name.startswith(prefix) and not allowed and "tests" not in folder:
                    report(rel, number, f"<{prefix}...> belongs to {door}")
        if re.match(r"\S.*\)( const| noexcept| override)* \{$", line):
            opened = number
        if line.startswith("}") and opened:
            if number - opened > FUNCTION_MAX:
                report(rel, opened, f"function has {number - opened} lines, limit {FUNCTION_MAX}")
            opened = None


def main():
    root = pathlib.Path(sys.argv[1])
    found = []
    above = set()
    for folder, may_use in FOLDERS.items():
        assert above.issuperset(may_use), f"the row of {folder} points down: that is a cycle"
        above.add(folder)
    for path in sorted(root.rglob("*")):
        if path.suffix in (".h", ".cc") and folder_of(path.relative_to(root).as_posix()):
            check(root, path, lambda *violation: found.append(violation))
    for rel, number, text in found:
        print(f"{rel}:{number}: {text}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
