"""The promises i1 to i14: they hold in a small good round, and each notices what breaks it.

The round: T1 sits in A (county, 5 days of August), T2 in B (city, 5 days of August), 40 h each; with
the 2-hour module that is 42 h. T2 wanted A as well, which has one seat. C met no minimum and is closed.
"""

from dataclasses import replace

import pytest

from diagnostics.credit.ledger import LedgerLine, Posting
from matching.rounds.assertions import PROMISES, run
from matching.rounds.attendance import Mark, postings
from matching.rounds.evidence import Evidence, ZeroRelease
from matching.rounds.facts import Facts
from matching.rounds.hours import required_bookings
from matching.rounds.reasons import untrue
from matching.rounds.settings import Fill, Required, Share
from matching.rounds.store import load
from matching.rounds.tables import ReasonRow, SeatRow
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

FIRST, SECOND = days("2026-08-03", 5), days("2026-08-10", 5)
TERM = days("2026-09-07", 5)
SETTINGS = settings(
    required=(
        Required("R1", "公需", "gongxu", 1800),
        Required("R2", "师德", "zhuanye", 120, ("shide",)),
        Required("R3", "选修", "xuanxiu", 1080),
    ),
    shares=(
        Share("city", "市级", "level=city", "", None, 1, True, "half_up"),
        Share("county", "县级", "level=county", "", 50, None, False, "half_up"),
    ),
    fills=(Fill("f", "紧缺", "offering=A", 60),),
)


def seat(teacher_id, section_id, rank=1, kind="chosen"):
    return SeatRow(
        round_id="r",
        teacher_id=teacher_id,
        section_id=section_id,
        number=1,
        rank=rank,
        kind=kind,
    )


def reason(teacher_id, section_id, code="round_returned"):
    return ReasonRow(
        round_id="r",
        number=2,
        teacher_id=teacher_id,
        subject=section_id,
        code=code,
        have=0,
        need=0,
        detail={},
    )


def approved(postings):
    """Return postings as ledger lines with both approvals."""
    names = Posting.__slots__
    return tuple(
        LedgerLine(**{name: getattr(row, name) for name in names}, approvers=("甲", "乙"))
        for row in postings
    )


@pytest.fixture(scope="module")
def facts():
    rows = county(
        teacher("T1"),
        teacher("T2"),
        *course("A", FIRST, 1, 1, stages=["2"]),
        *course("B", SECOND, 2, 1, level="city"),
        *course("C", TERM, 9, 5),
        *course("K", SECOND, 9, 1, stages=["1"]),
        *course("O", FIRST, 9, 1),
        ballot("T1", "A"),
        ballot("T2", "B", "A"),
    )
    with database(*rows) as session:
        return Facts(load(session, SETTINGS), SETTINGS)


@pytest.fixture
def good(facts):
    marks = tuple(
        Mark(teacher, section, "came", tuple(halves), tuple(halves))
        for teacher, section, halves in (("T1", "A", FIRST), ("T2", "B", SECOND))
    )
    booked = [
        *required_bookings(SETTINGS, facts.stored.teachers),
        *postings(facts.stored, SETTINGS, marks),
    ]
    return Evidence(
        facts=facts,
        seats=(seat("T1", "A"), seat("T2", "B")),
        reasons=(reason("T2", "A"),),
        closed=frozenset("CKO"),
        marks=marks,
        ledger=approved(booked),
        certificates=frozenset({"T1", "T2"}),
        repeats=(("d1", "d1"), ("d2", "d2")),
        zero=ZeroRelease("infeasible", ("P1",), 0),
    )


def failed(evidence):
    return {check.code for check in run(evidence) if not check.ok}


def test_every_promise_holds_in_the_good_round(good):
    lines = [check.line() for check in run(good)]
    assert [line.split()[:2] for line in lines] == [[f"i{n}", "ok"] for n in range(1, 15)]
    assert "2/2" in lines[0]
    assert len(PROMISES) == 14


def test_the_line_is_said_in_both_languages(good):
    for check in run(good):
        assert check.line("en").startswith(f"{check.code} ok ")
        assert check.zh


def test_i1_a_teacher_without_a_seat_is_short_of_hours(good):
    assert "i1" in failed(replace(good, seats=good.seats[:1]))


def test_i1_counts_hours_earned_before(good):
    """T2 has no seat but 40 h from elsewhere: she is not short."""
    earned = approved([Posting("T2", 2026, "zhuanye", 2400, "外地", "证书")])
    stored = replace(good.facts.stored, ledger={"T1": (), "T2": earned})
    evidence = replace(good, facts=Facts(stored, SETTINGS), seats=good.seats[:1])
    assert "i1" not in failed(evidence)


@pytest.mark.parametrize(
    "seats",
    [
        [seat("T1", "A"), seat("T2", "O")],
        [seat("T1", "B"), seat("T2", "B")],
    ],
)
def test_i2_too_few_and_too_many_at_the_city_level(good, seats):
    assert "i2" in failed(replace(good, seats=tuple(seats)))


def test_i2_counts_heads_not_seats(good):
    """T1 twice at county level is one head of one needed, and shows nobody at two levels."""
    seats = (seat("T1", "A"), seat("T1", "C"), seat("T2", "B"))
    (check,) = [c for c in run(replace(good, seats=seats)) if c.code == "i2"]
    assert check.ok
    assert "0 人" in check.zh


