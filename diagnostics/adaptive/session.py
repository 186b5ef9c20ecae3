"""One teacher's adaptive diagnosis: the next question, her answers so far, and when it ends.

Of the areas asked least so far, the item is next that is worth most: by how much the precision
(1 / variance) of what its area wants to know is expected to grow, less the item's price, as a share
of the precision there is. With posterior-weighted information I (van der Linden, 1998) along a line of variance v whose covariance
with the aim is c, an aim's variance falls by c^2 I / (1 + v I); with one trait its precision grows
by I. A few percent are drawn for each teacher and item, so that equal teachers see different items.

What is drawn depends on the seed and the teacher alone, so a session is resumed by its answers.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from diagnostics.adaptive.belief import Belief
from diagnostics.adaptive.errors import CannotAsk
from diagnostics.adaptive.focus import MenuFocus
from diagnostics.adaptive.pool import Pool
from diagnostics.irt.models import Floats

TASTE = 0.03
"""Standard deviation of what is drawn for a teacher and an item, as a share of the item's worth."""


CLOSE_CALLS = 0.02
"""The same where items are chosen by looking ahead, in items."""

ALL = slice(None)


class Stop(Protocol):
    """A rule that says when enough has been asked."""

    def reason(self, belief: Belief, asked: int) -> str | None:
        """Return why to stop now (a message code), or None to go on."""


