"""The engine beside first come: the same ballots, counted the same way."""

import pytest

from matching.result import Seat
from matching.rounds.assemble import assemble
from matching.rounds.compare import compare, first_come, outcome
from matching.rounds.settings import Required
from matching.rounds.store import load
from tests.matching.rounds.factories import (
    ballot,
    county,
    course,
    database,
    days,
    settings,
    teacher,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

SETTINGS = settings(required=(Required("R", "师德", "zhuanye", 120, ("shide",)),))
FIRST, SECOND = days("2026-08-03", 6), days("2026-08-10", 6)


@pytest.fixture
def instance():
    """Three teachers owe 40 h besides the module; A and B give 48 h each, A has one seat, B needs two people."""
    rows = county(
        teacher("T1"),
        teacher("T2"),
        teacher("T3"),
        *course("A", FIRST, 1, 1),
        *course("B", SECOND, 9, 2),
        ballot("T1", "A", "B"),
        ballot("T2", "A"),
        ballot("T3", "B"),
    )
    with database(*rows) as session:
        return assemble(load(session, SETTINGS), SETTINGS, last=True).instance


def test_an_outcome_counts_teachers_and_sections(instance):
    """T1 has her second choice, T2 nothing; B runs with one of two people."""
    found = outcome(instance, "zhuanye", [Seat("T1", "B", 2)])
    assert (found.short, found.nothing, found.under_minimum, found.first) == (2, 2, 1, 0)
    assert found.ranks == {2: 1}


def test_an_assigned_seat_counts_hours_but_no_rank(instance):
    found = outcome(instance, "zhuanye", [Seat("T2", "B", 0, "assignable")])
    assert (found.short, found.first, found.ranks) == (2, 0, {})


def test_cancelling_thin_sections_leaves_people_with_nothing(instance):
    """If T1 comes before T2 she takes A, then B has T3 alone and is cancelled: T2 and T3 lose out."""
    for run in first_come(instance, "zhuanye"):
        first = run.kept.first == 2 and run.kept.ranks == {1: 2}
        assert run.kept.under_minimum == (1 if first else 0)
        assert run.cancelled.under_minimum == 0
        assert run.cancelled.nothing == (2 if first else 0)


def test_both_arrivals_happen_among_twenty_orders(instance):
    runs = first_come(instance, "zhuanye")
    assert len(runs) == 20
    assert {run.cancelled.nothing for run in runs} == {0, 2}
    assert [run.kept.order for run in runs[:3]] == ["1", "2", "3"]
    assert runs == first_come(instance, "zhuanye")


def test_the_comparison_has_a_spread_per_figure(instance):
    seats = [Seat("T1", "B", 2), Seat("T2", "A", 1), Seat("T3", "B", 1)]
    found = compare(instance, "zhuanye", seats)
    assert (found.engine.short, found.engine.nothing) == (0, 0)
    spread = found.spread("nothing", cancelled=True)
    assert (spread.least, spread.most) == (0, 2)
    assert found.spread("under_minimum", cancelled=True).most == 0
