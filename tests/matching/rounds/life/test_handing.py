"""Ballots on their way: the window, versions, receipts, entry for somebody else."""

import random
import time
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from matching.rounds import store as rounds_store
from matching.rounds.ballots import BALLOTS
from matching.rounds.errors import BadRound
from matching.rounds.life import handing, moves, sealing, store
from matching.rounds.life.clock import stamp
from matching.rounds.life.drafting import settings_of
from matching.rounds.tables import RoundRow
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.life.factories import (
    CLOSES,
    DAY,
    DURING,
    HOUR,
    MINUTE,
    OPENS,
    ROUND,
    announce,
    call,
    close,
    empty_county,
    opened_round,
    row,
    seal,
    settings,
    two,
)
from tests.matching.rounds.test_ballots import sheet_row

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

MICRO = timedelta(microseconds=1)


def hand_in(session, id="T1", lines=("A",), version=0, most=None, who=None):
    return handing.hand_in(session, who or call("teacher", id), ROUND, id, lines, most, version)


def refusal(command, *arguments, **more) -> str:
    with pytest.raises(BadRound) as refused:
        command(*arguments, **more)
    assert refused.value.say("zh") != refused.value.say("en")
    return refused.value.code


def test_a_ballot_is_handed_in_changed_and_withdrawn():
    with opened_round() as session:
        told = hand_in(session, lines=("A", "C+D"), most=2)
        assert told.kind == "ballot.handed_in"
        assert told.notices == ()
        assert told.body["rows"][0]["after"]["lines"] == ["A", "C+D"]
        assert told.answer["version"] == 1
        again = hand_in(session, lines=("B",), version=1)
        assert again.answer["version"] == 2
        assert again.answer["digest"] != told.answer["digest"]
        gone = handing.withdraw(session, call("teacher", "T1"), ROUND, "T1", 2)
        assert (gone.answer["version"], gone.answer["handed_in"]) == (3, False)
        assert rounds_store.load(session, settings()).ballots == {}
        assert hand_in(session, lines=("C",), version=3).answer["version"] == 4


def test_the_same_ballot_twice_has_two_digests():
    """The salt keeps a short ballot from being guessed from its digest."""
    with opened_round() as session:
        first = hand_in(session).answer["digest"]
        assert hand_in(session, version=1).answer["digest"] != first


@pytest.mark.parametrize(
    ("at", "code"),
    [
        (OPENS - MICRO, "life_opens_later"),
        (OPENS, ""),
        (CLOSES - MICRO, ""),
        (CLOSES, "life_deadline_past"),
        (CLOSES + DAY, "life_deadline_past"),
    ],
)
def test_a_ballot_is_judged_by_when_it_arrived(at, code):
    with opened_round() as session:
        if code:
            assert refusal(hand_in, session, who=call("teacher", "T1", at)) == code
        else:
            assert hand_in(session, who=call("teacher", "T1", at)).answer["version"] == 1


ROW = RoundRow(
    id="r",
    title="r",
    year=2026,
    unit_id="u",
    list_length=6,
    seed_commitment="",
    settings={},
    state="open",
)
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati")


