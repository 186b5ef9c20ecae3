"""Demands that cannot be met whatever anybody chooses, and nothing that merely looks hard."""

from dataclasses import replace

import pytest

from matching.rounds.facts import Facts
from matching.rounds.precheck import certain_conflicts, is_certain
from matching.rounds.settings import Fill, Share
from matching.rounds.store import load
from tests.matching.rounds.factories import (
    county,
    course,
    database,
    days,
    school,
    settings,
    teacher,
)

pytestmark = pytest.mark.usefixtures("dialect")  # on both databases

AUGUST, TERM = days("2026-08-03", 1), days("2026-09-07", 1)


def conflicts(*rows, heads=1, percent=15, strict=True):
    share = Share("city", "市级", "level=city", "", None, heads, False, "half_up", strict)
    plain = settings(shares=(share,))
    asked = replace(plain, release=replace(plain.release, percent=percent))
    with database(*county(*rows)) as session:
        return certain_conflicts(Facts(load(session, asked), asked))


FOUR = [teacher(f"T{i}") for i in range(4)]


def test_a_share_that_can_be_met_is_no_conflict():
    assert conflicts(*FOUR, *course("A", AUGUST, level="city"), heads=4) == ()


def test_in_term_only_so_many_of_a_school_can_come():
    """15 % of 20 are three, four are asked for; nothing is said of schools, each can send some."""
    (line,) = conflicts(*FOUR, *course("A", TERM, level="city"), heads=4)
    assert (line.code, line.have, line.need) == ("round_certain_share", 3, 4)
    assert line.detail["schools"] == "–"
    assert is_certain((line,))


def test_schools_that_can_send_nobody_are_named():
    story = [*FOUR, school("P2", 20, release_max=0), teacher("X", "P2")]
    (line,) = conflicts(*story, *course("A", TERM, level="city"), heads=4)
    assert line.detail["schools"] == "P2"
    assert "P2" in line.say("en")


def test_capacity_and_eligibility_bound_a_share_too():
    (line,) = conflicts(*FOUR, *course("A", AUGUST, 2, level="city"), heads=3)
    assert (line.have, line.need) == (2, 3)
    (line,) = conflicts(*FOUR, *course("A", AUGUST, level="city", stages=["1"]), heads=1)
    assert (line.have, line.need) == (0, 1)


def test_a_section_that_cannot_open_is_told_and_does_not_stop_the_round():
    found = conflicts(*FOUR, *course("A", AUGUST, 9, level="city"), *course("B", AUGUST, 9, 5))
    (line,) = found
    assert (line.code, line.subject, line.have, line.need) == ("round_certain_minimum", "B", 4, 5)
    assert not is_certain(found)


def test_a_share_that_is_not_strict_is_told_and_does_not_stop_the_round():
    (line,) = conflicts(*FOUR, *course("A", TERM, level="city"), heads=4, strict=False)
    assert (line.have, line.need) == (3, 4)
    assert not is_certain((line,))


def test_a_share_without_any_section_says_so():
    """Nothing of the city's level is on offer: the condition is named, not the schools."""
    (line,) = conflicts(*FOUR, *course("A", AUGUST, level="county"), heads=1)
    assert line.code == "round_certain_no_section"
    assert "level=city" in line.say("zh")


def test_a_fill_target_of_courses_that_are_not_there_is_told():
    """The template's own course codes, left standing, would be a goal that does nothing."""
    asked = replace(settings(), fills=(Fill("f", "紧缺", "offering=C07", 60),))
    with database(*county(*FOUR, *course("A", AUGUST))) as session:
        found = certain_conflicts(Facts(load(session, asked), asked))
    assert [(line.code, line.subject) for line in found] == [("round_fill_no_section", "f")]
    assert not is_certain(found)
