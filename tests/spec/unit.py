"""The rights that conf/airlane.service gives are enough: as another user than root, with the unit's
capabilities and no other, everything works; and nothing asks the kernel for a call, or a family of
addresses, for which systemd would end the server.

systemd itself is not asked: it wants to be the first process of a machine.
"""
import os
import pathlib
import re
import shutil
import signal
import sys
import unittest

from farm import AIRLANE, FIRST_PORT, Farm, Socks5, is_sanitized, run

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from load import ECHO  # noqa: E402
from packets import Capture  # noqa: E402
from socks_client import UdpAssociation  # noqa: E402
from tracer import lines_until_end, may_trace, tracer  # noqa: E402

UNIT = pathlib.Path(__file__).parents[2] / "conf" / "airlane.service"
NOBODY = 65534


def setting(name):
    """The words of a line of the unit."""
    return re.search(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)[1].split()


def calls_of(group):
    """The system calls of one of systemd's groups, and of those that it names."""
    calls = set()
    for line in run("systemd-analyze", "--no-pager", "syscall-filter", group).splitlines()[1:]:
        word = line.strip()
        if word.startswith("@"):
            calls |= calls_of(word)
        elif word and not word.startswith("#"):
            calls.add(word)
    return calls


def allowed_calls():
    words = setting("SystemCallFilter")
    # systemd adds @default to every list of what is allowed.
    groups = [calls_of(word) for word in words if word.startswith("@")] + [calls_of("@default")]
    return set().union(*groups) | {word for word in words if not word.startswith("@")}


class UnitFarm(Farm):
    """Its server has the unit's user and capabilities, and `before` is what starts it."""

    def __init__(self, before="", **options):
        super().__init__(**options)
        # Where it was built the user may not look.
        program = self.folder / "airlane"
        shutil.copy(AIRLANE, program)
        self.binary = self.folder / "starter"
        given, most = (",".join("+" + word.removeprefix("CAP_").lower() for word in setting(name))
                       for name in ("AmbientCapabilities", "CapabilityBoundingSet"))
        self.binary.write_text(f"""#!/bin/sh
chown -R {NOBODY}:{NOBODY} {self.folder}
exec {before} setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --no-new-privs \\
  --bounding-set=-all,{most} --inh-caps=-all,{given} --ambient-caps=-all,{given} \\
  --pdeathsig KILL {program} "$@"
""")
        self.binary.chmod(0o755)

    def pid_of_server(self):
        return self.admin("GET", "server").json["pid"]


class Unit(unittest.TestCase):
    def use(self, farm):
        """What needs rights, or calls that nothing else makes."""
        self.assertEqual(self.seen(farm), farm.external_ip(0))
        self.assertNotIn("WRONG", farm.cli("doctor", check=False))
        before = farm.external_ip(0)
        answer = farm.api("change_ip", id=farm.ids[0], show_old_ip="true", fp="windows-10").json
        self.assertEqual((answer["success"], answer["old_ip"]), (True, before), answer)
        with Capture() as capture:
            self.assertEqual(self.seen(farm), farm.external_ip(0))
            syn, *_ = capture.wait_for(lambda packet: packet.is_syn)
        self.assertEqual((syn.ttl, len(syn.options)), (128, 12))
        self.assertRegex(farm.cli("fp", "see", farm.ids[0]), "^4:128:0:1460:")
        with UdpAssociation() as association:
            association.send(b"datagram", *ECHO)
            self.assertEqual(association.receive(), (b"datagram", ECHO))
        client = Socks5(FIRST_PORT)
        client.log_in()
        self.assertEqual(client.connect(*ECHO), 0)
        client.close()
        backup = farm.folder / "copy.db"
        farm.cli("backup", backup)
        self.assertGreater(backup.stat().st_size, 0)
        pid = farm.pid_of_server()
        farm.cli("upgrade")
        self.assertNotEqual(farm.pid_of_server(), pid)
        self.assertEqual(self.seen(farm), farm.external_ip(0))

    def seen(self, farm):
        return farm.curl(farm.proxy_url(0), "http://ip.test/").strip()

    def test_its_user_and_capabilities_are_enough(self):
        with UnitFarm(dongles=1) as farm:
            self.use(farm)
            status = pathlib.Path(f"/proc/{farm.pid_of_server()}/status").read_text()
            self.assertRegex(status, rf"(?m)^Uid:\t{NOBODY}\t{NOBODY}\t{NOBODY}\t{NOBODY}$")
            held = {name: int(re.search(rf"{name}:\t(\w+)", status)[1], 16)
                    for name in ("CapEff", "CapBnd", "NoNewPrivs")}
            self.assertEqual(held["CapEff"], held["CapBnd"])
            self.assertEqual(held["CapEff"].bit_count(), len(setting("AmbientCapabilities")))
            self.assertEqual(held["NoNewPrivs"], 1)

    @unittest.skipIf(is_sanitized(), "a sanitizer has calls of its own, and wants no other tracer")
    @unittest.skipUnless(may_trace(), "the kernel lets nobody trace here")
    def test_nothing_asks_for_what_its_filters_would_end_the_server_for(self):
        not_allowed = "!" + ",".join("?" + call for call in allowed_calls() - {"socket"})
        with UnitFarm(dongles=1, before=tracer(not_allowed)) as farm:
            self.use(farm)
            last = farm.pid_of_server()
            os.kill(last, signal.SIGTERM)
            lines = lines_until_end(farm, last)
        families = [found[1] for line in lines if (found := re.search(r" socket\((\w+)", line))]
        self.assertGreater(len(families), 10, "it is traced")
        self.assertLessEqual(set(families), set(setting("RestrictAddressFamilies")))
        others = [line for line in lines if not re.search(r" socket\(|<... socket resumed>", line)]
        self.assertEqual(others, [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
