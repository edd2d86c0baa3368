"""A load of short connections that counts what went wrong, and what it moved to the byte.

Each connection says everything it has to say at once (greeting, password, CONNECT to the echo
server, a payload), reads the answers and the echo, ends its side and waits for the other's end.
Anything but that is an error: refused, reset, cut short or late.
"""
import collections
import multiprocessing
import os
import socket
import struct
import threading
import time

from farm import PASSWORD

ECHO = ("198.19.0.1", 7)
LIMIT = 15  # Seconds for a whole connection, on a machine that has other things to do.


def hello(target=ECHO, name="johndoe", password=PASSWORD):
    """The client's side of a SOCKS5 handshake; 14 bytes answer it."""
    return (b"\x05\x01\x02" + bytes([1, len(name)]) + name.encode() + bytes([len(password)]) +
            password.encode() + b"\x05\x01\x00\x01" + socket.inet_aton(target[0]) +
            struct.pack(">H", target[1]))


def converse(port, payload):
    """One connection; the bytes that its tunnel carried each way."""
    with socket.create_connection(("127.0.0.1", port), LIMIT) as client:
        client.sendall(hello() + payload)
        client.shutdown(socket.SHUT_WR)
        answer = bytearray()
        while part := client.recv(1 << 16):
            answer += part
    if answer[:4] != b"\x05\x02\x01\x00" or answer[4:6] != b"\x05\x00":
        raise ConnectionError(f"answered {bytes(answer[:16])!r}")
    if answer[14:] != payload:
        raise ConnectionError(f"{len(answer) - 14} of {len(payload)} bytes came back")
    return len(payload)


class Load:
    """`rate` connections per second in all, from `processes` processes, until it is stopped."""

    def __init__(self, ports, rate, processes=3, threads=12):
        context = multiprocessing.get_context("fork")
        self.ending = context.Event()
        self.answers = context.Queue()
        pace = processes * threads / rate
        self.processes = [context.Process(target=self.work, args=(ports, pace, threads), daemon=True)
                          for _ in range(processes)]

    def __enter__(self):
        self.began = time.monotonic()
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_):
        self.ending.set()

    def work(self, ports, pace, threads):
        moved, errors, lock = collections.Counter(), [], threading.Lock()

        def one_after_the_other(number):
            payload = os.urandom(200 + number)
            next_time = time.monotonic() + pace * number / threads
            done = 0
            while not self.ending.is_set():
                time.sleep(max(0, next_time - time.monotonic()))
                next_time = max(next_time + pace, time.monotonic() - 1)
                port = ports[(done + number) % len(ports)]
                try:
                    count = converse(port, payload)
                    with lock:
                        moved[port] += count
                        moved["connections"] += 1
                except OSError as error:
                    with lock:
                        errors.append(f"{time.time():.3f} {error!r}")
                done += 1

        all_threads = [threading.Thread(target=one_after_the_other, args=(number,))
                       for number in range(threads)]
        for thread in all_threads:
            thread.start()
        for thread in all_threads:
            thread.join()
        self.answers.put((moved, errors))

    def stop(self):
        """Bytes by port (and "connections"), errors, connections per second."""
        self.ending.set()
        seconds = time.monotonic() - self.began
        moved, errors = collections.Counter(), []
        for _ in self.processes:
            some, wrong = self.answers.get(timeout=120)
            moved += some
            errors += wrong
        for process in self.processes:
            process.join(20)
        return moved, errors, moved["connections"] / seconds
