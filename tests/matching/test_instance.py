"""The door of an instance: joined by id, checked as a whole, sorted, frozen."""

import subprocess
import sys

import pytest

from matching.errors import BadInstance
from matching.instance import Instance
from matching.schema import UNLIMITED

META = {"round": "r", "seed": "s", "tiers": []}
SECTIONS = [
    {"id": "B", "offering": "B", "capacity": 2},
    {"id": "A", "offering": "A", "capacity": 2},
]
TEACHERS = [{"id": "T2", "school": "S"}, {"id": "T1"}]


def build(**tables):
    return Instance.from_rows(META, {"teachers": TEACHERS, "sections": SECTIONS} | tables)


def test_rows_are_sorted_and_joined_by_id():
    instance = build(choices=[{"teacher": "T2", "section": "B", "rank": "1"}])
    assert instance.teacher_ids == ("T1", "T2")
    assert instance["choices"].integers("teacher").tolist() == [1]
    assert instance.arc_index == {(1, 1): 0}
    assert instance["quotas"].integers("maximum").tolist() == []


def test_defaults_and_blank_limits():
    instance = build(quotas=[{"id": "q", "maximum": ""}, {"id": "p", "maximum": 3}])
    assert instance["teachers"].integers("most_sections").tolist() == [99, 99]
    assert instance["quotas"].integers("maximum").tolist() == [3, UNLIMITED]
    assert instance.raw_rows("quotas")[1][5] == ""


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"pupils": []}, "unknown table 'pupils'"),
        ({"busy": [{"teacher": "T1", "day": "2026-08-03", "half": "noon"}]}, "neither am nor pm"),
        ({"busy": [{"teacher": "T1", "when": "now"}]}, "unknown column 'when'"),
        ({"due": [{"teacher": "T1", "requirement": "x", "minutes": 1}]}, "requirement 'x' is not"),
        ({"teachers": [{"id": "T1"}, {"id": "T1"}]}, "T1 stands twice"),
        ({"teachers": [{"school": "S"}]}, "id is missing"),
        ({"requirements": [{"id": "r", "strict": 2}]}, "strict must be 0 or 1"),
        ({"requirements": [{"id": "r", "parent": "x"}]}, "its parent 'x' is not in the table"),
        ({"funds": [{"id": "F", "budget_fen": 1 << 61}]}, "beyond 2\\^60"),
        (
            {"sections": [{"id": "A", "offering": "A", "capacity": 2, "minimum": 3}]},
            "section A: minimum 3 is outside 0..2, its capacity",
        ),
        ({"quotas": [{"id": "q", "minimum": 4, "maximum": 3}]}, "quotas q: minimum 4 is outside"),
        (
            {"requirements": [{"id": n, "parent": p} for n, p in ("ab", "bc", "cb")]},
            "requirement b is among its own parents",
        ),
        (
            {"reserves": [{"id": i, "seats": 1, "place": "on_top"} for i in "xy"]},
            "reserves x and y both add seats on top of section A",
        ),
        (
            {"locks": [{"teacher": "T1", "section": "A"}]},
            "teacher T1 is locked or tied to section A, which is not among her choices",
        ),
    ],
)
def test_a_misfit_is_refused_with_name_number_and_limit(tables, says):
    with pytest.raises(BadInstance, match=says):
        build(**tables)


def test_content_changes_the_digest_and_order_does_not():
    rows = [{"teacher": t, "section": s, "rank": 1} for t, s in (("T1", "A"), ("T2", "B"))]
    assert build(choices=rows).digest == build(choices=rows[::-1]).digest
    assert build(choices=rows).digest != build(choices=rows[:1]).digest
    assert build(choices=rows).digest != build(choices=[*rows[:1], rows[1] | {"rank": 2}]).digest


SCRIPT = """
from tests.matching.factories import problem, best
round_ = problem({"unserved": 1}, {"welfare": 1}, {"lottery": 1})
for name in "ABC":
    round_.section(name, capacity=1)
for name in ("Li", "Wang", "Zhou", "Chen"):
    round_.teacher(name, ranks=["A", "B", "C"], most_sections=2, attributes={"f": ["x", "y", "z"]})
instance = round_.row("shares", id="s", teachers_where="f=x|y", minimum=1, maximum=3).build()
print(instance.digest, best(instance))
"""


@pytest.mark.parametrize(
    "surroundings",
    [{"PYTHONHASHSEED": "7"}, {"LC_ALL": "zh_CN.UTF-8", "LANG": "zh_CN"}, {"TZ": "Asia/Shanghai"}],
    ids=str,
)
def test_neither_hash_seed_nor_locale_nor_time_zone_matters(surroundings):
    def run(extra):
        env = {"PYTHONPATH": ".", "PYTHONHASHSEED": "1", "PATH": ""} | extra
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    assert run(surroundings) == run({})
