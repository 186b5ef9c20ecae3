"""What a county's own answers have taught: its items, how lenient its teachers are, what goes together.

Until 200 teachers have answered the self items of a dimension they stay as assumed
(`diagnostics.assumed`); from 200 on what was assumed is a prior, from 500 on the graded model stands
alone, from 10,000 on its errors come from the cross-product. It is kept in a file that names its
framework by version and digest: a file made for other items is refused, never half used.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from diagnostics import data_files
from diagnostics.instrument import Instrument
from diagnostics.irt.answers import prepare
from diagnostics.irt.calibration import Calibration, calibrate
from diagnostics.irt.correlated import correlate
from diagnostics.irt.errors import CannotMeasure
from diagnostics.irt.ladder import GRADED, MANY, PARTIAL_CREDIT
from diagnostics.irt.likelihood import Prior, Shape
from diagnostics.irt.models import MISSING, Bank
from diagnostics.leniency import learn
from diagnostics.population import ASSUMED, Case, Population
from diagnostics.responses import Answers

Floats = NDArray[np.float64]
Item = tuple[str, float, tuple[float, ...]]
Rung = Literal["assumed", "with_prior", "graded", "graded_many"]

FORMAT = 1
FOLDER = "measured"
SLOPE_SD, STEP_SD = 0.5, 1.0
"""How far slopes and intercepts may lie from what was assumed, below 500 teachers."""
WIDEST = 0.95
"""No two dimensions are taken to be more alike."""


@dataclass(frozen=True, slots=True)
class County:
    """What the answers of a county taught of a framework's items.

    Parameters
    ----------
    framework, version
        Whose items they are.
    digest
        Of all items that were asked, their kinds, dimensions and numbers of categories.
    rungs
        Per dimension how much could be estimated.
    items
        Dimension, slope and intercepts of each calibrated self item, on the scale of ability +
        leniency.
    population
        Spreads of leniency and severity; `learnt_from` is 0 where nothing told them.
    correlations
        Of the dimensions, in the order of `rungs`; None where they stay as assumed.
    persons, answers
        How many teachers had answered, and the digest of what they answered.
    software
        The version that estimated.
    """

    framework: str
    version: int
    digest: str
    rungs: Mapping[str, Rung]
    items: Mapping[str, Item] = field(repr=False)
    population: Population
    correlations: tuple[tuple[float, ...], ...] | None
    persons: int
    answers: str
    software: str

    def apply(self, assumed: Instrument) -> Instrument:
        """Return the instrument with the county's items and correlations in place of the assumed.

        Raises
        ------
        CannotMeasure
            `county_other` if an item is no longer the one that was calibrated.
        """
        if not self.fits(assumed):
            raise CannotMeasure("county_other", framework=self.framework, version=self.version)
        if not self.items:
            return assumed
        bank = _on_sum(assumed)
        for j, item in enumerate(bank.items):
            if item in self.items:
                _, slope, steps = self.items[item]
                bank.slopes[j], bank.intercepts[j, : len(steps)] = slope, steps
        together = assumed.correlations
        if self.correlations is not None:
            together = np.array(self.correlations)
        return replace(assumed, bank=bank, correlations=together, from_self_report=True)

    def fits(self, assumed: Instrument) -> bool:
        """Tell whether an instrument asks these items as they were asked, all of them or some."""
        codes, bank = assumed.dimensions, assumed.bank
        return codes == tuple(self.rungs) and all(
            (kind, codes[d], count) == ("self", self.items[item][0], len(self.items[item][2]) + 1)
            for item, kind, d, count in zip(
                bank.items, assumed.kinds, assumed.dimension_of, bank.categories, strict=True
            )
            if item in self.items
        )

    def save(self, path: Path) -> None:
        """Write the file that `load` reads; the same county is the same bytes."""
        told = {"format": FORMAT, **asdict(self)}
        text = json.dumps(told, ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def load(path: Path) -> County:
    """Return what was saved.

    Raises
    ------
    CannotMeasure
        `county_unreadable` if the file is no county's, or of a format to come.
    """
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if told.pop("format") != FORMAT or not set(told["rungs"].values()) <= set(get_args(Rung)):
            raise ValueError
        people = told["population"]
        people["leniency_sds"] = tuple(people["leniency_sds"])
        told["population"] = Population(**people)
        told["items"] = {i: (of, a, tuple(d)) for i, (of, a, d) in told["items"].items()}
        if told["correlations"] is not None:
            told["correlations"] = tuple(map(tuple, told["correlations"]))
        return County(**told)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotMeasure("county_unreadable", file=path.name) from error


def in_use(assumed: Instrument, framework: str, version: int) -> tuple[Instrument, Population]:
    """Return the instrument and population that hold: the county's, else the assumed ones.

    The county's files lie among the province's own (`diagnostics.data_files`), in `measured`. A file
    made for another version or for other items is left aside; one that is no county's is not.
    """
    name = file_now(framework)
    if name is None:
        return assumed, ASSUMED
    county = _kept(*name)
    if county.version != version or not county.fits(assumed):
        return assumed, ASSUMED
    return county.apply(assumed), county.population


def file_now(framework: str) -> tuple[Path, int] | None:
    """Return the county's file of a framework and when it last changed, if there is one.

    Whoever keeps what rests on it keeps it under this name.
    """
    folder = data_files.own(FOLDER)
    path = None if folder is None else folder / f"{framework}.json"
    return (path, path.stat().st_mtime_ns) if path is not None and path.is_file() else None


@lru_cache(maxsize=64)
def _kept(path: Path, changed: int) -> County:
    """Return a file's county, read once until it changes."""
    del changed
    return load(path)


