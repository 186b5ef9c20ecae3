"""What it takes anybody to recheck a round: `python -m benchmarks.recheck [TEACHERS ...] [--add]`.

A province is drawn, solved with the quick schedule and written by one process; then
`matching/verify.py` rechecks the files with one process and with two, as anybody would. Memory is that
of the largest process. The CPU seconds of a million teachers are those of the rounds before, in
proportion to teachers, and are marked as such.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import rows

VERIFY = Path(__file__).parents[1] / "matching" / "verify.py"
SIZES = (5_000, 20_000)
MILLION = 1_000_000


def draw(teachers: int, place: Path) -> None:
    """Draw a province, solve it and write both into a folder."""
    from matching import files
    from matching.generate import generate
    from matching.settings import Settings
    from matching.solve import solve

    instance = generate("province", teachers, 1)
    files.write_instance(instance, place)
    files.write_result(solve(instance, Settings(effort="quick", reasons=False)), place)


def recheck(place: Path, teachers: int, jobs: int) -> dict[str, float]:
    """Return seconds and memory of one recheck."""
    command = [sys.executable, "-I", "-S", str(VERIFY), str(place), "--jobs", str(jobs)]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    return {
        "wall_seconds": time.perf_counter() - started,
        "cpu_seconds": cpu,
        "cpu_ms_per_teacher": 1000 * cpu / teachers,
        "peak_mb": used.ru_maxrss * 1024 / 1e6,
        "verified": float(process.returncode == 0),
        "load_of_the_machine": os.getloadavg()[0],
        "cpu_seconds_of_a_million_extrapolated": cpu * MILLION / teachers,
    }


def tables(sizes: tuple[int, ...] = SIZES) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield a row for every size and number of processes."""
    for teachers in sizes:
        with tempfile.TemporaryDirectory() as folder:
            drawing = [sys.executable, "-m", "benchmarks.recheck", "--draw", folder, str(teachers)]
            subprocess.run(drawing, check=True)
            for jobs in (1, 2):
                name = f"recheck a province of {teachers:,} (quick), --jobs {jobs}"
                yield name, recheck(Path(folder), teachers, jobs)


def main() -> None:
    """Measure and show, or add, every row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recheck", description=__doc__)
    parser.add_argument("teachers", type=int, nargs="*", default=SIZES)
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    parser.add_argument("--draw", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.draw:
        draw(asked.teachers[0], asked.draw)
        return
    for name, figures in tables(tuple(asked.teachers)):
        (rows.add if asked.add else rows.show)(name, figures)


if __name__ == "__main__":
    main()
