"""Moves of a round: who may, when, with which reason; deadlines; what the clock does by itself."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from matching.rounds.errors import BadRound, BadSettings
from matching.rounds.life import handing, moves
from matching.rounds.life.clock import moment, stamp
from matching.rounds.life.deadlines import CLOCK_GRACE, moment_of
from matching.rounds.life.phases import STATES, TABLE
from matching.rounds.life.tables import HandInRow
from tests.matching.rounds import factories as rounds
from tests.matching.rounds.life.factories import (
    AFTER,
    CLOSES,
    DAY,
    DRAFTED,
    DURING,
    HOUR,
    MINUTE,
    OPENS,
    ROUND,
    TEACHERS,
    announce,
    call,
    close,
    draft,
    empty_county,
    open_,
    opened_round,
    row,
    settings,
    two,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases


def refusal(command, *arguments, **more) -> str:
    with pytest.raises(BadRound) as refused:
        command(*arguments, **more)
    assert refused.value.say("zh") != refused.value.say("en")
    return refused.value.code


def test_a_round_is_announced_opened_and_closed():
    with empty_county() as session:
        draft(session)
        told = moves.announce(session, call(at=DRAFTED), ROUND, OPENS, CLOSES)
        assert told.kind == "round.announced"
        assert told.answer["commitment"] == row(session).seed_commitment
        assert len(told.answer["settings_digest"]) == 64
        told = moves.open_(session, call(at=OPENS), ROUND)
        assert {note.person for note in told.notices} == set(TEACHERS)
        assert {note.kind for note in told.notices} == {"opening"}
        assert close(session).state == "school_review"
        assert row(session).version == 3


def test_every_pair_of_state_and_verb_is_in_the_table_or_refused():
    """Whatever the state, a verb that the table does not know there changes nothing."""
    verbs = [line.verb for line in TABLE]
    with empty_county() as session:
        draft(session)
        for state in STATES:
            row(session).state = state
            for line in TABLE:
                role = line.roles[0]
                who = call(role, at=DURING, reason="r", second="二", actor="一")
                if state in line.before:
                    moves.move(session, who, ROUND, line.verb)
                    assert row(session).state == line.after
                    row(session).state = state
                else:
                    assert refusal(moves.move, session, who, ROUND, line.verb) == "life_wrong_state"
                    assert row(session).state == state
    assert len(verbs) == len(set(verbs))


def test_who_may_not_say_a_verb_is_told_who_may():
    """A machine of ours reaches every round, and still says its own verbs only."""
    with empty_county() as session:
        draft(session)
        for line in TABLE:
            row(session).state = line.before[0]
            stranger = "engine" if "engine" not in line.roles else "clock"
            calls = {"life_not_yours": call(stranger)}
            if line.two:
                calls["life_needs_second"] = call(reason="r")
                calls["life_same_person"] = call(reason="r", second="一", actor="一")
            if line.two or line.reasoned:
                calls["life_no_reason"] = call(second="二")
            for code, who in calls.items():
                assert refusal(moves.move, session, who, ROUND, line.verb) == code


def test_a_round_of_another_county_is_not_there():
    with opened_round() as session:
        for who in (call("county", "441284"), call("school", "P1"), call("teacher", "T1")):
            assert refusal(moves.close, session, who, ROUND) == "life_no_round"
        city = call("county", "441200", AFTER)
        assert moves.close(session, city, ROUND).answer["state"] == "school_review"


def test_an_edit_of_an_older_version_is_refused():
    with empty_county() as session:
        draft(session)
        seen = row(session).version
        moves.change_rules(session, call(), ROUND, settings(list_length=3), expected_version=seen)
        late = settings(list_length=4)
        code = refusal(moves.change_rules, session, call(), ROUND, late, expected_version=seen)
        assert code == "life_stale"
        assert row(session).list_length == 3


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("2026-06-11", "life_moment_no_hour"),
        ("2026-06-11T18:00:00", "life_moment_no_zone"),
        ("2026-06-11 18:00", "life_moment_no_zone"),
        (datetime(2026, 6, 11, 18), "life_moment_no_zone"),  # noqa: DTZ001
        ("2026-06-11T24:00:00+08:00", "life_moment_24"),
        ("2026-06-31T18:00:00+08:00", "life_moment_unreadable"),
        ("2026-06-11T18:00:00+0800", "life_moment_unreadable"),
        ("tomorrow", "life_moment_unreadable"),
        ("", "life_moment_unreadable"),
    ],
)
def test_a_deadline_names_its_hour_and_its_zone(said, code):
    with empty_county() as session:
        draft(session)
        assert refusal(moves.announce, session, call(at=DRAFTED), ROUND, OPENS, said) == code
        assert row(session).state == "draft"


@profile(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 4, 14 * 4),
)
def test_a_deadline_is_the_same_moment_in_every_zone(naive, quarters):
    there = naive.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    assert moment_of(there) == there == moment(stamp(moment_of(there.isoformat())))


def test_a_round_opens_only_with_a_deadline_sections_and_teachers():
    with empty_county() as session:
        draft(session)
        moves.announce(session, call(at=DRAFTED), ROUND)
        assert refusal(moves.open_, session, call(at=OPENS), ROUND) == "life_no_deadline"
        past = (session, call(at=OPENS), ROUND, None, OPENS)
        assert refusal(moves.open_, *past) == "life_deadline_past"
        moves.open_(session, call(at=OPENS), ROUND, closes_at=CLOSES)
        assert row(session).opens_at == stamp(OPENS)
    with empty_county() as session:
        announce(session, programmes=("P-NONE",))
        with pytest.raises(BadSettings, match="P-NONE"):
            moves.open_(session, call(at=OPENS), ROUND)


def test_a_deadline_moves_to_a_later_moment_only():
    with opened_round() as session:
        why = call(reason="网络拥堵")
        earlier = (session, why, ROUND, CLOSES - MINUTE)
        assert refusal(moves.extend, *earlier) == "life_deadline_earlier"
        told = moves.extend(session, why, ROUND, "2026-06-12T18:00:00+08:00")
        assert row(session).closes_at == "2026-06-12T10:00:00.000000Z"
        assert len(told.notices) == len(TEACHERS)
        late = call(at=CLOSES + 2 * DAY, reason="网络拥堵")
        assert refusal(moves.extend, session, late, ROUND, AFTER + 9 * DAY) == "life_deadline_past"


def test_a_pause_is_given_back_and_ends_after_notice():
    """Paused for 3 days 2 hours in all, the round closes 3 days 2 hours later."""
    with opened_round() as session:
        moves.pause(session, call(at=DURING, reason="停电"), ROUND)
        hand_in = (session, call("teacher", "T1", DURING), ROUND, "T1", ["A"], None, 0)
        assert refusal(handing.hand_in, *hand_in) == "life_not_open"
        back = call(at=DURING + 3 * DAY, reason="已恢复供电")
        assert refusal(moves.resume, session, back, ROUND, back.now + HOUR) == "life_resume_soon"
        reopens = back.now + 2 * HOUR
        short = CLOSES + 3 * DAY + HOUR
        assert refusal(moves.resume, session, back, ROUND, reopens, short) == "life_resume_short"
        told = moves.resume(session, back, ROUND, reopens)
        assert moment(row(session).closes_at) == CLOSES + 3 * DAY + 2 * HOUR
        assert len(told.notices) == len(TEACHERS)
        assert row(session).paused_at == ""
        soon = (session, call("teacher", "T1", reopens - MINUTE), ROUND, "T1", ["A"], None, 0)
        assert refusal(handing.hand_in, *soon) == "life_opens_later"
        handing.hand_in(session, call("teacher", "T1", reopens), ROUND, "T1", ["A"], None, 0)


def test_a_round_whose_deadline_has_passed_is_not_paused():
    """Else a pause would reopen what was over."""
    with opened_round() as session:
        late = call(at=CLOSES, reason="停电")
        assert refusal(moves.pause, session, late, ROUND) == "life_deadline_past"


def test_closing_before_the_deadline_takes_two_people_and_a_reason():
    with opened_round() as session:
        assert refusal(moves.close, session, call(at=CLOSES - MINUTE), ROUND) == "life_not_yet"
        assert refusal(moves.close_early, session, call(reason="r"), ROUND) == "life_needs_second"
        told = moves.close_early(session, two(), ROUND)
        assert told.body["reason"] == "雷击停电"
        assert row(session).state == "school_review"


def test_a_voided_round_names_its_successor_or_says_that_there_is_none():
    with opened_round() as session:
        assert refusal(moves.void, session, two(), ROUND, "r9") == "life_bad_successor"
        assert refusal(moves.void, session, two(), ROUND, ROUND) == "life_bad_successor"
        told = moves.void(session, two(), ROUND, "")
        assert (told.kind, told.body["successor"]) == ("round.voided", "")
        assert row(session).state == "voided"


def test_the_clock_opens_reminds_and_closes_once_each():
    with empty_county() as session:
        announce(session)

        def tick(at: datetime) -> list[str]:
            return [each.kind for each in moves.tick(session, call("clock", at=at), ROUND)]

        assert tick(OPENS - MINUTE) == []
        assert tick(OPENS) == ["round.opened"]
        assert tick(OPENS) == []
        assert tick(CLOSES - 2 * DAY - MINUTE) == []
        assert tick(CLOSES - 2 * DAY) == ["round.reminded"]
        assert tick(CLOSES - DAY) == []
        assert tick(CLOSES) == []
        assert tick(CLOSES + CLOCK_GRACE) == ["round.closed"]
        assert tick(CLOSES + CLOCK_GRACE) == []


def test_those_without_a_ballot_are_reminded():
    """T1 has handed in; what T2 has handed in was returned; T3 is still typing."""
    with opened_round() as session:
        for id in ("T1", "T2"):
            handing.hand_in(session, call("teacher", id), ROUND, id, ["A"], None, 0)
        handing.save_draft(session, call("teacher", "T3"), ROUND, "T3", {"lines": ["A"]}, 0)
        session.get_one(HandInRow, (ROUND, "T2")).school = "returned"
        (told,) = moves.tick(session, call("clock", at=CLOSES - DAY), ROUND)
        assert {note.kind for note in told.notices} == {"closing_soon"}
        assert [note.person for note in told.notices] == ["T2", "T3", "T4", "T5", "T6"]


def test_an_extended_deadline_is_reminded_of_again():
    with opened_round() as session:
        clock = call("clock", at=CLOSES - DAY)
        (first,) = moves.tick(session, clock, ROUND)
        moves.extend(session, call(at=CLOSES - HOUR, reason="r"), ROUND, CLOSES + 5 * DAY)
        assert moves.tick(session, clock, ROUND) == ()
        (again,) = moves.tick(session, call("clock", at=CLOSES + 4 * DAY), ROUND)
        assert first.notices[0].reference != again.notices[0].reference


def test_a_server_that_slept_through_the_window_opens_nothing():
    with empty_county() as session:
        announce(session)
        assert moves.tick(session, call("clock", at=AFTER), ROUND) == ()
        assert row(session).state == "announced"
        moves.amend_rules(session, two(AFTER), ROUND, settings(), closes_at=AFTER + 9 * DAY)
        assert [e.kind for e in moves.tick(session, call("clock", at=AFTER), ROUND)] == [
            "round.opened"
        ]


def test_a_paper_ballot_is_taken_in_when_the_round_opens():
    """T1's sheet counts as approved, T2's was returned; T3's is of another round."""
    papers = (
        rounds.ballot("T1", "A", "C+D", most_sections=2, entered_by="教研员"),
        rounds.ballot("T2", "B", returned=True),
        rounds.ballot("T3", "OLD-1"),
    )
    with empty_county(*papers) as session:
        open_(session)
        first, second = (session.get_one(HandInRow, (ROUND, id)) for id in ("T1", "T2"))
        assert (first.lines, first.most_sections, first.school) == (["A", "C+D"], 2, "approved")
        assert (first.entered_by, second.entered_by) == ("教研员", "P1")
        assert second.school == "returned"
        assert session.get(HandInRow, (ROUND, "T3")) is None


def test_a_round_is_not_closed_over_the_heads_of_those_in_line():
    """Who arrived in time may still wait to be written down; ten seconds later nobody does."""
    with opened_round() as session:
        at_once = call(at=CLOSES)
        assert refusal(moves.close, session, at_once, ROUND) == "life_not_yet"
        in_time = call("teacher", "T1", CLOSES - timedelta(seconds=1))
        assert handing.hand_in(session, in_time, ROUND, "T1", ["A"], None, 0).answer["version"] == 1
        later = call(at=CLOSES + CLOCK_GRACE)
        assert moves.close(session, later, ROUND).answer["state"] == "school_review"
