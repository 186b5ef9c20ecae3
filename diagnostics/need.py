"""How far a teacher is expected to be below her target, and what a section could do about it.

Per dimension the gap is E[(target - level)+] over her distribution, with its standard deviation. A
section is worth the mean of her gaps in the dimensions it works on: naming more dimensions does not
make it worth more. All figures are whole thousandths of a level.

What talking oneself up or down can do is bounded. Where dimensions are rated as a whole, one level
more or less in a self rating moves no need by more than 0.561 levels with the shipped model
(`largest_move` counts all cases with up to two observers; the more there are, the less). Where items
are answered, whatever a teacher says of herself moves a need from what others saw and tests showed
by less than 0.280 levels, and so from any other thing she could say by less than 0.560 (`seated`).
Rounds scale their points by this (`swing`), so that one level more or less in all self ratings
changes what a seat is worth by at most a tenth of a first choice. The figures that a teacher reads
of herself are not bounded: they say what is believed.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations_with_replacement
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from catalog.menus import Item, Needs
from diagnostics.errors import BadData
from diagnostics.framework import Framework, Model
from diagnostics.messages import Language, say
from diagnostics.profile import Estimate, Profile, posterior

SCALE = 1000
"""Thousandths of a level, the unit of needs."""
OWN_WORDS = 280
"""Thousandths of a level by which own answers to items may move a need from outside evidence."""


class Works(Protocol):
    """What a need looks at in a section: the dimensions it works on."""

    @property
    def dimensions(self) -> Collection[str]:
        """Codes of the framework's dimensions."""


@dataclass(frozen=True, slots=True)
class Gap:
    """The expected gap in one dimension and its spread, in thousandths of a level.

    `expected` is what is believed; `seat` is what a seat may count of it (see the module).
    """

    dimension: str
    target: int
    expected: int
    seat: int
    variance: Fraction
    below: Fraction
    ratings: int
    insufficient: bool

    @property
    def sd(self) -> int:
        """Standard deviation in thousandths of a level, rounded down."""
        return math.isqrt(int(self.variance * SCALE * SCALE))

    def say(self, framework: Framework, lang: Language = "zh") -> str:
        """Return why this dimension is (or is not) a need, in a sentence that is true."""
        sentence = say(
            "gap" if self.ratings else "gap_without_ratings",
            lang,
            dimension=framework.dimension(self.dimension).title(lang),
            target=self.target,
            percent=_rounded(self.below * 100),
            gap=f"{self.expected / SCALE:.2f}",
            ratings=self.ratings,
        )
        return sentence + (say("evidence_insufficient", lang) if self.insufficient else "")


@lru_cache(maxsize=100_000)
def gap(estimate: Estimate, target: int) -> Gap:
    """Return the gap of one dimension to a target level."""
    missing = [max(0, target - level) for level in range(1, len(estimate.weights) + 1)]
    weights, outside = estimate.weights, estimate.without_self
    total, first = sum(weights), _summed(weights, missing)
    second = _summed(weights, [m * m for m in missing])
    expected = _thousandths(weights, missing)
    return Gap(
        estimate.dimension,
        target,
        expected,
        seated(expected, _thousandths(outside, missing)) if outside else expected,
        Fraction(total * second - first * first, total * total),
        Fraction(_summed(weights, [m > 0 for m in missing]), total),
        estimate.evidence,
        estimate.insufficient,
    )


def _summed(weights: Sequence[int], values: Sequence[int]) -> int:
    return sum(w * v for w, v in zip(weights, values, strict=True))


def _thousandths(weights: Sequence[int], values: Sequence[int]) -> int:
    """Return the mean in thousandths, halves rounded up."""
    total = sum(weights)
    return (2 * SCALE * _summed(weights, values) + total) // (2 * total)


def seated(expected: int, outside: int) -> int:
    """Return what a seat may count of a gap, given the gap by outside evidence alone.

    Small differences count in full, large ones less and less: by less than `OWN_WORDS` in all.
    """
    apart = expected - outside
    share = OWN_WORDS / math.sqrt(OWN_WORDS**2 + apart**2)
    return outside + math.floor(apart * share + 0.5)


