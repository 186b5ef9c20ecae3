"""Who lost much gets a seat when those who hold what she wants could do without."""

from __future__ import annotations

import numpy as np
import pytest

from matching.backends import rescue
from matching.backends.market import Market
from matching.backends.objective import PRICE_SCALE
from matching.backends.recover import Seating
from matching.backends.rescue import Rescue, rescued
from tests.matching.factories import draft, problem, seats_at, words

TURN = Rescue(turns=2, people=5, each=2, most=4)


def seated(lists, *held):
    """Seat people in sections of one seat each, and return how they sit."""
    round_ = problem()
    for place in "ABC":
        round_.section(place, capacity=1)
    for name, ranks in lists.items():
        round_.teacher(name, ranks=ranks, most_sections=1)
    posted = draft(round_.build())
    market = Market(posted)
    seating = Seating(market, market.purpose({"welfare": PRICE_SCALE}))
    index = posted.instance.teacher_index
    for name, place in held:
        wanted = market.local.start[index[name]] + lists[name].index(place)
        seating.put(np.array([index[name]]), np.array([[wanted]], np.int32))
    return seating


def sitting(seating):
    instance, held = seating.market.draft.instance, seating.held
    return words(seats_at(instance, seating.market.local.choices(held[held >= 0]).tolist()))


def test_who_lost_much_gets_a_seat_by_a_chain_of_two_moves():
    lists = {"Li": "A", "Ma": "AB", "Wu": "BC"}
    seating = seated(lists, ("Ma", "A"), ("Wu", "B"))
    seating.upgrade(seating.market.everybody, 5)
    assert sitting(seating) == "Ma:A Wu:B"
    free = np.zeros(seating.market.local.rows, np.int64)
    assert rescued(seating, free, TURN) == 1
    assert sitting(seating) == "Li:A Ma:B Wu:C"


@pytest.mark.parametrize("course", [TURN, Rescue(0, 5, 2, 4), Rescue(2, 5, 2, 4, least=0)])
def test_nobody_moves_where_nothing_is_won_or_nobody_is_tried(course):
    lists = {"Li": "A", "Ma": "A"}
    if course is not TURN:
        lists["Ma"] = "AB"
    seating = seated(lists, ("Ma", "A"))
    free = np.zeros(seating.market.local.rows, np.int64)
    assert rescued(seating, free, course) == 0
    assert sitting(seating) == "Ma:A"


def test_what_a_dive_makes_worse_is_put_back(monkeypatch):
    def losing(seating, columns, width):
        seating.put(columns.people, -1)

    monkeypatch.setattr(rescue, "dive_block", losing)
    seating = seated({"Li": "A", "Ma": "AB"}, ("Ma", "A"))
    free = np.zeros(seating.market.local.rows, np.int64)
    assert rescued(seating, free, TURN) == 0
    assert sitting(seating) == "Ma:A"
