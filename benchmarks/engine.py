"""The engine on every shipped kind of round: gap, seconds by phase, memory, and what verify says.

`python -m benchmarks.engine [--large] [--add]`. Each round runs in a process of its own, by the
command anybody can type; the worst of the published seeds is told beside the first.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator

from benchmarks import rows

SEEDS = (1, 2, 3, 4, 5)
KINDS = ("county", "county-minima", "huge", "tiny", "ties", "thin", "long", "every-rule")
SIZES = (("county", 500, "standard"), ("county", 1_000, "standard"), ("county", 5_000, "long"))
LARGE = (("province", 10_000, "standard"), ("province", 100_000, "standard"),
         ("province", 1_000_000, "standard"))  # fmt: skip


def one(kind: str, teachers: int, seed: int, effort: str, *, recheck: bool = True) -> dict:
    """Return what the command tells of one round."""
    command = [sys.executable, "-m", "matching", "bench", kind, "--teachers", str(teachers)]
    command += ["--seed", str(seed), "--effort", effort, "--json"]
    if not recheck:
        command.append("--no-verify")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"{' '.join(command[1:])}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def row_of(kind: str, teachers: int, effort: str, seeds: tuple[int, ...], *, recheck: bool) -> dict:
    """Return one row over some seeds: the worst gap, time and memory, and how many verify accepts."""
    found = [one(kind, teachers, seed, effort, recheck=recheck) for seed in seeds]
    took = [each["seconds"]["compile"] + each["seconds"]["solve"] for each in found]
    first = found[0]
    return {
        "sections": first["sections"],
        "choices": first["arcs"],
        "rows": first["rows"],
        "worst_gap_percent": 100 * max(each["gap"] for each in found),
        "first_gap_percent": 100 * first["gap"],
        "compile_and_solve_seconds": max(took),
        "cpu_seconds": max(each["cpu_seconds"] for each in found),
        "generate_seconds": first["seconds"]["generate"],
        "peak_mb": max(each["peak_mb"] for each in found),
        "seeds": len(seeds),
        "verified": sum(bool(each["verified"]) for each in found) if recheck else float("nan"),
    }


def tables(*, large: bool) -> Iterator[tuple[str, dict]]:
    """Yield every row: each kind at 5,000, the county at other sizes, the province if asked."""
    for kind in KINDS:
        figures = row_of(kind, 5_000, "standard", SEEDS, recheck=True)
        yield f"{kind} 5,000, standard, worst of {len(SEEDS)} seeds", figures
    for kind, teachers, effort in SIZES:
        figures = row_of(kind, teachers, effort, SEEDS, recheck=True)
        yield f"{kind} {teachers:,}, {effort}, worst of {len(SEEDS)} seeds", figures
    for kind, teachers, effort in LARGE if large else ():
        figures = row_of(kind, teachers, effort, SEEDS[:1], recheck=teachers <= 10_000)
        yield f"{kind} {teachers:,}, {effort}, seed 1", figures


def main() -> None:
    """Measure and show, or add, every row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--large", action="store_true", help="the province up to a million as well")
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    asked = parser.parse_args()
    for name, figures in tables(large=asked.large):
        (rows.add if asked.add else rows.show)(name, figures)


if __name__ == "__main__":
    main()
