"""What script/bench_api does inside its namespace: a farm, many proxies, wrk."""
import contextlib
import os
import pathlib
import re
import sqlite3
import statistics
import subprocess
import sys
import time

from farm import FIRST_PORT, Farm, die_with_parent, wait_until, write_starter
from process import cpu_seconds_of

SERVER_CORE, LOAD_CORE = 0, max(os.sched_getaffinity(0))
RATE, P99_MS, MANY_MS = 2000, 5.0, 50.0
LATENCY = """
done = function(summary, latency)
  io.write(string.format("RESULT %f %f %f %d\\n", summary.requests / summary.duration * 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    summary.errors.status + summary.errors.read + summary.errors.timeout))
end
"""


def insert_proxies(farm, count):
    """Straight into the database of a server that is down: ten thousand calls would take minutes."""
    farm.stop_server()
    path = next((farm.folder / "state").glob("*.db"))
    with contextlib.closing(sqlite3.connect(path)) as database:
        have, row = database.execute("SELECT count(*), max(counter_row) FROM proxies").fetchone()
        dongles = [row[0] for row in database.execute("SELECT id FROM dongles")]
        database.executemany(
            "INSERT INTO proxies (user, dongle, port, username, password, comment, in_use_from, "
            "in_use_till, counter_row) SELECT id, ?, ?, 'johndoe', "
            "(SELECT password FROM proxies LIMIT 1), ?, 1653827385, 4102444800, ? "
            "FROM users WHERE name = 'demo'",
            [(dongles[index % len(dongles)], FIRST_PORT + 1000 + have + index,
              f"Floor {index % 7}, port {have + index}", row + 1 + index)
             for index in range(count - have)])
        database.commit()
    farm.start_server()
    wait_until(lambda: farm.api("list").json["count"] == count, 60, "the proxies")


@contextlib.contextmanager
def traffic(farm, downloads):
    """Endless downloads through the proxies, at a pace that leaves the simulator's core some air."""
    running = []
    for index in range(downloads):
        command = ["curl", "-s", "--limit-rate", "4M", "-o", "/dev/null", "--proxy",
                   farm.proxy_url(index % farm.dongle_count), "http://origin.test/bytes/4000000000"]
        running.append(subprocess.Popen(["taskset", "-c", str(LOAD_CORE), *command],
                                        preexec_fn=die_with_parent))
    time.sleep(1)
    try:
        yield
        alive = [process.poll() is None for process in running]
        if not all(alive):
            raise AssertionError("a download ended before the measurement did")
    finally:
        for process in running:
            process.kill()
            process.wait()


def wrk(farm, connections, seconds):
    """(requests a second, p50 and p99 in milliseconds)."""
    script = farm.folder / "latency.lua"
    script.write_text(LATENCY)
    # Before the rest of the world on its core (downloads, the simulator): else the latency is that
    # of waiting for them, and not for the server, which has a core of its own.
    out = subprocess.run(
        ["nice", "-n", "-15", "taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{seconds}s",
         "-H", f"X-API-Key: {farm.key}", "-s", str(script),
         f"http://{farm.address}:8080/api/proxy/list/"],
        capture_output=True, text=True, check=True).stdout
    rate, p50, p99, errors = re.search(r"RESULT (\S+) (\S+) (\S+) (\S+)", out).groups()
    if int(errors):
        raise AssertionError(out)
    return float(rate), float(p50), float(p99)


def server_binary(farm_folder):
    """The server on a core of its own, with everything that it starts."""
    return write_starter(farm_folder / "airlane-on-one-core", f"taskset -c {SERVER_CORE}")


def measure_rate(farm, smoke):
    insert_proxies(farm, 100)
    with traffic(farm, 4):
        before, start = sum(farm.counted(0)), time.monotonic()
        used = cpu_seconds_of(farm.server.pid)
        rate, p50, p99 = wrk(farm, 4, 1 if smoke else 10)
        seconds = time.monotonic() - start
        used = cpu_seconds_of(farm.server.pid) - used
        moved = (sum(farm.counted(0)) - before) / seconds / 1e6
    print(f"list of 100 proxies: {rate:.0f} requests/s, p50 {p50:.2f} ms, p99 {p99:.2f} ms; "
          f"the first proxy carried {moved:.1f} MB/s; {used / seconds:.2f} of one core")
    return [] if rate >= RATE and p99 < P99_MS else [f"{rate:.0f}/s, p99 {p99:.2f} ms"]


def measure_many(farm, smoke):
    count = 1000 if smoke else 10000
    insert_proxies(farm, count)
    missed = []
    for what, options in (("all", {}), ("by comment_re", {"comment_re": "port [0-9]*7$"}),
                          ("by every filter", {"ip": "PROXY.example", "username": "johndoe",
                                               "isp": "Carrier1", "comment_re": "^Floor 3"})):
        times = []
        for _ in range(3 if smoke else 15):
            before = time.monotonic()
            answer = farm.api("list", **options)
            times.append((time.monotonic() - before) * 1e3)
        median = statistics.median(times)
        print(f"list of {count} proxies, {what}: {median:.1f} ms, {len(answer.body)} bytes, "
              f"{answer.json['count']} rows")
        if median >= MANY_MS:
            missed.append(f"{what}: {median:.1f} ms")
    return missed


def main():
    smoke = "--smoke" in sys.argv
    os.sched_setaffinity(0, {LOAD_CORE})
    folder = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"airlane-bench-api-{os.getpid()}"
    folder.mkdir()
    try:
        with Farm(dongles=4, workers=1, binary=server_binary(folder)) as farm:
            missed = measure_rate(farm, smoke) + measure_many(farm, smoke)
    finally:
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    for line in missed:
        print("missed:", line, file=sys.stderr)
    return 1 if missed and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