@dataclass(frozen=True, slots=True)
class Precise:
    """Stop when every area's aim is known to a standard deviation, or after so many items."""

    deviation: float = 0.3
    longest: int = 40

    def reason(self, belief: Belief, asked: int) -> str | None:
        """Return `stop_precise`, `stop_longest` or None."""
        if variances(belief).max() <= self.deviation**2:
            return "stop_precise"
        return "stop_longest" if asked >= self.longest else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the place of the item in the bank, and the category chosen, from 0."""

    item: int
    category: int


class Session:
    """Asks one teacher item by item.

    Parameters
    ----------
    pool
        What may be asked.
    mean, covariance
        What is believed of her before the first answer, (L,) and (L, L).
    stop
        When to end; a `MenuFocus` also says what to ask, area by area no longer.
    seed, teacher
        From both follows what is drawn for her.
    answers
        Answers given before, in order: the session goes on behind them (`resume`).

    Raises
    ------
    CannotAsk
        `no_category`, see `answer`.
    """

    def __init__(
        self,
        pool: Pool,
        mean: Floats,
        covariance: Floats,
        stop: Stop | MenuFocus,
        *,
        seed: str,
        teacher: str,
        answers: Iterable[Answer] = (),
    ) -> None:
        self.pool = pool
        self.belief = Belief(pool, mean, covariance)
        self.answers: list[Answer] = []
        self.ended: str | None = None
        self.stop = stop
        self._drawn = drawn(seed, teacher, len(pool.bank))
        self._open = np.ones(len(pool.bank), bool)
        self._asked = np.zeros(len(pool.areas), np.intp)
        self._next = self._choose()
        self.departed = False
        self.resume(answers)

    @property
    def next_item(self) -> int | None:
        """Place of the item to ask now; None when the session has ended."""
        return self._next

    def answer(self, item: int, category: int) -> int | None:
        """Take in the answer to the item that was asked, and return the next one.

        Raises
        ------
        CannotAsk
            `not_asked` if another item (or none) is asked now, `no_category` if it has no such one.
        """
        if item != self._next:
            raise CannotAsk("not_asked", now=self._name(self._next))
        return self._take(Answer(item, category))

    def resume(self, answers: Iterable[Answer]) -> None:
        """Take in answers given before, in order; they count whatever would be asked now.

        Where they are to other items than this session would have asked, the items were measured
        anew since, or another rule chose; `departed` then says so.

        Raises
        ------
        CannotAsk
            `no_category` if an item has no such one.
        """
        for each in answers:
            self.departed |= each.item != self._next
            self._take(each)

    def _take(self, answer: Answer) -> int | None:
        item = answer.item
        if not 0 <= answer.category < self.pool.bank.categories[item]:
            most = int(self.pool.bank.categories[item]) - 1
            raise CannotAsk("no_category", item=self._name(item), most=most)
        self.belief.tell(item, answer.category)
        self.answers.append(answer)
        self._open[item] = False
        self._asked[self.pool.area_of[item]] += 1
        self._next = self._choose()
        return self._next

    def _name(self, item: int | None) -> str:
        return "–" if item is None else self.pool.bank.items[item]

    def _choose(self) -> int | None:
        if isinstance(self.stop, MenuFocus):
            return self._focused(self.stop)
        self.ended = self.stop.reason(self.belief, len(self.answers))
        if self.ended is None:
            items = self._in_turn()
            if len(items):
                worth = self._worth(items) if self.pool.ahead is None else self._ahead(items)
                return int(items[worth.argmax()])
            self.ended = "stop_no_items"
        self.belief.settle()
        return None

    def _focused(self, focus: MenuFocus) -> int | None:
        """Return what the menu needs to be asked, wherever it belongs."""
        asked = [answer.item for answer in self.answers]
        item, self.ended = focus.choose(self.belief, np.flatnonzero(self._open), self._drawn, asked)
        if item is None:
            self.belief.settle()
        return item

    def _in_turn(self) -> NDArray[np.intp]:
        """Return the open items of the areas that were asked least, of those that have any."""
        items = self._open.nonzero()[0]
        asked = self._asked.take(self.pool.area_of.take(items))
        return items[asked == asked.min()] if len(items) else items

    def _ahead(self, items: NDArray[np.intp]) -> Floats:
        """Return the worth of each item by what is left to pay after it."""
        assert self.pool.ahead is not None
        left = self.pool.ahead.after(self.pool, self.belief.marginal(0)[None], items)[0]
        return ahead_worth(self.pool, left, self._drawn, items)

    def _worth(self, items: NDArray[np.intp]) -> Floats:
        """Return by how much each item is expected to sharpen its area's aim, less its price."""
        pool, covariance = self.pool, self.belief.covariance
        line, area = pool.line_of[items], pool.area_of[items]
        found = self._information(items, line)
        along = pool.lines @ covariance
        variance = (along * pool.lines).sum(1)[line]
        shared = (along @ pool.aims.T)[line, area]
        before = variances(self.belief)[area]
        after = before - shared * shared * found / (1 + variance * found)
        gain = (1 / after - 1 / before) * (1 + TASTE * self._drawn[items])
        price = 0.0 if pool.prices is None else pool.prices[items]
        return np.asarray(before * (gain - price))

    def _information(self, items: NDArray[np.intp], line: NDArray[np.intp]) -> Floats:
        """Return the information expected of each item along its line."""
        found: Floats = np.empty(len(items))
        for each in set(line.tolist()):
            mine = line == each
            found[mine] = self.pool.information[items[mine]] @ self.belief.marginal(each)
        return found


def drawn(seed: str, teacher: str, items: int) -> Floats:
    """Return what is drawn for a teacher and each item, (J,): the same whenever she comes back."""
    key = hmac.new(seed.encode(), teacher.encode(), hashlib.sha256).digest()
    chance = np.random.Generator(np.random.PCG64(int.from_bytes(key, "big")))
    return chance.standard_normal(items)


def ahead_worth(
    pool: Pool, left: Floats, drawn: Floats, items: NDArray[np.intp] | slice = ALL
) -> Floats:
    """Return the worth of items, (..., n), given what is left to pay after each.

    Parameters
    ----------
    drawn
        For each of the J items, (..., J).
    """
    price = 0.0 if pool.prices is None else pool.prices[items]
    return np.asarray(CLOSE_CALLS * drawn[..., items] - price - left)


def variances(belief: Belief) -> Floats:
    """Return the variance of what every area wants to know, (A,)."""
    aims = belief.pool.aims
    return np.asarray(((aims @ belief.covariance) * aims).sum(1))
