"""A county of one kindergarten, 20 teachers and 3 sections, written as the sheets of an office."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from diagnostics.frameworks.reading import questionnaire
from examples.pilot import answers, ballots, county, offered, people, records, sheets
from examples.pilot.make import HERE

SEED = 3


def write_mini_county(folder: Path) -> Path:
    """Write the sheets and `round.toml`; 24 + 16 hours are to be had from C18 and C19."""
    folder.mkdir(parents=True, exist_ok=True)
    staff = people.teachers(county.SCHOOLS[:1], offered.DIMENSIONS, SEED)
    rows = [
        replace(section, minimum=2)
        for section in offered.SECTIONS
        if section.id in ("C14", "C18", "C19")
    ]
    lists = ballots.ballots(staff, rows, SEED, ballots.Behaviour(returned=0))
    questions = questionnaire()
    told = answers.answered(staff, questions, SEED)
    hours = records.earned(staff, SEED)
    sheets.write_all(folder, 1, staff, rows, told, questions, hours, lists)
    (folder / "quotas.xlsx").unlink()
    text = (HERE / "round.toml").read_text(encoding="utf-8")
    for table in ("shares", "fills"):
        text = re.sub(rf"\[\[{table}\]\].*?(?=\n\[)", "", text, flags=re.S)
    (folder / "round.toml").write_text(text, encoding="utf-8")
    return folder
