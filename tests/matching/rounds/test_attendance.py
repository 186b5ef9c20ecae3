"""Attendance drawn by seed, and the hours that are posted for it and no others."""

from collections import Counter

import pytest

from diagnostics import store as diagnosed
from matching.rounds.attendance import post, postings, simulate
from matching.rounds.settings import Required
from matching.rounds.store import load
from matching.rounds.tables import SeatRow
from tests.matching.rounds.factories import county, course, database, days, settings, teacher

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

MODULE = Required("R2", "师德", "zhuanye", 120, ("shide",))
SETTINGS = settings(required=(MODULE,))
HALVES = days("2026-08-03", 2)


def seats(count, section="A"):
    return [
        SeatRow(
            round_id="r",
            teacher_id=f"T{i}",
            section_id=section,
            number=1,
            rank=1,
            kind="chosen",
        )
        for i in range(count)
    ]


@pytest.fixture
def stored():
    rows = county(
        teacher("T0"),
        teacher("T1"),
        *course("A", HALVES, topics=["xljk"]),
        *course("N", [], mode="online", minutes=600),
    )
    with database(*rows) as session:
        yield load(session, SETTINGS)


def test_about_one_in_fifty_declines_and_one_in_25_stays_away(stored):
    """Of 5,000 seats 2 % are 100 and 4 % are 200; of the other half-days 1 % are missed."""
    marks = simulate(stored, seats(5000), "seed")
    states = Counter(mark.state for mark in marks)
    assert 80 < states["declined"] < 120
    assert 170 < states["no_show"] < 230
    missed = sum(4 - len(mark.attended) for mark in marks if mark.state == "came")
    assert 140 < missed < 240


def test_a_draw_hangs_on_seed_teacher_and_section_alone(stored):
    some = seats(300)
    assert simulate(stored, some, "s") == simulate(stored, some[::-1], "s")
    assert simulate(stored, some, "s")[0] == simulate(stored, some[:1], "s")[0]
    assert simulate(stored, some, "s") != simulate(stored, some, "other")


def marks_of(stored, *attended):
    """Return the marks of T0 in A as drawn, then with these half-days signed for."""
    from dataclasses import replace

    (mark,) = simulate(stored, seats(1), "any")
    return [replace(mark, state="came" if attended else "no_show", attended=attended)]


def test_a_half_day_signed_for_counts_four_hours(stored):
    """Three of four half-days are 12 h or 720 account minutes."""
    (posting,) = postings(stored, SETTINGS, marks_of(stored, *HALVES[:3]))
    assert (posting.minutes, posting.category, posting.topics) == (720, "zhuanye", ("xljk",))
    assert (posting.evidence, posting.posted_on) == ("example-2026/A", "2026-08-04")


def test_who_stayed_away_earns_nothing(stored):
    assert list(postings(stored, SETTINGS, marks_of(stored))) == []


def test_an_online_section_is_posted_whole(stored):
    marks = simulate(stored, seats(1, "N"), "any")
    assert [posting.minutes for posting in postings(stored, SETTINGS, marks)] == [600]


def test_posting_twice_changes_nothing(stored):
    """Both teachers have the module of 2 h; T0 also came to 4 half-days."""
    rows = county(teacher("T0"), teacher("T1"), *course("A", HALVES))
    with database(*rows) as session:
        first = load(session, SETTINGS)
        marks = marks_of(first, *HALVES)
        assert post(session, first, SETTINGS, marks) == {"T0": 1080, "T1": 120}
        assert post(session, load(session, SETTINGS), SETTINGS, marks) == {}
        assert load(session, SETTINGS).ledger["T0"][0].origin == "required"
        assert len(load(session, SETTINGS).ledger["T0"]) == 1
        lines = diagnosed.ledger_lines(session)
        assert all(line.counts for line in lines)
        assert {line.origin for line in lines} == {"required", "section"}
