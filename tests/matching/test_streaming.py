"""Ten million choices are read from a file in parts: no second copy of what they say is kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SECTIONS, EACH, MOST_MB = 400, 40, 450
CHILD = """
import sys
from matching.bench import _peak_mb
from matching.files import read_instance
instance = read_instance(sys.argv[1])
print(len(instance["choices"]), round(_peak_mb()))
"""


def written(folder: Path, teachers: int) -> Path:
    """Write a round of so many teachers with forty choices each."""
    (folder / "instance.json").write_text('{"format": 1}', encoding="utf-8")
    sections = "".join(f"C{i:03},C{i:03},900\n" for i in range(SECTIONS))
    (folder / "sections.csv").write_text("id,offering,capacity\n" + sections, encoding="utf-8")
    ids = "".join(f"T{i:06}\n" for i in range(teachers))
    (folder / "teachers.csv").write_text("id\n" + ids, encoding="utf-8")
    with (folder / "choices.csv").open("w", encoding="utf-8") as file:
        file.write("teacher,section,rank,kind,points\n")
        for i in range(teachers):
            file.writelines(
                f"T{i:06},C{(7 * i + 9 * j) % SECTIONS:03},{j + 1},chosen,{3_000 - 61 * j - i % 60}\n"
                for j in range(EACH)
            )
    return folder


def read(folder: Path) -> tuple[int, int]:
    """Read a round in a process of its own; return its choices and the most MB it took."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder)], capture_output=True, text=True, check=True
    )
    choices, peak = map(int, done.stdout.split())
    return choices, peak


def test_a_tenth_of_a_million_rows(tmp_path):
    """Nobody can tell it from an empty process by more than 60 MB."""
    choices, peak = read(written(tmp_path, 2_500))
    (none := tmp_path / "none").mkdir()
    assert choices == 2_500 * EACH
    assert peak <= read(written(none, 0))[1] + 60


@pytest.mark.slow
def test_ten_million_rows(tmp_path):
    """As text they are 290 MB, as rows in Python several thousand."""
    folder = written(tmp_path, 250_000)
    assert (folder / "choices.csv").stat().st_size > 250_000_000
    choices, peak = read(folder)
    assert choices == 10_000_000
    assert peak <= MOST_MB
