"""What is assumed of the items of a questionnaire before anybody has answered them.

A questionnaire is usable as it stands: until its items are calibrated (`diagnostics.irt`) all items
of a kind have one slope, and where one answer gives way to the next lies where one level gives way
to the next. Levels lie where the framework's base rates cut a normal population. None of it is
measured; whoever shows a figure that rests on it says so (`Questionnaire.caution`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from diagnostics.framework import Framework
from diagnostics.frameworks.items import Item, Questionnaire
from diagnostics.instrument import Instrument, Kind
from diagnostics.irt.models import Bank

Floats = NDArray[np.float64]

SLOPES: dict[Kind, float] = {
    "self": 1.5,
    "vignette": 1.5,
    "observer": 1.7,
    "evidence": 1.7,
    "test": 1.2,
}
"""Slopes by kind, logistic, in SDs of ability; an assumption."""
WITHIN, BETWEEN = 0.7, 0.5
"""Correlations of dimensions within an area and between areas; an assumption."""


def level_cuts(frame: Framework) -> Floats:
    """Return the abilities at which a level ends, (L-1,), in SDs of the population."""
    below = np.cumsum([float(rate) for rate in frame.model.base_rates])[:-1]
    return np.array([NormalDist().inv_cdf(share) for share in below])


def ability_at(frame: Framework, level: float | Floats) -> Floats:
    """Return the ability that a place on the scale of levels stands for.

    Level k ends at k + 1/2, where the ability is the framework's cut; between cuts it rises evenly,
    and beyond the outer ones as between the nearest two (by one SD a level if there is but one cut).
    """
    cuts = level_cuts(frame)
    first, last = (cuts[1] - cuts[0], cuts[-1] - cuts[-2]) if len(cuts) > 1 else (1.0, 1.0)
    ends = np.arange(len(cuts)) + 1.5
    known = np.interp(level, ends, cuts)
    under = np.minimum(np.asarray(level) - ends[0], 0.0) * first
    over = np.maximum(np.asarray(level) - ends[-1], 0.0) * last
    return np.asarray(known + under + over)


@lru_cache(maxsize=32)
def instrument_of(questions: Questionnaire, stage: str = "") -> Instrument:
    """Return the items that are put to teachers of a stage, with assumed parameters.

    Raises
    ------
    BadData
        If there is no item for the stage, or what is assumed fits no population.
    """
    frame = questions.framework
    items = tuple(questions.of(stage=stage))
    codes = tuple(dimension.code for dimension in frame.dimensions)
    cuts = level_cuts(frame)
    places = [
        np.nan if i.expected is None else float(ability_at(frame, float(i.expected))) for i in items
    ]
    return Instrument(
        bank=_bank(frame, items, np.array(places)),
        kinds=tuple(item.kind for item in items),
        dimensions=codes,
        dimension_of=np.array([codes.index(item.dimension) for item in items], np.intp),
        places=np.array(places),
        cuts=np.tile(cuts, (len(codes), 1)),
        correlations=_correlations(frame),
    )


def _bank(frame: Framework, items: Sequence[Item], places: Floats) -> Bank:
    """Return graded items whose answers change where levels do."""
    width = max((item.categories for item in items), default=2)
    slopes = np.array([SLOPES[item.kind] for item in items])
    intercepts = np.full((len(items), width - 1), np.nan)
    for row, item in enumerate(items):
        ends = 1 + (np.arange(item.categories - 1) + 0.5) * (frame.top - 1) / (item.categories - 1)
        intercepts[row, : item.categories - 1] = -slopes[row] * ability_at(frame, ends)
    intercepts += np.where(np.isnan(places), 0.0, slopes * places)[:, None]
    categories = np.array([item.categories for item in items], np.intp)
    return Bank(tuple(item.code for item in items), "grm", slopes, intercepts, categories)


def _correlations(frame: Framework) -> Floats:
    areas = np.array([dimension.area for dimension in frame.dimensions])
    found = np.where(areas[:, None] == areas, WITHIN, BETWEEN)
    np.fill_diagonal(found, 1.0)
    return found
