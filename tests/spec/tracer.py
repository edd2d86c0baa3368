"""What a server asks the kernel for: strace, which stops it for nothing but that."""
import pathlib
import re
import subprocess

from farm import wait_until


def may_trace():
    done = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False)
    return done.returncode == 0


def tracer(calls):
    """What goes before a program in the starter of a farm's server. -D: what the farm has started
    is the server, and the tracer is its child."""
    return f"strace -D -f --seccomp-bpf -q -e signal=none -e 'trace={calls}' -o \"$0.trace\""


def lines_so_far(farm):
    text = pathlib.Path(f"{farm.binary}.trace").read_text()
    return [line for line in text.splitlines() if "+++ exited" not in line]


def lines_until_end(farm, pid):
    """Of all of them, when the process has ended."""
    trace = pathlib.Path(f"{farm.binary}.trace")
    end = re.compile(rf"(?m)^{pid} +[+]+ exited with 0")
    wait_until(lambda: end.search(trace.read_text()), what="the end of the trace")
    return lines_so_far(farm)
