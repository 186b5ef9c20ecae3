"""Draw the pilot county and write its spreadsheets: `python -m examples.pilot.make --out FOLDER`.

Equal options give equal files. Without options it renews the files that lie beside this script.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from diagnostics.frameworks.reading import questionnaire
from examples.pilot import answers, ballots, county, offered, people, records, sheets

HERE = Path(__file__).parent
SEED = 5


def make(folder: Path, seed: int = SEED, lists: int = 6, scale: int = 1) -> None:
    """Write the spreadsheets and `round.toml` of a county of 400 x `scale` teachers."""
    folder.mkdir(parents=True, exist_ok=True)
    questions = questionnaire()
    staff = people.teachers(county.schools(scale), offered.DIMENSIONS, seed)
    rows = offered.sections(scale)
    hours = records.earned(staff, seed)
    drawn = ballots.ballots(staff, rows, seed, ballots.Behaviour())
    sheets.write_all(
        folder,
        scale,
        staff,
        rows,
        answers.answered(staff, questions, seed),
        questions,
        hours,
        [ballots.cut(ballot, lists) for ballot in drawn],
    )
    write_truth(folder / "truth", answers.levels(staff, questions))
    settings = (HERE / "round.toml").read_text(encoding="utf-8")
    text = settings.replace("length = 6 ", f"length = {lists} ")
    if scale > 1:
        text = text.replace("assigned_cap = 2", "assigned_cap = 1")
        text += "".join(near(zone, scale, rows) for zone in range(1, scale + 1))
    (folder / "round.toml").write_text(text, encoding="utf-8", newline="\n")


def write_truth(folder: Path, rows: Iterable[Sequence[str]]) -> None:
    """Write what is true of the made-up teachers, in a folder of its own: no import reads it."""
    folder.mkdir(exist_ok=True)
    with (folder / "levels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def near(zone: int, scale: int, rows: list[offered.Section]) -> str:
    """Return the settings that keep assigned seats inside a zone, or above the county."""
    sites = sorted({row.site for row in rows if row.zone in (0, zone)})
    unit = sheets.zone_id(zone, scale)
    return f'\n[[near]]\nunit = "{unit}"\nwhere = "site={"|".join(sites)}"\n'


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        description="Draw the pilot county and write its spreadsheets."
    )
    parser.add_argument("--out", type=Path, default=HERE, help="folder for the files")
    parser.add_argument("--seed", type=int, default=SEED, help="another county of the same kind")
    parser.add_argument("--lists", type=int, default=6, choices=range(1, 7), help="longest list")
    parser.add_argument("--scale", type=int, default=1, help="how many zones of 400 teachers")
    options = parser.parse_args(arguments)
    make(options.out, options.seed, options.lists, options.scale)
    print(f"{400 * options.scale} teachers -> {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
