"""Lists are written from the sheets of now; that they changed since the solve is noticed."""

import pytest

from matching.rounds import service, store
from matching.rounds.by_hand import ByHand, Decided
from matching.rounds.errors import BadRound
from matching.rounds.freshness import changed_since
from matching.rounds.service import run_round
from matching.rounds.viewing import round_view
from tests.matching.rounds.factories import (
    add,
    ballot,
    county,
    course,
    database,
    days,
    settings,
    teacher,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

ASKED = settings(hours_strict=False)
WEEK = days("2026-08-03", 5)


@pytest.fixture
def solved():
    with database(
        *county(teacher("T1"), teacher("T2"), *course("A", WEEK, 1, 1), ballot("T1", "A"))
    ) as session:
        run_round(session, ASKED, 1)
        yield session


def test_nothing_changed(solved):
    assert not changed_since(solved, ASKED)
    run_round(solved, ASKED, 2)
    assert not changed_since(solved, ASKED)


def test_another_size_of_a_section_is_noticed(solved):
    add(solved, *course("A", WEEK, 9, 1))
    assert changed_since(solved, ASKED)
    assert round_view(solved, ASKED, orders=0).seats


def test_a_choice_without_a_reason_stops_every_list(solved):
    """T2 hands in a ballot after the solve: nobody could tell her why she has nothing."""
    add(solved, ballot("T2", "A"))
    assert changed_since(solved, ASKED)
    with pytest.raises(BadRound, match="xuanke solve"):
        round_view(solved, ASKED, orders=0)


def test_what_was_decided_by_hand_is_no_change(solved):
    """The answer was solved with the locked seat; without being told of it the lists would warn."""
    locked = ByHand(locked=(Decided("T2", "A", "骨干"),))
    stored = store.load(solved, ASKED)
    solved.merge(service.result_row(service.first_round(stored, ASKED, by_hand=locked)))
    assert not changed_since(solved, ASKED, locked)
    assert changed_since(solved, ASKED)
