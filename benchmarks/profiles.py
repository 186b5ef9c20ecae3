"""Whether estimates of teachers are honest and quick: seeded worlds whose truth is known.

`python -m benchmarks profiles` (1 CPU minute). Coverage is that of 95 % intervals, lowest and
highest over all strata: stage x village or town x items answered, some 1,600 abilities each, of 400
teachers (chance alone moves a stratum by 1.1 points or more once in twenty). The ceiling of
exact levels is what the exact posterior of the truth reaches, by importance sampling.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from diagnostics.diagnosis import diagnose
from diagnostics.framework import framework
from diagnostics.leniency import learn
from diagnostics.need import need_matrix, swing
from diagnostics.own_items import measure_county
from diagnostics.population import ASSUMED, Case, Population
from diagnostics.quality import in_order
from diagnostics.raters import Scores, score
from diagnostics.simulate import Recipe, World, world

ANSWERED = (2, 4, 6, 10)
STRATA = Recipe(
    teachers=9600,
    dimensions=4,
    items=10,
    answered=ANSWERED,
    missing=0.05,
    spread_of_stages=0.4,
    rural_shift=0.2,
)
BESIDE = {
    "3 vignettes": {"vignettes": 3},
    "1 observer": {"observers": 1, "sees": 8},
    "3 vignettes, 1 observer": {"vignettes": 3, "observers": 1, "sees": 8},
}

Figures = dict[str, float]


def inside(drawn: World, found: Scores) -> np.ndarray:
    """Whether the truth lies in the interval, (N, D)."""
    truth = 1000 * drawn.ability
    return (found.low <= truth) & (truth <= found.high)


def rmse(drawn: World, found: Scores) -> float:
    return float(np.sqrt(np.mean((found.mean / 1000 - drawn.ability) ** 2)))


def calibration_error(drawn: World, found: Scores) -> float:
    """How far stated chances of levels lie from how often they come true, over ten bins."""
    stated = found.levels / 1000
    true = np.arange(stated.shape[2]) == drawn.levels[:, :, None]
    bins = np.minimum((stated * 10).astype(int), 9)
    parts = [(bins == k) for k in range(10) if (bins == k).any()]
    return float(sum(abs(stated[p].mean() - true[p].mean()) * p.mean() for p in parts))


def exact(drawn: World, found: Scores) -> float:
    return float((found.levels.argmax(axis=2) == drawn.levels).mean())


def strata(drawn: World) -> Iterator[np.ndarray]:
    """The teachers of each stratum."""
    own = drawn.instrument.are("self") & (drawn.instrument.dimension_of == 0)
    asked = (drawn.own[:, own] >= 0).sum(axis=1)
    band = np.digitize(asked, [3, 5, 7])
    for stage, rural, answered in product(range(3), range(2), range(4)):
        yield (drawn.stage == stage) & (drawn.rural == rural) & (band == answered)


def told(drawn: World, found: Scores) -> Figures:
    right = inside(drawn, found)
    by_stratum = [float(right[which].mean()) for which in strata(drawn)]
    return {
        "coverage": float(right.mean()),
        "coverage_lowest_stratum": min(by_stratum),
        "coverage_highest_stratum": max(by_stratum),
        "strata": len(by_stratum),
        "ece": calibration_error(drawn, found),
        "rmse": rmse(drawn, found),
    }


def covering() -> Iterator[tuple[str, Figures]]:
    """Yield coverage with outside evidence, leniency learnt, and from self-report alone."""
    for sd, (name, beside) in product((0.0, 0.3, 0.6, 0.9), BESIDE.items()):
        drawn = world(replace(STRATA, leniency_sd=sd, **beside), 11)
        case = Case(drawn.instrument, drawn.answers)
        population = learn(case)
        found = told(drawn, score(replace(case, population=population)))
        learnt = {"learnt_leniency_sd": population.leniency_sd}
        yield f"profiles, leniency SD {sd}, {name}, by stratum", found | learnt
    for sd in (0.3, 0.6, 0.9):
        drawn = world(replace(STRATA, leniency_sd=sd), 11)
        case = Case(drawn.instrument, drawn.answers)
        yield f"profiles, leniency SD {sd}, self-report alone, by stratum", told(drawn, score(case))


def halo() -> Iterator[tuple[str, Figures]]:
    """Yield what an observer's liking for one teacher does to intervals, left out and modelled."""
    for truth, observers, modelled in product((0.0, 0.3, 0.5), (1, 2), (0.0, 0.3)):
        recipe = replace(STRATA, teachers=4000, observers=observers, sees=8, vignettes=3)
        drawn = world(replace(recipe, halo_sd=truth), 11)
        case = Case(drawn.instrument, drawn.answers, Population(halo_sd=modelled))
        found = told(drawn, score(replace(case, population=learn(case))))
        kept = {key: found[key] for key in ("coverage", "ece", "rmse")}
        yield f"profiles, halo SD {truth}, {observers} observers, modelled as {modelled}", kept