@pytest.fixture(params=ZONES)
def server_zone(request, monkeypatch):
    """Put the server itself into a time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_the_window_is_half_open_to_the_microsecond_wherever_the_server_stands(server_zone):
    """P15: 1,000 moments around both ends, told in five zones, on servers in five zones."""
    chance = random.Random(15)
    steps = (-DAY, -MINUTE, -MICRO, timedelta(0), MICRO, MINUTE, DAY)
    wrong = 0
    for _ in range(1_000):
        opens = OPENS + timedelta(microseconds=chance.randrange(10**14))
        closes = opens + timedelta(microseconds=chance.randrange(1, 10**13))
        now = chance.choice((opens, closes)) + chance.choice(steps)
        ROW.opens_at, ROW.closes_at = stamp(opens), stamp(closes)
        for zone in ZONES:
            arrived = call("teacher", "T1", now.astimezone(ZoneInfo(zone)))
            wrong += accepts(arrived) is not (opens <= now < closes)
    assert wrong == 0


def accepts(arrived) -> bool:
    try:
        handing.require_window(ROW, arrived)
    except BadRound:
        return False
    return True


def test_no_ballot_before_opening_and_after_closing():
    with empty_county() as session:
        announce(session)
        assert refusal(hand_in, session) == "life_not_open"
        moves.open_(session, call(at=OPENS), ROUND)
        hand_in(session)
        close(session)
        assert refusal(hand_in, session, version=1) == "life_not_open"
        gone = (session, call("teacher", "T1"), ROUND, "T1", 1)
        assert refusal(handing.withdraw, *gone) == "life_not_open"


def test_a_change_names_the_version_it_was_made_from():
    """Two windows of the same browser: the second one is told that it is behind."""
    with opened_round() as session:
        hand_in(session)
        for stale in (0, 2, -1):
            assert refusal(hand_in, session, version=stale) == "life_stale"
        typed = {"lines": ["B"]}
        handing.save_draft(session, call("teacher", "T1"), ROUND, "T1", typed, 1)
        assert refusal(hand_in, session, version=1) == "life_stale"
        assert hand_in(session, version=2).answer["version"] == 3


def test_a_draft_is_kept_as_typed_and_counts_for_nothing():
    with opened_round() as session:
        teacher = call("teacher", "T1")
        typed = {"lines": ["nonsense ++", "", "A"], "most_sections": "two"}
        told = handing.save_draft(session, teacher, ROUND, "T1", typed, 0)
        assert store.hand_in(session, ROUND, "T1").draft == typed
        assert told.answer["handed_in"] is False
        assert rounds_store.load(session, settings()).ballots == {}
        long = {"lines": ["A" * handing.LONGEST_DRAFT]}
        over = (session, teacher, ROUND, "T1", long, 1)
        assert refusal(handing.save_draft, *over) == "life_draft_too_long"


def test_a_draft_beside_a_ballot_leaves_the_ballot_as_it_is():
    with opened_round() as session:
        hand_in(session, lines=("A",))
        handing.save_draft(session, call("teacher", "T1"), ROUND, "T1", {"lines": ["B"]}, 1)
        assert rounds_store.load(session, settings()).ballots["T1"].choices == ["A"]


def test_entry_for_somebody_else_is_marked_and_she_is_told():
    with opened_round() as session:
        school = call("school", "P1", reason="纸质表")
        told = hand_in(session, "T1", who=school)
        assert told.answer["entered_by"] == "P1"
        (note,) = told.notices
        assert (note.person, note.kind, note.values["by"]) == ("T1", "ballot_changed", "P1")
        county = hand_in(session, "T1", ("B",), 1, who=call())
        assert county.notices[0].reference != note.reference
        assert hand_in(session, "T1", ("C",), 2).answer["entered_by"] == ""


@pytest.mark.parametrize(
    "who",
    [
        call("teacher", "T2"),
        call("school", "P2"),
        call("county", "441284"),
        call("institution", "I1"),
        call("auditor"),
        call("engine"),
    ],
)
def test_nobody_else_touches_her_ballot(who):
    with opened_round() as session:
        hand_in(session)
        assert refusal(hand_in, session, version=1, who=who) == "life_no_teacher"
        assert refusal(handing.withdraw, session, who, ROUND, "T1", 1) == "life_no_teacher"
        assert refusal(handing.save_draft, session, who, ROUND, "T1", {}, 1) == "life_no_teacher"


def test_a_teacher_of_another_county_is_not_in_the_round():
    elsewhere = [
        rounds.UnitRow(id="441284", name="邻县", kind="county", parent_id="441200"),
        rounds.school("X1", unit_id="441284"),
        rounds.teacher("X9", "X1"),
    ]
    with opened_round(*elsewhere) as session:
        assert refusal(hand_in, session, "X9") == "life_no_teacher"
        assert refusal(hand_in, session, "T99") == "life_no_teacher"


def test_a_sheet_imported_while_the_round_is_open_is_taken_in():
    """T1 has handed in herself; only T2's sheet is new, so T1's ballot stays hers."""
    with opened_round() as session:
        hand_in(session, "T1", ("A",))
        rounds.add(session, rounds.ballot("T1", "C"), rounds.ballot("T2", "B"))
        told = handing.adopt(session, call(), ROUND, ["T2"])
        ballots = rounds_store.load(session, settings()).ballots
        assert {id: ballot.choices for id, ballot in ballots.items()} == {"T1": ["A"], "T2": ["B"]}
        assert [note.person for note in told.notices] == ["T2"]
        late = (session, call(at=CLOSES), ROUND, ["T1"])
        assert refusal(handing.adopt, *late) == "life_deadline_past"


def test_a_sheet_is_refused_once_the_round_is_closed():
    with opened_round() as session:
        assert list(BALLOTS.check([sheet_row("A")], session)) == []
        close(session)
        assert [e.code for e in BALLOTS.check([sheet_row("A")], session)] == [
            "round_takes_no_sheet"
        ]
        moves.void(session, two(), ROUND, "")
        assert list(BALLOTS.check([sheet_row("A")], session)) == []


WISHES = {"T1": ["A", "C"], "T2": ["B"], "T5": ["C+D", "A"]}


def sealed_digest(entries: list[tuple[str, datetime, list[str]]]) -> str:
    """Hand in ballots one after the other, each teacher's last one being her wish."""
    with opened_round() as session:
        for id, at, lines in entries:
            mine = store.hand_in(session, ROUND, id)
            hand_in(session, id, lines, mine.version if mine else 0, who=call("teacher", id, at))
        seal(session)
        return store.snapshot(session, ROUND).digest


@cache
def handed_in_once() -> str:
    return sealed_digest([(id, DURING, lines) for id, lines in WISHES.items()])


@profile(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.permutations(sorted(WISHES)),
    st.lists(st.tuples(st.sampled_from(sorted(WISHES)), st.sampled_from(["A", "B", "D"]))),
    st.lists(st.integers(0, 200), min_size=20, max_size=20),
)
def test_when_and_how_often_somebody_hands_in_changes_nothing(order, before, hours):
    """Whatever was handed in before, and in any order and at any time: the last ballots are sealed."""
    entries = [(id, [line]) for id, line in before[:10]] + [(id, WISHES[id]) for id in order]
    timed = [
        (id, OPENS + hour * HOUR, lines)
        for hour, (id, lines) in zip(sorted(hours), entries, strict=False)
    ]
    assert sealed_digest(timed) == handed_in_once()


def test_another_wish_is_another_digest():
    """Negative control of the property above."""
    other = WISHES | {"T2": ["C"]}
    assert sealed_digest([(id, DURING, lines) for id, lines in other.items()]) != handed_in_once()


def test_the_settings_of_the_stored_round_are_those_it_was_drafted_with():
    with opened_round() as session:
        seal(session)
        assert sealing.restore(store.snapshot(session, ROUND).body)[1] == settings_of(row(session))
