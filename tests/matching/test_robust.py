"""Rounds at the edges, on both paths: each answer passes the referee and the independent recheck."""

from __future__ import annotations

import pytest

from matching import files
from matching.__main__ import main
from tests.matching.factories import problem, words
from tests.matching.judging import PATHS, judged, take

NAMES = ("Li", "Ma", "Wu", "Yu", "Zhou", "Feng")


@pytest.fixture(params=PATHS)
def judge(request, monkeypatch, tmp_path):
    """Solve and judge a round on one of the two paths."""
    take(request.param, monkeypatch)
    return lambda round_, effort="quick": judged(round_.build(), tmp_path / "round", effort)


def wishing(round_, names, *wishes, **columns):
    for name in names:
        round_.teacher(name, ranks=wishes, **columns)
    return round_


def test_no_seat_anywhere_is_an_answer_with_nobody_in_it(judge):
    round_ = problem({"unserved": 1}, {"welfare": 1})
    round_.section("A", capacity=0).section("B", capacity=0)
    result = judge(wishing(round_, NAMES, "A", "B"))
    assert (result.status, result.seats, result.closed) == ("optimal", (), ("A", "B"))
    assert [(goal.value, goal.bound) for goal in result.goals] == [(6, 6), (0, 0)]
    assert len(result.reasons) == 12


@pytest.mark.parametrize("people", [0, 1, 3])
def test_empty_ballots_leave_everything_empty(judge, people):
    """Also with nobody at all."""
    round_ = problem({"hours_short": 1}, {"welfare": 1}).section("A", capacity=2, minimum=2)
    result = judge(wishing(round_, NAMES[:people]))
    assert (result.status, result.seats, result.closed) == ("optimal", (), ("A",))


def test_a_round_without_sections_is_an_answer(judge):
    result = judge(problem().teacher("Li"))
    assert (result.status, result.seats) == ("optimal", ())


def test_one_teacher_receives_her_best_bundle(judge):
    """A and B meet at one time: 100 + 80 beats 90 + 80."""
    round_ = problem()
    for name, half in (("A", "am"), ("B", "am"), ("C", "pm")):
        round_.section(name, capacity=1, meets=[f"2026-08-03 {half}"])
    result = judge(round_.teacher("Li", ranks=["A", "B", "C"]))
    assert (result.status, words(result.seats)) == ("optimal", "Li:A Li:C")


def test_an_uncontested_market_gives_everybody_everything(judge):
    """Hours due, a share and minima are all met on the way."""
    tiers = {"hours_short": 1}, {"quota_short": 1}, {"unserved": 1}, {"welfare": 1}
    round_ = problem(*tiers)
    for place in "ABCDE":
        round_.section(place, capacity=6, minimum=6, minutes=60)
    round_.row("requirements", id="all").row("shares", id="s", minimum=6)
    for name in NAMES:
        round_.teacher(name, ranks=list("CADBE"), due={"all": 300})
    result = judge(round_)
    assert (result.status, len(result.seats), result.closed) == ("optimal", 30, ())
    assert [goal.value for goal in result.goals] == [0, 0, 0, 6 * (100 + 90 + 80 + 70 + 60)]
    assert result.reasons == ()


def test_of_people_who_are_all_alike_the_lottery_takes_as_many_as_there_are_seats(judge):
    """12 people, 5 seats; another seed takes others, and so many reasons are told."""
    names = [f"T{number:02}" for number in range(12)]

    def seated(seed):
        round_ = problem({"welfare": 1}, {"lottery": 1})
        round_.section("A", capacity=3).section("B", capacity=2)
        round_ = wishing(round_, names, "A", "B", most_sections=1)
        round_._meta["seed"] = seed
        return judge(round_, "standard")

    one, other = seated("one"), seated("other")
    for result in (one, other):
        assert result.goals[0].proof == "exact"
        assert (len(result.seats), result.goals[0].value) == (5, 3 * 100 + 2 * 90)
        assert len(result.reasons) == 24 - 5
    assert {seat.teacher for seat in one.seats} != {seat.teacher for seat in other.seats}


def test_a_minimum_above_demand_closes_the_section_and_nothing_else(judge):
    round_ = problem().section("A", capacity=9, minimum=7).section("B", capacity=9, minimum=6)
    result = judge(wishing(round_, NAMES, "A", "B"))
    assert result.closed == ("A",)
    assert words(result.seats) == " ".join(f"{name}:B" for name in sorted(NAMES))


def rural(round_, names):
    for name in names:
        round_.row("attributes", teacher=name, attribute="flag", value="rural")
    return round_


@pytest.mark.parametrize(("kind", "others"), [("hard", 0), ("soft", 2)])
def test_a_reserve_larger_than_the_section_and_its_group(judge, kind, others):
    """Five of three seats are kept for one person: hard ones stay empty, four soft ones are short."""
    round_ = problem({"quota_short": 1}, {"welfare": 1}).section("A", capacity=3)
    round_.row("reserves", id="r", group_where="flag=rural", seats=5, kind=kind)
    result = judge(rural(wishing(round_, NAMES, "A"), ["Li"]))
    assert result.status == "optimal"
    assert len(result.seats) == 1 + others
    assert "Li:A" in words(result.seats)
    assert result.goals[0].value == (4 if kind == "soft" else 0)


def test_reserves_that_leave_a_strict_share_no_room_are_told_as_a_clash(judge):
    """Two hard reserves keep all seats from the four others, of whom two must come."""
    round_ = problem({"quota_short": 1}, {"welfare": 1}).section("A", capacity=4)
    round_.row("reserves", id="r", group_where="flag=rural", seats=3, kind="hard")
    round_.row("shares", id="s", teachers_where="flag!=rural", minimum=2, strict=1)
    result = judge(rural(wishing(round_, NAMES, "A"), ["Li", "Ma"]))
    assert (result.status, result.seats) == ("infeasible", ())
    assert {reason.code for reason in result.witness} >= {"clash_level_share"}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (
            "Li,Z,2,chosen,9",
            "choices.csv line 3: table choices: section 'Z' is not in table sections",
        ),
        (
            "Nobody,A,1,chosen,9",
            "choices.csv line 3: table choices: teacher 'Nobody' is not in table teachers",
        ),
    ],
)
def test_a_choice_that_leads_nowhere_is_refused_with_its_name_and_line(
    line, named, tmp_path, capsys
):
    round_ = problem().section("A", capacity=1).teacher("Li", ranks=["A"])
    files.write_instance(round_.build(), tmp_path)
    with (tmp_path / "choices.csv").open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    assert main(["solve", str(tmp_path)]) == 2
    assert named in capsys.readouterr().err


@pytest.mark.parametrize("effort", ["quick", "standard", "long"])
def test_two_who_want_one_seat_at_every_effort(judge, effort):
    round_ = wishing(problem().section("A", capacity=1), NAMES[:2], "A")
    assert len(judge(round_, effort).seats) == 1
