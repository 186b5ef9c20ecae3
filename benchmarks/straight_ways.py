"""The engine against the straight ways on the same rounds, in the same run.

`python -m benchmarks.straight_ways [--teachers 500 5000] [--seeds 1] [--times 1 10]` lets CP-SAT,
SCIP and HiGHS solve the compact model for as long as the engine took (compile and solve), and for
ten times as long, and price-and-branch on the same bundles; then it holds the engine against min-cost
flow where that is exact. `--add` adds the rows to RESULTS.md.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import flows, peers, rows
from benchmarks.compact_model import program_of
from benchmarks.price_and_branch import price_and_branch
from matching import files, verify
from matching.bench import of_nothing
from matching.compile import compile_instance
from matching.generate import generate
from matching.instance import Instance
from matching.result import Result
from matching.settings import Settings
from matching.solve import solve

PEERS = {"CP-SAT": peers.cp_sat, "SCIP": peers.scip, "HiGHS": peers.highs}
SMALL, LARGE = (40, 100), (500, 5_000)
"""Teachers of the flow rounds: many small ones, few large ones."""


def against(
    teachers: int, seed: int, effort: str, times: Sequence[float]
) -> Iterator[tuple[str, dict]]:
    """Yield a row for the engine and one for each peer and time."""
    instance = generate("county", teachers, seed)
    started = time.perf_counter()
    result = solve(instance, Settings(effort=effort, reasons=False))
    whole = time.perf_counter() - started
    seconds = result.phases["compile"] + result.phases["solve"]
    nothing = of_nothing(instance, instance.tiers[0])
    value, bound = result.goals[0].value - nothing, result.goals[0].bound - nothing
    ours = 100 * (bound - value) / bound
    name = f"county {teachers:,}, seed {seed}"
    yield f"{name}: engine, {effort}", {
        "value": value, "bound": bound, "gap_percent": ours, "seconds": seconds, "with_referee": whole,
    }  # fmt: skip
    draft = compile_instance(instance)
    for factor in times:
        found, columns = price_and_branch(draft, instance.tiers[0], max(0.5, factor * seconds))
        yield (
            f"{name}: price-and-branch (GLOP, HiGHS), the same bundles, {factor:g} x the engine's time",
            {**_beside(found, nothing, bound, ours), "bundles": columns},
        )
    started = time.perf_counter()
    program = program_of(draft, instance.tiers[0])
    built = time.perf_counter() - started
    for factor in times:
        for peer, run in PEERS.items():
            found = run(program, max(0.5, factor * seconds - built))
            yield (
                f"{name}: {peer}, compact model, {factor:g} x the engine's time",
                _beside(found, nothing, bound, ours),
            )


def _beside(found: peers.Found, nothing: int, bound: int, ours: float) -> dict[str, float]:
    """Return a peer's figures; what it is off is measured from the engine's proved bound."""
    figures = {"seconds": found.seconds}
    if found.bound is not None:
        figures["own_bound_over_ours_percent"] = 100 * (found.bound - nothing - bound) / bound
    if found.value is None:
        return figures | {"value": float("nan")}
    off = 100 * (bound - (found.value - nothing)) / bound
    times = off / ours if ours > 0 else float("inf") if off > 1e-9 else 1.0
    return {"value": found.value - nothing, "off_percent": off, "times_our_gap": times} | figures


def equal_to_flow(teachers: int, seeds: range, effort: str) -> Iterator[tuple[str, dict]]:
    """Yield, per kind of plain round, on how many of them the engine's value is the flow's."""
    for kind in flows.KINDS:
        equal, optimal, verified, worst, ours, theirs = 0, 0, 0, 0.0, 0.0, 0.0
        for seed in seeds:
            instance = flows.plain(kind, teachers, seed)
            started = time.process_time()
            result = solve(instance, Settings(effort=effort, reasons=False))
            ours += time.process_time() - started
            started = time.process_time()
            best = flows.optimum(instance)
            theirs += time.process_time() - started
            equal += result.goals[0].value == best
            optimal += result.status == "optimal"
            verified += _is_verified(instance, result)
            worst = max(worst, 100 * (best - result.goals[0].value) / best)
        yield f"min-cost flow, {kind}, {teachers:,} teachers", {
            "rounds": len(seeds), "equal_value": equal, "proved_optimal": optimal,
            "verified": verified, "worst_off_percent": worst,
            "engine_cpu_seconds": ours, "flow_cpu_seconds": theirs, "times_the_flow": ours / theirs,
        }  # fmt: skip


def _is_verified(instance: Instance, result: Result) -> bool:
    """Tell whether `matching/verify.py` accepts the files of a result."""
    with tempfile.TemporaryDirectory() as folder:
        files.write_instance(instance, Path(folder))
        files.write_result(result, Path(folder))
        return not any(check.problems for check in verify.verify(Path(folder)))


def main() -> None:
    """Run the comparisons that are asked for and show their rows."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.straight_ways", description=__doc__)
    parser.add_argument("--teachers", type=int, nargs="*", default=[500, 5_000])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--times", type=float, nargs="+", default=[1.0, 10.0])
    parser.add_argument("--effort", default="standard")
    parser.add_argument("--flows", type=int, default=20, help="plain rounds of each kind and size")
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    asked = parser.parse_args()
    show = rows.add if asked.add else rows.show
    for name, figures in tables(
        asked.teachers, asked.seeds, asked.effort, asked.times, asked.flows
    ):
        show(name, figures)


def tables(
    teachers: Sequence[int] = (500, 5_000),
    seeds: Sequence[int] = (1,),
    effort: str = "standard",
    times: Sequence[float] = (1.0, 10.0),
    flow_rounds: int = 20,
) -> Iterator[tuple[str, dict]]:
    """Yield every row that is asked for; what is compiled once per machine is compiled first."""
    solve(generate("county", 100, 0), Settings(effort="quick", reasons=False))
    for size in teachers:
        for seed in seeds:
            yield from against(size, seed, effort, times)
    for size in SMALL if flow_rounds else ():
        yield from equal_to_flow(size, range(flow_rounds), effort)
    for size in LARGE if flow_rounds else ():
        yield from equal_to_flow(size, range(1, 6), effort)


if __name__ == "__main__":
    main()
