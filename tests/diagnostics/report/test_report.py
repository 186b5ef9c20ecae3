"""The report on an instrument: all parts in both languages, and no figure of a single person."""

from __future__ import annotations

import csv
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.__main__ import main
from diagnostics.irt.errors import BadAnswers
from diagnostics.irt.models import Bank, probabilities
from diagnostics.report.study import FEWEST, bins_of, study, thresholds
from tests.diagnostics.irt.published import draw, items

NAMES = [f"题<{j}>" for j in range(6)]
SLOPES, CUTS = items(6, steps=(-0.7, 0.7))


def write(path, header, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """500 persons, three of whom answer nothing; item 2 is harder for the village."""
    folder = tmp_path_factory.mktemp("instrument")
    theta = np.random.default_rng(1).normal(size=500)
    answers, harder = (draw(0, SLOPES, CUTS + by, seed=2, theta=theta)[0] for by in (0, 0.9))
    answers[250:, 2] = harder[250:, 2]
    answers[:3] = -1
    cells = [["" if v < 0 else v for v in row] for row in answers.tolist()]
    place = [["town" if i < 250 else "village", "" if i % 9 else "expert"] for i in range(500)]
    last = draw(500, SLOPES[:4], CUTS[:4], seed=5)[0].tolist()
    return (
        write(folder / "answers.csv", NAMES, cells),
        write(folder / "groups.csv", ["residence", "title"], place),
        write(folder / "last.csv", NAMES[:4], last),
    )


def test_the_page_has_every_part_and_needs_nothing_else(files, tmp_path, capsys):
    answers, groups, last = files
    command = ["report", answers, "--groups", groups, "--before", last, "--out", str(tmp_path)]
    assert main([*command, "--lang", "en"]) == 0
    page = (tmp_path / "instrument-report.html").read_text(encoding="utf-8")
    assert str(tmp_path) in capsys.readouterr().out
    parts = re.findall(r'<section id="(\w+)">', page)
    assert parts == [
        "summary",
        "map",
        "information",
        "items",
        "fit",
        "local",
        "dif",
        "drift",
        "method",
    ]
    assert page.count("<svg") == 3 + 6
    assert not re.search(r"(src|href)=\"(?!#)|@import|url\(", page), "nothing is loaded"
    assert "题<0>" not in page, "ids are escaped"
    assert "title has one group only" in page, "one comparison refused does not stop the others"
    fairness = page.split('id="dif"')[1].split("</section>")[0]
    assert "items that differ: 题&lt;2&gt;; by much: 题&lt;2&gt;" in fairness
    assert "answered nothing and are not counted: fewer than 5." in page


def test_few_persons_are_not_counted_and_no_row_of_the_file_is_told(files, tmp_path):
    assert main(["report", files[0], "--out", str(tmp_path)]) == 0
    page = (tmp_path / "测评工具分析报告.html").read_text(encoding="utf-8")
    assert "不足5人没有作答" in page
    assert "3人没有作答" not in page
    assert "没有提供分组" in page
    assert 'id="drift"' not in page


def test_four_persons_get_no_report():
    with pytest.raises(BadAnswers) as refusal:
        study(np.array([[0, 1, 0], [1, 0, 1], [1, 1, 0], [0, 0, 1], [-1, -1, -1]]), "abc")
    assert refusal.value.code == "report_few_persons"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\nx\n", "1 rows"),
        ("a,a\nx,y\n", "column 2"),
        ("", "no answers"),
        ("a,\nx,y\n", "column 2"),
    ],
)
def test_groups_that_are_wrong_are_told(files, tmp_path, capsys, text, words):
    path = tmp_path / "groups.csv"
    path.write_text(text)
    command = ["report", files[0], "--groups", str(path), "--out", str(tmp_path), "--lang", "en"]
    assert main(command) == 2
    assert words in capsys.readouterr().err


@given(st.lists(st.floats(-6, 6), min_size=FEWEST, max_size=60))
def test_every_bin_holds_five_persons_and_nobody_is_lost(abilities):
    bins = bins_of(np.array(abilities))
    assert all(count >= FEWEST for _, _, count in bins)
    assert sum(count for _, _, count in bins) == len(abilities)
    assert all(before[1] <= after[0] for before, after in pairwise(bins))


def test_steps_lie_where_they_are_said_to():
    counts = np.array([3], np.intp)
    graded = Bank(("a",), "grm", np.array([1.5]), np.array([[1.0, -0.5]]), counts)
    ((first, second),) = thresholds(graded)
    assert 1 - probabilities(graded, first)[0, 0, 0] == pytest.approx(0.5)
    assert probabilities(graded, second)[0, 2, 0] == pytest.approx(0.5)
    partial = Bank(("a",), "gpcm", np.array([1.5]), np.array([[1.0, 0.2]]), counts)
    for k, at in enumerate(thresholds(partial)[0]):
        low, high = probabilities(partial, at)[0, k : k + 2, 0]
        assert low == pytest.approx(high)
