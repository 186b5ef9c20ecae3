"""Diagnosed need becomes a share of the largest gain anybody has in the round."""

import pytest

from diagnostics.framework import framework
from diagnostics.tables import RatingRow
from matching.rounds.needs import gains
from matching.rounds.store import load
from tests.matching.rounds.factories import county, course, database, days, settings, teacher

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

AUGUST = days("2026-08-03", 1)
CODES = [dimension.code for dimension in framework().dimensions]


def observed(teacher_id, level):
    """Return ratings of three observers in the first dimension."""
    return [
        RatingRow(
            teacher_id=teacher_id, dimension=CODES[0], source="observer", rater=r, level=level
        )
        for r in "abc"
    ]


@pytest.fixture
def gain():
    rows = county(
        teacher("LOW"),
        teacher("HIGH"),
        teacher("NONE"),
        *course("A", AUGUST, dimensions=CODES[:1]),
        *course("Z", AUGUST),
        *observed("LOW", 1),
        *observed("HIGH", framework().top),
    )
    with database(*rows) as session:
        return gains(load(session, settings()), "common")


def test_the_largest_gain_is_a_thousand(gain):
    assert gain("LOW", "A") == 1000


def test_whoever_is_seen_to_do_well_gains_less(gain):
    assert gain("HIGH", "A") < gain("NONE", "A") < gain("LOW", "A")


def test_a_course_that_names_no_dimension_gains_nothing(gain):
    assert gain("LOW", "Z") == 0
