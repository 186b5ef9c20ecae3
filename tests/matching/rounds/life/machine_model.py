"""What `machine.py` holds the services against: a round in a few words, written a second time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from matching.rounds.life.calls import Call
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.life.factories import SECRET
from tests.matching.rounds.life.machine_draws import SCHOOL_OF

ELIGIBLE = ("A", "B", "C")


def county():
    """Return three teachers at two schools, three sections for them and one for kindergartens."""
    return rounds.county(
        rounds.school("P2"),
        *(rounds.teacher(id, school) for id, school in SCHOOL_OF.items()),
        *rounds.course("A", rounds.days("2026-08-03", 1), capacity=1),
        *rounds.course("B", rounds.days("2026-08-03", 1), capacity=1),
        *rounds.course("C", [], capacity=2, mode="online", minutes=480),
        *rounds.course("K", rounds.days("2026-08-17", 2), stages=["1"]),
    )


@dataclass
class Ballot:
    """What the model knows of one teacher's ballot."""

    version: int = 0
    lines: tuple[str, ...] = ()
    handed_in: bool = False
    school: str = "pending"

    @property
    def counts(self) -> bool:
        return self.handed_in and self.school != "returned"


@dataclass
class Model:
    """What must be true, whatever anybody has tried."""

    ballots: dict[str, Ballot] = field(default_factory=lambda: {id: Ballot() for id in SCHOOL_OF})
    sealed: dict[str, tuple[str, ...]] | None = None
    revealed: bool = False
    awaits_draw: bool = False
    drawn: str = ""
    announced: str = ""
    deadline: str = ""


def is_good(lines: list[str]) -> bool:
    """Tell whether a ballot may be handed in: known, eligible, nothing twice."""
    named = [section for line in lines for section in line.split("+")]
    return set(named) <= set(ELIGIBLE) and len(named) == len(set(named))


def mixed(drawn: str) -> str:
    """Return the seed of the lottery: the secret, or its digest with what was drawn."""
    return hashlib.sha256(f"{SECRET}|{drawn}".encode()).hexdigest() if drawn else SECRET


def may_enter(who: Call, teacher: str) -> bool:
    own = {"teacher": teacher, "school": SCHOOL_OF[teacher], "county": "441226"}
    return who.scope.id == own.get(who.role)
