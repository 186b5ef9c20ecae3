"""What a questionnaire is to measurement: items of a bank, whom each asks, and the levels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diagnostics.errors import BadData
from diagnostics.irt.models import Bank

Kind = Literal["self", "vignette", "observer", "evidence", "test"]
KINDS: tuple[Kind, ...] = ("self", "vignette", "observer", "evidence", "test")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Instrument:
    """A bank of J items in D dimensions, on the scale where ability has SD 1 in each.

    A self item asks the teacher about herself; answered by somebody else it is an observation. A
    vignette describes a teacher of known ability, so what is said of it depends on how lenient the
    reader is and on nothing else: its intercepts include that ability.

    Parameters
    ----------
    bank
        The items' parameters.
    kinds
        What each item asks, (J,).
    dimensions
        Codes of the dimensions, (D,).
    dimension_of
        The place of each item's dimension, (J,).
    places
        The ability that a vignette describes, (J,); nan for other items.
    cuts
        The abilities at which a level ends, (D, L-1), rising.
    correlations
        Of the dimensions with each other, (D, D).
    from_self_report
        Whether the self items were calibrated from self-report alone. They are then on the scale of
        ability + leniency, whose SD is 1 there; `diagnostics.population` takes them to that of
        ability, for each SD of leniency that is possible.

    Raises
    ------
    BadData
        If shapes do not fit each other, a kind is unknown, cuts do not rise, a vignette has no
        place, or the correlations are not those of any population.
    """

    bank: Bank
    kinds: tuple[Kind, ...]
    dimensions: tuple[str, ...]
    dimension_of: NDArray[np.intp]
    places: Floats
    cuts: Floats
    correlations: Floats
    from_self_report: bool = False

    def __post_init__(self) -> None:
        items, count = len(self.bank), len(self.dimensions)
        fits = (
            len(self.kinds) == items
            and self.dimension_of.shape == self.places.shape == (items,)
            and self.cuts.shape[:-1] == (count,)
            and self.correlations.shape == (count, count)
        )
        if not fits:
            raise BadData(f"instrument: {items} items in {count} dimensions do not fit its columns")
        if unknown := set(self.kinds) - set(KINDS):
            raise BadData(f"instrument: no kind of item is {sorted(unknown)[0]}")
        if self.dimension_of.min() < 0 or self.dimension_of.max() >= count:
            raise BadData(f"instrument: an item's dimension is none of 0..{count - 1}")
        if (np.diff(self.cuts, axis=1) <= 0).any():
            raise BadData("instrument: the cuts between levels must rise")
        if not np.isfinite(self.places[self.are("vignette")]).all():
            raise BadData("instrument: a vignette needs the ability that it describes")
        if np.linalg.eigvalsh(self.correlations).min() <= 0:
            raise BadData("instrument: the correlations of the dimensions are no population's")

    @property
    def levels(self) -> int:
        """How many levels there are."""
        return int(self.cuts.shape[1]) + 1

    def are(self, *kinds: Kind) -> NDArray[np.bool_]:
        """Tell which items are of some kinds, (J,)."""
        return _are(self.kinds, kinds)


@lru_cache(maxsize=256)
def _are(kinds: tuple[str, ...], some: tuple[str, ...]) -> NDArray[np.bool_]:
    """Tell which kinds are among some; what is returned is shared and cannot be written."""
    found = np.isin(np.asarray(kinds), some)
    found.flags.writeable = False
    return found
