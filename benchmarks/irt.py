"""Measurement at size: graded items calibrated, everybody scored, and honest intervals.

`python -m benchmarks.irt [--add] [--peers]` draws graded items (4 levels, slopes log-normal (0.3,
0.3)) whose truth is known. The peers, girth and mirt (the Python package, with 21 nodes as it comes
and with 61), are installed into an environment of their own, `build/irt-peers`; they are no
dependencies of ours. CPU seconds are those of one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import rows
from diagnostics.irt.calibration import calibrate
from diagnostics.irt.correlated import correlate
from diagnostics.irt.ladder import measure
from diagnostics.irt.large import calibrate_many
from diagnostics.irt.models import Bank
from diagnostics.irt.scoring import Scorer
from diagnostics.irt.several import profiles

PEERS = Path("build/irt-peers")
WANTED = ("girth==0.8.0", "mirt==1.2.0")
SCRIPT = Path(__file__).with_name("irt_peer.py")
CUTS = np.array([-0.8, 0.0, 0.8])
Figures = dict[str, float]


def items(count: int, chance: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return slopes and steps of graded items with four levels."""
    slopes = chance.lognormal(0.3, 0.3, count)
    steps = chance.normal(0, 0.6, (count, 1)) + np.array([-1.2, 0.0, 1.2])
    return slopes, np.sort(steps + chance.normal(0, 0.15, (count, 3)), axis=1)


def answers(
    theta: np.ndarray, slopes: np.ndarray, steps: np.ndarray, chance: np.random.Generator
) -> np.ndarray:
    """Return answers of persons with abilities theta."""
    found = np.empty((len(theta), len(slopes)), np.int8)
    for j, slope in enumerate(slopes):
        draw = chance.logistic(size=len(theta)) / slope
        found[:, j] = (theta[:, None] - steps[j] > draw[:, None]).sum(1)
    return found


def drawn(persons: int, count: int, seed: int = 0) -> tuple[np.ndarray, ...]:
    """Return answers, abilities, slopes and steps."""
    chance = np.random.default_rng(seed)
    slopes, steps = items(count, chance)
    theta = chance.normal(size=persons)
    return answers(theta, slopes, steps, chance), theta, slopes, steps


def rmse(found: np.ndarray, truth: np.ndarray) -> float:
    """Return the root mean square error."""
    return float(np.sqrt(np.mean((found - truth) ** 2)))


def ours(persons: int, count: int) -> Figures:
    """Calibrate with standard errors and score everybody."""
    table, theta, slopes, _ = drawn(persons, count)
    calibrate(table[:500], "grm")  # imports
    started = time.process_time()
    found = calibrate(table, "grm")
    people = found.abilities()
    spent = time.process_time() - started
    return {
        "cpu_seconds": spent,
        "logLik": found.log_likelihood,
        "rmse_slope": rmse(found.bank.slopes, slopes),
        "rmse_theta": rmse(people.eap, theta),
        "slopes_covered": float(
            np.mean(np.abs(found.bank.slopes - slopes) < 1.96 * found.slope_errors)
        ),
        "covered": float(np.mean(np.abs(people.eap - theta) < 1.96 * people.sd)),
        "nodes": len(found.grid),
        "evaluations": found.evaluations,
    }


def million(persons: int = 1_000_000, most: int = 50_000) -> Figures:
    """Calibrate on a sample and score everybody, in single precision."""
    import resource

    table, theta, _, _ = drawn(persons, 40)
    calibrate(table[:500], "grm")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()
    _, people = calibrate_many(table, most=most)
    end = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "cpu_seconds": end - started,
        "rmse_theta": rmse(people.eap, theta),
        "covered": float(np.mean(np.abs(people.eap - theta) < 1.96 * people.sd)),
        "peak_mb": peak / 1024,
        "peak_mb_before": before / 1024,
    }


def one_profile(times: int = 20_000) -> Figures:
    """Score one person after the other, 40 items."""
    table, _, slopes, steps = drawn(times, 40)
    scorer = Scorer(bank(slopes, steps))
    started = time.process_time()
    for row in table:
        scorer.score(row)
    return {"cpu_microseconds": (time.process_time() - started) / times * 1e6}


def bank(slopes: np.ndarray, steps: np.ndarray) -> Bank:
    """Return the true items as a bank."""
    names = tuple(f"i{j + 1}" for j in range(len(slopes)))
    return Bank(names, "grm", slopes, -slopes[:, None] * steps, np.full(len(slopes), 4))