def own_items() -> Iterator[tuple[str, Figures]]:
    """Yield what a county's own items and spreads are worth beside items that are all alike."""
    for teachers in (250, 600, 2000):
        recipe = Recipe(teachers, 4, items=8, vignettes=3, correlation=0.5, leniency_sd=0.8)
        drawn = world(recipe, 16)
        own, bank = drawn.instrument.are("self"), drawn.instrument.bank
        steps = np.where(own[:, None], [1.8, 0.0, -1.8], bank.intercepts)
        alike = replace(bank, slopes=np.where(own, 1.5, bank.slopes), intercepts=steps)
        assumed = replace(drawn.instrument, bank=alike)
        county = measure_county(assumed, drawn.answers, "common", 1)
        for name, case in (
            ("assumed", Case(assumed, drawn.answers)),
            ("measured", Case(county.apply(assumed), drawn.answers, county.population)),
            ("true", Case(drawn.instrument, drawn.answers, Population((0.8,)))),
        ):
            found = score(case)
            figures = {
                "coverage": float(inside(drawn, found).mean()),
                "ece": calibration_error(drawn, found),
                "rmse": rmse(drawn, found),
            }
            yield f"profiles, {teachers} teachers, items and spreads {name}", figures


def flattery() -> Iterator[tuple[str, Figures]]:
    """Yield what vignettes and an observer do against self-flattery, and belief in every word."""
    recipe = Recipe(teachers=20_000, vignettes=3, observers=1)
    for name, population, beside in (
        (
            "believed word by word",
            Population(leniency_sds=(0.0,)),
            {"vignettes": 0, "observers": 0},
        ),
        (
            "self-report alone, one model",
            Population(leniency_sds=(0.6,)),
            {"vignettes": 0, "observers": 0},
        ),
        ("3 vignettes", None, {"observers": 0}),
        ("1 observer", None, {"vignettes": 0}),
        ("3 vignettes and 1 observer", None, {}),
        ("3 vignettes in order and 1 observer", None, {}),
    ):
        drawn = world(replace(recipe, **beside), 12)
        answers = in_order(drawn.instrument, drawn.answers) if "in order" in name else drawn.answers
        case = Case(drawn.instrument, answers)
        found = score(replace(case, population=population or learn(case)))
        figures = {"rmse": rmse(drawn, found), "coverage": float(inside(drawn, found).mean())}
        yield f"profiles, leniency SD .6, 10 items, {name}", figures


