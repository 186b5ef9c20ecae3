"""How often fair items are called unfair, and unfair ones found: DIF and drift against a known truth.

`PYTHONPATH=. python -m benchmarks.irt_fairness [--worlds 40] [--add]` prints one row per figure.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks import rows
from diagnostics.irt.calibration import calibrate
from diagnostics.irt.dif import dif
from diagnostics.irt.drift import drift
from diagnostics.irt.errors import CannotMeasure
from diagnostics.irt.overall_fit import overall_fit
from diagnostics.irt.person_fit import person_fit

STEPS = np.array([-1.0, 0.0, 1.0])


def items(count, random):
    return random.lognormal(0.3, 0.3, count), random.normal(0, 0.6, (count, 1)) + STEPS


def answered(theta, slopes, cuts, random):
    reached = 1 / (1 + np.exp(-slopes[:, None] * (theta[:, None, None] - cuts)))
    return (random.random((len(theta), len(slopes), 1)) < reached).sum(2).astype(np.int8)


def moved(cuts, by, count):
    found = cuts.copy()
    found[:count] += by
    return found


def groups_world(seed, by, size=500, count=10):
    """Town and village, 0.4 weaker; the first two items are harder for the village."""
    random = np.random.default_rng([seed, 1])
    slopes, cuts = items(count, random)
    town = answered(random.normal(size=size), slopes, cuts, random)
    village = answered(random.normal(-0.4, 1.1, size), slopes, moved(cuts, by, 2), random)
    return np.concatenate([town, village]), ["town"] * size + ["village"] * size


def years_world(seed, by, size=800, count=10):
    """Last year and this year, 0.3 better; the first two items have become harder."""
    random = np.random.default_rng([seed, 2])
    slopes, cuts = items(count, random)
    last = answered(random.normal(size=size), slopes, cuts, random)
    now = answered(random.normal(0.3, 1.0, size), slopes, moved(cuts, by, 2), random)
    return last, now


def tell(name, found, unfair, put):
    p, flagged = (np.array([[getattr(i, n) for i in w] for w in found]) for n in ("p", "flagged"))
    fair = slice(2 if unfair else 0, None)
    figures = {
        "fair items": p[:, fair].size,
        "p below .05": float(np.mean(p[:, fair] < 0.05)),
        "flagged": float(flagged[:, fair].mean()),
    }
    if unfair:
        figures["moved items flagged"] = float(flagged[:, :2].mean())
    put(f"irt/fairness {name}", figures)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=40)
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    arguments = parser.parse_args()
    worlds, put = range(arguments.worlds), rows.add if arguments.add else rows.show
    for by in (0.0, 0.5):
        found = [dif(*groups_world(seed, by)).items for seed in worlds]
        tell(f"DIF: two of ten items moved by {by}, 2 x 500 persons", found, by, put)
    for by in (0.0, 0.5):
        years = [years_world(seed, by) for seed in worlds]
        found = [drift(now, calibrate(last)).anchors for last, now in years]
        tell(f"drift: two of ten anchors moved by {by}, 800 persons a year", found, by, put)
    for count in (10, 20, 40):
        random = np.random.default_rng(count)
        answers = answered(random.normal(size=3000), *items(count, random), random)
        fit = person_fit(calibrate(answers))
        put(
            f"irt/fairness person fit: {count} items, 3,000 honest persons",
            {"flagged": float(fit.flagged.mean()), "allowed": 0.05},
        )
    for model, count, size in (("2pl", 6, 200), ("2pl", 6, 500), ("grm", 8, 200)):
        told, shares = overall(model, count, size, 6 * arguments.worlds)
        put(f"irt/fairness {told}: {model} {count} items, {size} persons, model true", shares)


def overall(model, count, size, worlds):
    """Return shares of p of the whole model's fit below some limits; refused fits are counted."""
    p, kind = [], ""
    for seed in range(worlds):
        random = np.random.default_rng([seed, 3])
        slopes, cuts = items(count, random)
        cuts = cuts[:, 1:2] if model == "2pl" else cuts
        try:
            answers = answered(random.normal(size=size), slopes, cuts, random)
            fit = overall_fit(calibrate(answers, model))
        except CannotMeasure:
            continue
        p.append(fit.p)
        kind = fit.kind
    below = {
        f"p below {limit}": float(np.mean(np.array(p) < limit)) for limit in (0.05, 0.25, 0.5, 0.75)
    }
    return kind, {"worlds": len(p), **below, "refused": worlds - len(p)}


if __name__ == "__main__":
    main()
