"""What script/bench runs: who does which work, in rounds, and what is written down about it."""
import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time

from bench_network import BENCH, FIRST_CORE, NETWORKS, Outside, note
from bench_subjects import OWN, Given, parse_given
from bench_peers import PEERS
import bench_report
from bench_works import choose


def parse(arguments):
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds of the main works")
    parser.add_argument("--only", help="subjects, separated by commas")
    parser.add_argument("--smoke", action="store_true",
                        help="the least of everything, to see that it works; numbers mean nothing")
    parser.add_argument("--work", help="works, separated by commas: down up connect ping ...")
    parser.add_argument("--n", help="only these numbers of streams, separated by commas")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--seconds", type=float, help="of one measurement")
    parser.add_argument("--warmup", type=float)
    parser.add_argument("--network", default=None, help="loopback, veth or both by a comma")
    parser.add_argument("--json", type=pathlib.Path, help="where the rows go")
    parser.add_argument("--docs", type=pathlib.Path, help="also write the tables and plots there")
    parser.add_argument("--report", type=pathlib.Path, metavar="JSON", action="append",
                        help="measure nothing: write --docs from the rows of earlier runs")
    parser.add_argument("--proxy", action="append", default=[], metavar="NAME=URL,run=COMMAND",
                        help="another proxy, started by us; or pid=N of one that is running")
    parser.add_argument("--no-install", action="store_true", help="leave out what is missing")
    parser.add_argument("--check", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--packages", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    options.given = [parse_given(text) for text in options.proxy]
    options.rounds = options.rounds or (1 if options.smoke else 3)
    options.seconds = options.seconds or (0.2 if options.smoke else 1.0 if options.quick else 2.0)
    options.warmup = options.warmup or (0.1 if options.smoke else 0.3 if options.quick else 0.5)
    options.network = (options.network or ("loopback" if options.quick else "loopback,veth")).split(",")
    for name in options.network:
        if name not in NETWORKS:
            raise SystemExit(f"bench: there is no network {name}; known: {', '.join(NETWORKS)}")
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
    options.works = choose(options.quick, options.smoke, options.work and options.work.split(","),
                           options.n and options.n.split(","))
    return options


def measure(network, subject, protocol, work, options):
    """One round of one work: what airlane-bench printed, or None with the reason on stderr."""
    command = [*network.load_prefix, "taskset", "-c", str(FIRST_CORE), str(BENCH), "load", work.name,
               "--proxy", subject.url(protocol), "--target", network.target, "-n", str(work.n),
               "--seconds", str(options.seconds), "--warmup", str(options.warmup),
               "--pid", str(subject.pid), *work.options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              timeout=180 + options.seconds)
    except subprocess.TimeoutExpired:
        done = subprocess.CompletedProcess(command, 1, "", "it never ended")
    what = f"bench: {network.name} {subject.name} {protocol} {work.name} {work.n}"
    if done.returncode != 0:
        note(f"{what}: {' '.join(done.stderr.split())[-300:]}")
        return None
    result = json.loads(done.stdout)
    if result["value"] <= 0 and not work.fresh:
        note(f"{what}: nothing came through")
        return None
    return result


def row_of(network, subject, protocol, work, rounds):
    """The median of each number; the spread of the value and its cost."""
    row = {"subject": subject.name, "protocol": protocol, "work": work.name, "n": work.n}
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
    return row | dict(work.keys)


def run_network(network, subjects, options, rows):
    """All works of a network, by all subjects that can be started."""
    alive = []
    try:
        for subject in subjects:
            if restart(subject):
                alive.append(subject)
            if subject.alone:
                subject.stop()
        for work in options.works:
            if network.name in (*work.networks, "outside"):
                run_work(network, alive, work, options, rows)
    finally:
        for subject in subjects:
            subject.stop()


def make_ready(subject, subjects, work):
    """Whether the subject is there to be measured."""
    if subject.alone and not subject.process:
        for other in subjects:
            if other.alone:
                other.stop()
    elif not work.fresh:
        return True
    return restart(subject)


def restart(subject):
    """Whether the subject runs now, with nothing behind it."""
    subject.stop()
    try:
        subject.start()
        return True
    except (AssertionError, OSError, subprocess.SubprocessError) as error:
        note(f"bench: {subject.name} is left out: {error}")
        return False


def run_work(network, subjects, work, options, rows):
    cells = [(subject, protocol) for subject in subjects for protocol in subject.protocols
             if work.name in subject.works[protocol]]
    if not work.peers:
        cells = [cell for cell in cells if not isinstance(cell[0], tuple(PEERS))]
    results = {cell: [] for cell in cells}
    for _ in range(1 if work.fresh else options.rounds):  # Memory is not a matter of luck.
        for cell in list(cells):
            subject, protocol = cell
            result = None
            if make_ready(subject, subjects, work):
                result = measure(network, subject, protocol, work, options)
            if result is None:
                cells.remove(cell)  # It will not do better the next time.
            else:
                results[cell].append(result)
    for (subject, protocol), seen in results.items():
        if seen:
            rows.append(row_of(network, subject, protocol, work, seen))
            show(rows[-1])
    save(rows, options.json)  # A run that is broken off leaves what it has.


def save(rows, path):
    if path:
        lines = ",\n".join(json.dumps(row) for row in rows)
        path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def read(paths):
    """The rows of some runs. Of two about the same, the later file's counts."""
    keys = ("network", "subject", "protocol", "work", "n", "size", "stalled")
    rows = [row for path in paths for row in json.loads(path.read_text(encoding="utf-8"))]
    return list({tuple(row.get(key) for key in keys): row for row in rows}.values())


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
    if options.report:
        bench_report.write(read(options.report), options.docs)
        return
    began = time.monotonic()
    rows = []
    running = [entry for entry in options.given if not entry[3]]
    started = [entry for entry in options.given if entry[3]]
    for name in options.network:
        with NETWORKS[name]() as network:
            subjects = [kind(network) for kind in options.classes if name in kind.networks]
            given = [Given(network, *entry) for entry in started]
            subjects += [subject for subject in given if name in subject.networks]
            run_network(network, subjects, options, rows)
    for entry in running:
        with Outside(f"/proc/{entry[2]}/ns/net") as network:
            run_network(network, [Given(network, *entry)], options, rows)
    save(rows, options.json)
    if options.docs:
        bench_report.write(rows, options.docs)
    note(f"bench: {len(rows)} rows in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    os.umask(0o022)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # So that everything is put away.
    main()
