"""The works of a run: what airlane-bench is asked to do, how often, and by whom."""
import dataclasses

from farm import run


@dataclasses.dataclass(frozen=True)
class Work:
    name: str
    n: int
    options: tuple = ()       # Further ones of airlane-bench.
    keys: tuple = ()          # Further pairs of the row.
    networks: tuple = ("loopback",)
    peers: bool = True        # Whether the peers from Debian do it as well.

    @property
    def fresh(self):
        """Memory is measured on a server that has done nothing else."""
        return self.name in ("idle", "stalled")


def most_tunnels():
    """What descriptors allow a proxy that needs two for each."""
    return (int(run("prlimit", "--nofile", "--output=HARD", "--noheadings")) - 1000) // 2


def all_works():
    both = ("loopback", "veth")
    bulk = [Work(way, n, networks=both if n == 16 else ("loopback",))
            for way in ("down", "up") for n in (1, 16, 128)]
    quick = [
        *bulk,
        Work("connect", 64),
        Work("ping", 1),
        Work("ping", 64),
        Work("idle", 5000),
        Work("http", 64, keys=(("size", 1000),)),
        Work("http", 64, ("--large",), (("size", 100_000),)),
        Work("udp", 16, keys=(("size", 512),)),
    ]
    beside = ("--stalled", "1000")
    full = [
        *quick,
        Work("idle", min(20_000, most_tunnels()), peers=False),
        Work("stalled", 100),
        Work("down", 16, beside, (("stalled", 1000),), peers=False),
        Work("ping", 64, beside, (("stalled", 1000),), peers=False),
    ]
    return quick, full


def smallest(works):
    """The same for ctest: as little of each as still goes through everything."""
    least = 20

    def small(work):
        options = tuple(str(least) if option == "1000" else option for option in work.options)
        keys = tuple((key, least if key == "stalled" else value) for key, value in work.keys)
        return dataclasses.replace(work, n=min(work.n, least), options=options, keys=keys)
    return [small(work) for work in works]


def choose(quick, smoke, names, counts):
    """`names` and `counts` of None leave all."""
    short, full = all_works()
    works = short if quick else full
    if names:
        unknown = set(names) - {work.name for work in full}
        if unknown:
            raise SystemExit(f"bench: there is no work {', '.join(sorted(unknown))}")
        works = [work for work in (full if "stalled" in names else works) if work.name in names]
    if counts:
        works = [work for work in works if str(work.n) in counts]
    return smallest(works) if smoke else works
