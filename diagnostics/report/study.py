"""Everything the report tells of an instrument, computed once, and nothing of single persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnostics.irt.calibration import Calibration, Fitted, calibrate
from diagnostics.irt.dif import Dif, dif, false_alarms
from diagnostics.irt.drift import Drift, drift
from diagnostics.irt.errors import BadAnswers, CannotMeasure
from diagnostics.irt.item_fit import ItemFit, item_fit
from diagnostics.irt.local import Dependence, dependence
from diagnostics.irt.models import Bank, Floats
from diagnostics.irt.overall_fit import OverallFit, overall_fit
from diagnostics.irt.person_fit import person_fit
from diagnostics.irt.reliability import Reliability, reliability

FEWEST = 5
"""A figure is told of so many persons or more."""
BIN = 0.4
"""Width of a bin of persons on the map."""
Table = NDArray[np.integer]
Bins = tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """An instrument's figures.

    Parameters
    ----------
    fit_adjusted
        p of the items' fit, adjusted for testing all of them.
    judged, flagged, silent
        How many persons' answers were checked for fit, how many fit no ability, and how many
        answered nothing; None for fewer than five.
    bins
        Persons on the scale: from, to, how many; never fewer than five.
    overall
        How well the model fits altogether, if that can be said.
    dif, refused
        Comparisons by variable, and why one was not possible.
    """

    calibration: Calibration
    reliability: Reliability
    fit: tuple[ItemFit, ...]
    fit_adjusted: Floats
    overall: OverallFit | None
    dependence: Dependence
    judged: int | None
    flagged: int | None
    silent: int | None
    bins: Bins
    dif: tuple[Dif, ...]
    refused: tuple[CannotMeasure, ...]
    drift: Drift | None


def study(
    table: Table,
    items: Sequence[str],
    model: Fitted = "grm",
    *,
    groups: Mapping[str, Sequence[str]] | None = None,
    before: tuple[Sequence[str], Table] | None = None,
) -> Study:
    """Return the figures of an instrument.

    Parameters
    ----------
    table
        Raw answers, persons x items, negative for missing.
    groups
        Per variable the group of each person, empty for unknown.
    before
        Items and answers of last year; their common items are then checked for drift.

    Raises
    ------
    BadAnswers
        `report_few_persons` if fewer than five answered, or as `calibrate` and `drift`.
    NotConverged
        As `calibrate`.
    """
    answered = int((table >= 0).any(1).sum())
    if answered < FEWEST:
        raise BadAnswers("report_few_persons", persons=answered, least=FEWEST)
    found = calibrate(table, model, items=tuple(items))
    fits = _item_fit(found)
    persons = person_fit(found)
    people = found.abilities()
    compared, refused = _compared(table, items, model, groups or {})
    return Study(
        found,
        reliability(found),
        fits,
        false_alarms(np.array([fit.p for fit in fits])),
        overall_fit(found),
        dependence(found),
        _told(int(persons.judged.sum())),
        _told(int(persons.flagged.sum())),
        _told(int(people.silent.sum())),
        bins_of(people.eap[~people.silent]),
        compared,
        refused,
        _drift(table, items, model, before),
    )


def _told(count: int) -> int | None:
    return count if count == 0 or count >= FEWEST else None


def _item_fit(found: Calibration) -> tuple[ItemFit, ...]:
    rasch = found.model == "rasch"
    return tuple(
        item_fit(
            found.bank,
            found.answers,
            found.grid,
            found.mean,
            found.sd,
            item_parameters=found.bank.categories - rasch,
            shared_parameters=int(rasch),
        )
    )


def _compared(
    table: Table, items: Sequence[str], model: Fitted, groups: Mapping[str, Sequence[str]]
) -> tuple[tuple[Dif, ...], tuple[CannotMeasure, ...]]:
    compared, refused = [], []
    for variable, own in groups.items():
        try:
            compared.append(dif(table, own, model, variable=variable, items=items))
        except CannotMeasure as reason:
            refused.append(reason)
    return tuple(compared), tuple(refused)


def _drift(
    table: Table,
    items: Sequence[str],
    model: Fitted,
    before: tuple[Sequence[str], Table] | None,
) -> Drift | None:
    if before is None:
        return None
    return drift(table, calibrate(before[1], model, items=tuple(before[0])), items=items)


def bins_of(eap: Floats) -> Bins:
    """Return persons by ability in bins that are joined until each holds five or more.

    Those beyond the map's ends are counted in its outermost bins.
    """
    edges = np.linspace(-4.0, 4.0, round(8.0 / BIN) + 1)
    counts = np.histogram(np.clip(eap, -4.0, 4.0), edges)[0].tolist()
    found: list[tuple[float, float, int]] = []
    start, held = float(edges[0]), 0
    for end, count in zip(edges[1:].tolist(), counts, strict=True):
        held += count
        if held >= FEWEST or held == 0:
            found += [(start, end, held)] if held else []
            start, held = end, 0
    if held and found:
        first, _, count = found.pop()
        found.append((first, float(edges[-1]), count + held))
    return tuple(found)


def thresholds(bank: Bank) -> list[list[float]]:
    """Return where each item's steps lie on the scale of the abilities.

    GRM: where half reach the step; GPCM: where two neighbouring answers are equally likely.
    """
    found = []
    for slope, row, count in zip(bank.slopes, bank.intercepts, bank.categories, strict=True):
        steps = row[: count - 1]
        if bank.model == "gpcm":
            steps = np.diff(steps, prepend=0.0)
        found.append((-steps / slope).tolist())
    return found
