"""Tables, plots and verdicts from the rows of a run, written into docs/benchmarks.md.

What stands between the two markers of that file is ours; the text around them is kept.
"""
import os
import platform

from bench_plot import bars
from bench_verdict import verdicts

BEGIN = "<!-- what follows is written by script/bench -->"
END = "<!-- until here -->"
SKELETON = f"""# Benchmarks

{BEGIN}
{END}
"""


class Rows:
    """The rows of a run, found by what they are about."""

    def __init__(self, rows):
        self.rows = rows

    def find(self, subject, protocol, work, n, **keys):
        keys = {"network": "loopback", "stalled": None, "size": None} | keys
        for row in self.rows:
            same = (row["subject"], row["protocol"], row["work"], row["n"])
            if same == (subject, protocol, work, n) and all(
                    row.get(key) == value for key, value in keys.items() if value is not None or
                    key == "stalled"):
                return row
        return None

    def who(self, works, network="loopback"):
        """(subject, protocol) of all that did some of these works, Airlane and yardsticks first."""
        found = {(row["subject"], row["protocol"]): None for row in self.rows
                 if row["work"] in works and row.get("network") == network}
        first = ("airlane", "relay", "direct")
        return sorted(found, key=lambda who: not who[0].startswith(first))


def cell(row, name="value", digits=2):
    return "" if row is None or row.get(name) is None else f"{row[name]:,.{digits}f}"


def table(head, lines):
    kept = [line for line in lines if any(line[1:])]
    if not kept:
        return ""
    rule = "|".join("---" for _ in head)
    body = "\n".join("| " + " | ".join(line) + " |" for line in kept)
    return f"| {' | '.join(head)} |\n|{rule}|\n{body}\n"


def label(subject, protocol):
    return subject if protocol == "tcp" else f"{subject}, {protocol}"


def bulk(rows, network="loopback", counts=(1, 16, 128)):
    head = ["GB/s (CPU s/GB)"] + [f"{way} {n}" for way in ("down", "up") for n in counts]
    lines = []
    for who in rows.who({"down", "up"}, network):
        line = [label(*who)]
        for way in ("down", "up"):
            for n in counts:
                row = rows.find(*who, way, n, network=network)
                cpu = cell(row, "cpu", 3)
                line.append(cell(row) + (f" ({cpu})" if cpu else ""))
        lines.append(line)
    return table(head, lines)


def small(rows):
    head = ["", "connections/s", "CPU us each", "p50 us", "p99 us", "lone ping p50 us",
            "64 pings/s", "CPU us each", "p50 us", "p99 us", "p99.9 us"]
    lines = []
    for who in rows.who({"connect", "ping"}):
        connect = rows.find(*who, "connect", 64)
        lone, many = rows.find(*who, "ping", 1), rows.find(*who, "ping", 64)
        cpu = "" if connect is None or connect["cpu"] is None else f"{1000 * connect['cpu']:.1f}"
        lines.append([label(*who), cell(connect, digits=0), cpu, cell(connect, "p50", 0),
                      cell(connect, "p99", 0), cell(lone, "p50", 0), cell(many, digits=0),
                      cell(many, "cpu", 1), cell(many, "p50", 0), cell(many, "p99", 0),
                      cell(many, "p99.9", 0)])
    return table(head, lines)


def memory(rows):
    counts = sorted({row["n"] for row in rows.rows if row["work"] == "idle"})
    head = ["idle tunnels", *[part for n in counts for part in (
        f"RSS KiB each, {n:,}", "slab KiB each", "descriptors each", "RSS MiB before, with, closed, again")]]
    lines = []
    for who in rows.who({"idle"}):
        line = [label(*who)]
        for n in counts:
            row = rows.find(*who, "idle", n)
            levels = "" if row is None or who[0] == "direct" else ", ".join(
                f"{row[name] / 1024:.1f}" for name in
                ("rss_kib_before", "rss_kib", "rss_kib_closed", "rss_kib_second"))
            line += [cell(row), cell(row, "slab_kib", 1), cell(row, "descriptors", 1), levels]
        lines.append(line)
    return table(head, lines)


