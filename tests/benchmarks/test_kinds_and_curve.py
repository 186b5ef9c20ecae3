"""The table of kinds tells the worst first, and the curve finds the power that costs grow by."""

import sys

import pytest

from benchmarks import __main__ as everything
from benchmarks import curve, engine, kinds, rows

GAPS = {"county": (0.0002, 0.0001), "thin": (0.03, 0.0), "ties": (0.0, 0.0)}


def measured(kind, teachers, seed, effort, tiers="merged", *, recheck=True):
    gap = GAPS[kind][seed]
    return {
        "gap": gap, "status": "feasible" if gap else "optimal", "cpu_seconds": teachers**1.5 / 1e3,
        "seconds": {"compile": 0.5, "solve": 1.0 + seed}, "peak_mb": 100.0 + teachers,
        "verified": True if recheck else None,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(engine, "one", measured)


def told(monkeypatch, capsys, module, *arguments):
    monkeypatch.setattr(sys, "argv", ["it", *arguments])
    module.main()
    return capsys.readouterr()


def test_the_worst_kind_comes_first_with_its_worst_seed(monkeypatch, capsys):
    asked = ("--teachers", "50", "--seeds", "0", "1", "--kinds", "ties", "county", "thin")
    printed = told(monkeypatch, capsys, kinds, *asked)
    lines = [line.split(" | ") for line in printed.out.splitlines()[2:]]
    assert [line[0] for line in lines] == ["| thin", "| county", "| ties"]
    assert lines[0][1:5] == ["3.0000", "3.0000 0.0000", "1/2", "2.5"]
    assert lines[2][3] == "2/2"
    assert printed.err.count("\n") == 6


def test_what_nothing_proves_is_the_worst(monkeypatch, capsys):
    monkeypatch.setitem(GAPS, "ties", (None, 0.0))
    found = kinds.measured("ties", 50, (0, 1), "quick", recheck=False)
    assert kinds.figures_of(found)["worst_gap_percent"] == float("inf")
    capsys.readouterr()


def test_the_exponent_is_that_of_the_costs(monkeypatch, capsys):
    asked = ("--kind", "county", "--sizes", "10", "1000", "100", "--seed", "0")
    printed = told(monkeypatch, capsys, curve, *asked).out.splitlines()
    assert [line.split(" | ")[3].split(",")[1] for line in printed[:3]] == [
        " county 10", " county 100", " county 1",
    ]  # fmt: skip
    assert "cpu_exponent 1.5; cpu_exponent_10_to_100 1.5" in printed[3]
    assert curve.exponent([1, 10], [3, 30]) == pytest.approx(1)


def test_families_are_chosen_by_name_and_written_only_when_asked(monkeypatch, capsys):
    added = []
    monkeypatch.setattr(rows, "add", lambda name, figures: added.append(name))
    monkeypatch.setattr(
        kinds,
        "EVERY",
        (("thin", 50, "quick", "merged"), ("thin", 50, "quick", "default")),
    )
    monkeypatch.setattr(kinds, "SEEDS", (0, 1))
    shown = told(monkeypatch, capsys, everything, "kinds").out
    assert "thin 50, quick, worst of 2 seeds" in shown
    assert added == []
    told(monkeypatch, capsys, everything, "kinds", "--add")
    name = "thin 50, quick{}, worst of 2 seeds"
    assert added == [name.format(""), name.format(", default tiers")]
    with pytest.raises(SystemExit):
        told(monkeypatch, capsys, everything, "nothing")
    listed = told(monkeypatch, capsys, everything, "--list").out.split()
    assert {"kinds", "curve", "straight-ways", "recheck", "pilot"} <= set(listed)
