"""The sections of a round laid out in columns once, so that a menu is a few sums.

Everything that does not depend on the teacher is prepared here: what a section asks for, which are
alike, what its course's companions and texts say. A menu of one teacher and the menus of thousands
are the same sums over rows of whole numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress
from operator import itemgetter
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from catalog.choices import Ask, Chooser, Filter, Item, has
from catalog.entries import PARTS, Boost, Entry, Menu, Needs, Weights
from catalog.reasons import Reasons
from catalog.variety import NOBODY, greedy

if TYPE_CHECKING:
    from catalog.history import Companions
    from catalog.texts import Texts

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

LONGEST = 20
"""Sections that a menu shows at most."""

AT_ONCE = 256
"""Menus that are drawn up together: their scores stay in the processor's cache."""


class Board:
    """Sections in order of their ids, with all that menus count on.

    Parameters
    ----------
    boosts
        What policy adds.
    companions
        What is taken together (`catalog.history.learn`); without it histories count topics alone.
    texts, titles
        Likeness of texts, and offering -> text of what teachers may have taken before. Without
        both, texts count nothing.
    """

    def __init__(
        self,
        items: Sequence[Item],
        boosts: Sequence[Boost] = (),
        weights: Weights | None = None,
        companions: Companions | None = None,
        texts: Texts | None = None,
        titles: Mapping[str, str] | None = None,
    ) -> None:
        self.items = tuple(sorted(items, key=lambda item: item.section))
        self.boosts = tuple(boosts)
        self.weights = weights or Weights()
        self.companions = companions
        self.titles = dict(titles or {})
        self._prices = np.array([item.price for item in self.items], np.int64)
        self._asks = _Asks(self.items)
        self._boosted = [self._boosts(boost) for boost in self.boosts]
        self._offerings = _by(self.items, lambda item: (item.offering,))
        self._topics = _by(self.items, lambda item: item.attributes.get("topic", ()))
        self._required = _by(self.items, lambda item: item.prerequisites)
        self._place = {item.section: at for at, item in enumerate(self.items)}
        self._known, self._near = self._likeness(texts)

    def __len__(self) -> int:
        return len(self.items)

    def _boosts(self, boost: Boost) -> Mask:
        return np.array([has(item.attributes, boost.section) for item in self.items], np.bool_)

    def _likeness(self, texts: Texts | None) -> tuple[dict[str, int], Ints]:
        """Return the offerings whose text is known, and how near each is to each section's."""
        names = sorted(self.titles)
        own = [f"{item.title} {item.text}" for item in self.items]
        if texts is None:
            return {}, np.zeros((0, len(own)), np.int64)
        near = texts.likeness([self.titles[name] for name in names], own)
        return {name: row for row, name in enumerate(names)}, near

    @cached_property
    def _sections(self) -> Callable[[Mapping[str, int]], tuple[int, ...]]:
        """What reads one value for each section off a mapping."""
        names = [item.section for item in self.items]
        if len(names) < 2:  # itemgetter of one name gives no tuple
            return lambda values: tuple(values[name] for name in names)
        return itemgetter(*names)

    @cached_property
    def _companions(self) -> Ints:
        """Points of each name of the companions for each section."""
        assert self.companions is not None
        points = self.companions.columns([item.offering for item in self.items])
        points *= self.weights.companions
        return points

    @cached_property
    def _alike(self) -> NDArray[np.int32]:
        """Points a section loses once another one is shown."""
        dimensions = _by(self.items, lambda item: item.dimensions)
        shape = (len(self.items), len(self.items))
        found = np.zeros(shape, np.int32)
        for weight, kinds in (
            (self.weights.same_dimension, dimensions),
            (self.weights.same_offering, self._offerings),
        ):
            for having in kinds.values():
                (at,) = np.nonzero(having)
                found[np.ix_(at, at)] += weight
        return found

    def open_to(self, chooser: Chooser) -> Mask:
        """Tell of each section whether a teacher may take it, as `why_not` does."""
        closed = self._asks.unmet(chooser)
        for offering in chooser.completed & self._offerings.keys():
            closed |= self._offerings[offering]
        for offering in self._required.keys() - chooser.completed:
            closed |= self._required[offering]
        for section in chooser.barred:
            if section in self._place:
                closed[self._place[section]] = True
        return ~closed

    def parts(self, chooser: Chooser, needs: Needs | None = None) -> Ints:
        """Return what speaks for and against each section, before any is shown.

        Returns
        -------
        Shape (PARTS, sections): points. A need is read for every section, so a section without one
        is an error (KeyError) and never a need of 0.
        """
        found = np.zeros((len(PARTS), len(self.items)), np.int64)
        if needs is not None:
            found[0] = self._sections(needs.values)
            found[0] *= self.weights.need
        found[1] = self._topic_points(chooser) + self._companion_points(chooser)
        found[2] = self._text_points(chooser)
        for boost, fits in zip(self.boosts, self._boosted, strict=True):
            if has(chooser.attributes, boost.teacher):
                found[3] += boost.points * fits
        found[4] = -self._prices
        return found

    def _topic_points(self, chooser: Chooser) -> Ints:
        shared = np.zeros(len(self.items), np.int64)
        for topic in chooser.topics & self._topics.keys():
            shared += self._topics[topic]
        return self.weights.history * np.minimum(shared, self.weights.most_history)

    def _companion_points(self, chooser: Chooser) -> Ints | int:
        if self.companions is None:
            return 0
        rows = self.companions.rows(chooser.completed, chooser.attributes)
        most = self.weights.most_companions
        spoken: Ints = self._companions[rows].sum(axis=0) // 100
        return np.clip(spoken, -most, most)

    def _text_points(self, chooser: Chooser) -> Ints | int:
        rows = [self._known[name] for name in chooser.completed if name in self._known]
        if not rows:
            return 0
        nearest: Ints = self._near[rows].max(axis=0)
        return self.weights.text * nearest // 1000

    def history(self, chooser: Chooser, item: Item) -> tuple[int, int]:
        """Return the points of a section's history: of its topics, and of its companions."""
        at = self._place[item.section]
        topics = int(self._topic_points(chooser)[at])
        return topics, int(np.broadcast_to(self._companion_points(chooser), len(self))[at])

    def nearest(self, chooser: Chooser, item: Item) -> tuple[str, int]:
        """Return what of hers is nearest to a section in words, and how near in thousandths."""
        near = self._near[:, self._place[item.section]]
        known = sorted(name for name in chooser.completed if name in self._known)
        name = max(known, key=lambda name: int(near[self._known[name]]))
        return name, int(near[self._known[name]])

    def menu(self, chooser: Chooser, needs: Needs | None = None, longest: int = LONGEST) -> Menu:
        """Return a teacher's menu of at most `longest` sections, the best first."""
        (found,) = self.menus([chooser], [needs], longest)
        return found

    def menus(
        self,
        choosers: Sequence[Chooser],
        needs: Sequence[Needs | None],
        longest: int = LONGEST,
    ) -> Iterator[Menu]:
        """Yield the menu of each teacher, in their order: just what `menu` returns of each."""
        for first in range(0, len(choosers), AT_ONCE):
            few = slice(first, first + AT_ONCE)
            yield from self._together(choosers[few], needs[few], longest)

    def _together(
        self, choosers: Sequence[Chooser], needs: Sequence[Needs | None], longest: int
    ) -> Iterator[Menu]:
        is_open = np.stack([self.open_to(chooser) for chooser in choosers])
        parts = np.stack(
            [self.parts(chooser, need) for chooser, need in zip(choosers, needs, strict=True)]
        )
        picks, lost = greedy(parts.sum(axis=1), is_open, self._alike, longest)
        for row, (chooser, need) in enumerate(zip(choosers, needs, strict=True)):
            places = picks[row][picks[row] != NOBODY]
            told = parts[row][:, places]
            told[-1] = lost[row][: len(places)]
            yield Menu(
                chooser,
                self._entries(chooser, need, places, told),
                tuple(compress(self.items, (~is_open[row]).tolist())),
                int(is_open[row].sum()),
                need is None or not need.diagnosed,
            )

    def ranked(
        self, chooser: Chooser, needs: Needs | None = None, wanted: Filter | None = None
    ) -> tuple[Entry, ...]:
        """Return every section she may take that is looked for, the best first: no fence."""
        looked = (wanted or Filter()).lets
        is_open = self.open_to(chooser)
        places = np.array(
            [at for at in np.flatnonzero(is_open) if looked(self.items[at])], np.int64
        )
        parts = self.parts(chooser, needs)[:, places]
        order = np.argsort(-parts.sum(axis=0), kind="stable")
        return self._entries(chooser, needs, places[order], parts[:, order])

    def _entries(
        self, chooser: Chooser, needs: Needs | None, places: Ints, parts: Ints
    ) -> tuple[Entry, ...]:
        reasons = Reasons(self, chooser, needs)
        lines = zip(places.tolist(), parts.T.tolist(), strict=True)
        return tuple(
            Entry(self.items[at], dict(zip(PARTS, points, strict=True)), reasons)
            for at, points in lines
        )


class _Asks:
    """What sections ask of their teachers; an answer is kept for each set of values met."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._asks: dict[Ask, Mask] = _by(items, lambda item: item.asks)
        self._kept: dict[tuple[Ask, frozenset[str]], bool] = {}
        self._none = np.zeros(len(items), np.bool_)

    def unmet(self, chooser: Chooser) -> Mask:
        """Tell of each section whether it asks for something a teacher does not have."""
        closed = self._none.copy()
        for ask, sections in self._asks.items():
            if not self._holds(ask, chooser):
                closed |= sections
        return closed

    def _holds(self, ask: Ask, chooser: Chooser) -> bool:
        name = (ask, frozenset(chooser.attributes.get(ask.attribute, ())))
        if name not in self._kept:
            self._kept[name] = ask.holds(chooser.attributes)
        return self._kept[name]


Name = TypeVar("Name")


def _by(items: Sequence[Item], names: Callable[[Item], Iterable[Name]]) -> dict[Name, Mask]:
    """Tell of each name in which sections it stands, shape (sections,)."""
    found: dict[Name, Mask] = {}
    for at, item in enumerate(items):
        for name in names(item):
            if name not in found:
                found[name] = np.zeros(len(items), np.bool_)
            found[name][at] = True
    return found
