"""Is an item fair to groups? Differential item functioning by likelihood ratio, with effect sizes.

Persons of the same ability should answer alike whatever group they belong to. An item's parameters
are freed by group and the likelihood is compared (Thissen, Steinberg and Wainer, 1993); all items
not suspected are anchors, and the suspected ones are purified in rounds (Lord, 1980). Tests of all
items are held to a share of false alarms (Benjamini and Hochberg, 1995). A test of many persons
finds what nobody notices, so beside it stands by how many points the expected answers differ: the
weighted area between the curves (Edelen, Stucky and Chandra, 2015).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diagnostics.irt.calibration import Fitted
from diagnostics.irt.errors import BadAnswers, CannotMeasure
from diagnostics.irt.freed import Refit, Splitter
from diagnostics.irt.groups import calibrate_groups
from diagnostics.irt.models import Bank, Floats, probabilities
from diagnostics.irt.quadrature import even

LEAST = 200
"""Persons with answers that every group must have."""
ALARMS = 0.05
"""Share of false alarms among flagged items."""
ROUNDS = 5
"""Rounds of purification."""
NOTABLE = 0.075
"""Difference of expected answers that is worth a look, as a share of the item's range: 0.30 points
on five categories."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One item, tested for having the same meaning to two groups, or in two years.

    All figures are nan where it could not be tested: a group gave one kind of answer only, the freed
    item has no maximum, or the kinds of answer are not those of last year.

    Parameters
    ----------
    statistic, degrees, p
        Likelihood ratio against the item shared by all groups, or Wald test of an anchor's parameters.
    adjusted
        p adjusted for testing all items.
    area
        Mean difference of expected answers without sign, in points: the largest from the first group,
        weighted by the abilities of the other one, or over this year's people.
    signed
        The same with its sign: positive where the other group, or this year, scores higher at equal
        ability.
    share
        `area` as a share of the item's range.
    """

    item: str
    statistic: float
    degrees: int
    p: float
    adjusted: float
    flagged: bool
    area: float
    signed: float
    share: float

    @property
    def notable(self) -> bool:
        """Whether it is flagged and the difference is large enough to matter."""
        return self.flagged and self.share >= NOTABLE


@dataclass(frozen=True, slots=True, eq=False)
class Dif:
    """All items compared between the groups of one variable, the largest first: it is the standard.

    Parameters
    ----------
    sizes
        Persons with answers in each group.
    means, sds
        Of the abilities, on the scale of the first group, flagged items freed.
    """

    variable: str
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    items: tuple[Judged, ...]
    means: Floats
    sds: Floats


def dif(
    matrix: ArrayLike,
    groups: Sequence[str],
    model: Fitted = "grm",
    *,
    variable: str = "",
    items: Sequence[str] | None = None,
    least: int = LEAST,
) -> Dif:
    """Return which items behave differently in groups of persons.

    Parameters
    ----------
    matrix
        Raw answers, persons x items, negative for missing.
    groups
        A name per person; empty for unknown, who is left out of this comparison only.
    variable
        What the groups are groups of, for sentences.
    least
        Persons with answers that every group must have.

    Raises
    ------
    BadAnswers
        `dif_groups_shape`, `dif_one_group`, `dif_group_small` (groups and sizes named),
        `dif_no_anchors` if more than three quarters of the items differ, or as `calibrate`.
    NotConverged
        As `calibrate`.
    """
    table = np.asarray(matrix)
    names, sizes, codes = _sorted_groups(table, groups, variable, least)
    known = codes >= 0
    ids = tuple(items) if items is not None else tuple(f"i{j + 1}" for j in range(table.shape[1]))
    varied = [j for j in range(len(ids)) if _varied(table[known, j], codes[known])]
    own = table[known][:, varied]
    base = calibrate_groups(own, codes[known], model, items=[ids[j] for j in varied])
    tested, last = _purified(Splitter(base, own, model))
    if 4 * sum(item.flagged for item in tested) > 3 * len(tested):
        raise BadAnswers("dif_no_anchors", variable=variable)
    by_id = {item.item: item for item in tested}
    every = tuple(by_id.get(item) or _untested(item) for item in ids)
    return Dif(variable, names, sizes, every, last.means, last.sds)


def _varied(column: NDArray[np.integer], codes: NDArray[np.intp]) -> bool:
    """Tell whether every group gave at least two kinds of answer."""
    own = [column[(codes == group) & (column >= 0)] for group in range(int(codes.max()) + 1)]
    return all(len(part) and part.min() < part.max() for part in own)


def _purified(splitter: Splitter) -> tuple[list[Judged], Refit]:
    """Return the tests once the suspects no longer change, and the fit with them freed.

    At most half of the items are suspects at a time, the likeliest ones: one very unfair item makes
    all others look unfair at first.
    """
    suspects: set[int] = set()
    for _ in range(ROUNDS):
        tested = [_test(splitter, j, suspects) for j in range(len(splitter.base.bank))]
        found = _adjusted(tested)
        flagged = [j for j, item in enumerate(found) if item.flagged]
        likeliest = sorted(flagged, key=lambda j: (found[j].p, -found[j].statistic, j))
        worst = set(likeliest[: len(found) // 2])
        if worst == suspects:
            break
        suspects = worst
    return found, splitter.fit(suspects)


def _untested(item: str) -> Judged:
    nan = float("nan")
    return Judged(item, nan, 0, nan, nan, False, nan, nan, nan)


def _sorted_groups(
    table: NDArray[np.integer], groups: Sequence[str], variable: str, least: int
) -> tuple[tuple[str, ...], tuple[int, ...], NDArray[np.intp]]:
    """Return names and sizes of the groups, the largest first, and each person's, -1 unknown."""
    if table.ndim != 2 or len(groups) != len(table):
        raise BadAnswers("dif_groups_shape", persons=len(table))
    own = np.array([name.strip() for name in groups])
    own[(table < 0).all(1)] = ""
    names, counts = np.unique(own[own != ""], return_counts=True)
    if len(names) < 2:
        raise BadAnswers("dif_one_group", variable=variable)
    order = sorted(range(len(names)), key=lambda g: (-counts[g], names[g]))
    if small := tuple(_sized(names[g], counts[g]) for g in order if counts[g] < least):
        raise BadAnswers("dif_group_small", variable=variable, least=least, groups=small)
    codes = np.full(len(own), -1, np.intp)
    for code, g in enumerate(order):
        codes[own == names[g]] = code
    return tuple(str(names[g]) for g in order), tuple(int(counts[g]) for g in order), codes


