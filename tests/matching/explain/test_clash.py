"""The clash behind an infeasible round: none of the settings told can be dropped."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from matching.backends.cp_sat import solve_oracle
from matching.instance import Instance
from matching.primitives import Draft
from matching.problem import Problem
from matching.result import Reason
from matching.schema import UNLIMITED
from matching.solve import solve
from tests.matching.counties import counties
from tests.matching.explain.stories import AM, wishes
from tests.matching.factories import D1, draft, problem

SEATS = ("minimum_to_open", "seat_capacity")


def two_of_three(**columns) -> Problem:
    """Li, Ma and Wu want A; at least two of them must be there."""
    round_ = problem().section("A", **{"capacity": 9, "attributes": {"topic": "ethics"}, **columns})
    for name in ("Li", "Ma", "Wu"):
        wishes(round_, name, A=9, school="one", most_sections=1)
    return round_.row("shares", id="two", minimum=2, strict=1, sections_where="section=A")


def due(*, alone: bool) -> Problem:
    """Both must reach an hour; A has it and one seat, or nobody lists it."""
    round_ = problem().row("requirements", id="all", strict=1)
    round_.section("A", capacity=1, minutes=60).section("B", capacity=9)
    for name in ("Li", "Ma"):
        wishes(round_, name, due={"all": 60}, **({"B": 9} if alone else {"A": 9}))
    return round_


def topic(*, alone: bool) -> Problem:
    """Both must sit in a section on ethics."""
    round_ = problem().row("topics", topic="ethics", strict=1)
    round_.section("A", capacity=1, attributes={"topic": "ethics"}).section("B", capacity=9)
    for name in ("Li", "Ma"):
        wishes(round_, name, **({"B": 9} if alone else {"A": 9}))
    return round_


def team() -> Problem:
    """The school goes as a whole, and Yu lists nothing."""
    round_ = two_of_three().teacher("Yu", school="one")
    return round_.row("teams", id="t", rule="all_or_none", group_attribute="school")


def shares() -> Problem:
    """Two in A and two in B, of three people with one section each."""
    round_ = two_of_three().section("B", capacity=9)
    for name in ("Li", "Ma", "Wu"):
        round_.row("choices", teacher=name, section="B", rank=2, points=5)
    return round_.row("shares", id="b", minimum=2, strict=1, sections_where="section=B")


def locked() -> Problem:
    """Li is locked into two sections of one morning."""
    round_ = problem().section("A", capacity=9, meets=[AM]).section("B", capacity=9, meets=[AM])
    wishes(round_, "Li", A=9, B=9)
    return round_.row("locks", teacher="Li", section="A").row("locks", teacher="Li", section="B")


SHARE = ("clash_level_share", "two", 1, 2)
# name -> the round and what is told: (code, subject, have, need)
STORIES: dict[str, tuple[Problem, set[tuple[str, str, int, int]]]] = {
    "one seat": (two_of_three(capacity=1), {SHARE, ("clash_seat_capacity", "seat_capacity", 1, 0)}),
    "one seat and a minimum": (
        two_of_three(capacity=3, minimum=3).row("quotas", id="q", maximum=2),
        {
            ("clash_level_share", "two", 0, 2),
            ("clash_minimum_to_open", "minimum_to_open", 1, 0),
            ("clash_quota_most", "q", 0, 2),
        },
    ),
    "no leave": (
        two_of_three(meets=[AM]).row(
            "releases", id="l", school="one", day=D1, half="am", most_away=1
        ),
        {SHARE, ("clash_school_release", "school_release", 1, 0)},
    ),
    "a small host": (
        two_of_three(meets=[AM]).row("hosts", id="h", day=D1, capacity=1),
        {SHARE, ("clash_host_capacity", "host_capacity", 1, 0)},
    ),
    "a small fund": (
        two_of_three(fee_fen=300, fund="F").row("funds", id="F", budget_fen=500),
        {SHARE, ("clash_budget_most", "F", 0, 300)},
    ),
    "a quota below": (
        two_of_three().row("quotas", id="q", maximum=1),
        {SHARE, ("clash_quota_most", "q", 0, 1)},
    ),
    "a quota above": (
        two_of_three().row("quotas", id="q", minimum=3, strict=1).row("shares", id="s", maximum=2),
        {("clash_quota", "q", 2, 3), ("clash_level_share_most", "s", 0, 2)},
    ),
    "a reserve": (
        two_of_three(capacity=2).row(
            "reserves", id="r", group_where="flag=rural", seats=1, kind="hard"
        ),
        {SHARE, ("clash_reserve_most", "r", 0, 1)},
    ),
    "a team": (team(), {("clash_level_share", "two", 0, 2), ("clash_team", "team", 1, 0)}),
    "two shares": (shares(), {SHARE, ("clash_level_share", "b", 1, 2)}),
    "hours": (
        due(alone=False),
        {("clash_hours_due", "hours_due", 0, 0), ("clash_seat_capacity", "seat_capacity", 1, 0)},
    ),
    "hours alone": (due(alone=True), {("clash_hours_due_alone", "hours_due", 2, 0)}),
    "topics": (
        topic(alone=False),
        {
            ("clash_compulsory_topic", "compulsory_topic", 0, 0),
            ("clash_seat_capacity", "seat_capacity", 1, 0),
        },
    ),
    "topics alone": (
        topic(alone=True),
        {("clash_compulsory_topic_alone", "compulsory_topic", 2, 0)},
    ),
    "locks": (locked(), {("clash_locked_seat", "locked_seat", 1, 0)}),
}


@pytest.mark.parametrize("name", STORIES)
def test_every_clash_has_its_story(name):
    round_, told = STORIES[name]
    result = solve(round_.build())
    assert (result.status, result.seats) == ("infeasible", ())
    found = {(reason.code, reason.subject, reason.have, reason.need) for reason in result.witness}
    assert found == told
    assert all(reason.say(lang) for reason in result.witness for lang in ("zh", "en"))


@pytest.mark.parametrize(
    ("name", "code", "names"),
    [
        ("no leave", "clash_school_release", "one"),
        ("one seat", "clash_seat_capacity", "A"),
        ("a team", "clash_team", "t/one"),
        ("hours alone", "clash_hours_due_alone", "Li、Ma"),
        ("locks", "clash_locked_seat", "Li"),
    ],
)
def test_a_clash_names_schools_sections_and_people(name, code, names):
    (told,) = (r for r in solve(STORIES[name][0].build()).witness if r.code == code)
    assert told.detail["names"] == names
    assert names in told.say("zh")


def test_schools_whose_people_are_not_asked_for_are_not_named():
    """Two heads of rural people are asked for; they are all at school one."""
    round_ = problem().section("A", capacity=9, meets=[AM])
    for name, school in (("Li", "one"), ("Ma", "one"), ("Wu", "two")):
        rural = {"flag": "rural"} if school == "one" else {}
        wishes(round_, name, A=9, school=school, attributes=rural)
        if name != "Ma":
            line = {"day": D1, "half": "am", "most_away": 0}
            round_.row("releases", id=f"l{school}", school=school, **line)
    round_.row("shares", id="s", minimum=2, strict=1, teachers_where="flag=rural")
    (told,) = (r for r in solve(round_.build()).witness if r.code == "clash_school_release")
    assert told.detail["names"] == "one"


def test_every_sentence_about_a_clash_has_a_story():
    text = Path("matching/messages.toml").read_text(encoding="utf-8")
    codes = {
        code.removeprefix("reason_") for code in tomllib.loads(text) if "reason_clash_" in code
    }
    assert codes == {code for _, told in STORIES.values() for code, *_ in told}


def with_settings(instance: Instance, told: list[Reason]) -> Draft:
    """Return the draft with only the strict settings told; what bundles may hold stays."""
    codes = {(r.code.removesuffix("_alone"), r.subject) for r in told}
    posted = draft(instance)
    rows = []
    for row in posted.shared_rows:
        below = row.lo > 0 and (row.goal is None or bool(row.switch))
        grouped = row.rule in (*SEATS, "school_release", "host_capacity", "team")
        high = "seat_capacity" if row.rule == "minimum_to_open" else row.rule
        keep_low = (f"clash_{row.rule}", row.rule if grouped else row.subject) in codes
        keep_high = (
            (f"clash_{high}", high) in codes
            if grouped
            else (f"clash_{row.rule}_most", row.subject) in codes
        )
        if row.rule == "team":
            rows += [row] if keep_low else []
            continue
        if below and keep_low:
            rows.append(replace(row, hi=max(row.lo, len(row.arcs)) if row.switch else UNLIMITED))
        if row.hi < UNLIMITED and keep_high:
            rows.append(replace(row, lo=0, switch="", goal=None))
    posted.shared_rows = rows
    posted.bundle_rows = [
        replace(row, lo=None)
        if row.lo is not None
        and row.lo_goal is None
        and (f"clash_{row.rule}", row.rule) not in codes
        else row
        for row in posted.bundle_rows
    ]
    return posted


def is_irreducible(instance: Instance, told: list[Reason]) -> bool:
    """Ask the oracle: the settings told clash, and without any one of them they do not."""
    if [r.code for r in told] == ["clash_locked_seat"]:
        free = draft(instance)
        free.shared_rows = []
        free.bundle_rows = [
            replace(row, lo=None) if row.lo_goal is None else row for row in free.bundle_rows
        ]
        kept = solve_oracle(free, ()) is None
        free.musts = {}
        return kept and solve_oracle(free, ()) is not None
    if solve_oracle(with_settings(instance, told), ()) is not None:
        return False
    return all(
        solve_oracle(with_settings(instance, [r for r in told if r != one]), ()) is not None
        for one in told
    )


@pytest.mark.parametrize("name", STORIES)
def test_no_setting_of_a_story_can_be_dropped(name):
    instance = STORIES[name][0].build()
    assert is_irreducible(instance, list(solve(instance).witness))


@settings(derandomize=True, deadline=None, max_examples=40)
@given(counties())
def test_no_setting_told_of_a_random_county_can_be_dropped(county):
    instance = Instance.from_rows(*county)
    result = solve(instance)
    if result.status == "infeasible":
        assert is_irreducible(instance, list(result.witness)), result.witness


def test_a_setting_too_many_or_too_few_is_found_out():
    """Negative control of the control."""
    instance = STORIES["no leave"][0].build()
    told = list(solve(instance).witness)
    more = Reason("clash_seat_capacity", "", "seat_capacity", 0, 0, "")
    assert not is_irreducible(instance, [*told, more])
    assert not is_irreducible(instance, told[:1])
