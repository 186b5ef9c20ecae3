"""`make bench`: measure everything and add one row per figure to benchmarks/RESULTS.md.

`python -m benchmarks FAMILY ...` measures only some families of rows (`--list` names them); without
`--add` rows are shown and not written. Everything takes hours; kinds and curve take most of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from benchmarks import (
    adaptive,
    compact,
    curve,
    diagnosing,
    dry_runs,
    histories,
    http,
    importing,
    irt,
    kinds,
    lottery,
    menu_speed,
    menus,
    pilot,
    profiles,
    questions,
    recheck,
    rows,
    straight_ways,
    variants,
    writer,
)

Rows = Iterator[tuple[str, dict[str, float]]]


def _importing() -> Rows:
    yield "import 10,000 teachers", importing.run()


def _writer() -> Rows:
    yield writer.NAME, writer.run()


def _http() -> Rows:
    yield http.NAME, http.run()
    yield http.NAME_RUSH, http.rush()


def _pilot() -> Rows:
    problem = pilot.instance()
    for effort in ("quick", "standard"):
        yield f"pilot, round 1, {effort}", pilot.run(effort, problem)
    yield "pilot, round 1, compact model in CP-SAT", compact.run(problem, units=60)


def _dry_runs() -> Rows:
    for teachers, sections in ((1_000, 60), (8_000, 300)):
        yield from dry_runs.tables(teachers, sections, dry_runs.SEEDS)


def _menus() -> Rows:
    yield "menus: 8,000 x 300, speed", menu_speed.run()
    yield from menus.tables()


FAMILIES: dict[str, Callable[[], Rows]] = {
    "import": _importing,
    "writer": _writer,
    "http": _http,
    "kinds": kinds.tables,
    "curve": curve.every_size,
    "recheck": recheck.tables,
    "straight-ways": straight_ways.tables,
    "lottery": lottery.tables,
    "pilot": _pilot,
    "irt": irt.tables,
    "adaptive": adaptive.tables,
    "diagnosing": diagnosing.tables,
    "profiles": profiles.tables,
    "menus": _menus,
    "dry-runs": _dry_runs,
    "questions": questions.tables,
    "histories": histories.tables,
    "variants": variants.tables,
}


def main() -> None:
    """Run the families that are asked for, or all; rows that got worse stay."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("families", nargs="*", metavar="FAMILY", help=", ".join(FAMILIES))
    parser.add_argument("--list", action="store_true", help="name the families and end")
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    asked = parser.parse_args()
    if unknown := set(asked.families) - FAMILIES.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
    for family in asked.families or FAMILIES:
        if asked.list:
            sys.stdout.write(f"{family}\n")
            continue
        for name, figures in FAMILIES[family]():
            (rows.add if asked.add else rows.show)(name, figures)


if __name__ == "__main__":
    main()
