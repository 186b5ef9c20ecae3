"""Menus by the product's own dry run, in crowded counties, under our own round.

`python -m benchmarks.dry_runs [--seeds N ...] [--teachers N] [--sections N] [--add]`. As
`benchmarks.menus`, but prices and odds are those that `matching.rounds.dry_run` tells of a stored round:
what menus count for everybody goes in, no ballot does. Then teachers rank ten of what the menu shows, or
of the whole catalogue with the odds in view, by what only they know, and the engine seats them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks import rows
from benchmarks.crowded import WANTED, World, bound_of, dry_run, ids, seated, world
from benchmarks.menus import LISTED, calibration_error, favourites, figures, lines_of, ranked, shown
from matching.rounds.dry_run import Expected, Foretold, foretold
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored, load

SEEDS = (201, 202, 203)
Rows = Iterator[tuple[str, dict[str, float]]]


def stored(county: World) -> tuple[Stored, RoundSettings]:
    """Return a county as a round is stored: its teachers, its sections, one day for each section."""
    from tests.matching.rounds.factories import county as people
    from tests.matching.rounds.factories import course, database, days, settings, teacher

    sections = zip(county.sections, county.capacity.tolist(), strict=True)
    rules = settings(list_length=LISTED, most_sections=WANTED, assigned_cap=0, shares=(), fills=())
    made = [
        *(teacher(name) for name in ids("T", len(county.truth))),
        *(
            row
            for number, (id_, seats) in enumerate(sections)
            for row in course(id_, days(_day(number), 1), capacity=seats)
        ),
    ]
    with database(*people(*made)) as session:
        return load(session, rules), rules


def _day(number: int) -> str:
    return str(np.datetime64("2026-01-05") + number)


def told(county: World) -> tuple[Foretold, float]:
    """Return what the dry run tells of a county, and the processor seconds it took."""
    teachers, open_ = len(county.truth), np.ones(county.truth.shape, np.bool_)
    wants = np.full(teachers, WANTED)
    expected = Expected(
        ids("T", teachers), county.sections, county.estimate.astype(np.int64), open_, wants
    )
    round_ = stored(county)
    started = time.process_time()
    return foretold(*round_, expected), time.process_time() - started


def tables(teachers: int, sections: int, seeds: Sequence[int]) -> Rows:
    """Yield what menus by a dry run come to, with and without search, and how true its odds are."""
    for seed in seeds:
        county = world(teachers, sections, seed)
        name = f"menus by the product's dry run: {teachers:,} x {sections}, seed {seed}"
        bound = bound_of(dry_run(county.truth, county.capacity))
        found, seconds = told(county)
        menus, _ = shown(county, dict(found.prices), LISTED)
        row = figures(county, bound, ranked(county, menus), menus)
        yield f"{name}, top {LISTED}", row | {"dry_run_cpu_seconds": seconds}
        lists = ranked(county, np.hstack([menus, favourites(county, seed)]))
        yield f"{name}, top {LISTED}, free search", figures(county, bound, lists, menus)
        yield f"{name}, odds of the dry run", odds(county, found, menus)


def odds(county: World, found: Foretold, menus: np.ndarray) -> dict[str, float]:
    """Return how well the odds foretell the seats of those who asked and got nothing better."""
    lists = ranked(county, menus)
    lines = lines_of(lists, seated(lists, county.capacity))
    asked = ~lines.served_better()
    section, came = lines.section[asked], lines.seated[asked].astype(np.float64)
    chances = np.array([found.odds[id_].per_mille for id_ in county.sections]) / 1000
    return {
        "lines": float(asked.sum()),
        "got_in_percent": float(100 * came.mean()),
        "foretold_percent": float(100 * chances[section].mean()),
        "ece": calibration_error(chances[section], came),
        "brier": float(((chances[section] - came) ** 2).mean()),
    }


def main() -> None:
    """Show the rows, and add them to RESULTS.md if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.dry_runs", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    parser.add_argument("--teachers", type=int, default=1_000)
    parser.add_argument("--sections", type=int, default=60)
    parser.add_argument("--add", action="store_true", help="add the rows to RESULTS.md")
    asked = parser.parse_args()
    for name, row in tables(asked.teachers, asked.sections, asked.seeds):
        (rows.add if asked.add else rows.show)(name, row)


if __name__ == "__main__":
    main()
