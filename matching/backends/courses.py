"""How hard an effort tries where bundles cannot be listed: counted steps, never a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace

from matching.backends.ascent import Steps
from matching.backends.dive import Width
from matching.backends.narrow import Narrowing
from matching.backends.rescue import Rescue


@dataclass(frozen=True)
class Course:
    """How hard an effort tries, in counted steps.

    `prices` are the steps of the first prices, `several` those where several tiers are one weighted
    sum, `moved` those after their multipliers changed, `tolls` those after tolls were collected, in
    turn, `again` those after openings were decided, `alone` those of the first of several tiers for
    itself, `proof` those of the bounds of the tiers between it and welfare; each of `dives` is taken once, in turn. The best answer of `narrowings` stays, or that of
    `together` where several tiers are one sum; there `rescues` follow in the end. `few` takes their
    place where integer programs have the last word and nothing is to open. `tied` takes the place of
    `prices` where nearly everybody has two bundles worth the same. Multipliers rise `raises` times
    at most, and `cases` of openings are priced at most.
    """

    prices: Steps
    several: Steps
    moved: Steps
    tolls: tuple[Steps, ...]
    again: Steps
    alone: Steps
    proof: Steps
    narrowings: tuple[Narrowing, ...]
    together: tuple[Narrowing, ...]
    few: Narrowing
    rescues: tuple[Rescue, ...]
    dives: tuple[Width, ...]
    raises: int
    cases: int
    tied: Steps

    def where_tied(self) -> Course:
        """Return the course of a round in which nearly everybody has two bundles worth the same."""
        rough = (ROUGH,)
        return replace(self, prices=self.tied, alone=self.tied, narrowings=rough, together=rough)


def _wide(free: float, column: float, nodes: int = 0) -> Width:
    """Return a width in hundredths of what the best option is worth."""
    return Width(free / 100, column / 100, 24, nodes, is_late=nodes > 0)


LEANING = 2_000
"""The lottery adds less than this part of what the best option is worth."""

CALM = (0.7, 0.8)
"""What steps keep of earlier slopes where several tiers are one sum, or one tier is nearly tied."""

STEADY = (0.8, 0.9)
"""The same for the first of several tiers alone, where far more bundles are worth alike."""

ROUGH = Narrowing((0.8, 0.5, 0.5, 0.5), Steps(20, 0.02, 1e-3), few=210)
FINE = Narrowing((0.8, *[0.2] * 14, 0.5), Steps(80, 0.02, 1e-4, (0.8, 0.95)), few=210)
BOTH = (FINE, replace(FINE, lean=LEANING))
"""Where tastes differ the lottery only blurs them, where many want the same it helps: both are tried."""

SLOW = Narrowing((0.5, *[0.2] * 12, 0.5, 0.5), FINE.steps)

AROUND = Rescue(10, 300, 20, 16)

COURSES = {
    "quick": Course(
        Steps(45, 0.4, 1e-3),
        Steps(60, 0.4, 1e-3, CALM),
        Steps(30, 0.03, 1e-3, CALM),
        (),
        Steps(20, 5e-3, 1e-3),
        Steps(80, 0.4, 4e-4, STEADY),
        Steps(50, 0.05, 5e-4, CALM),
        (ROUGH,),
        (ROUGH,),
        ROUGH,
        (),
        (_wide(0.67, 2),),
        raises=1,
        cases=20,
        tied=Steps(150, 0.4, 2e-4, CALM),
    ),
    "standard": Course(
        Steps(90, 0.4, 2e-4),
        Steps(80, 0.4, 5e-4, CALM),
        Steps(100, 0.006, 5e-5, CALM),
        (Steps(20, 2e-3, 2e-4), Steps(20, 1e-3, 5e-5)),
        Steps(30, 5e-3, 2e-4),
        Steps(120, 0.4, 1e-4, STEADY),
        Steps(100, 0.03, 2e-4, CALM),
        BOTH,
        (FINE,),
        ROUGH,
        (AROUND,),
        (),
        raises=2,
        cases=80,
        tied=Steps(300, 0.4, 5e-5, CALM),
    ),
    "long": Course(
        Steps(300, 0.4, 5e-5),
        Steps(300, 0.4, 5e-5, CALM),
        Steps(200, 0.03, 1e-5, CALM),
        (Steps(80, 2e-3, 1e-4), Steps(80, 1e-3, 5e-5), Steps(80, 5e-4, 1e-5)),
        Steps(80, 5e-3, 5e-5),
        Steps(300, 0.4, 2e-5, STEADY),
        Steps(250, 0.03, 5e-5, CALM),
        (*BOTH, SLOW),
        (*BOTH, SLOW),
        FINE,
        (replace(AROUND, turns=30),),
        (_wide(0.67, 2), _wide(1.3, 4), _wide(1.3, 4, 20), _wide(2, 6, 20), _wide(2.7, 10, 20)),
        raises=4,
        cases=400,
        tied=Steps(600, 0.4, 2e-5, CALM),
    ),
}


CROWD = 200_000
"""From so many teachers on a round takes the courses for crowds."""

STRIDES = Narrowing((0.7, 0.5, 0.5, 0.5, 0.5), ROUGH.steps)
SHORT_STRIDES = Narrowing((0.8, 0.5, 0.5, 0.5, 0.5), Steps(16, 0.02, 1e-3))
PACES = Narrowing((0.8, *[0.2] * 8, 0.5, 0.5), FINE.steps)

CROWDED = COURSES | {
    "quick": replace(
        COURSES["quick"],
        narrowings=(STRIDES,),
        together=(STRIDES,),
        dives=(),
    ),
    "standard": replace(
        COURSES["standard"],
        prices=Steps(60, 0.4, 4e-4),
        narrowings=(PACES,),
        together=(PACES,),
        rescues=(),
    ),
}
"""Dives cost a crowd more than prices do."""

THRONG = 500_000
"""From so many teachers on prices settle in fewer steps."""

THRONGED = CROWDED | {
    "quick": replace(
        CROWDED["quick"],
        prices=Steps(38, 0.4, 1e-3),
        narrowings=(SHORT_STRIDES,),
        together=(SHORT_STRIDES,),
    ),
}


def course_of(teachers: int, effort: str) -> Course:
    """Return the course of an effort for so many teachers."""
    courses = COURSES if teachers < CROWD else CROWDED if teachers < THRONG else THRONGED
    course = courses[effort]
    if teachers > CHOSEN or effort == "quick":
        return course
    return replace(course, cases=MORE_CASES * course.cases)


SEARCHED, RESEATED = 2_000, 2
"""In rounds of up to so many teachers openings are searched; the most promising cases are seated."""

CHOSEN, MORE_CASES = 200, 3
"""In rounds of up to so many teachers one integer program chooses among the bundles of all cases, and so
many times as many cases are priced, unless it is to be quick: where few people meet many sections any of
which may open, more openings are nearly as good, and a case takes little time."""

FINISHED, GENERATED, NODES = 600, 60, 500
"""Rounds of up to so many teachers get the prices of so many linear programs over all bundles, and end
with integer programs of so many nodes."""

PROGRAMMED = 3_000
"""In rounds of up to so many teachers, where several tiers are one sum, who is whole in the linear program
over all bundles is seated by it before anybody is rescued."""

BRANCHES = 64
"""So many cases of decided seats are priced at most."""

MORE = 3
"""So many bundles a dive gives everybody still open after each linear program, where several tiers
are one sum; with one tier they made no difference that could be told from chance. The dives over the
last few people (`narrow.LAST`) give as many in every round."""
