"""Worlds whose truth is known: teachers, items and raters drawn from a seed.

A world is for tests and benchmarks: what an estimate says is held against what was drawn. Abilities
have mean 0 and SD 1 over all teachers; stages and places differ in their means alone. A teacher says
of herself what her ability and her leniency together suggest; a vignette shows her leniency, an
observer her ability and the observer's own severity, a test her ability alone. Item parameters are
those of the shared bank, so noise in reading a vignette or in seeing a lesson is drawn beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnostics.instrument import Instrument, Kind
from diagnostics.irt.models import MISSING, Bank
from diagnostics.responses import Answers

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Values = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a world is made of; SDs, shifts and noises are in SDs of ability.

    Parameters
    ----------
    items, vignettes, tests
        How many of a kind each dimension has.
    correlation
        Of every two dimensions.
    leniency_correlation
        Of leniency with ability in each dimension.
    observers
        How many people observe each teacher; each observer sees `sees` teachers.
    halo_sd
        How much one observer's liking of one teacher shifts all she says of her.
    missing
        Share of answers that are not given, beside those that `answered` leaves out.
    answered
        How many self items of a dimension a teacher answers: drawn from these; empty for all.
    spread_of_stages, rural_shift
        How far the means of the first and the last stage, and of village and town, lie apart.
    dif_items, dif
        The first items of every dimension read `dif` harder in villages.
    """

    teachers: int = 2000
    dimensions: int = 1
    categories: int = 4
    items: int = 10
    vignettes: int = 0
    tests: int = 0
    correlation: float = 0.7
    leniency_sd: float = 0.6
    leniency_correlation: float = -0.2
    vignette_noise: float = 0.3
    observers: int = 0
    sees: int = 1
    severity_sd: float = 0.5
    observer_noise: float = 0.4
    halo_sd: float = 0.0
    missing: float = 0.0
    answered: tuple[int, ...] = ()
    stages: int = 3
    spread_of_stages: float = 0.0
    rural_shift: float = 0.0
    dif_items: int = 0
    dif: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A drawn world: N teachers, J items, D dimensions, R sets of observations by P observers.

    Parameters
    ----------
    ability, leniency
        The truth about teachers, (N, D) and (N,).
    severity
        How mild each observer is, (P,).
    stage, rural
        Stratum of each teacher, (N,): 0 .. stages - 1, and 1 in villages.
    own
        What teachers answer, (N, J); -1 where they do not.
    seen, teacher_of, observer_of
        What observers answer, (R, J), of whom and by whom, (R,).
    seconds
        How long each teacher took for all of her answers, (N,).
    """

    recipe: Recipe
    seed: int
    instrument: Instrument
    ability: Floats
    leniency: Floats
    severity: Floats
    stage: Ints
    rural: Ints
    own: Values
    seen: Values
    teacher_of: Ints
    observer_of: Ints
    seconds: Floats

    @property
    def teachers(self) -> tuple[str, ...]:
        """Ids of the teachers; they sort as they are numbered."""
        return tuple(f"T{i:07d}" for i in range(len(self.ability)))

    @property
    def observers(self) -> tuple[str, ...]:
        """Ids of the observers."""
        return tuple(f"O{i:07d}" for i in range(len(self.severity)))

    @property
    def answers(self) -> Answers:
        """What was answered, as estimates read it."""
        return Answers(
            self.teachers,
            self.instrument.bank.items,
            self.observers,
            self.own,
            np.full(self.own.shape, np.nan),
            self.seen,
            self.teacher_of,
            self.observer_of,
        )

    @property
    def levels(self) -> Ints:
        """The true level of every teacher in every dimension, (N, D), from 0."""
        cuts = self.instrument.cuts
        found = [np.digitize(self.ability[:, d], cuts[d]) for d in range(len(cuts))]
        return np.stack(found, axis=1)


def world(recipe: Recipe, seed: int = 0, **changed: object) -> World:
    """Draw a world; equal recipes and seeds give equal worlds.

    Parameters
    ----------
    recipe
        What it is made of.
    seed
        Of all chance in it.
    **changed
        Fields of the recipe to be replaced.
    """
    recipe = replace(recipe, **changed)  # type: ignore[arg-type]
    chance = np.random.default_rng(seed)
    instrument = _instrument(recipe, chance)
    stage = chance.integers(0, recipe.stages, recipe.teachers)
    rural = chance.integers(0, 2, recipe.teachers)
    ability, leniency = _people(recipe, stage, rural, chance)
    own = _own(recipe, instrument, ability, leniency, rural, chance)
    teacher_of, observer_of = _pairs(recipe, chance)
    count = int(observer_of.max(initial=-1)) + 1
    severity = chance.normal(0, recipe.severity_sd, count)
    lean = severity[observer_of][:, None] * np.ones(recipe.dimensions)
    if recipe.halo_sd:
        lean += chance.normal(0, recipe.halo_sd, (len(lean), 1))
    seen = _seen(recipe, instrument, ability[teacher_of] + lean, chance)
    given = (own != MISSING).sum(axis=1)
    seconds = given * chance.lognormal(np.log(6.0), 0.35, recipe.teachers)
    return World(
        recipe,
        seed,
        instrument,
        ability,
        leniency,
        severity,
        stage,
        rural,
        own,
        seen,
        teacher_of,
        observer_of,
        seconds,
    )


def graded(
    slopes: Floats, intercepts: Floats, theta: Floats, chance: np.random.Generator
) -> Values:
    """Draw answers under the graded response model.

    Parameters
    ----------
    slopes, intercepts
        Of J items with K categories, (J,) and (J, K-1).
    theta
        What each person shows to each item, (N, J).
    """
    reached = slopes * theta
    draw = chance.logistic(size=theta.shape)
    above = reached[:, :, None] + intercepts > draw[:, :, None]
    return np.asarray(above.sum(axis=2), np.int8)


def bank_of(
    items: int, categories: int, chance: np.random.Generator, prefix: str = "I"
) -> tuple[tuple[str, ...], Floats, Floats]:
    """Draw ids, slopes (lognormal .3, .3) and intercepts of graded items around ability 0."""
    slopes = chance.lognormal(0.3, 0.3, items)
    steps = np.linspace(-1.2, 1.2, categories - 1) if categories > 2 else np.zeros(1)
    places = chance.normal(0, 0.6, (items, 1)) + steps
    places = np.sort(places + chance.normal(0, 0.1, places.shape), axis=1)
    places += 0.05 * np.arange(categories - 1)
    ids = tuple(f"{prefix}{j + 1:03d}" for j in range(items))
    return ids, slopes, -slopes[:, None] * places


def _instrument(recipe: Recipe, chance: np.random.Generator) -> Instrument:
    ids: list[str] = []
    kinds: list[Kind] = []
    dimension_of: list[int] = []
    slopes, intercepts, places = [], [], []
    for d in range(recipe.dimensions):
        for kind, count in (("self", recipe.items), ("test", recipe.tests)):
            names, a, c = bank_of(count, recipe.categories, chance, f"{kind}-{d + 1}-")
            ids += names
            kinds += [kind] * count  # type: ignore[list-item]
            dimension_of += [d] * count
            slopes.append(a)
            intercepts.append(c)
            places.append(np.full(count, np.nan))
        at, a, c = _vignettes(recipe)
        ids += [f"vignette-{d + 1}-{v + 1:03d}" for v in range(len(at))]
        kinds += ["vignette"] * len(at)
        dimension_of += [d] * len(at)
        slopes.append(a)
        intercepts.append(c)
        places.append(at)
    bank = Bank(
        tuple(ids),
        "grm",
        np.concatenate(slopes),
        np.concatenate(intercepts),
        np.full(len(ids), recipe.categories, np.intp),
    )
    correlations = np.full((recipe.dimensions, recipe.dimensions), recipe.correlation)
    np.fill_diagonal(correlations, 1.0)
    return Instrument(
        bank,
        tuple(kinds),
        tuple(f"D{d + 1}" for d in range(recipe.dimensions)),
        np.array(dimension_of, np.intp),
        np.concatenate(places),
        np.tile([-0.8, 0.0, 0.8], (recipe.dimensions, 1)),
        correlations,
    )


def _vignettes(recipe: Recipe) -> tuple[Floats, Floats, Floats]:
    """Return the places of vignettes, evenly from -1 to 1, with their slopes and intercepts."""
    count = recipe.vignettes
    places = np.linspace(-1, 1, count) if count > 1 else np.zeros(count)
    steps = np.linspace(-1.2, 1.2, recipe.categories - 1) if recipe.categories > 2 else np.zeros(1)
    slopes = np.full(count, 1.5)
    return places, slopes, slopes[:, None] * (places[:, None] - steps)


def _people(
    recipe: Recipe, stage: Ints, rural: Ints, chance: np.random.Generator
) -> tuple[Floats, Floats]:
    """Draw abilities of SD 1 in all, and leniencies correlated with each of them."""
    count = recipe.dimensions
    step = np.linspace(-0.5, 0.5, recipe.stages) if recipe.stages > 1 else np.zeros(1)
    shift = recipe.spread_of_stages * step[stage] + recipe.rural_shift * (0.5 - rural)
    between = float(recipe.spread_of_stages**2 * (step**2).mean() + recipe.rural_shift**2 / 4)
    within = np.full((count, count), recipe.correlation - between)
    np.fill_diagonal(within, 1.0 - between)
    cross = recipe.leniency_correlation * recipe.leniency_sd
    covariance = np.zeros((count + 1, count + 1))
    covariance[:count, :count] = within
    covariance[count, :count] = covariance[:count, count] = cross
    covariance[count, count] = recipe.leniency_sd**2
    drawn = chance.multivariate_normal(np.zeros(count + 1), covariance, len(stage))
    return drawn[:, :count] + shift[:, None], drawn[:, count]


def _own(
    recipe: Recipe,
    instrument: Instrument,
    ability: Floats,
    leniency: Floats,
    rural: Ints,
    chance: np.random.Generator,
) -> Values:
    bank, people = instrument.bank, len(ability)
    shown = ability[:, instrument.dimension_of]
    vignettes, own = instrument.are("vignette"), instrument.are("self")
    blur = chance.normal(0, recipe.vignette_noise, (people, int(vignettes.sum())))
    shown[:, vignettes] = leniency[:, None] + blur
    shown[:, own] += leniency[:, None]
    hard = _within_dimension(instrument, own) < recipe.dif_items
    shown[:, hard & own] -= recipe.dif * rural[:, None]
    values = graded(bank.slopes, bank.intercepts, shown, chance)
    return _gaps(recipe, instrument, values, chance)


def _gaps(
    recipe: Recipe, instrument: Instrument, values: Values, chance: np.random.Generator
) -> Values:
    """Leave answers out: by chance, and all self items behind the number that is answered."""
    absent = chance.random(values.shape) < recipe.missing
    if recipe.answered:
        own = instrument.are("self")
        most = chance.choice(np.asarray(recipe.answered), len(values))
        absent |= own & (_within_dimension(instrument, own) >= most[:, None])
    return np.where(absent, MISSING, values).astype(np.int8)


def _within_dimension(instrument: Instrument, which: NDArray[np.bool_]) -> Ints:
    """Return the place of each item among those of its dimension that are meant, (J,)."""
    place = np.zeros(len(which), np.intp)
    for d in range(len(instrument.dimensions)):
        meant = which & (instrument.dimension_of == d)
        place[meant] = np.arange(int(meant.sum()))
    return place


def _pairs(recipe: Recipe, chance: np.random.Generator) -> tuple[Ints, Ints]:
    """Return who is observed by whom: every teacher by as many, every observer sees `sees`."""
    people, times = recipe.teachers, recipe.observers
    if not times:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    count = -(-people // recipe.sees)
    teacher_of = np.repeat(np.arange(people), times)
    rounds = [chance.permutation(people) // recipe.sees + count * t for t in range(times)]
    return teacher_of, np.stack(rounds, axis=1).ravel()


def _seen(
    recipe: Recipe, instrument: Instrument, shown: Floats, chance: np.random.Generator
) -> Values:
    bank, own = instrument.bank, instrument.are("self")
    blur = chance.normal(0, recipe.observer_noise, (len(shown), len(own)))
    values = graded(bank.slopes, bank.intercepts, shown[:, instrument.dimension_of] + blur, chance)
    return np.where(own, values, MISSING).astype(np.int8)