def ceiling(drawn: World, draws: int = 4000) -> np.ndarray:
    """Chances of the levels by importance sampling from the truth's own posterior, (N, D, L).

    Self items only: what is drawn is abilities and leniency from the truth's distribution given the
    estimate, weighted by the exact likelihood of the answers.
    """
    recipe, instrument = drawn.recipe, drawn.instrument
    known = Population((recipe.leniency_sd,), 0.0, recipe.leniency_correlation)
    covariance = known.covariance(instrument.correlations, recipe.leniency_sd)
    chance = np.random.default_rng(0)
    case = Case(instrument, drawn.answers, known)
    from diagnostics.population import posteriors
    from diagnostics.severity import severities

    found = np.empty((*drawn.levels.shape, instrument.levels))
    precision = np.linalg.inv(covariance)
    for rows, near in posteriors(case, recipe.leniency_sd, severities(case)):
        for i, (mean, spread) in enumerate(zip(near.mean, near.covariance, strict=True)):
            root = np.linalg.cholesky(1.2 * spread)
            normal = chance.standard_normal((draws // 2, len(mean)))
            normal = np.concatenate([normal, -normal])
            at = mean + normal @ root.T
            logs = _log_chances(instrument, drawn.own[rows.start + i], at)
            logs += 0.5 * (normal**2).sum(axis=1) - 0.5 * ((at @ precision) * at).sum(axis=1)
            weight = np.exp(logs - logs.max())
            weight /= weight.sum()
            for d, cuts in enumerate(instrument.cuts):
                level = np.digitize(at[:, d], cuts)
                found[rows.start + i, d] = np.bincount(level, weight, instrument.levels)
    return found


def _log_chances(instrument, values, at):
    """The log chance of one teacher's self answers at drawn abilities and leniencies."""
    bank, d = instrument.bank, instrument.dimension_of
    z = bank.slopes * (at[:, d] + at[:, -1:])
    bounds = np.column_stack([np.full(len(d), np.inf), bank.intercepts, np.full(len(d), -np.inf)])
    items = np.arange(len(d))
    upper, lower = z + bounds[items, values], z + bounds[items, values + 1]
    chances = 1 / (1 + np.exp(-upper)) - 1 / (1 + np.exp(-lower))
    return np.log(np.maximum(chances, 1e-300)).sum(axis=1)


def levels() -> Iterator[tuple[str, Figures]]:
    """Yield how often the level named is right, over how often it can be."""
    for dimensions, items, correlation, sd in (
        (6, 5, 0.7, 0.01),
        (6, 2, 0.7, 0.01),
        (4, 8, 0.7, 0.6),
    ):
        recipe = Recipe(
            teachers=600,
            dimensions=dimensions,
            items=items,
            correlation=correlation,
            leniency_sd=sd,
        )
        drawn = world(recipe, 13)
        known = Population((sd,), 0.0, recipe.leniency_correlation)
        found = score(Case(drawn.instrument, drawn.answers, known))
        best = ceiling(drawn)
        highest = float((best.argmax(axis=2) == drawn.levels).mean())
        yield (
            f"levels, {dimensions} dimensions of {items} items, leniency SD {sd:.1f}",
            {
                "exact_level": exact(drawn, found),
                "ceiling": highest,
                "share_of_ceiling_percent": 100 * exact(drawn, found) / highest,
                "chances_off_mean": float(np.abs(found.levels / 1000 - best).mean()),
                "ece": calibration_error(drawn, found),
            },
        )


def speed() -> Iterator[tuple[str, Figures]]:
    """Yield CPU microseconds a profile, many at once."""
    for name, recipe, population in (
        ("1 dimension, 40 items", Recipe(teachers=20_000, items=40), Population((0.6,))),
        (
            "4 dimensions, 32 items, 12 vignettes",
            Recipe(teachers=20_000, dimensions=4, items=8, vignettes=3),
            Population((0.6,)),
        ),
        (
            "4 dimensions, 32 items, 32 seen, two profiles each",
            Recipe(teachers=20_000, dimensions=4, items=8, observers=1),
            Population((0.6,)),
        ),
        (
            "6 dimensions, 42 items, over the range",
            Recipe(teachers=20_000, dimensions=6, items=7),
            ASSUMED,
        ),
        (
            "14 dimensions, 112 items, 42 vignettes",
            Recipe(teachers=10_000, dimensions=14, items=8, vignettes=3),
            Population((0.6,)),
        ),
    ):
        drawn = world(recipe, 14)
        case = Case(drawn.instrument, drawn.answers, population)
        score(Case(*_first(drawn), population))
        start = time.process_time()
        score(case)
        spent = time.process_time() - start
        yield f"profiles, {name}", {"cpu_us_each": 1e6 * spent / recipe.teachers}


def _first(drawn: World):
    few = world(replace(drawn.recipe, teachers=10), drawn.seed)
    return few.instrument, few.answers


def own_words() -> Iterator[tuple[str, Figures]]:
    """Yield how far one level in all self ratings moves what seats count, and without the bound."""
    frame = framework()
    codes = [dimension.code for dimension in frame.dimensions]
    for name, beside in (("alone", {}), ("and 1 observer", {"observers": 1})):
        recipe = Recipe(teachers=2000, dimensions=4, items=8, vignettes=3, **beside)
        drawn = world(recipe, 15)
        instrument = replace(drawn.instrument, dimensions=tuple(codes[:4]))
        own = drawn.own.copy()
        which = instrument.are("self")
        own[:, which] = np.minimum(own[:, which] + 1, 3)
        pair = [
            diagnose(frame, Case(instrument, answers, Population((0.6,))))
            for answers in (drawn.answers, replace(drawn.answers, own=own))
        ]
        targets = [dict.fromkeys(codes, 3)] * recipe.teachers
        sections = [_Section((code,)) for code in codes[:4]]
        bare = [
            [
                replace(p, estimates=tuple(replace(e, without_self=()) for e in p.estimates))
                for p in one
            ]
            for one in pair
        ]
        moves = [
            np.abs(np.subtract(*(need_matrix(one, targets, sections)[0] for one in each)))
            for each in (pair, bare)
        ]
        yield (
            f"own words, 4 dimensions, self-report {name}, all up by one level",
            {
                "largest_move_thousandths": float(moves[0].max()),
                "bound_thousandths": float(swing(frame.model)),
                "mean_move_thousandths": float(moves[0].mean()),
                "largest_move_unbounded": float(moves[1].max()),
                "mean_move_unbounded": float(moves[1].mean()),
            },
        )


class _Section:
    def __init__(self, dimensions: tuple[str, ...]) -> None:
        self.dimensions = dimensions


def tables() -> Iterator[tuple[str, Figures]]:
    """Yield every row."""
    yield from flattery()
    yield from own_words()
    yield from speed()
    yield from levels()
    yield from covering()
    yield from halo()
    yield from own_items()
