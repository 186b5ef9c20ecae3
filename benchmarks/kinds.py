"""Every shipped kind of round at one size and effort, worst kind first.

`python -m benchmarks.kinds [--teachers 5000] [--effort standard] [--seeds 0 1 2 3 4]
[--tiers merged]`. Each round runs in a process of its own, by the command anybody can type. A line on
standard error tells of each round as it ends; the table at the end tells of each kind its worst gap
first. `--add` adds a row per kind to RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks import engine, rows
from matching.generate import TIERS

KINDS = (
    "county",
    "county-minima",
    "province",
    "huge",
    "tiny",
    "ties",
    "thin",
    "long",
    "every-rule",
)
SEEDS = (0, 1, 2, 3, 4)
COLUMNS = (
    "kind", "worst gap %", "all gaps %", "optimal", "compile + solve s", "cpu s", "peak MB",
    "verified",
)  # fmt: skip


def seconds_of(found: dict[str, Any]) -> float:
    """Return what compiling and solving took."""
    return float(found["seconds"]["compile"] + found["seconds"]["solve"])


def gap_of(found: dict[str, Any]) -> float:
    """Return the gap in percent; infinite where nothing is proved."""
    return float("inf") if found["gap"] is None else 100 * float(found["gap"])


def figures_of(found: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Return the row of one kind: the worst of its seeds, and how many are proved and verified."""
    checked = [each["verified"] for each in found if each["verified"] is not None]
    return {
        "worst_gap_percent": max(map(gap_of, found)),
        "first_gap_percent": gap_of(found[0]),
        "proved_optimal": sum(each["status"] == "optimal" for each in found),
        "seeds": len(found),
        "compile_and_solve_seconds": max(map(seconds_of, found)),
        "cpu_seconds": max(each["cpu_seconds"] for each in found),
        "peak_mb": max(each["peak_mb"] for each in found),
        "verified": sum(checked) if checked else float("nan"),
        "load_of_the_machine": os.getloadavg()[0],
    }


def table(kinds: dict[str, Sequence[dict[str, Any]]]) -> Iterable[str]:
    """Yield the lines of a table, worst kind first."""
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---" * len(COLUMNS) + "|"
    told = {kind: figures_of(found) for kind, found in kinds.items()}
    for kind in sorted(told, key=lambda each: -told[each]["worst_gap_percent"]):
        found, of = kinds[kind], told[kind]
        gaps = " ".join(f"{gap_of(each):.4f}" for each in found)
        cells = (
            kind, f"{of['worst_gap_percent']:.4f}", gaps, f"{of['proved_optimal']}/{len(found)}",
            f"{of['compile_and_solve_seconds']:.1f}", f"{of['cpu_seconds']:.1f}",
            f"{of['peak_mb']:.0f}", f"{of['verified']:g}/{len(found)}",
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def measured(
    kind: str,
    teachers: int,
    seeds: Iterable[int],
    effort: str,
    tiers: str = "merged",
    *,
    recheck: bool,
) -> list[dict[str, Any]]:
    """Return what every seed of a kind came to, told on standard error as it ends."""
    found = []
    for seed in seeds:
        one = engine.one(kind, teachers, seed, effort, tiers, recheck=recheck)
        found.append(one)
        sys.stderr.write(
            f"{kind} {teachers:,}, {tiers}, {effort}, seed {seed}: {one['status']}, "
            f"gap {gap_of(one):.4f} %, {seconds_of(one):.1f} s, {one['cpu_seconds']:.1f} CPU s, {one['peak_mb']:.0f} MB, "
            f"verified {one['verified']}, load {os.getloadavg()[0]:.1f}\n"
        )
    return found


EVERY = (
    *((kind, 500, "standard", "merged") for kind in KINDS),
    *((kind, 5_000, "standard", "merged") for kind in KINDS),
    ("county", 1_000, "standard", "merged"),
    ("county", 5_000, "long", "merged"),
    ("county", 5_000, "standard", "hours-first"),
    ("county", 5_000, "standard", "default"),
    ("province", 10_000, "standard", "merged"),
)
"""What `python -m benchmarks kinds` measures."""


def tables() -> Iterable[tuple[str, dict[str, float]]]:
    """Yield a row for every kind at the published sizes and efforts."""
    for kind, teachers, effort, tiers in EVERY:
        found = measured(kind, teachers, SEEDS, effort, tiers, recheck=True)
        yield name_of(kind, teachers, effort, SEEDS, tiers), figures_of(found)


def name_of(
    kind: str, teachers: int, effort: str, seeds: Sequence[int], tiers: str = "merged"
) -> str:
    """Return what a row is of."""
    told = "" if tiers == "merged" else f", {tiers} tiers"
    return f"{kind} {teachers:,}, {effort}{told}, worst of {len(seeds)} seeds"


def main() -> None:
    """Measure every kind that is asked for and show the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kinds", description=__doc__)
    parser.add_argument("--teachers", type=int, default=5_000)
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--kinds", nargs="+", default=KINDS, choices=KINDS)
    parser.add_argument("--tiers", default="merged", choices=tuple(TIERS))
    parser.add_argument("--no-verify", action="store_true", help="leave the files unchecked")
    parser.add_argument("--add", action="store_true", help="add a row per kind to RESULTS.md")
    asked = parser.parse_args()
    recheck = not asked.no_verify
    found: dict[str, Sequence[dict[str, Any]]] = {}
    for kind in asked.kinds:
        round_ = kind, asked.teachers, asked.seeds, asked.effort
        found[kind] = measured(*round_, asked.tiers, recheck=recheck)
        if asked.add:
            name = name_of(kind, asked.teachers, asked.effort, asked.seeds, asked.tiers)
            rows.add(name, figures_of(found[kind]))
    sys.stdout.write("\n".join(table(found)) + "\n")


if __name__ == "__main__":
    main()