def test_i3_two_sections_on_one_day(good):
    assert "i3" in failed(replace(good, seats=(*good.seats, seat("T1", "O"))))


def test_i4_more_away_than_the_school_may_release(good):
    """15 % of 20 are 3; with a limit of 0 % even one teacher in term is too many."""
    seats = (seat("T1", "C"), seat("T2", "B"))
    assert "i4" not in failed(replace(good, seats=seats))
    strict = replace(SETTINGS, release=replace(SETTINGS.release, percent=0))
    evidence = replace(good, facts=Facts(good.facts.stored, strict), seats=seats)
    assert "i4" in failed(evidence)


def test_i5_too_many_in_a_section(good):
    assert "i5" in failed(replace(good, seats=(*good.seats, seat("T2", "A"))))


def test_i5_too_few_in_an_open_section(good):
    assert "i5" in failed(replace(good, closed=frozenset("KO")))


def test_i5_somebody_in_a_closed_section(good):
    assert "i5" in failed(replace(good, seats=(*good.seats, seat("T1", "C"))))


def test_i6_somebody_who_is_not_eligible(good):
    assert "i6" in failed(replace(good, seats=(seat("T1", "K"), seat("T2", "B"))))


def test_i6_somebody_who_is_barred(good):
    from diagnostics.credit.integrity import Ban

    ban = Ban("T1", "no_show", "2026-01-01", "2028-12-31", "level=county")
    stored = replace(good.facts.stored, bans=(ban,))
    assert "i6" in failed(replace(good, facts=Facts(stored, SETTINGS)))
    past = replace(ban, until_day="2026-08-02")
    stored = replace(good.facts.stored, bans=(past,))
    assert "i6" not in failed(replace(good, facts=Facts(stored, SETTINGS)))


def test_i7_without_the_module_nobody_has_the_compulsory_hours(good):
    without = replace(SETTINGS, required=tuple(r for r in SETTINGS.required if r.id != "R2"))
    assert "i7" in failed(replace(good, facts=Facts(good.facts.stored, without)))


def test_i8_hours_posted_that_nobody_signed_for(good):
    absent = replace(good.marks[0], attended=good.marks[0].planned[1:])
    assert "i8" in failed(replace(good, marks=(absent, good.marks[1])))


def test_i8_a_line_with_one_approval_does_not_count(good):
    half = tuple(replace(line, approvers=("甲",)) for line in good.ledger)
    assert "i8" in failed(replace(good, ledger=half))


def test_i8_and_i9_ask_for_attendance(good):
    none = replace(good, marks=(), ledger=(), certificates=frozenset())
    assert {"i8", "i9"} <= failed(none)


@pytest.mark.parametrize("given", [frozenset({"T1"}), frozenset({"T1", "T2", "T3"})])
def test_i9_a_certificate_too_few_or_too_many(good, given):
    assert "i9" in failed(replace(good, certificates=given))


def test_i9_an_incomplete_year_has_no_certificate(good):
    """T1 missed a half-day: 36 + 2 h of 42, so her certificate would be false."""
    short = tuple(
        replace(line, minutes=line.minutes - 240)
        if line.teacher_id == "T1" and line.origin == "section"
        else line
        for line in good.ledger
    )
    assert "i9" in failed(replace(good, ledger=short))
    assert "i9" not in failed(replace(good, ledger=short, certificates=frozenset({"T2"})))


def test_i10_courses_that_do_not_fill(good):
    assert "i10" in failed(replace(good, seats=good.seats[1:]))


@pytest.mark.parametrize("repeats", [(), (("d1", "d1"), ("d2", "x"))])
def test_i11_another_answer_or_no_second_try(good, repeats):
    assert "i11" in failed(replace(good, repeats=repeats))


@pytest.mark.parametrize(
    "reasons",
    [
        (),
        (reason("T2", "A"), reason("T2", "A")),
        (reason("T2", "A"), reason("T2", "B")),
        (reason("T2", "A", "no_such_code"),),
        (reason("T2", "A", "round_no_such_code"),),
    ],
)
def test_i12_no_reason_two_reasons_a_reason_for_what_she_got_an_unknown_reason(good, reasons):
    assert "i12" in failed(replace(good, reasons=reasons))


@pytest.mark.parametrize(
    "zero",
    [
        None,
        ZeroRelease("optimal", (), 2),
        ZeroRelease("infeasible", (), 0),
        ZeroRelease("infeasible", ("P9",), 0),
        ZeroRelease("infeasible", ("P1",), 1),
    ],
)
def test_i13_an_answer_or_no_school_named(good, zero):
    assert "i13" in failed(replace(good, zero=zero))


@pytest.mark.parametrize(
    ("section", "code", "is_true"),
    [
        ("A", "full", True),
        ("O", "full", False),
        ("O", "closed_below_minimum", True),
        ("A", "closed_below_minimum", False),
        ("K", "time_conflict_held", True),
        ("A", "time_conflict_held", False),
        ("K", "eligible", True),
        ("A", "eligible", False),
    ],
)
def test_a_reason_that_a_look_at_the_seats_disproves_is_untrue(good, section, code, is_true):
    """T2 sits in B, which meets on the days of K; A is full, O is empty, K is for kindergartens."""
    assert untrue(good, reason("T2", section, code)) is not is_true
