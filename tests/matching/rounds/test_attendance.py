"""Attendance, and the hours that are posted for it and no others."""

import pytest

from diagnostics import store as diagnosed
from matching.rounds.attendance import Mark, post, postings
from matching.rounds.hours import required_bookings
from matching.rounds.settings import Required
from matching.rounds.store import load
from tests.matching.rounds.factories import county, course, database, days, settings, teacher

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

MODULE = Required("R2", "师德", "zhuanye", 120, ("shide",))
SETTINGS = settings(required=(MODULE,))
HALVES = days("2026-08-03", 2)


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


def marks_of(*attended, section="A", planned=HALVES, came=None):
    """Return the mark of T0 with these half-days signed for."""
    state = "came" if (bool(attended) if came is None else came) else "no_show"
    return [Mark("T0", section, state, tuple(planned), attended)]


def test_a_half_day_signed_for_counts_four_hours(stored):
    """Three of four half-days are 12 h or 720 account minutes."""
    (posting,) = postings(stored, SETTINGS, marks_of(*HALVES[:3]))
    assert (posting.minutes, posting.category, posting.topics) == (720, "zhuanye", ("xljk",))
    assert (posting.evidence, posting.posted_on) == ("example-2026/A", "2026-08-04")


def test_who_stayed_away_earns_nothing(stored):
    assert list(postings(stored, SETTINGS, marks_of())) == []


def test_an_online_section_is_posted_whole(stored):
    marks = marks_of(section="N", planned=(), came=True)
    assert [posting.minutes for posting in postings(stored, SETTINGS, marks)] == [600]


def test_posting_twice_changes_nothing(stored):
    """Both teachers have the module of 2 h; T0 also came to 4 half-days."""
    rows = county(teacher("T0"), teacher("T1"), *course("A", HALVES))
    with database(*rows) as session:
        first = load(session, SETTINGS)
        marks = marks_of(*HALVES)
        wanted = [*required_bookings(SETTINGS, first.teachers), *postings(first, SETTINGS, marks)]
        written = {(line.teacher_id, line.minutes) for line in post(session, wanted, "甲", "乙")}
        assert written == {("T0", 120), ("T0", 960), ("T1", 120)}
        assert post(session, wanted, "甲", "乙") == ()
        assert load(session, SETTINGS).ledger["T0"][0].origin == "required"
        assert len(load(session, SETTINGS).ledger["T0"]) == 1
        lines = diagnosed.ledger_lines(session)
        assert all(line.counts for line in lines)
        assert {line.origin for line in lines} == {"required", "section"}
