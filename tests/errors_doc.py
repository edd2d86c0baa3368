#!/usr/bin/env python3
"""docs/errors.md against base/error.cc: every label has one row there, with the right HTTP status and
Proxy-Status error, and every row a label that exists. Prints what differs, and exits 1 if anything
does."""
import pathlib
import re
import sys


def answers(text, function):
    """{enumerator: literal} of a switch in error.cc that returns numbers or strings."""
    body = re.search(rf"\b{function}\(Errc code\) noexcept {{(.*?)\n}}", text, re.DOTALL)[1]
    found, waiting = {}, []
    for name, value in re.findall(r"case Errc::(\w+):|return ([^;]+);", body):
        if name:
            waiting.append(name)
        else:
            found |= {one: value.strip('"') for one in waiting}
            waiting = []
    return found


def main():
    root = pathlib.Path(sys.argv[1])
    source = (root / "base/error.cc").read_text()
    labels, statuses, types = (answers(source, function) for function in
                               ("metric_label", "http_status", "proxy_status"))
    wanted = {label: (statuses[code], types[code]) for code, label in labels.items()}
    rows = {}
    problems = []
    for line in (root / "docs/errors.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 5 or not cells[1].isdigit():
            continue
        label = cells[4].strip("`")
        if label in rows:
            problems.append(f"{label} has two rows")
        rows[label] = (cells[1], cells[2].strip("`"))
    if len(wanted) < 20:
        problems.append("base/error.cc is not understood any more")
    for label in sorted(wanted.keys() | rows.keys()):
        if wanted.get(label) != rows.get(label):
            problems.append(f"{label}: base/error.cc says {wanted.get(label)}, docs/errors.md "
                            f"{rows.get(label)}")
    for problem in problems:
        print("docs/errors.md:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
