"""What becomes of the pilot when lists, seats, releases or the size of the county change.

`python -m benchmarks.variants [NAME ...]` plays `xuanke demo` with each variant, in a process of its
own, and prints the table of the README; `--add` adds a row per variant to RESULTS.md. What is told
is read from the account that the demo prints, so it is what anybody sees who types the command.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import rows

VARIANTS: dict[str, tuple[str, ...]] = {
    "as it is": (),
    "lists of 3": ("--lists", "3"),
    "seats for 1.1 x demand": ("--supply", "1.1"),
    "release cap 10 %": ("--release-cap", "10"),
    "release cap 0 %": ("--release-cap", "0"),
    "800 teachers": ("--scale", "2"),
    "4,000 teachers": ("--scale", "10"),
}


class NotTold(ValueError):
    """The demo's account lacks a line that every demo prints; `args` are what was looked for."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the demo told of one variant; `failed` are the promises that were not kept."""

    status: int
    figures: dict[str, float]
    failed: tuple[str, ...]
    digests: tuple[str, ...]


def read(account: str, status: int = 0) -> Told:
    """Return the figures in the account of a demo, told in English.

    Raises
    ------
    NotTold
        If a figure is missing, so that a changed wording cannot leave a cell empty.
    """
    failed = tuple(re.findall(r"^(i\d+) FAILED", account, re.M))
    if "i13 ok  release cap 0 %" in account:
        named = _found(r"schools named: (.*?)\. This", account).split(", ")
        return Told(status, {"schools_named": len(named)}, failed, ())
    come, ours = _found(r"^ *Teachers short of .*? {3,}([\d.]+) \(.*?\) +(\d+)$", account).split()
    rounds = re.findall(
        r"^Round \d: .*?(\d+) assigned ones .*? within (\S+) of the bound.* solved in ([\d.]+) s",
        account,
        re.M,
    )
    if len(rounds) != 2:
        raise NotTold("Round 1 and Round 2")
    figures = {
        "short_first_come": float(come),
        "short": float(ours),
        "assigned": float(sum(int(assigned) for assigned, _, _ in rounds)),
        "closed": float(_found(r"^Sections that do not open \((\d+)\)", account)),
        "gap_percent": float(rounds[0][1].rstrip("%")),
        "round_1_seconds": float(rounds[0][2]),
        "round_2_seconds": float(rounds[1][2]),
    }
    digests = _found(r"^i11 \w+ .*\((\w+)(?:, |、)(\w+)\)$", account)
    return Told(status, figures, failed, tuple(digests.split()))


def _found(pattern: str, account: str) -> str:
    found = re.search(pattern, account, re.M)
    if found is None:
        raise NotTold(pattern)
    return " ".join(found.groups())


def play(name: str) -> Told:
    """Run one variant of the demo, with the seconds and the load beside what it told."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", "demo", "--lang", "en",
             "--out", folder, *VARIANTS[name]],
            capture_output=True, text=True, check=False, cwd=Path(__file__).parents[1],
        )  # fmt: skip
    if done.returncode not in (0, 1):
        raise NotTold(done.stderr[-2000:])
    told = read(done.stdout, done.returncode)
    told.figures["demo_seconds"] = time.perf_counter() - begun
    told.figures["load_of_the_machine"] = os.getloadavg()[0]
    return told


def line(name: str, told: Told) -> str:
    """Return the row of the README's table."""
    command = " ".join(("xuanke demo", *VARIANTS[name]))
    of = told.figures
    if "schools_named" in of:
        cells = f"infeasible: names {of['schools_named']:.0f} schools | – | – | –"
        return f"| {name} | `{command}` | {cells} | {of['demo_seconds']:.0f} s in all |"
    return (
        f"| {name} | `{command}` | {of['short_first_come']:g} / {of['short']:.0f} "
        f"| {of['assigned']:.0f} | {of['closed']:.0f} | {of['gap_percent']:.3f} % "
        f"| {of['round_1_seconds']:.0f} s + {of['round_2_seconds']:.0f} s |"
    )


def tables() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield a row for every variant, with how many promises were not kept."""
    yield from (_row(name, play(name)) for name in VARIANTS)


def _row(name: str, told: Told) -> tuple[str, dict[str, float]]:
    return f"demo, {name}", told.figures | {"promises_not_kept": len(told.failed)}


def main(arguments: Sequence[str] | None = None) -> None:
    """Play the variants that are asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.variants", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(VARIANTS))
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    asked = parser.parse_args(arguments)
    if unknown := set(asked.names) - VARIANTS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(VARIANTS)}")
    for name in asked.names or VARIANTS:
        told = play(name)
        if asked.add:
            rows.add(*_row(name, told))
        kept = "all promises kept" if not told.failed else f"NOT kept: {', '.join(told.failed)}"
        digests = " ".join(each[:12] for each in told.digests)
        sys.stderr.write(f"{name}: exit {told.status}, {kept} {digests}\n")
        sys.stdout.write(line(name, told) + "\n")


if __name__ == "__main__":
    main()
