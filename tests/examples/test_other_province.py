"""A made-up province with hours, codes and quota holders of its own needs data files only.

Every command runs in a process of its own: a province's codes join the vocabularies of a process
for good.
"""

import csv
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "other-province"


def xuanke(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "api.cli", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "XUANKE_LANG": "en", "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def round_one(tmp_path_factory):
    folder = tmp_path_factory.mktemp("yunxi")
    settings = ("--settings", str(EXAMPLE / "round.toml"))
    for words in (
        ("init", "--province", str(EXAMPLE / "province")),
        ("import", str(EXAMPLE / "sheets")),
        ("solve", *settings, "--out", "files"),
    ):
        ran = xuanke(folder, *words)
        assert ran.returncode == 0, ran.stderr
    return folder / "files"


def test_everybody_reaches_the_hours_of_her_province(round_one):
    """48 hours of subject competence are due; a course of two days gives 2 x 6 = 12 hours."""
    due = rows(round_one / "instance-1" / "due.csv")
    assert {row["minutes"] for row in due} == {str(48 * 60)}
    hours = {
        row["id"]: int(row["minutes"]) for row in rows(round_one / "instance-1" / "sections.csv")
    }
    reached: Counter[str] = Counter()
    for seat in rows(round_one / "result-1" / "seats.csv"):
        reached[seat["teacher"]] += hours[seat["section"]]
    assert len(reached) == 10
    assert set(reached.values()) <= {48 * 60, 60 * 60}  # never above the cap of 60


def test_its_quota_holders_are_a_zone_a_county_and_a_system(round_one):
    """Provincial seats: at most 2 for the zone A, 1 for the county B, exactly 1 for the system C."""
    seats = rows(round_one / "result-1" / "seats.csv")
    provincial = Counter(seat["teacher"][0] for seat in seats if seat["section"] == "Y1-01")
    assert provincial["A"] <= 2
    assert provincial["B"] <= 1
    assert provincial["C"] == 1
    assert provincial.total() >= 3  # three heads, says the level share


def test_a_subject_of_its_own_admits_only_those_who_teach_it(round_one):
    seats = rows(round_one / "result-1" / "seats.csv")
    tea = {seat["teacher"] for seat in seats if seat["section"] == "Y5-01"}
    assert len(tea) >= 2
    assert tea <= {"A2", "B1", "B2", "C3"}


def test_without_its_data_files_the_same_sheets_are_refused(tmp_path):
    assert xuanke(tmp_path, "init").returncode == 0
    refused = xuanke(tmp_path, "import", str(EXAMPLE / "sheets"))
    assert refused.returncode == 2
    assert "学科素养" in refused.stderr


def test_a_folder_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "province" / "term").mkdir(parents=True)
    refused = xuanke(tmp_path, "init", "--province", "province")
    assert refused.returncode == 2
    assert "term means nothing" in refused.stderr
