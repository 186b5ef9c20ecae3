"""The door of an instance: joined by id, checked as a whole, sorted, frozen."""

import subprocess
import sys

import numpy as np
import pytest

from matching.errors import BadInstance
from matching.instance import Instance, Words
from matching.schema import UNLIMITED

META = {"round": "r", "seed": "s", "tiers": []}
SECTIONS = [
    {"id": "B", "offering": "B", "capacity": 2},
    {"id": "A", "offering": "A", "capacity": 2},
]
TEACHERS = [{"id": "T2", "school": "S"}, {"id": "T1"}]


def build(**tables):
    return Instance.from_rows(META, {"teachers": TEACHERS, "sections": SECTIONS} | tables)


def columns(**tables):
    """Return the same round from columns."""
    given = {
        name: {column: [row.get(column) for row in rows] for column in rows[0] | rows[-1]}
        for name, rows in (("sections", SECTIONS), ("teachers", TEACHERS))
    }
    return Instance.from_columns(META, given | tables)


def choices(**changed):
    """Return the columns of two choices of T1."""
    two = {"teacher": ["T1", "T1"], "section": ["A", "B"], "rank": [1, 2]}
    return {"choices": two | changed}


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
    assert [cells[5] for cells in instance.raw_rows("quotas")] == ["3", ""]


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


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"pupils": {}}, "unknown table 'pupils'"),
        ({"teachers": {"id": ["T1"], "age": [3]}}, "unknown column 'age'"),
        ({"teachers": {"id": ["T1", "T2"], "school": ["a"]}}, "columns are of different length"),
        ({"teachers": {"school": ["a", "b"]}}, "id is missing in {'school': 'a'}"),
        ({"teachers": {"id": ["T2", "T1", "T2"]}}, "T2 stands twice"),
        (choices(section=["A", "X"]), "section 'X' is not in table sections .*'rank': 2"),
        (choices(kind=["chosen", "wish"]), "kind 'wish' is none of"),
        (choices(points=np.array([1, 1 << 61])), "points 2305843009213693952 is beyond"),
        (choices(points=[1, "many"]), "points 'many' is not a whole number"),
        (choices(points=[1, 0.5]), "points 0.5 is not a whole number"),
        (
            choices(teacher=Words(np.array([0, 0]), ("T1", "T2")), section=["A", "A"]),
            "T1, A stands twice",
        ),
    ],
)
def test_a_misfit_in_columns_is_told_with_its_row(tables, says):
    with pytest.raises(BadInstance, match=says):
        columns(**tables)


def test_rows_and_columns_in_any_shape_give_the_same_instance():
    rows = [
        {"teacher": "T2", "section": "B", "rank": 2, "points": 7},
        {"teacher": "T1", "section": "A", "kind": "assignable"},
        {"teacher": "T2", "section": "A", "rank": "1", "points": "-3"},
    ]
    by_rows = build(choices=rows)
    assert (
        columns(
            choices={
                "teacher": Words(np.array([2, 1, 2], np.int8), ("nobody", "T1", "T2")),
                "section": ["B", "A", "A"],
                "rank": np.array([2, 0, 1], np.int16),
                "kind": ["chosen", "assignable", ""],
                "points": ["7", None, -3],
            }
        ).digest
        == by_rows.digest
    )
    assert by_rows["choices"].text("kind") == ("assignable", "chosen", "chosen")


def test_very_long_columns_are_kept_in_few_bytes(monkeypatch):
    monkeypatch.setattr("matching.columns.COMPACT_FROM", 2)
    instance = columns(**choices(points=[300, 4]))
    kept = {name: instance["choices"].numbers(name).dtype.itemsize for name in ("rank", "points")}
    assert kept == {"rank": 1, "points": 2}
    assert instance["choices"].integers("points").dtype.itemsize == 8
    assert (instance["choices"].integers("points") * 1000).tolist() == [300_000, 4_000]


def test_of_a_long_column_in_order_only_the_edges_are_kept(monkeypatch):
    rows = [{"teacher": t, "section": s} for t, s in (("T1", "A"), ("T3", "A"), ("T3", "B"))]
    people = [{"id": f"T{n}"} for n in range(1, 5)]
    short = build(teachers=people, choices=rows)
    monkeypatch.setattr("matching.table.COMPACT_FROM", 2)
    long = build(teachers=people, choices=rows)
    choices = long["choices"]
    assert choices.edges("teacher", 4).tolist() == [0, 1, 1, 3, 3] == long.first_arc.tolist()
    assert choices.numbers("teacher").tolist() == [0, 2, 2]
    parts = [choices.part("teacher", slice(i, j)).tolist() for i in range(4) for j in range(i, 4)]
    assert parts == [[0, 2, 2][i:j] for i in range(4) for j in range(i, 4)]
    assert [row["teacher"] for row in choices.rows()] == [0, 2, 2]
    assert short["choices"].edges("teacher", 4).tolist() == [0, 1, 1, 3, 3]
    assert long.digest == short.digest


def test_a_choice_is_found_by_teacher_and_section():
    instance = columns(**choices())
    asked = np.array([(0, 0), (0, 1), (1, 1), (1, 0)]).T
    assert instance.arcs_at(*asked).tolist() == [0, 1, -1, -1]
    assert build().arcs_at(*asked).tolist() == [-1] * 4


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
