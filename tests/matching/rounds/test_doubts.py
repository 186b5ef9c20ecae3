"""A seat missed by fewer points than the diagnosis can tell apart: the reason says so."""

from types import SimpleNamespace

import pytest

from diagnostics.framework import framework
from diagnostics.tables import RatingRow
from matching.result import Reason, Seat
from matching.rounds import store
from matching.rounds.doubts import doubts
from matching.rounds.needs import gains
from matching.rounds.points import of_need
from matching.rounds.reasons import Doubted, reason_of
from matching.rounds.service import run_round
from tests.matching.rounds.factories import (
    ballot,
    county,
    course,
    database,
    days,
    school,
    settings,
    teacher,
)

NEEDED = [framework().dimensions[0].code]
SETTINGS = settings(hours_strict=False)
SEEN = [
    RatingRow(teacher_id=id_, dimension=NEEDED[0], source="observer", rater=f"O{i}", level=1)
    for id_ in ("SEEN", "SEEN2")
    for i in range(8)
]
ROWS = county(
    school("P2", residence="220"),
    *course("A", days("2026-08-03", 1), 1, dimensions=NEEDED),
    *course("B", days("2026-08-10", 1), 1, dimensions=NEEDED),
    *(teacher(id_) for id_ in ("SEEN", "UNSEEN")),
    *(teacher(id_, "P2") for id_ in ("SEEN2", "UNSEEN2")),
    *SEEN,
    *(ballot(id_, "A") for id_ in ("UNSEEN", "UNSEEN2")),
    *(ballot(id_, "B") for id_ in ("SEEN", "SEEN2")),
)
"""One seat each; both seats go to a village teacher of equal need, who is 8 points ahead for that.

Nobody knows the need of those who ask for A; eight observers agree on that of those who ask for B.
"""
THIN = {"zh": "证据不足", "en": "Evidence is thin"}


@pytest.fixture(scope="module")
def told():
    """Return the session after both rounds, with the answer of the first."""
    with database(*ROWS) as session:
        answer = run_round(session, SETTINGS, 1)
        run_round(session, SETTINGS, 2)
        yield session, answer


@pytest.fixture(scope="module")
def first(told):
    return {reason.teacher: reason for reason in told[1].reasons}


def test_both_missed_a_seat_for_the_same_points(told, first):
    assert {(r.teacher, r.subject, r.code) for r in first.values()} == {
        ("UNSEEN", "A", "full"),
        ("SEEN", "B", "full"),
    }
    total = {(w.teacher, w.section): w.total for w in told[1].assembly.worths}
    assert total["UNSEEN2", "A"] - total["UNSEEN", "A"] == SETTINGS.points.rural == 8
    assert total["SEEN2", "B"] - total["SEEN", "B"] == 8


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_she_of_whom_little_is_known_reads_that_evidence_is_thin(first, lang):
    """One SD of her need is worth 11 points, of her colleague's 1: nine more would have won."""
    unseen = first["UNSEEN"]
    assert unseen.detail["from_need"] == 11
    assert unseen.detail["need_sd"] == 11
    plain = Reason.say(unseen, lang)
    assert unseen.say(lang).startswith(plain)
    assert THIN[lang] in unseen.say(lang).removeprefix(plain)
    assert "±11" in unseen.say("zh")
    assert THIN[lang] not in first["SEEN"].say(lang)


def test_it_is_kept_and_round_two_tells_it_again(told, first):
    session, _ = told
    kept = [row for row in store.reasons(session, SETTINGS.id) if row.teacher_id in first]
    missed = [row for row in kept if not row.code.startswith("round_")]
    assert sorted((row.number, row.teacher_id) for row in missed) == [
        (number, id_) for number in (1, 2) for id_ in ("SEEN", "UNSEEN")
    ]
    assert all(reason_of(row) == first[row.teacher_id] for row in missed)
    assert {type(reason_of(row)) for row in missed} == {Reason, Doubted}


def judged(told, code, *, kind="chosen", **detail):
    """Return what becomes of a reason for UNSEEN at A, where UNSEEN2 holds a seat of a kind."""
    session, answer = told
    reason = Reason(code, "UNSEEN", "A", 1, 1, "seat_capacity", detail)
    result = SimpleNamespace(reasons=(reason,), seats=(Seat("UNSEEN2", "A", 1, kind),))
    (found,) = doubts(answer.assembly, result, gains(store.load(session, SETTINGS), SETTINGS))
    return isinstance(found, Doubted)


def test_a_miss_in_favour_of_weaker_claims_is_measured_by_what_the_total_would_lose(told):
    """11 points are enough where 30 would be lost and 20 gained, and not where 31 would be lost."""
    assert judged(told, "full_points", least=30, gain=20)
    assert not judged(told, "full_points", least=31, gain=20)


def test_equal_claims_are_in_doubt_only_where_need_is_unsure(told):
    assert judged(told, "full", points=119)
    assert judged(told, "full", points=109)
    assert not judged(told, "full", points=108)


def test_nobody_can_outbid_a_locked_seat_or_a_rule(told):
    assert not judged(told, "full", points=119, kind="locked")
    assert not judged(told, "full_goals", points=119, least=0, gain=0)


def test_a_spread_is_on_the_scale_of_the_gain(told):
    """What SEEN needs is sure (1 of 30 points), what UNSEEN needs is not; no need, no spread."""
    found = gains(store.load(told[0], SETTINGS), SETTINGS)
    worth = [of_need(SETTINGS.points, found.sd(id_, "A")) for id_ in ("SEEN", "UNSEEN")]
    assert worth == [1, 11]
    assert found("SEEN", "A") == 1000