def six_dimensions(persons: int, each: int, rho: float, seed: int) -> Figures:
    """Calibrate six correlated dimensions and hold levels and intervals against the truth.

    Strata are numbers of items answered (all, half, two) by two halves of the teachers whose means
    lie 0.4 apart. The ceiling knows the true items and correlations.
    """
    chance = np.random.default_rng([seed, each])
    half = np.arange(persons) % 2
    normal = chance.multivariate_normal(np.zeros(6), (rho - 0.04) + (1 - rho) * np.eye(6), persons)
    theta = normal + np.where(half, 0.2, -0.2)[:, None]
    kept = np.array([each, max(2, each // 2), 2])[np.arange(persons) // 2 % 3]
    true, tables = [], []
    for d in range(6):
        slopes, steps = items(each, chance)
        table = answers(theta[:, d], slopes, steps, chance)
        order = chance.random(table.shape).argsort(1).argsort(1)
        tables.append(np.where(order < kept[:, None], table, -1).astype(np.int8))
        true.append(bank(slopes, steps))
    started = time.process_time()
    fitted = [calibrate(table, "grm") for table in tables]
    names = tuple("abcdef")
    model = correlate(names, tuple(f.bank for f in fitted), tuple(tables))
    middle = time.process_time()
    found = profiles(model, tuple(tables), cuts=(CUTS,) * 6)
    scored = time.process_time()
    best = profiles(correlate(names, tuple(true), tuple(tables)), tuple(tables), cuts=(CUTS,) * 6)
    inside = np.abs(found.expected - theta) < 1.96 * found.sd
    strata = [inside[(half == h) & (kept == k)].mean() for h in (0, 1) for k in np.unique(kept)]
    chances, level = np.stack(found.levels, 1), np.digitize(theta, CUTS)
    right = chances.argmax(-1) == level
    ceiling = np.mean(np.stack(best.levels, 1).argmax(-1) == level)
    return {
        "correlation": float(model.correlations[np.triu_indices(6, 1)].mean()),
        "covered": float(inside.mean()),
        "least_covered_stratum": float(min(strata)),
        "most_covered_stratum": float(max(strata)),
        "ece_of_levels": calibration_error(chances, level),
        "exact_level": float(right.mean()),
        "share_of_ceiling": float(right.mean() / ceiling),
        "fit_cpu_seconds": middle - started,
        "score_cpu_microseconds": (scored - middle) / persons * 1e6,
    }


def calibration_error(chances: np.ndarray, level: np.ndarray) -> float:
    """Return the expected calibration error of the likeliest level, bins of width 0.1."""
    said, right = chances.max(-1).reshape(-1), (chances.argmax(-1) == level).reshape(-1)
    bins = np.minimum((said * 10).astype(int), 9)
    gaps = [abs(said[bins == b].sum() - right[bins == b].sum()) for b in range(10)]
    return float(sum(gaps) / len(said))


def small_samples(worlds: int = 40) -> Figures:
    """Score 150, 300 and 600 persons by the ladder; 10 items, truth known."""
    found: Figures = {}
    for persons in (150, 300, 600):
        inside, errors = [], []
        for seed in range(worlds):
            table, theta, _, _ = drawn(persons, 10, seed)
            people = measure(table, [f"i{j}" for j in range(10)], [range(4)] * 10).abilities(table)
            inside.append(np.mean(np.abs(people.eap - theta) < 1.96 * people.sd))
            errors.append(rmse(people.eap, theta))
        found[f"covered_{persons}"] = float(np.mean(inside))
        found[f"rmse_theta_{persons}"] = float(np.mean(errors))
    return found


def peer(name: str, persons: int, count: int, minutes: float = 20) -> Figures:
    """Run a peer in its own environment on the same answers."""
    table, theta, slopes, _ = drawn(persons, count)
    python = _peers()
    file = PEERS / "answers.npz"
    np.savez(file, table=table, theta=theta, slopes=slopes)
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1"}
    done = subprocess.run(
        [python, SCRIPT, name, file],
        env=os.environ | threads,
        capture_output=True,
        text=True,
        check=True,
        timeout=minutes * 60,
    )
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures


def _peers() -> Path:
    python = PEERS / "bin" / "python"
    if not python.exists():
        venv.create(PEERS, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *WANTED], check=True)
    return python


def tables(peers: bool = True) -> Iterator[tuple[str, Figures]]:
    """Yield all rows; the peers' take some minutes."""
    for persons, count in ((1_000, 10), (20_000, 10), (100_000, 10), (100_000, 40)):
        yield f"GRM {persons:,} x {count}, fit + SE + EAP", ours(persons, count)
        if peers:
            yield f"GRM {persons:,} x {count}: girth (no SE)", peer("girth", persons, count)
    if peers:
        yield "GRM 100,000 x 40: py mirt, 21 nodes as it comes", peer("mirt-21", 100_000, 40)
        yield "GRM 100,000 x 40: py mirt, 61 nodes", peer("mirt-61", 100_000, 40)
    yield "GRM 1,000,000 x 40, 50,000 calibrate, all scored", million()
    yield "one profile, 40 items", one_profile()
    for each, rho in ((5, 0.5), (5, 0.7), (5, 0.85), (10, 0.7)):
        name = f"six dimensions, {each} items each, correlation {rho}, 12,000 teachers"
        yield name, six_dimensions(12_000, each, rho, 0)
    yield "ladder: 150, 300 and 600 persons, 10 items, 40 worlds each", small_samples()


def main() -> None:
    """Show the rows; `--add` writes them down, `--peers` runs the peers too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.irt", description=__doc__)
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    for name, figures in tables(asked.peers):
        (rows.add if asked.add else rows.show)(name, figures)


if __name__ == "__main__":
    sys.exit(main())
