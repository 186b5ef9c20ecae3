"""How many hours meet diagnosed need, counted by hand in a round of seven teachers.

Six teachers were seen by three observers, who gave all of them the lowest level in the first
dimension (a need) and the highest in the second (none); of the seventh nobody said anything.
"""

from collections import Counter
from dataclasses import replace

import pytest

from diagnostics.framework import framework
from diagnostics.tables import RatingRow
from matching.backends.mechanisms.first_come import by_lot
from matching.compile import compile_instance
from matching.result import Seat
from matching.rounds.assemble import assemble
from matching.rounds.assertions import run
from matching.rounds.compare import FirstCome
from matching.rounds.evidence import Evidence
from matching.rounds.facts import Facts
from matching.rounds.learnt import learnt
from matching.rounds.report.desk import Desk
from matching.rounds.report.learnt import count, learnt_part
from matching.rounds.store import load
from matching.rounds.view import Outcome
from tests.matching.rounds.factories import county, course, database, days, settings, teacher
from tests.matching.rounds.factories_view import round_view

NEED, STRONG = (dimension.code for dimension in framework().dimensions[:2])
TOP = framework().top
SIX = [f"T{n}" for n in range(1, 7)]
SETTINGS = settings()
NOTHING = Outcome("", 0, 0, 0, 0, {})


def seen(teacher_id):
    return [
        RatingRow(teacher_id=teacher_id, dimension=d, source="observer", rater=r, level=level)
        for d, level in ((NEED, 1), (STRONG, TOP))
        for r in "abc"
    ]


@pytest.fixture(scope="module")
def stored():
    rows = county(
        *(teacher(id_) for id_ in [*SIX, "T7"]),
        *course("N", days("2026-08-03", 3), 4, dimensions=[NEED]),
        *course("S", days("2026-08-10", 1), 9, dimensions=[STRONG]),
        *(row for id_ in SIX for row in seen(id_)),
    )
    with database(*rows) as session:
        return load(session, SETTINGS)


def run_of(*seats, drawn=()):
    return FirstCome(NOTHING, NOTHING, seats, tuple(drawn))


GOOD = [Seat("T1", "N", 1), Seat("T2", "S", 1), Seat("T7", "S", 1)]
POOR = [Seat("T1", "S", 1), Seat("T2", "S", 1)]
TRUTH = {id_: {d.code: TOP for d in framework().dimensions} for id_ in [*SIX, "T7"]}


@pytest.fixture(scope="module")
def found(stored):
    return learnt(stored, SETTINGS, GOOD, [run_of(*POOR, drawn=GOOD[:1])], TRUTH)


def test_hours_that_meet_need_are_counted_and_those_without_evidence_left_out(found):
    """24 h of N meet T1's need, 8 h of S do not meet T2's; T7's 8 h are left out: 24 of 32."""
    assert found.ways["engine"].met == (0.75,)
    assert found.ways["come"].met == (0.0,)
    assert found.ways["lot"].met == (1.0,)
    assert (found.teachers, found.told, found.observed, found.thin) == (7, 6, 6, 0)


def test_what_is_true_is_counted_beside_what_is_believed(found):
    """Everybody truly is at the top, so no hour meets what anybody lacks."""
    assert found.ways["engine"].true == (0.0,)
    assert found.checked.right < found.checked.said


def test_teachers_who_are_all_alike_are_not_told_apart(found):
    """All were given one level, so nothing varies between them: the reliability is 0."""
    first, _, third = found.dimensions[:3]
    assert (first.told, round(first.reliability, 9), third.told) == (6, 0, 0)
    assert first.below > 0.9


def test_of_fewer_than_five_nothing_is_told(stored):
    few = replace(stored, ratings=tuple(r for r in stored.ratings if r.teacher_id in SIX[:4]))
    assert learnt(few, SETTINGS, GOOD) is None
    five = replace(stored, ratings=tuple(r for r in stored.ratings if r.teacher_id in SIX[:5]))
    assert learnt(five, SETTINGS, GOOD) is not None


def test_a_dimension_with_fewer_than_five_has_no_figures(stored):
    few = [r for r in stored.ratings if r.dimension == NEED or r.teacher_id in SIX[:4]]
    found = learnt(replace(stored, ratings=tuple(few)), SETTINGS, GOOD)
    part = learnt_part(Desk(round_view(learnt=found)))
    rows = {row[0]: row[1:] for row in part.table.rows}
    assert rows[framework().dimension(STRONG).zh] == ("不足 5 名", "–", "–", "–", "–")
    assert rows[framework().dimension(NEED).zh][0] == "6"


@pytest.mark.parametrize(
    ("some", "said"),
    [(0, "0"), (4, "不足 5 名"), (5, "5"), (7, "几乎全部（其余不足 5 名）"), (10, "10")],
)
def test_neither_a_small_group_nor_a_small_rest_is_told(found, some, said):
    assert count(Desk(round_view()), found, some, 10) == said


def test_the_report_says_what_is_met_and_by_which_definition(found):
    for lang, share in (("zh", "75%"), ("en", "75%")):
        part = learnt_part(Desk(round_view(learnt=found), lang))
        assert share in part.sentences[0]
        assert len(part.notes) == 3
    assert learnt_part(Desk(round_view())) is None


def test_i14_notices_when_first_come_works_on_wider_gaps(stored, found):
    evidence = Evidence(Facts(stored, SETTINGS), (), (), frozenset(), learnt=found)

    def told(evidence):
        return next(check for check in run(evidence) if check.code == "i14")

    assert told(evidence).ok
    assert "75.0%" in told(evidence).zh
    worse = learnt(stored, SETTINGS, POOR, [run_of(*GOOD)])
    assert not told(replace(evidence, learnt=worse)).ok
    assert told(replace(evidence, learnt=None)).ok


def test_lots_give_seats_that_nobody_asked_for_and_keep_the_rules(stored):
    """Nobody has a ballot; N has four seats."""
    draft = compile_instance(assemble(stored, SETTINGS, last=False).instance)
    drawn = by_lot(draft, "x")
    assert drawn == by_lot(draft, "x") != by_lot(draft, "y")
    assert Counter(seat.section for seat in drawn)["N"] == 4
