"""What is on a ballot is checked all at once, in the words of the sheet; short lists are warned of."""

from dataclasses import replace

import pytest

from diagnostics.credit.ledger import Posting, post
from diagnostics.tables import BanRow
from matching.rounds.ballots import BALLOTS
from matching.rounds.errors import BadRound
from matching.rounds.hours import required_bookings
from matching.rounds.life import handing, store
from matching.rounds.life.checking import BadBallot
from matching.rounds.settings import Required
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.life.factories import ROUND, call, opened_round
from tests.matching.rounds.life.factories import settings as life_settings
from tests.matching.rounds.test_ballots import sheet_row

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

MODULE = Required("R", "师德", "zhuanye", 120, ("shide",))


def hand_in(session, id="T1", lines=("A",), version=0, most=None):
    return handing.hand_in(session, call("teacher", id), ROUND, id, lines, most, version)


def faults(session, *lines, **more) -> list[tuple[int, str]]:
    with pytest.raises(BadBallot) as refused:
        hand_in(session, lines=lines, **more)
    assert refused.value.say("zh") != refused.value.say("en")
    return [(fault.rank, fault.code) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (("A", "Z"), [(2, "round_no_section")]),
        (("A", "B+A"), [(2, "round_listed_twice")]),
        (("A+A",), [(1, "round_bundle_twice")]),
        (("K", "A"), [(1, "round_not_eligible")]),
        (("甲", "A++B"), [(1, "life_line_unreadable"), (2, "life_line_unreadable")]),
        (("A", "B", "C", "D"), [(4, "round_list_too_long")]),
        (("OLD", "K", "A", "A"), [
            (1, "round_no_section"),
            (2, "round_not_eligible"),
            (4, "round_list_too_long"),
            (4, "round_listed_twice"),
        ]),
    ],
)  # fmt: skip
def test_everything_wrong_is_told_at_once_with_its_rank(lines, found):
    with opened_round(list_length=3) as session:
        assert faults(session, *lines) == found
        assert store.hand_in(session, ROUND, "T1") is None


@pytest.mark.parametrize("most", [0, -1, 100, True, "2", 1.0])
def test_most_sections_is_a_whole_number(most):
    with opened_round() as session:
        assert faults(session, "A", most=most) == [(0, "life_most_wrong")]


def test_a_sheet_and_a_ballot_are_refused_in_the_same_words():
    """Both go through one function; what the sheet marks in a cell the ballot names by its rank."""
    with opened_round() as session:
        lines = ("A", "K", "A")
        errors = BALLOTS.check([sheet_row(*lines)], session)
        on_sheet = [(error.column[-1], error.code) for error in errors]
        assert on_sheet == [(str(rank), code) for rank, code in faults(session, *lines)]


def test_a_section_of_another_programme_is_not_in_the_round():
    old = [
        rounds.programme("P-OLD", year=2025),
        *rounds.course("OLD", [], minutes=60, programme_id="P-OLD"),
    ]
    with opened_round(*old) as session:
        assert faults(session, "OLD") == [(1, "round_no_section")]


def test_who_is_barred_is_told_until_when():
    ban = BanRow(
        teacher_id="T1",
        event="absent",
        from_day="2025-01-01",
        until_day="2027-12-31",
        where="mode=f2f",
    )
    with opened_round(ban) as session:
        assert faults(session, "A", "D") == [(1, "life_banned")]
        assert hand_in(session, lines=("D",)).answer["version"] == 1
        assert hand_in(session, "T2").answer["version"] == 1


def test_an_excused_ban_bars_nobody():
    ban = BanRow(
        teacher_id="T1",
        event="absent",
        from_day="2025-01-01",
        until_day="2027-12-31",
        where="mode=f2f",
        excuse="病假",
        excused_by="县局",
    )
    with opened_round(ban) as session:
        assert hand_in(session).answer["version"] == 1


def test_a_ballot_too_big_to_read_is_refused_before_it_is_read():
    with opened_round() as session:
        for lines in (["A"] * 51, ["A" * 201]):
            with pytest.raises(BadRound) as refused:
                hand_in(session, lines=lines)
            assert refused.value.code == "life_ballot_too_big"


def test_a_list_that_cannot_reach_the_missing_hours_is_warned_of_and_taken():
    """42 hours are due; A and B clash, so A, B, C and D give 16 + 16 + 8 hours at most."""
    with opened_round() as session:
        (warning,) = hand_in(session, lines=("A", "B", "C", "D")).answer["warnings"]
        minutes = (warning["due_minutes"], warning["reach_minutes"])
        assert minutes == (42 * 60, 40 * 60)
        (warning,) = hand_in(session, lines=("A", "C"), version=1, most=1).answer["warnings"]
        assert warning["reach_minutes"] == 16 * 60


def test_a_list_that_can_reach_them_is_not_warned_of():
    long = rounds.course("E", rounds.days("2026-08-20", 4), minutes=42 * 60)
    with opened_round(*long) as session:
        assert hand_in(session, lines=("A", "E")).answer["warnings"] == []


def due(session, id: str, version: int = 0) -> int:
    """Return what a teacher is told that she still owes."""
    (warning,) = hand_in(session, id, version=version).answer["warnings"]
    return warning["due_minutes"]


def test_what_is_due_is_less_her_ledger_and_the_hours_that_everybody_books():
    """42 hours less a module of 2; T1 has 8 approved and 4 pending hours, T2 has nothing yet."""
    done = Posting("T1", 2026, "zhuanye", 480, "外地培训", "证书1")
    with opened_round(required=(MODULE,)) as session:
        post(session, [done], ("甲", "乙"))
        post(session, [replace(done, minutes=240, evidence="证书2")], ("甲",))
        assert (due(session, "T1"), due(session, "T2")) == (2400 - 480, 2400)


def test_hours_that_everybody_books_count_once():
    """T1 has the module in her ledger already, from this round's own settings."""
    with opened_round(required=(MODULE,)) as session:
        post(session, required_bookings(life_settings(required=(MODULE,)), ["T1"]), ("甲", "乙"))
        assert due(session, "T1") == 2400


def test_the_same_hours_of_another_kind_count_beside_them():
    """Negative control: two hours that are not the module's make the rest less."""
    other = Posting("T1", 2026, "zhuanye", 120, "外地培训", "证书1")
    with opened_round(required=(MODULE,)) as session:
        post(session, [other], ("甲", "乙"))
        assert due(session, "T1") == 2280
