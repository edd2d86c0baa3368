"""What script/bench_login does inside its namespace: a farm, and strangers who guess.

The kinds of a place take turns, in an order that each round shuffles, so what else the machine does
hits all of them. Each round comes from an address of its own: the guard against guessing is as it is
by default and sees at most seven of anybody. The first kind is there twice; how far that one is from
itself is the noise, and no smaller difference means anything.
"""
import base64
import contextlib
import itertools
import json
import os
import pathlib
import random
import socket
import statistics
import struct
import sys
import tempfile
import time

from bench_api_main import LOAD_CORE, server_binary
from farm import FIRST_PORT, PASSWORD, Farm

SHARE = 0.05
SETTINGS = '[limits]\nwrong_password_block = "1h"'
NAME = "johndoe"
STRANGER, EXTRA = "nobodyx", "customr"
WRONG = "x" * len(PASSWORD)
ALMOST = PASSWORD[:-1] + "!"
BLOCKED = "127.99.99.99"
SOURCES = (f"127.{a}.{b}.{c}" for a, b, c in
           itertools.product(range(1, 90), range(1, 255), range(1, 255)))


@contextlib.contextmanager
def connected(source, port):
    connection = socket.create_connection(("127.0.0.1", port), 60, (source, 0))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        yield connection
        # Closed by a reset, so that a hundred thousand tries leave no ports in TIME_WAIT.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def timed(connection, question, expected):
    """Seconds from the question to the first bytes of its answer, which must be the expected one."""
    before = time.perf_counter()
    connection.sendall(question)
    answer = connection.recv(4096)
    took = time.perf_counter() - before
    if not answer.startswith(expected):
        raise AssertionError(answer)
    return took


def by_http(source, name, password):
    pair = base64.b64encode(f"{name}:{password}".encode()).decode()
    with connected(source, FIRST_PORT) as connection:
        return timed(connection, f"CONNECT origin.test:80 HTTP/1.1\r\nHost: origin.test:80\r\n"
                     f"Proxy-Authorization: Basic {pair}\r\n\r\n".encode(), b"HTTP/1.1 407 ")


def by_socks5(source, name, password):
    with connected(source, FIRST_PORT) as connection:
        timed(connection, b"\x05\x01\x02", b"\x05\x02")
        return timed(connection, bytes([1, len(name)]) + name.encode() +
                     bytes([len(password)]) + password.encode(), b"\x01\x01")


def by_login(source, name, password):
    body = json.dumps({"username": name, "password": password})
    with connected(source, 8080) as connection:
        return timed(connection, f"POST /api/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: "
                     f"application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode(),
                     b"HTTP/1.1 403 ")


def by_key(source, key):
    with connected(source, 8080) as connection:
        return timed(connection, f"GET /api/proxy/list/ HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}"
                     "\r\n\r\n".encode(), b"HTTP/1.1 403 ")


def measure(place, ask, kinds, rounds, source=None):
    """Prints the rows of the table; the kinds that can be told from the first one."""
    names = list(kinds)
    again = f"{names[0]}, once more"
    kinds = kinds | {again: kinds[names[0]]}
    times = {name: [] for name in kinds}
    order = list(kinds)
    for number in range(-rounds // 20, rounds):  # The first twentieth warms up.
        random.shuffle(order)
        address = source or next(SOURCES)
        for name in order:
            took = ask(address, *kinds[name])
            if number >= 0:
                times[name].append(took * 1e6)
    medians = {name: statistics.median(seen) for name, seen in times.items()}
    missed = []
    for name in (names[0], again, *names[1:]):
        share = medians[name] / medians[names[0]] - 1
        print(f"| {place} | {name} | {rounds:,} | {medians[name]:,.1f} | {share:+.2%} |", flush=True)
        if abs(share) >= SHARE:
            missed.append(f"{place}: {name} differs from {names[0]} by {share:+.2%}")
    return missed


def measure_proxy(farm, rounds):
    """A proxy with its own log-in and one extra credential."""
    farm.cli("credential", "add", farm.ids[0], EXTRA, "--password-stdin", input=PASSWORD + "\n")
    kinds = {"unknown user, wrong password": (STRANGER, WRONG),
             "unknown user, the right password": (STRANGER, PASSWORD),
             "unknown user with a long name": (STRANGER * 9, WRONG),
             "known user, wrong password": (NAME, WRONG),
             "known user, password wrong at its end": (NAME, ALMOST),
             "extra credential, wrong password": (EXTRA, WRONG)}
    blocked = {"blocked, wrong password": (NAME, WRONG), "blocked, right password": (NAME, PASSWORD)}
    missed = []
    for place, ask in (("proxy, HTTP", by_http), ("proxy, SOCKS5", by_socks5)):
        missed += measure(place, ask, kinds, rounds)
    for _ in range(10):
        by_http(BLOCKED, NAME, WRONG)
    for place, ask in (("proxy, HTTP", by_http), ("proxy, SOCKS5", by_socks5)):
        missed += measure(place, ask, blocked, rounds, BLOCKED)
    return missed


def measure_api(farm, rounds, logins):
    key = farm.key
    other = "".join(random.choices("0123456789abcdef", k=len(key)))
    last = key[:-1] + ("0" if key[-1] != "0" else "1")
    missed = measure("API key", by_key, {"random": (other,), "wrong at its end": (last,)}, rounds)
    # By scrypt, in a thread of its own: some tens of milliseconds each.
    return missed + measure("/api/login/", by_login,
                            {"unknown user": ("nope", WRONG), "known user": ("demo", WRONG)}, logins)


def main():
    smoke = "--smoke" in sys.argv
    rounds, logins = (20, 3) if smoke else (12_000, 300)
    os.sched_setaffinity(0, {LOAD_CORE})
    with tempfile.TemporaryDirectory(prefix="airlane-bench-login-") as folder:
        with Farm(dongles=1, workers=1, settings=SETTINGS,
                  binary=server_binary(pathlib.Path(folder))) as farm:
            print("| where | what was wrong | tries | median us | difference |")
            print("|---|---|---|---|---|")
            missed = measure_proxy(farm, rounds) + measure_api(farm, rounds, logins)
    if smoke:
        return 0  # So few tries say nothing.
    for line in missed:
        print("missed:", line, file=sys.stderr)
    return 1 if missed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
