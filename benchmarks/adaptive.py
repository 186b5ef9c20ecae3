"""Adaptive diagnosis: items asked, exposure, honest intervals, and what the menu stop saves.

`python -m benchmarks.adaptive [--add]` draws a bank of 114 graded items in six areas, 4 levels,
slopes log-normal (0.3, 0.3). One trait through six areas: items to a standard deviation of 0.3, for
everybody the best items, and looking one answer ahead with prices that hold each to 30 % of teachers,
and to 40 %; shown are teachers from whom nothing was learnt. Six correlated
traits (0.7) with 300 sections: items until the menu is settled beside items until every trait is
known to 0.4, and what the menus are worth in truth.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks import rows
from benchmarks.menu_stop import MenuSettled, Worth
from benchmarks.sessions import answers_of, exposure, simulate
from diagnostics.adaptive.planning import ask_together, planned
from diagnostics.adaptive.pool import Pool, a_trait_each, one_trait
from diagnostics.adaptive.session import Precise, Session, Stop
from diagnostics.irt.models import Bank, Floats

ITEMS, AREAS, SECTIONS, LENGTH = 114, 6, 300, 10
CUTS = np.array([-0.8, 0.0, 0.8])
ONE = np.zeros(1), np.eye(1)
SIX = np.zeros(AREAS), np.full((AREAS, AREAS), 0.7) + 0.3 * np.eye(AREAS)
MARGIN = 0.008
"""Share by which prices aim below the limit, because who comes is drawn anew."""
MANY = 50_000
"""Teachers by whom exposure is measured; of few, some item is seen too often by chance alone."""
LOOKS = 400
"""States of the traits over which a menu is ranked in the end."""


def bank(items: int = ITEMS, seed: int = 0) -> Bank:
    """Return made-up graded items with four categories."""
    rng = np.random.default_rng(seed)
    slopes = rng.lognormal(0.3, 0.3, items)
    centres = rng.normal(0, 0.7, (items, 1))
    steps = np.array([-1.2, 0, 1.2]) + rng.normal(0, 0.15, (items, 3))
    cuts = np.sort(centres + steps, axis=1)
    names = tuple(map(str, range(items)))
    return Bank(names, "grm", slopes, -slopes[:, None] * cuts, np.full(items, 4))


def one(pool: Pool, teachers: int, seed: int) -> dict[str, float]:
    """Return how one trait is measured to 0.3."""
    truth = np.random.default_rng(seed).standard_normal((teachers, 1))
    answers = answers_of(pool, truth, seed=seed)
    begun = time.process_time()
    sessions = simulate(pool, *ONE, Precise(0.3), answers, seed=seed)
    spent = time.process_time() - begun
    asked = np.array([len(session.answers) for session in sessions])
    means = np.array([session.belief.mean[0] for session in sessions])
    spread = np.array([session.belief.covariance[0, 0] ** 0.5 for session in sessions])
    counts = [
        np.bincount(pool.area_of[[a.item for a in s.answers]], minlength=AREAS) for s in sessions
    ]
    away = abs(means - truth[:, 0])
    return {
        "mean_items": asked.mean(),
        "p95_items": float(np.percentile(asked, 95)),
        "largest_exposure": exposure(sessions, ITEMS).max(),
        "largest_area_less_smallest": float(max(np.ptp(each) for each in counts)),
        "rmse": float(np.sqrt((away**2).mean())),
        "coverage_of_95": float((away < 1.96 * spread).mean()),
        "microseconds_an_item": 1e6 * spent / asked.sum(),
    }


def ahead(plan: Pool, seed: int) -> dict[str, float]:
    """Return how one trait is measured to 0.3 by looking ahead, over many teachers in lock-step."""
    truth = np.random.default_rng(seed).standard_normal(MANY)
    done = ask_together(plan, Precise(0.3), truth, seed=seed)
    away = abs(done.mean - truth)
    return {
        "mean_items": done.counts.mean(),
        "p95_items": float(np.percentile(done.counts, 95)),
        "largest_exposure": done.shown.max() / MANY,
        "items_never_shown": float((done.shown == 0).sum()),
        "rmse": float(np.sqrt((away**2).mean())),
        "coverage_of_95": float((away < 1.96 * np.sqrt(done.variance)).mean()),
    }


def sections(rng: np.random.Generator) -> Floats:
    """Return how much each section works on each trait, (6, 300): one to three traits, evenly."""
    works = np.zeros((AREAS, SECTIONS))
    for section in range(SECTIONS):
        many = rng.choice([1, 2, 3], p=[0.5, 0.35, 0.15])
        works[rng.choice(AREAS, many, replace=False), section] = 1 / many
    return works


def menus(
    stops: dict[str, float | None], teachers: int, seed: int
) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield for each stop rule the items asked and the true worth of the menus, of the best."""
    rng = np.random.default_rng(seed)
    pool, works = a_trait_each(bank(), np.arange(ITEMS) % AREAS), sections(rng)
    truth = rng.multivariate_normal(*SIX, teachers)
    targets = rng.integers(2, 5, (teachers, AREAS))

    def worth(target: Floats) -> Worth:
        return lambda at: np.maximum(target - 1 - (at[:, :, None] > CUTS).sum(2), 0) @ works

    for name, tolerance in stops.items():
        asked, got, best = [], 0.0, 0.0
        for number in range(teachers):
            value = worth(targets[number])
            stop: Stop = Precise(0.4, ITEMS)
            if tolerance is not None:
                stop = MenuSettled(value, LENGTH, tolerance, ITEMS)
            answers = answers_of(pool, truth[number : number + 1], seed=seed + number)
            [done] = simulate(pool, *SIX, stop, answers, seed=seed + number)
            asked.append(len(done.answers))
            true = value(truth[number : number + 1])[0]
            got += true[menu(done, value)].sum()
            best += np.sort(true)[-LENGTH:].sum()
        yield (
            name,
            {
                "mean_items": float(np.mean(asked)),
                "p95_items": float(np.percentile(asked, 95)),
                "worth_of_the_best_menu": got / best,
            },
        )


def menu(done: Session, worth: Worth) -> NDArray[np.intp]:
    """Return the sections shown after a session: those of the highest expected worth."""
    root = np.linalg.cholesky(done.belief.covariance)
    drawn = np.random.default_rng(1).standard_normal((LOOKS, AREAS))
    expected = worth(done.belief.mean + drawn @ root.T).mean(0)
    return np.argsort(-expected, kind="stable")[:LENGTH]


def tables(teachers: int = 2000) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield all rows."""
    pool = one_trait(bank(), np.arange(ITEMS) % AREAS)
    yield "adaptive, 114 items, six areas, to 0.3, no limit of exposure", one(pool, teachers, 5)
    for most in (0.3, 0.4):
        plan = planned(pool, Precise(0.3), np.full(ITEMS, most - MARGIN), seed=1)
        name = f"adaptive, the same, one answer ahead, each item shown to {most:.0%} at most"
        yield name, ahead(plan, 31)
        yield f"{name}, teacher by teacher", one(plan, teachers, 32)
    stops = {"0.4 on every trait": None, "menu settled to 5 %": 0.05, "menu settled to 10 %": 0.1}
    for name, figures in menus(stops, teachers, 3):
        yield f"adaptive, six traits, stop: {name}", figures


if __name__ == "__main__":
    rows.main("adaptive", __doc__, tables, teachers=2000)