def stalled(rows):
    base = rows.find("direct", "tcp", "stalled", 100)
    head = ["100 stalled readers", "user KiB each", "kernel KiB each, without the ends' own",
            "machine's memory KiB each, all in all", "CPU us/s"]
    lines = []
    for who in rows.who({"stalled"}):
        row = rows.find(*who, "stalled", 100)
        net = "" if row is None or base is None or row is base else (
            f"{row['tcp_kib'] - base['tcp_kib']:,.0f}")
        lines.append([label(*who), cell(row, digits=1), net, cell(row, "available_kib", 0),
                      cell(row, "cpu", 0)])
    beside = [[label(*who), *[part for work, n in (("down", 16), ("ping", 64)) for part in (
        cell(rows.find(*who, work, n)), cell(rows.find(*who, work, n, stalled=1000)))]]
        for who in rows.who({"stalled"})]
    beside = [line for line in beside if line[2] or line[4]]
    return table(head, lines) + "\n" + table(
        ["1,000 of them beside others", "down 16 GB/s alone", "beside", "64 pings/s alone", "beside"],
        beside)


def http(rows):
    head = ["HTTP, keep-alive, 64 clients", "1 KB: requests/s", "CPU us", "p99 us",
            "100 KB: requests/s", "CPU us", "p99 us"]
    lines = [[label(*who), *[cell(rows.find(*who, "http", 64, size=size), name, digits)
                             for size in (1000, 100_000)
                             for name, digits in (("value", 0), ("cpu", 1), ("p99", 0))]]
             for who in rows.who({"http"})]
    return table(head, lines)


def udp(rows):
    head = ["UDP, 16 associations, 512 bytes", "datagrams/s", "CPU us each", "p50 us", "p99 us", "lost"]
    lines = []
    for who in rows.who({"udp"}):
        row = rows.find(*who, "udp", 16)
        lines.append([label(*who), cell(row, digits=0), cell(row, "cpu", 2), cell(row, "p50", 0),
                      cell(row, "p99", 0), cell(row, "lost", 0)])
    return table(head, lines)


def plots(rows, folder):
    """Writes the SVG files; the Markdown that shows them."""
    def chart(name, title, unit, work, n, number, digits, best_first, **keys):
        values = []
        for who in rows.who({work}):
            row = rows.find(*who, work, n, **keys)
            if row is not None and (value := number(row)) is not None and who[0] != "direct":
                values.append((label(*who), value))
        values.sort(key=lambda pair: pair[1], reverse=not best_first)
        if not values:
            return ""
        (folder / name).write_text(bars(title, unit, values, digits), encoding="utf-8")
        return f"![{title}]({name})\n"

    def cost(factor):
        return lambda row: None if row["cpu"] is None else factor * row["cpu"]
    return "\n".join(filter(None, [
        chart("benchmarks-bulk.svg", "CPU per GB, 16 streams down", "seconds, less is better", "down",
              16, cost(1), 3, True),
        chart("benchmarks-connect.svg", "CPU per connection", "us, less is better", "connect", 64,
              cost(1000), 0, True),
        chart("benchmarks-ping.svg", "Round trips of 64 tunnels", "per second, more is better", "ping",
              64, lambda row: row["value"], 0, False),
        chart("benchmarks-idle.svg", "Memory of an idle tunnel", "KiB, less is better", "idle", 5000,
              lambda row: row["value"], 1, True),
        chart("benchmarks-http.svg", "HTTP requests of 1 KB per CPU second", "more is better", "http",
              64, lambda row: row["cpu"] and 1e6 / row["cpu"], 0, False, size=1000),
    ]))


def verdict_table(rows):
    lines = [[text, f"{value:.2f}", target, "yes" if reached else "**no**"]
             for text, value, target, reached in verdicts(rows)]
    return table(["Airlane against", "measured", "wanted", "reached"], lines)


def section(title, text):
    return f"## {title}\n{text}\n" if text.strip() else ""


def write(rows, path):
    rows = Rows(rows)
    rounds = max(row["rounds"] for row in rows.rows)
    body = f"""
Kernel {platform.release()}, {os.cpu_count()} cores. Medians of {rounds} rounds; the spread of every number is in the JSON.
Each proxy runs on one core, and the load and the origin share the other. CPU is user and system time
of the proxy's processes. `socks5` and `connect` are with a password where the peer can check one;
subjects without a protocol are relays or servers with one fixed target.

{section("What was wanted", verdict_table(rows))}
{section("Bulk, loopback", bulk(rows))}
{section("Bulk, NIC-like (veth)", bulk(rows, "veth"))}
{section("Connections and round trips", small(rows))}
{section("Memory", memory(rows))}
{section("Stalled readers", stalled(rows))}
{section("HTTP forwarding", http(rows))}
{section("UDP", udp(rows))}
{section("Plots", plots(rows, path.parent))}"""
    text = path.read_text(encoding="utf-8") if path.exists() else SKELETON
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    while "\n\n\n" in body:
        body = body.replace("\n\n\n", "\n\n")
    path.write_text(before + BEGIN + "\n" + body.strip() + "\n" + END + after, encoding="utf-8")
