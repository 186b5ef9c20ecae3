"""Menus by the product's own dry run, in crowded counties, under our own round.

`python -m benchmarks.dry_runs [--seeds N ...] [--teachers N] [--sections N] [--add]`. As
`benchmarks.menus`, but prices and odds are those that `matching.rounds.dry_run` tells of a stored round:
what menus count for everybody goes in, no ballot does. Then teachers rank ten of what the menu shows, or
of the whole catalogue with the odds in view, by what only they know, and the engine seats them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from benchmarks import rows
from benchmarks.crowded import WANTED, World, bound_of, dry_run, ids, seated, world
from benchmarks.menus import LISTED, calibration_error, favourites, figures, lines_of, ranked, shown
from catalog.odds import Odds, tallied
from matching.rounds.dry_run import Expected, Foretold, foretold
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored, load

SEEDS = (201, 202, 203)
FEWEST = 50
"""Lines of a tenth of the scale below which nothing is told of it."""

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
        yield f"{name}, odds of the dry run", odds(county, found.odds, menus)
        yield (
            f"{name}, odds if wishes were spread as truly",
            odds(county, spread(county, menus, seed), menus),
        )


def spread(county: World, menus: np.ndarray, seed: int) -> dict[str, Odds]:
    """Return the odds from lists that differ from what menus count as much as true ones, though not as they.

    A dry run cannot know how much that is; this tells what its odds lack for it.
    """
    unknown = np.random.default_rng(seed + 1).normal(size=county.truth.shape)
    wished = county.estimate + (county.truth - county.estimate).std() * unknown
    lists = ranked(replace(county, truth=np.rint(wished).astype(np.int64)), menus)
    return tallied(lines_of(lists, seated(lists, county.capacity)), county.sections)


def odds(county: World, told: Mapping[str, Odds], menus: np.ndarray) -> dict[str, float]:
    """Return how well odds foretell the seats of those who asked and got nothing better."""
    lists = ranked(county, menus)
    lines = lines_of(lists, seated(lists, county.capacity))
    asked = ~lines.served_better()
    section, came = lines.section[asked], lines.seated[asked].astype(np.float64)
    chances = np.array([told[id_].per_mille for id_ in county.sections]) / 1000
    tenth = np.minimum((10 * chances[section]).astype(np.int64), 9)
    got = {
        f"got_in_of_told_{10 * at}_percent": float(100 * came[tenth == at].mean())
        for at in np.unique(tenth).tolist()
        if (tenth == at).sum() >= FEWEST
    }
    return {
        "lines": float(asked.sum()),
        "got_in_percent": float(100 * came.mean()),
        "foretold_percent": float(100 * chances[section].mean()),
        "ece": calibration_error(chances[section], came),
        "brier": float(((chances[section] - came) ** 2).mean()),
    } | got


if __name__ == "__main__":
    rows.main("dry_runs", __doc__, tables, teachers=1_000, sections=60, seeds=SEEDS)
