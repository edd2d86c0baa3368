"""What Airlane must reach, as ratios of medians of one run. A criterion of which a subject was not
measured is left out."""


def peers(rows, work):
    """All but ours, the bare relays and what has no proxy."""
    return [who for who in rows.who({work}) if not who[0].startswith(("airlane", "relay", "direct"))]


def cost(row):
    return row and row["cpu"]


def value(row):
    return row and row["value"]


class Verdicts:
    def __init__(self, rows):
        self.rows = rows
        self.list = []

    def add(self, text, ours, theirs, least=None, most=None):
        if not ours or not theirs:
            return
        ratio = ours / theirs
        wanted = f"at least {least}" if least is not None else f"at most {most}"
        reached = ratio >= least if least is not None else ratio <= most
        self.list.append((text, ratio, wanted, reached))

    def absolute(self, text, ours, most):
        if ours is not None:
            self.list.append((text, ours, f"at most {most}", ours <= most))

    def bulk(self):
        find = self.rows.find
        for protocol in ("socks5", "connect"):
            for way in ("down", "up"):
                for n in (1, 16, 128):
                    ours, relay = find("airlane", protocol, way, n), find("relay-splice", "tcp", way, n)
                    what = f"relay-splice: {way} {n}, {protocol}"
                    self.add(f"{what}, bytes per second", value(ours), value(relay), least=0.95)
                    self.add(f"{what}, CPU per GB", cost(ours), cost(relay), most=1.10)
        for way in ("down", "up"):
            for n in (1, 16, 128):
                others = [cost(find(*who, way, n)) for who in peers(self.rows, way)]
                least = min(filter(None, others), default=None)
                self.add(f"the best peer: {way} {n}, CPU per GB", cost(find("airlane", "socks5", way, n)),
                         least, most=1.0)

    def connections(self):
        find = self.rows.find
        relay = find("relay-copy", "tcp", "connect", 64)
        for protocol, most in (("socks5", 1.35), ("connect", 1.25)):
            self.add(f"relay-copy: connections, {protocol}, CPU", cost(
                find("airlane", protocol, "connect", 64)), cost(relay), most=most)
        rates = [value(find(*who, "connect", 64)) for who in peers(self.rows, "connect")
                 if who[1] != "tcp"]
        self.add("the best peer: connections per second", value(find("airlane", "socks5", "connect", 64)),
                 max(filter(None, rates), default=None), least=1.0)

    def ping(self):
        find = self.rows.find
        ours, relay = find("airlane", "socks5", "ping", 64), find("relay-copy", "tcp", "ping", 64)
        self.add("relay-copy: 64 round trips, rate", value(ours), value(relay), least=0.97)
        self.add("relay-copy: 64 round trips, p99", ours and ours["p99"], relay and relay["p99"], most=1.1)
        others = [value(find(*who, "ping", 64)) for who in peers(self.rows, "ping")]
        self.add("the best peer: 64 round trips, rate", value(ours), max(filter(None, others),
                                                                         default=None), least=1.0)
        lone, relay = find("airlane", "socks5", "ping", 1), find("relay-copy", "tcp", "ping", 1)
        self.add("relay-copy: lone tunnel, p50", lone and lone["p50"], relay and relay["p50"], most=1.0)
        busy = find("airlane-busy", "socks5", "ping", 1)
        self.add("relay-copy: lone tunnel, p50, with busy polling", busy and busy["p50"],
                 relay and relay["p50"], most=0.5)

    def memory(self):
        for row in self.rows.rows:
            if row["subject"] == "airlane" and row["work"] == "idle" and row["protocol"] == "socks5":
                self.absolute(f"user KiB per idle tunnel at {row['n']:,}", row["value"], 0.8)
                self.absolute("descriptors per idle tunnel", round(row["descriptors"], 1), 2)
        ours = self.rows.find("airlane", "socks5", "stalled", 100)
        base = self.rows.find("direct", "tcp", "stalled", 100)
        if ours and base:
            self.absolute("user KiB per stalled reader", ours["value"], 128)
            self.absolute("kernel MB per stalled reader", (ours["tcp_kib"] - base["tcp_kib"]) * 1.024e-3,
                          1.5)
        find = self.rows.find
        for work, n in (("down", 16), ("ping", 64)):
            self.add(f"itself without 1,000 stalled readers: {work} {n}",
                     value(find("airlane", "socks5", work, n, stalled=1000)),
                     value(find("airlane", "socks5", work, n)), least=0.9)

    def veth(self):
        find = self.rows.find
        for way in ("down", "up"):
            ours = value(find("airlane", "socks5", way, 16, network="veth"))
            for subject, protocol, least in (("relay-splice", "tcp", 0.93), ("hev", "socks5", 1.25)):
                self.add(f"{subject}: NIC-like, {way} 16, bytes per second", ours,
                         value(find(subject, protocol, way, 16, network="veth")), least=least)

    def everything_on(self):
        find = self.rows.find
        for way in ("down", "up"):
            self.add(f"itself with everything off: {way} 16, bytes per second",
                     value(find("airlane", "socks5", way, 16)),
                     value(find("airlane-open", "socks5", way, 16)), least=0.97)
        on = cost(find("airlane", "connect", "connect", 64))
        off = cost(find("airlane-open", "connect", "connect", 64))
        if on and off:
            self.absolute("us per connection more than with everything off", 1000 * (on - off), 5)

    def http(self):
        find = self.rows.find
        for size in (1000, 100_000):
            ours = cost(find("airlane", "http", "http", 64, size=size))
            for subject, protocol, least in (("trafficserver", "http", 1.5), ("haproxy-http", "tcp", 1.0)):
                theirs = cost(find(subject, protocol, "http", 64, size=size))
                self.add(f"{subject}: requests of {size // 1000} KB per CPU second", theirs, ours,
                         least=least)

    def udp(self):
        others = [cost(self.rows.find(*who, "udp", 16)) for who in peers(self.rows, "udp")]
        self.add("the best peer: datagrams per CPU second", min(filter(None, others), default=None),
                 cost(self.rows.find("airlane", "udp", "udp", 16)), least=2.0)

    def workers(self):
        find = self.rows.find
        for work, n in (("connect", 64), ("down", 16), ("up", 16)):
            self.add(f"one worker: CPU per unit with two, {work} {n}",
                     cost(find("airlane-2workers", "socks5", work, n)),
                     cost(find("airlane", "socks5", work, n)), most=1.11)


def verdicts(rows):
    """[(what, measured, wanted, reached)]"""
    all_of = Verdicts(rows)
    for part in (all_of.bulk, all_of.connections, all_of.ping, all_of.memory, all_of.veth,
                 all_of.everything_on, all_of.http, all_of.udp, all_of.workers):
        part()
    return all_of.list
