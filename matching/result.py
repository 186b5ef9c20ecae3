"""What a solve answers: seats, goals with their bounds, prices, reasons, and how to replay it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as stored
from functools import cached_property, lru_cache
from typing import Any, Literal, overload

from matching.certificate import Certificate
from matching.columns import Numbers
from matching.messages import Language, say

Status = Literal["optimal", "feasible", "infeasible", "stopped"]
Kind = Literal["chosen", "assignable", "locked"]
Proof = Literal["prices", "exact", "search", "none"]


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """One teacher in one section: chosen by her, assigned to her, or locked by hand."""

    teacher: str
    section: str
    rank: int = 0
    kind: Kind = "chosen"


@dataclass(frozen=True, eq=False)
class SeatTable(Sequence[Seat]):
    """Seats in canonical order as columns, for rounds with more of them than objects would bear.

    Parameters
    ----------
    teacher_ids, section_ids, kinds
        The words that the columns point into.
    teacher, section, rank, kind
        Shape (seats,): the columns.
    """

    teacher_ids: Sequence[str]
    section_ids: Sequence[str]
    kinds: Sequence[Kind]
    teacher: Numbers
    section: Numbers
    rank: Numbers
    kind: Numbers

    def __len__(self) -> int:
        return len(self.teacher)

    @overload
    def __getitem__(self, place: int) -> Seat: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Seat, ...]: ...

    def __getitem__(self, place: int | slice) -> Seat | tuple[Seat, ...]:
        if isinstance(place, slice):
            return tuple(self._of(place))
        return next(self._of(slice(place, None if place == -1 else place + 1)))

    def __iter__(self) -> Iterator[Seat]:
        for begin in range(0, len(self), AT_ONCE):
            yield from self._of(slice(begin, begin + AT_ONCE))

    def _of(self, rows: slice) -> Iterator[Seat]:
        columns = (self.teacher, self.section, self.rank, self.kind)
        for teacher, section, rank, kind in zip(
            *(column[rows].tolist() for column in columns), strict=True
        ):
            names = self.teacher_ids[teacher], self.section_ids[section]
            yield Seat(*names, rank, self.kinds[kind])


AT_ONCE = 1 << 16
"""Seats that are made into objects together."""


@dataclass(frozen=True, slots=True)
class GoalValue:
    """How far one goal got and how far any answer could get.

    `sense` is `min` for shortages (told in absolute units) and `max` for welfare. `bound` is None
    when nothing is proved. `proof` says what proves it: the prices of its leaves, which anybody can
    recompute (`exact` where the value reaches the bound they prove), or the word of the search
    alone, without leaves. `price_bound` is the weaker bound of the prices at the root of the search.
    """

    tier: int
    code: str
    unit: str
    sense: Literal["min", "max"]
    value: int
    bound: int | None
    proof: Proof
    price_bound: int | None = None

    @property
    def gap(self) -> float | None:
        """Relative distance between value and bound, None when the bound is not known."""
        if self.bound is None:
            return None
        return abs(self.bound - self.value) / max(abs(self.bound), 1)


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one shared row, in points: what one more seat there would be worth."""

    row: str
    price: int


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a choice was not received, or why a demand cannot be met: data first, a sentence second.

    `subject` is a section or a setting, `have` and `need` are the numbers that decide, `field` is
    the label of what an administrator could change, `detail` fills the rest of the sentence.
    """

    code: str
    teacher: str
    subject: str
    have: int
    need: int
    field: str
    detail: Mapping[str, str | int] = stored(default_factory=dict)

    def say(self, lang: Language = "zh") -> str:
        """Return the sentence for the reader; settings are called as people call them."""
        words = {"subject": self.subject, **self.detail}
        if "title" in words:
            words["row" if "row" in words else "subject"] = words["title"]
        if "half" in words:
            words["row"] = say(f"half_{words['half']}", lang, day=words["day"])
        return say(f"reason_{self.code}", lang, have=self.have, need=self.need, **words)


@dataclass(frozen=True)
class Result:
    """The answer to one round, refereed, with its proof and everything needed to replay it.

    `certificate` has the leaves of every goal in turn, none for a bound that has no proof. `phases`
    and `engine` tell seconds and where the work was done; neither belongs to the digest.
    """

    status: Status
    seats: Sequence[Seat]
    closed: tuple[str, ...]
    goals: tuple[GoalValue, ...]
    prices: tuple[Price, ...]
    reasons: tuple[Reason, ...]
    witness: tuple[Reason, ...]
    seed: str
    settings: Mapping[str, Any]
    backend: str
    version: str
    instance_digest: str
    phases: Mapping[str, float] = stored(default_factory=dict, compare=False)
    certificate: Certificate = stored(default=(), repr=False)
    engine: Mapping[str, Any] = stored(default_factory=dict, compare=False)

    @property
    def gap(self) -> float | None:
        """Welfare's relative gap, None without a welfare goal or a bound."""
        return next((goal.gap for goal in self.goals if goal.code == "welfare"), None)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of (instance digest, settings, sorted seats, prices): no times, no host."""
        hasher = hashlib.sha256()
        for part in self._canonical():
            hasher.update(part.encode())
        return hasher.hexdigest()

    def _canonical(self) -> Iterator[str]:
        """Yield what is digested, as one object of JSON with its keys in order."""
        prices = [[price.row, price.price] for price in self.prices]
        yield f'{{"instance":{_json(self.instance_digest)},"prices":{_json(prices)},"seats":['
        word, before = lru_cache(1 << 16)(_json), ""
        seats = self.seats if isinstance(self.seats, SeatTable) else sorted(self.seats)
        for seat in seats:
            name, place = word(seat.teacher), word(seat.section)
            kind = f'{{"kind":"{seat.kind}","rank":{seat.rank},'
            yield f'{before}{kind}"section":{place},"teacher":{name}}}'
            before = ","
        yield f'],"settings":{_json(dict(self.settings))}}}'


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