@lru_cache(maxsize=100)
def largest_move(model: Model) -> int:
    """Return by how much one level more in a self rating moves a need at most.

    Every self rating, every target and every set of up to two observers' ratings is looked at.
    """
    top = len(model.base_rates)

    def expected(own: int, observers: Sequence[int], target: int) -> int:
        counts = tuple(
            tuple(list(levels).count(level) for level in range(1, top + 1))
            for levels in ([own], observers)
        )
        weights = posterior(model, (counts[0], counts[1]))
        return gap(Estimate("", weights, 1, len(observers), False), target).expected

    return max(
        abs(expected(own, observers, target) - expected(own + 1, observers, target))
        for number in range(3)
        for observers in combinations_with_replacement(range(1, top + 1), number)
        for target in range(2, top + 1)
        for own in range(1, top)
    )


def swing(model: Model) -> int:
    """Return by how much one level in all self ratings moves what a seat may count at most."""
    return max(largest_move(model), 2 * OWN_WORDS)


def gaps(profile: Profile, targets: Mapping[str, int]) -> tuple[Gap, ...]:
    """Return the gaps of a teacher in every dimension, the widest first."""
    found = (gap(estimate, targets[estimate.dimension]) for estimate in profile.estimates)
    return tuple(sorted(found, key=lambda one: (-one.expected, one.dimension)))


def _rounded(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def need_matrix(
    profiles: Sequence[Profile],
    targets: Sequence[Mapping[str, int]],
    sections: Sequence[Works],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return what each section is worth to each teacher, and how sure that is.

    Parameters
    ----------
    profiles, targets
        One of each per teacher, in the same order (`Framework.targets_for`).
    sections
        Whatever names the dimensions it works on; one that names none is worth 0.

    Returns
    -------
    values, sds
        Teacher x section, in thousandths of a level: the mean expected gap over the section's
        dimensions and its standard deviation, rounded down; dimensions are as far dependent as
        the profile says (`Profile.together`).

    Raises
    ------
    BadData
        If a section names a dimension that the framework does not have.
    """
    if not profiles:
        return np.zeros((0, len(sections)), np.int64), np.zeros((0, len(sections)), np.int64)
    codes = [estimate.dimension for estimate in profiles[0].estimates]
    shape = (len(profiles), len(codes))
    means, variances = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, (profile, target) in enumerate(zip(profiles, targets, strict=True)):
        for column, estimate in enumerate(profile.estimates):
            found = gap(estimate, target[estimate.dimension])
            means[row, column] = found.seat
            variances[row, column] = int(found.variance * SCALE * SCALE)
    works = _works(tuple(codes), tuple(tuple(section.dimensions) for section in sections))
    count = np.maximum(works.sum(axis=0), 1)
    values = (2 * (means @ works) + count) // (2 * count)
    return values, _spread(variances, works, [profile.together for profile in profiles]) // count


def _spread(
    variances: NDArray[np.int64], works: NDArray[np.int64], together: Sequence[int]
) -> NDArray[np.int64]:
    """Return the SD of the sum of a section's gaps: the roots of squares apart and together."""
    apart, alike = variances @ works, (np.sqrt(variances).astype(np.int64) @ works) ** 2
    share = np.array(together, np.int64)[:, None]
    # Square roots of whole numbers below 2**53 are the same on every machine.
    both = (apart * (SCALE - share) + alike * share) // SCALE
    return np.asarray(np.sqrt(both), np.int64)


@lru_cache(maxsize=32)
def _works(codes: tuple[str, ...], sections: tuple[tuple[str, ...], ...]) -> NDArray[np.int64]:
    """Tell which dimensions each section works on, (dimensions, sections); shared, never written."""
    place = {code: row for row, code in enumerate(codes)}
    works = np.zeros((len(codes), len(sections)), np.int64)
    for column, section in enumerate(sections):
        for code in section:
            if code not in place:
                raise BadData(f"no dimension {code!r}; the framework has {', '.join(codes)}")
            works[place[code], column] = 1
    works.flags.writeable = False
    return works


def menu_needs(
    framework: Framework,
    profile: Profile,
    targets: Mapping[str, int],
    items: Sequence[Item],
) -> Needs:
    """Return what a menu needs to know of a teacher's needs; without ratings it says so."""
    found = gaps(profile, targets)
    values, _ = need_matrix([profile], [targets], items)
    return Needs(
        values={item.section: int(values[0, at]) for at, item in enumerate(items)},
        gaps={gap.dimension: gap.expected for gap in found},
        titles={d.code: {"zh": d.zh, "en": d.en} for d in framework.dimensions},
        thin=frozenset(gap.dimension for gap in found if gap.insufficient),
        diagnosed=profile.diagnosed,
    )
