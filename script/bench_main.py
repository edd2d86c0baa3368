"""What script/bench runs: who does which work, in rounds, and what is written down about it."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

from bench_network import BENCH, FIRST_CORE, NETWORKS, Outside, note
from bench_subjects import OWN, Given, parse_given
from bench_peers import PEERS

# Work, n, further options of airlane-bench, further keys of the row.
QUICK = [
    *[(work, n, [], {}) for work in ("down", "up") for n in (1, 16, 128)],
    ("connect", 64, [], {}),
    ("ping", 1, [], {}),
    ("ping", 64, [], {}),
    ("idle", 5000, [], {}),
    ("http", 64, [], {"size": 1000}),
    ("http", 64, ["--large"], {"size": 100_000}),
    ("udp", 16, [], {"size": 512}),
]
FULL = [
    *QUICK,
    ("idle", 20_000, [], {}),
    ("stalled", 100, [], {}),
    ("down", 16, ["--stalled", "1000"], {"stalled": 1000}),
    ("ping", 64, ["--stalled", "1000"], {"stalled": 1000}),
]
FRESH = {"idle", "stalled"}  # Memory is measured on a server that has done nothing else.


def parse(arguments):
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds of the main works")
    parser.add_argument("--only", help="subjects, separated by commas")
    parser.add_argument("--work", help="works, separated by commas: down up connect ping ...")
    parser.add_argument("--n", help="only these numbers of streams, separated by commas")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of one measurement")
    parser.add_argument("--warmup", type=float)
    parser.add_argument("--network", default=None, help="loopback, veth or both by a comma")
    parser.add_argument("--json", type=pathlib.Path, help="where the rows go")
    parser.add_argument("--docs", type=pathlib.Path, help="also write the tables and plots there")
    parser.add_argument("--proxy", action="append", default=[], metavar="NAME=URL,run=COMMAND",
                        help="another proxy, started by us; or pid=N of one that is running")
    parser.add_argument("--no-install", action="store_true", help="leave out what is missing")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--packages", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.given = [parse_given(text) for text in options.proxy]
    options.rounds = options.rounds or 3
    options.seconds = options.seconds or (1.0 if options.quick else 3.0)
    options.warmup = options.warmup or (0.3 if options.quick else 0.5)
    options.network = (options.network or ("loopback" if options.quick else "loopback,veth")).split(",")
    known = {subject.name: subject for subject in [*OWN, *PEERS]}
    chosen = options.only.split(",") if options.only else [
        *known, *(name for name, *_ in options.given)]
    given = {name for name, *_ in options.given}
    for name in chosen:
        if name not in known and name not in given:
            raise SystemExit(f"bench: there is no subject {name}; known: {', '.join(known)}")
    options.classes = [known[name] for name in chosen if name in known]
    if any(not entry[2] and not entry[3] for entry in options.given):
        raise SystemExit("bench: --proxy needs pid= or run=: what would its cost be?")
    options.given = [entry for entry in options.given if entry[0] in chosen or not options.only]
    works = QUICK if options.quick else FULL
    if options.work:
        chosen = options.work.split(",")
        works = [row for row in (FULL if "stalled" in chosen else works) if row[0] in chosen]
    if options.n:
        works = [row for row in works if str(row[1]) in options.n.split(",")]
    options.works = works
    return options


def measure(network, subject, protocol, work, n, extra, options):
    """One round of one work: what airlane-bench printed, or None with the reason on stderr."""
    command = [*network.load_prefix, "taskset", "-c", str(FIRST_CORE), str(BENCH), "load", work,
               "--proxy", subject.url(protocol), "--target", network.target, "-n", str(n),
               "--seconds", str(options.seconds), "--warmup", str(options.warmup),
               "--pid", str(subject.pid), *extra]
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          timeout=180 + options.seconds)
    if done.returncode != 0:
        note(f"bench: {subject.name} {protocol} {work} {n}: {done.stderr.strip()[-300:]}")
        return None
    result = json.loads(done.stdout)
    if result["value"] <= 0 and work not in FRESH:
        note(f"bench: {subject.name} {protocol} {work} {n}: nothing came through")
        return None
    return result


def row_of(network, subject, protocol, work, n, keys, rounds):
    """The median of each number; the spread of the value and its cost."""
    row = {"subject": subject.name, "protocol": protocol, "work": work, "n": n}
    for name in ("value", "unit", "cpu", "cpu_unit", "p50", "p99", "p99.9"):
        seen = [one[name] for one in rounds if name in one]
        row[name] = None if not seen else (
            seen[0] if isinstance(seen[0], str) else statistics.median(seen))
    row["rounds"] = len(rounds)
    row["network"] = network.name
    row["spread"] = [min(one["value"] for one in rounds), max(one["value"] for one in rounds)]
    if row["cpu"] is not None:
        row["cpu_spread"] = [min(one["cpu"] for one in rounds), max(one["cpu"] for one in rounds)]
    for name in sorted({name for one in rounds for name in one} - set(row) - {"seconds"}):
        row[name] = statistics.median(one.get(name, 0) for one in rounds)
    return row | keys


def run_network(network, subjects, options, rows):
    alive = []
    try:
        for subject in subjects:
            try:
                subject.start()
                alive.append(subject)
            except (AssertionError, OSError, subprocess.SubprocessError) as error:
                note(f"bench: {subject.name} is left out: {error}")
        for work, n, extra, keys in options.works:
            run_work(network, alive, work, n, extra, keys, options, rows)
    finally:
        for subject in alive:
            subject.stop()


def run_work(network, subjects, work, n, extra, keys, options, rows):
    cells = [(subject, protocol) for subject in subjects for protocol in subject.protocols
             if work in subject.works[protocol]]
    results = {cell: [] for cell in cells}
    rounds = 1 if work in FRESH and options.quick else options.rounds
    for _ in range(rounds):
        for cell in list(cells):
            subject, protocol = cell
            if work in FRESH:
                subject.stop()
                subject.start()
            result = measure(network, subject, protocol, work, n, extra, options)
            if result is None:
                cells.remove(cell)  # It will not do better the next time.
            else:
                results[cell].append(result)
    for (subject, protocol), seen in results.items():
        if seen:
            rows.append(row_of(network, subject, protocol, work, n, keys, seen))
            show(rows[-1])


def show(row):
    cpu = "" if row["cpu"] is None else f"{row['cpu']:10.3f} {row['cpu_unit']}"
    latency = "" if row["p50"] is None else f"  p50 {row['p50']:.0f} p99 {row['p99']:.0f} us"
    more = "".join(f" {key}={row[key]:g}" for key in ("size", "stalled") if key in row)
    note(f"{row['network']:9}{row['subject']:14}{row['protocol']:8}{row['work']:8}{row['n']:6}"
         f"{row['value']:12.3f} {row['unit']:15}{cpu}{latency}{more}")


def main():
    options = parse(sys.argv[1:])
    if options.check:
        return
    if options.packages:
        if not options.no_install:
            for package in sorted({package for kind in options.classes if not kind.installed()
                                   for package in kind.packages}):
                print(package)
        return
    began = time.monotonic()
    rows = []
    running = [entry for entry in options.given if not entry[3]]
    started = [entry for entry in options.given if entry[3]]
    for name in options.network:
        with NETWORKS[name]() as network:
            subjects = [kind(network) for kind in options.classes if name in kind.networks]
            if name == "loopback":
                subjects += [Given(network, *entry) for entry in started]
            run_network(network, subjects, options, rows)
    for entry in running:
        with Outside(f"/proc/{entry[2]}/ns/net") as network:
            run_network(network, [Given(network, *entry)], options, rows)
    if options.json:
        options.json.write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
    note(f"bench: {len(rows)} rows in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    os.umask(0o022)
    main()
