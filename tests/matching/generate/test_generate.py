"""Generated rounds: the same from the same seed, of the shape that is told, and every rule in use."""

import subprocess
import sys

import numpy as np
import pytest

from matching import rules
from matching.compile import compile_instance
from matching.errors import UnsupportedInstance
from matching.generate import KINDS, TIERS, generate
from matching.generate.market import market
from matching.generate.shape import Shape
from matching.generate.supply import demand, supply
from matching.instance import DEFAULT_TIERS
from matching.primitives import Draft


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_gives_one_round_and_another_seed_another(kind):
    first = generate(kind, 120, 1)
    assert generate(kind, 120, 1).digest == first.digest
    assert generate(kind, 120, 2).digest != first.digest
    assert len(first["teachers"]) == 120
    assert len(first["choices"]) > 120


def test_neither_hash_seed_nor_process_changes_a_round():
    script = "from matching.generate import generate; print(generate('every-rule', 200, 3).digest)"

    def run(seed):
        env = {"PYTHONPATH": ".", "PYTHONHASHSEED": seed, "PATH": ""}
        command = [sys.executable, "-c", script]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    assert run("1") == run("7") == generate("every-rule", 200, 3).digest + "\n"


def options_of(instance):
    return np.bincount(instance["choices"].integers("teacher"), minlength=len(instance["teachers"]))


def ranked_of(instance):
    choices = instance["choices"]
    chosen = choices.integers("teacher")[choices.integers("rank") > 0]
    return np.bincount(chosen, minlength=len(instance["teachers"]))


def test_a_county_has_the_shape_that_is_told():
    """2,000 teachers: 120 sections, 10 to 15 ranked of up to 40, a fifth more wishes than seats."""
    instance = generate("county", 2_000, 5)
    assert len(instance["sections"]) == 120
    assert options_of(instance).max() <= 40
    assert set(ranked_of(instance).tolist()) <= set(range(10, 16))
    assert set(instance["teachers"].integers("most_sections").tolist()) == {5}
    due = instance["due"]
    for place, hours in ((0, 42), (1, 30), (2, 18)):  # by id: 公需, 选修, 专业
        name = instance["requirements"].text("id")[place]
        minutes = due.integers("minutes")[due.integers("requirement") == place]
        target = {"gongxu": 30, "zhuanye": 42, "xuanxiu": 18}[name]
        assert 0 < minutes.min() <= minutes.max() <= 60 * target, hours
    offering = np.unique(instance["sections"].words("offering").codes, return_counts=True)[1]
    assert set(offering.tolist()) == {1, 2, 3, 4}
    draw = np.random.Generator(np.random.PCG64(5))
    drawn = market(KINDS["county"], 2_000, province=False, draw=draw)
    wanted = len(demand(KINDS["county"], drawn)[0])
    seats = supply(KINDS["county"], drawn, draw).capacity.sum()
    assert seats * 1.2 == pytest.approx(wanted, rel=0.05)
    assert seats == instance["sections"].integers("capacity").sum()


def test_a_school_lets_fifteen_per_cent_go_in_term():
    instance = generate("county", 2_000, 5)
    sizes = {}
    for school in instance["teachers"].text("school"):
        sizes[school] = sizes.get(school, 0) + 1
    rows = list(instance["releases"].rows())
    assert len(rows) == 18 * len(sizes)
    assert all(row["most_away"] == max(1, sizes[row["school"]] * 15 // 100) for row in rows)
    assert {row["day"][:7] for row in rows} == {"2026-09"}


def test_counties_of_a_province_share_the_sections_of_the_province_only():
    instance = generate("province", 10_000, 1)
    choices = instance["choices"]
    home = choices.integers("teacher") // 5_000
    own = choices.integers("section") // 35
    assert len(instance["sections"]) == 2 * 35 + 265
    assert ((own == home) | (choices.integers("section") >= 70)).all()
    level = instance.sections_where("level=province")
    assert level.tolist() == [False] * 70 + [True] * 265
    shared = np.unique(home[choices.integers("section") >= 70])
    assert shared.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("county-minima", lambda i: set(i["sections"].integers("minimum").tolist()) == {10}),
        ("huge", lambda i: len(i["sections"]) == 12 and i["sections"].integers("capacity").max() > 150),
        ("tiny", lambda i: i["sections"].integers("capacity").max() <= 9 and len(i["sections"]) > 300),
        ("thin", lambda i: i["sections"].integers("capacity").sum() * 3 < ranked_of(i).sum()),
        ("long", lambda i: options_of(i).max() > 40 and ranked_of(i).max() > 30),
        ("ties", lambda i: len(set(i["choices"].integers("points").tolist())) < 30),
    ],
)  # fmt: skip
def test_the_other_kinds_are_of_another_shape(kind, says):
    assert says(generate(kind, 1_000, 1))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"every-rule", "thin"}))
def test_everybody_may_have_each_of_her_options(kind):
    draft = compile_instance(generate(kind, 150, 1))
    assert not any(mask.any() for mask in draft.dropped.values())


def test_every_rule_says_something_in_some_kind():
    """Posted alone over the kind every-rule, each rule leaves a line; chosen_only does in `thin`."""
    instance = generate("every-rule", 600, 1)
    silent = {rule.code for rule in rules.RULES if not _speaks(rule, instance)}
    assert silent == {"chosen_only"}
    thin = generate("thin", 150, 1)
    assert _speaks(rules.chosen_only, thin)


def _speaks(rule, instance):
    draft = Draft(instance)
    rule.post(instance, draft)
    forms = (draft.bundle_rows, draft.ties, draft.implications, draft.shared_rows)
    masks = [*draft.dropped.values(), *draft.musts.values()]
    return any(forms) or any(draft.exclusive_groups.values()) or any(m.any() for m in masks)


def test_tiers_are_one_weighted_sum_hours_first_or_those_of_a_round_that_names_none():
    first = [list(tier) for tier in generate("county", 60, 1, "hours-first").tiers]
    assert first == [["hours_short"], ["quota_short"], ["welfare"]]
    assert [len(tier) for tier in generate("county", 60, 1).tiers] == [3]
    assert generate("county", 60, 1, "default").tiers == DEFAULT_TIERS
    assert set(TIERS) == {"merged", "hours-first", "default"}


@pytest.mark.parametrize("asked", [("city", 10, 1), ("county", 0, 1), ("county", 10, 1, "none")])
def test_what_cannot_be_drawn_is_refused(asked):
    with pytest.raises(UnsupportedInstance, match=r"cannot generate|needs teachers"):
        generate(*asked)


def test_a_round_of_one_teacher_is_a_round():
    assert len(generate("county", 1, 1)["choices"]) > 0


def test_a_shape_bounds_the_sections_of_a_county():
    assert [Shape().own_sections(n) for n in (10, 1_000, 9_000)] == [40, 60, 300]
