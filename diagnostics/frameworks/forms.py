"""Short forms: which few items one teacher is asked, so that together all items get answers.

A form asks every dimension the same number of self items and each area some vignettes. Forms are
filled one after the other, always with the items used least so far, and among these with those that
met the ones beside them least: after any number of forms two self items of a dimension differ by at
most one in how often they were used, and all pairs of a dimension meet (linking needs that). A
vignette stands before the items of its area, so that it sets the scale for them.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from diagnostics.errors import BadData
from diagnostics.frameworks.items import Item, Questionnaire

FORMS = 84
"""How many forms there are unless said otherwise: each pair of 8 items meets in three of them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much one form asks: self items a dimension, vignettes an area."""

    items: int = 2
    vignettes: int = 1


@dataclass(frozen=True, slots=True)
class Form:
    """What one teacher is asked, in order."""

    number: int
    items: tuple[Item, ...]


def form_of(teacher: str, seed: str, count: int = FORMS) -> int:
    """Return the number of the form that a teacher gets: the same one whenever she comes back."""
    digest = hmac.new(seed.encode(), teacher.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") % count


def forms(
    questions: Questionnaire,
    stage: str,
    seed: str,
    count: int = FORMS,
    plan: Plan | None = None,
) -> tuple[Form, ...]:
    """Return the forms for teachers of a stage.

    Raises
    ------
    BadData
        If a dimension or an area has fewer items than a form asks.
    """
    plan = plan or Plan()
    areas: dict[str, list[str]] = {}
    for dimension in questions.framework.dimensions:
        areas.setdefault(dimension.area, []).append(dimension.code)
    pools = [
        (
            _Pool(
                [i for d in codes for i in questions.of("vignette", dimension=d, stage=stage)], seed
            ),
            [_Pool(list(questions.of("self", dimension=d, stage=stage)), seed) for d in codes],
        )
        for codes in areas.values()
    ]
    return tuple(Form(number, tuple(_fill(pools, plan))) for number in range(count))


def _fill(pools: Sequence[tuple[_Pool, Sequence[_Pool]]], plan: Plan) -> Iterator[Item]:
    for vignettes, dimensions in pools:
        yield from vignettes.take(plan.vignettes)
        for items in dimensions:
            yield from items.take(plan.items)


@dataclass(slots=True)
class _Pool:
    """Items to choose from, with how often each was used and each pair met."""

    items: list[Item]
    seed: str
    order: dict[str, int] = field(init=False)
    used: Counter[str] = field(default_factory=Counter)
    met: Counter[frozenset[str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        codes = sorted(item.code for item in self.items)
        random.Random(f"{self.seed}/{'/'.join(codes)}").shuffle(codes)
        self.order = {code: place for place, code in enumerate(codes)}

    def take(self, count: int) -> list[Item]:
        """Return the items for the next form."""
        if count > len(self.items):
            held = self.items[0].dimension if self.items else "?"
            raise BadData(f"{held}: a form asks {count} items, there are {len(self.items)}")
        taken: list[Item] = []
        for _ in range(count):
            taken.append(min(self._rest(taken), key=lambda item: self._rank(item, taken)))
        self.used.update(item.code for item in taken)
        self.met.update(
            frozenset((a.code, b.code)) for at, a in enumerate(taken) for b in taken[:at]
        )
        return taken

    def _rest(self, taken: Sequence[Item]) -> list[Item]:
        return [item for item in self.items if item not in taken]

    def _rank(self, item: Item, taken: Sequence[Item]) -> tuple[int, int, int]:
        meetings = sum(self.met[frozenset((item.code, other.code))] for other in taken)
        return self.used[item.code], meetings, self.order[item.code]
