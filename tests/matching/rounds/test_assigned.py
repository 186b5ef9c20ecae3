"""Why a seat was assigned: the first rule that would break without this one seat."""

import pytest

from matching.rounds.assigned import assigned_reasons
from matching.rounds.facts import Facts
from matching.rounds.settings import Fill, Required, Share
from matching.rounds.store import load
from matching.rounds.tables import SeatRow
from tests.matching.rounds.factories import county, course, database, days, quota, settings, teacher

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

MODULE = Required("R", "师德", "zhuanye", 120, ("shide",))
FIVE, ONE = days("2026-08-03", 5), days("2026-08-10", 1)
CITY = Share("city", "市级", "level=city", "", None, 1, False, "half_up")


def seat(teacher_id, section_id, kind="chosen"):
    return SeatRow(
        round_id="r",
        teacher_id=teacher_id,
        section_id=section_id,
        number=2,
        rank=int(kind == "chosen"),
        kind=kind,
    )


def told(*more_rows, section="S", seats=(), **changes):
    """Return the reason of T1's assigned seat; she has 40 h from A besides."""
    chosen = settings(required=(MODULE,), **changes)
    rows = [teacher("T1"), teacher("T2"), *course("A", FIVE), *more_rows]
    with database(*county(*rows)) as session:
        facts = Facts(load(session, chosen), chosen)
        given = [seat("T1", "A"), *seats, seat("T1", section, "assignable")]
        (reason,) = assigned_reasons(facts, given)
    assert reason.say("zh") != reason.say("en")
    return reason.code.removeprefix("round_assigned_"), reason.have, reason.need


def test_her_hours():
    """S gives 8 h; with A alone (here 5 days of other hours) she has 0 of 40 h due."""
    gongxu = course("A", FIVE, category="gongxu")
    assert told(*gongxu, *course("S", ONE)) == ("hours", 0, 2400)


def test_a_level_share():
    assert told(*course("S", ONE, level="city"), shares=(CITY,)) == ("share", 0, 1)


def test_a_share_that_others_meet_is_not_the_reason():
    section = course("S", ONE, level="city")
    assert told(*section, seats=[seat("T2", "S")], shares=(CITY,))[0] == "exchange"


def test_the_minimum_of_the_section():
    section = course("S", ONE, 9, 2)
    assert told(*section, seats=[seat("T2", "S")]) == ("minimum", 1, 2)


def test_the_minimum_of_a_quota():
    rows = [*course("S", ONE), quota(min_seats=2)]
    assert told(*rows) == ("quota", 1, 2)


def test_a_fill_target():
    """60 % of 3 seats are 2."""
    target = Fill("f", "紧缺", "offering=S", 60)
    seats = [seat("T2", "S")]
    assert told(*course("S", ONE, 3), seats=seats, fills=(target,)) == ("quota", 1, 2)


def test_a_seat_that_nothing_needs_alone_is_part_of_an_exchange():
    assert told(*course("S", ONE))[0] == "exchange"


@pytest.mark.parametrize("kind", ["chosen", "locked"])
def test_only_assigned_seats_need_a_reason(kind):
    with database(*county(teacher("T1"), *course("A", FIVE))) as session:
        facts = Facts(load(session, settings()), settings())
        assert assigned_reasons(facts, [seat("T1", "A", kind)]) == ()