def measure_county(assumed: Instrument, answers: Answers, framework: str, version: int) -> County:
    """Return what the answers of all teachers teach.

    The same answers give the same county, in whatever order they came.
    """
    rungs: dict[str, Rung] = {}
    items: dict[str, Item] = {}
    start = _on_sum(assumed)
    for d, dimension in enumerate(assumed.dimensions):
        places = np.flatnonzero(assumed.are("self") & (assumed.dimension_of == d))
        rungs[dimension], found = _rung(answers.own[:, places], start, places)
        if found is not None:
            bank = found.bank
            for j, item in enumerate(bank.items):
                steps = bank.intercepts[j, : bank.categories[j] - 1]
                items[item] = (dimension, float(bank.slopes[j]), tuple(steps.tolist()))
    county = County(
        framework,
        version,
        digest_of(assumed),
        rungs,
        items,
        ASSUMED,
        None,
        int((answers.own != MISSING).any(1).sum()),
        _digest([answers.own.tolist(), answers.seen.tolist(), answers.teacher_of.tolist()]),
        installed("xuanke"),
    )
    instrument = county.apply(assumed)
    county = replace(county, population=learn(Case(instrument, answers)))
    return replace(county, correlations=_correlations(county, instrument, answers))


def digest_of(instrument: Instrument) -> str:
    """Return the digest of what an instrument asks, whatever is known of its items."""
    bank, codes = instrument.bank, instrument.dimensions
    of = [codes[d] for d in instrument.dimension_of]
    return _digest(
        [list(r) for r in zip(bank.items, instrument.kinds, of, strict=True)]
        + [bank.categories.tolist(), list(codes)]
    )


def _digest(told: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def _on_sum(assumed: Instrument) -> Bank:
    """Return a copy of the bank with self items on the scale of ability + leniency."""
    sd = ASSUMED.leniency_sd
    width = np.sqrt(1 + 2 * ASSUMED.covariant + sd * sd)
    slopes = np.where(assumed.are("self"), assumed.bank.slopes * width, assumed.bank.slopes)
    return replace(assumed.bank, slopes=slopes, intercepts=assumed.bank.intercepts.copy())


def _rung(
    matrix: NDArray[np.int8], start: Bank, places: NDArray[np.intp]
) -> tuple[Rung, Calibration | None]:
    """Return how much one dimension's answers allow, and the calibration if there is one."""
    persons = int((matrix != MISSING).any(1).sum())
    if persons < PARTIAL_CREDIT or len(places) < 3:
        return "assumed", None
    own = start.take(places)
    known = [tuple(range(count)) for count in own.categories.tolist()]
    if persons >= GRADED:
        try:
            found = calibrate(prepare(matrix, own.items), "grm")
            if found.answers.values == tuple(known):
                return "graded_many" if persons >= MANY else "graded", found
        except CannotMeasure:
            pass  # the prior holds what the answers leave open
    try:
        answers = prepare(matrix, own.items, known)
        return "with_prior", calibrate(answers, "grm", prior=lambda shape: _prior(shape, own))
    except CannotMeasure:
        return "assumed", None


def _prior(shape: Shape, own: Bank) -> Prior:
    """Return a prior around what was assumed."""
    table = np.column_stack([own.slopes, np.nan_to_num(own.intercepts[:, : shape.width - 1])])
    spread = np.full(table.shape, STEP_SD)
    spread[:, 0] = SLOPE_SD
    used = shape.place[: table.size] >= 0
    return Prior(table.ravel()[used], 1 / spread.ravel()[used] ** 2)


def _correlations(
    county: County, instrument: Instrument, answers: Answers
) -> tuple[tuple[float, ...], ...] | None:
    """Return correlations of abilities: those of the sums with leniency, less what leniency adds.

    None unless the spread of leniency was learnt and every dimension is calibrated.
    """
    population, codes = county.population, instrument.dimensions
    if not population.learnt_from or "assumed" in county.rungs.values() or len(codes) < 2:
        return None
    own = [
        np.flatnonzero(instrument.are("self") & (instrument.dimension_of == d))
        for d in range(len(codes))
    ]
    banks = tuple(instrument.bank.take(places) for places in own)
    sums = correlate(codes, banks, tuple(answers.own[:, places] for places in own)).correlations
    sd = population.leniency_sd
    added = 2 * population.covariant + sd * sd
    found = np.clip(sums * (1 + added) - added, -WIDEST, WIDEST)
    np.fill_diagonal(found, 1.0)
    if np.linalg.eigvalsh(population.covariance(found, max(sd, 1e-3))).min() < 1e-3:
        return None
    return tuple(map(tuple, found.tolist()))
