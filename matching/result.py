"""What a solve answers: seats, goals with their bounds, prices, reasons, and how to replay it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as stored
from functools import cached_property
from typing import Any, Literal

from matching.certificate import Certificate
from matching.messages import Language, say

Status = Literal["optimal", "feasible", "infeasible", "stopped"]
Proof = Literal["prices", "exact", "search", "none"]


@dataclass(frozen=True, slots=True, order=True)
class Seat:
    """One teacher in one section: chosen by her, assigned to her, or locked by hand."""

    teacher: str
    section: str
    rank: int = 0
    kind: Literal["chosen", "assignable", "locked"] = "chosen"


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

    `certificate` has the leaves of every goal in turn, none for a bound that has no proof.
    """

    status: Status
    seats: tuple[Seat, ...]
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

    @property
    def gap(self) -> float | None:
        """Welfare's relative gap, None without a welfare goal or a bound."""
        return next((goal.gap for goal in self.goals if goal.code == "welfare"), None)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of (instance digest, settings, sorted seats, prices): no times, no host."""
        content = {
            "instance": self.instance_digest,
            "settings": dict(self.settings),
            "seats": [asdict(seat) for seat in sorted(self.seats)],
            "prices": [[price.row, price.price] for price in self.prices],
        }
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
