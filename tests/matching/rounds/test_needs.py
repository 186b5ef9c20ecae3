"""Diagnosed need becomes a share of the largest gain anybody has in the round."""

from itertools import product
from types import SimpleNamespace

import pytest

from diagnostics.framework import framework
from diagnostics.need import swing
from diagnostics.tables import RatingRow
from matching.rounds import needs
from matching.rounds.needs import gains, least_scale
from matching.rounds.points import worth
from matching.rounds.settings_file import read_settings
from matching.rounds.store import load
from tests.diagnostics.test_teachers import teacher as person
from tests.matching.rounds.factories import (
    EXAMPLE,
    county,
    course,
    database,
    days,
    settings,
    teacher,
)

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
        return gains(load(session, settings()), settings())


def test_the_largest_gain_is_a_thousand(gain):
    assert gain("LOW", "A") == 1000


def test_whoever_is_seen_to_do_well_gains_less(gain):
    assert gain("HIGH", "A") < gain("NONE", "A") < gain("LOW", "A")


def test_a_course_that_names_no_dimension_gains_nothing(gain):
    assert gain("LOW", "Z") == 0


PILOT = read_settings(EXAMPLE.parents[3] / "examples" / "pilot" / "round.toml")
COURSES = {
    name: SimpleNamespace(id=name, dimensions=CODES[i : i + 1]) for i, name in enumerate("AB")
}


def rated(own, observers=()):
    """Her own levels of two dimensions and others of the first; nobody knows of her colleague."""
    rows = [("self", "T1", code, level) for code, level in zip(CODES, own, strict=False)]
    rows += [("observer", f"O{i}", CODES[0], level) for i, level in enumerate(observers)]
    ratings = [
        SimpleNamespace(teacher_id="T1", source=kind, rater=rater, dimension=code, level=level)
        for kind, rater, code, level in rows
    ]
    people = {"T1": person(), "T2": person(id="T2")}
    return SimpleNamespace(ratings=ratings, responses=(), teachers=people, offerings=COURSES)


def points_of_need(stored):
    gain = gains(stored, PILOT)
    return [
        worth(PILOT.points, "T1", name, 1, gain=gain("T1", name), rural=False, shortage=False).need
        for name in COURSES
    ]


def largest_change():
    """Every pattern of two self ratings and one observer or none, all moved up by one level."""
    changes = []
    for own in product(range(1, 4), repeat=2):
        for observers in [(), (1,), (2,), (3,), (4,)]:
            before = points_of_need(rated(own, observers))
            after = points_of_need(rated([level + 1 for level in own], observers))
            changes += [abs(b - a) for b, a in zip(before, after, strict=True)]
    return max(changes)


def test_one_level_in_all_self_ratings_is_worth_at_most_a_tenth_of_a_first_choice(monkeypatch):
    """Even where nobody else's need sets the scale; without the least scale it is worth more."""
    tenth = PILOT.points.rank[0] // needs.SELF_SHARE
    assert largest_change() <= tenth == 10
    monkeypatch.setattr(needs, "least_scale", lambda moved, points: 1)
    assert largest_change() > tenth


def test_the_least_scale_follows_from_the_points():
    """A gain of 333 is worth 9.99 of 30 points, so 561 may not be more than 333 thousandths."""
    assert least_scale(swing(framework().model), PILOT.points) == -(-561_000 // 333) == 1685
