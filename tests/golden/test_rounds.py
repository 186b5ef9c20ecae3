"""Twenty rounds written down are solved again: the same digests, and verify accepts every answer."""

from __future__ import annotations

import json

import pytest

from matching import files, verify
from tests.golden.rounds import PLACE, ROUNDS, answer, differences, rows_of, shortened, written

RENEW = "the engine answers otherwise than written down; if that is meant, run `make golden`"


@pytest.mark.parametrize("golden", ROUNDS, ids=lambda golden: golden.name)
def test_it_is_answered_as_written_down(golden, tmp_path):
    instance = golden.draw()
    result = golden.solve(instance)
    found = answer(golden, instance, result)
    assert differences(written()[golden.name], found) == [], RENEW
    files.write_instance(instance, tmp_path)
    files.write_result(result, tmp_path)
    assert [check for check in verify.verify(tmp_path) if check.problems] == []


def test_twenty_of_every_kind_tier_and_effort_on_both_paths_are_written_down():
    told = written()
    assert list(told) == [golden.name for golden in ROUNDS]
    assert len(told) == 20
    assert {golden.kind for golden in ROUNDS} == {
        "county", "county-minima", "province", "huge", "tiny", "ties", "thin", "long", "every-rule"
    }  # fmt: skip
    assert {golden.tiers for golden in ROUNDS} == {"merged", "hours-first"}
    assert {golden.effort for golden in ROUNDS} == {"quick", "standard", "long"}
    assert 5 < sum(each["listable"] for each in told.values()) < 15
    assert len({each["result"] for each in told.values()}) == 20
    assert "make golden" in json.loads(PLACE.read_text(encoding="utf-8"))["about"]


def test_another_answer_is_said():
    """Negative control: one seat fewer, and another digest."""
    old = written()[ROUNDS[0].name]
    new = old | {"seats": old["seats"] - 1, "result": "0"}
    assert differences(old, old) == []
    assert [line.split(": ")[1].split()[0] for line in differences(old, new)] == ["seats", "result"]


def test_a_shortened_list_is_what_came_first():
    round_ = shortened(ROUNDS[0].draw(), 2)
    lists = [row["rank"] for row in rows_of(round_)["choices"]]
    assert set(map(int, lists)) == {1, 2}
    assert set(round_.teacher_ids) == set(ROUNDS[0].draw().teacher_ids)
