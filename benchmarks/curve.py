"""How cost grows with teachers: one kind at several sizes, and the exponent of the fitted power.

`python -m benchmarks.curve [--kind province] [--sizes 1000 10000 100000] [--effort standard]`; with
`--million` a million teachers as well. Each round runs in a process of its own. The exponent is the
slope of the line through the logarithms (least squares), of CPU seconds and of memory; between two
neighbouring sizes it is told apart, because a constant part flattens the small end. `--add` adds
the rows to RESULTS.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from benchmarks import engine, rows
from benchmarks.kinds import gap_of, seconds_of

SIZES, MILLION = (1_000, 10_000, 100_000), 1_000_000


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the power of the size that fits the costs best, on logarithms."""
    x, y = np.log(np.asarray(sizes, float)), np.log(np.asarray(costs, float))
    x, y = x - x.mean(), y - y.mean()
    return float((x @ y) / (x @ x))


def tables(
    kind: str, sizes: Sequence[int], effort: str, seed: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield a row for every size, then one with the exponents."""
    cpu, memory = [], []
    for teachers in sizes:
        found = engine.one(kind, teachers, seed, effort, recheck=False)
        cpu.append(found["cpu_seconds"])
        memory.append(found["peak_mb"])
        yield (
            f"cost curve, {kind} {teachers:,}, {effort}, seed {seed}",
            {
                "gap_percent": gap_of(found),
                "compile_and_solve_seconds": seconds_of(found),
                "cpu_seconds": cpu[-1],
                "cpu_ms_per_teacher": 1000 * cpu[-1] / teachers,
                "peak_mb": memory[-1],
                "load_of_the_machine": os.getloadavg()[0],
            },
        )
    if len(sizes) > 1:
        steps = [
            exponent(*zip(*pair, strict=True)) for pair in pairwise(zip(sizes, cpu, strict=True))
        ]
        yield (
            f"cost curve, {kind}, {effort}, exponents from {sizes[0]:,} to {sizes[-1]:,}",
            {
                "cpu_exponent": exponent(sizes, cpu),
                **{
                    f"cpu_exponent_{small:,}_to_{large:,}": step
                    for (small, large), step in zip(pairwise(sizes), steps, strict=True)
                },
                "memory_exponent": exponent(sizes, memory),
            },
        )


def every_size() -> Iterator[tuple[str, dict[str, float]]]:
    """Yield the rows of the whole curve, a million teachers last."""
    yield from tables("province", (*SIZES, MILLION), "standard", 1)


def main() -> None:
    """Measure and show, or add, every row."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.curve", description=__doc__)
    parser.add_argument("--kind", default="province")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--million", action="store_true", help="a million teachers as well")
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    asked = parser.parse_args()
    sizes = sorted({*asked.sizes, *((MILLION,) if asked.million else ())})
    for name, figures in tables(asked.kind, sizes, asked.effort, asked.seed):
        (rows.add if asked.add else rows.show)(name, figures)


if __name__ == "__main__":
    main()