def _sized(name: str, count: int) -> str:
    """Return a group with its size, unless that tells of single persons."""
    return f"{name} ({count})" if count >= 5 else f"{name} (<5)"


def _test(splitter: Splitter, item: int, suspects: set[int]) -> Judged:
    """Return the test of one item, the other suspects freed, before adjustment."""
    from scipy.special import chdtrc

    name, nan = splitter.base.bank.items[item], float("nan")
    try:
        together = splitter.fit(suspects - {item})
        apart = splitter.fit(suspects | {item})
    except CannotMeasure:
        return _untested(name)
    statistic = max(0.0, 2 * (apart.log_likelihood - together.log_likelihood))
    degrees = apart.parameters - together.parameters
    p = float(chdtrc(degrees, statistic)) if degrees > 0 else nan
    values = splitter.base.answers.values[item]
    area, signed = _area(splitter, apart, item)
    share = area / (values[-1] - values[0])
    return Judged(name, statistic, degrees, p, nan, False, area, signed, share)


def _area(splitter: Splitter, apart: Refit, item: int) -> tuple[float, float]:
    """Return the largest weighted area between the first group's curve and another's."""
    name, grid = splitter.base.bank.items[item], even()
    found = (0.0, 0.0)
    for group in range(1, len(apart.means)):
        theta = apart.means[group] + apart.sds[group] * grid.nodes
        away = _curve(splitter, apart.bank, f"{name}\n{group}", item, group, theta)
        away = away - _curve(splitter, apart.bank, f"{name}\n0", item, 0, theta)
        area = float(grid.weights @ np.abs(away))
        if area >= found[0]:
            found = area, float(grid.weights @ away)
    return found


def _curve(
    splitter: Splitter, bank: Bank, name: str, item: int, group: int, theta: Floats
) -> Floats:
    """Return the expected raw answer of a group's own version of an item, (Q,)."""
    at = bank.items.index(name)
    column = splitter.table[splitter.base.groups == group, item]
    values = np.unique(column[column >= 0]).astype(np.float64)
    return np.asarray(values @ probabilities(bank.take([at]), theta)[0])


def _adjusted(tested: list[Judged]) -> list[Judged]:
    """Return the items with p adjusted by Benjamini and Hochberg's step-up rule."""
    adjusted = false_alarms(np.array([item.p for item in tested]))
    return [
        replace(item, adjusted=float(q), flagged=bool(q < ALARMS))
        for item, q in zip(tested, adjusted, strict=True)
    ]


def false_alarms(p: Floats) -> Floats:
    """Return p adjusted so that those below a level hold that share of false alarms; nan stays."""
    found = np.full(len(p), np.nan)
    known = np.flatnonzero(np.isfinite(p))
    order = known[np.argsort(p[known], kind="stable")]
    raised = p[order] * len(order) / np.arange(1, len(order) + 1)
    found[order] = np.minimum(1.0, np.minimum.accumulate(raised[::-1])[::-1])
    return found
