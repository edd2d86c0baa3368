"""What a process uses."""
import os
import pathlib
import re

from farm import is_sanitized, run


def memory_of(pid):
    """Resident bytes of a process that are its own, not the files' that it has mapped; 0 where they
    would be a sanitizer's."""
    if is_sanitized():
        return 0
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", text)[1]) * 1024


def kernel_memory_of(pid):
    """What the kernel holds in a process's TCP sockets: received and not read, sent and not taken."""
    lines = [line for line in run("ss", "-tmnpHO").splitlines() if f"pid={pid}," in line]
    held = re.compile(r"skmem:\(r(\d+),.*?,w(\d+),")
    return sum(int(number) for line in lines for number in held.search(line).groups())


def descriptors_of(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds_of(pid):
    """User's and system's, in steps of 10 ms."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
