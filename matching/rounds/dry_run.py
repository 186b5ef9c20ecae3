"""A round before anybody has asked: what its seats would be worth, and how those who ask would fare.

First the engine seats everybody as if she asked for all that is open to her, each section worth what
her menu counts for it: the prices of that solve say what is sought after. Then everybody is expected to
hand in what a menu less these prices shows first, in the order of what it is worth to her, and the
round itself is solved with these ballots under all its rules: how they fare are the odds. Ballots that
were handed in are not read, so nothing of them is told before they are sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.odds import Odds, tallied
from matching.columns import Words
from matching.instance import Instance
from matching.result import Result
from matching.rounds.assemble import assemble
from matching.rounds.attributes import halves
from matching.rounds.errors import BadRound
from matching.rounds.facts import Facts
from matching.rounds.lists import lists_of
from matching.rounds.needs import gains
from matching.rounds.settings import RoundSettings
from matching.rounds.store import Stored
from matching.rounds.tables import BallotRow
from matching.settings import Settings
from matching.solve import solve
from matching.watch import Watch

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

PRICED = "seat_capacity"
"""The rule whose price is that of a seat in a section."""

LARGEST = np.iinfo(np.int64).max
QUICK = Settings(effort="quick", reasons=False)
THOUSAND = 1000
"""Prices are thousandths of the points that they are prices of."""


@dataclass(frozen=True, eq=False)
class Expected:
    """What N teachers are expected to want of S sections, both in the order of their ids.

    Parameters
    ----------
    points
        What a menu counts for each section before prices, (N, S).
    is_open
        Whether she may take it, (N, S).
    wanted
        How many sections she is expected to want, (N,).
    """

    teachers: tuple[str, ...]
    sections: tuple[str, ...]
    points: Ints
    is_open: Mask
    wanted: Ints


@dataclass(frozen=True, eq=False)
class Foretold:
    """What a dry run tells of each section: a price in thousandths of a menu's points, and odds."""

    prices: Mapping[str, int]
    odds: Mapping[str, Odds]


def foretold(
    stored: Stored, settings: RoundSettings, expected: Expected, watch: Watch | None = None
) -> Foretold:
    """Return prices and odds of every section of a round, from its needs and no ballot.

    Raises
    ------
    BadRound
        `dry_run_clash` if the settings cannot be met by what is expected, `dry_run_stopped` if
        somebody stopped it.
    """
    prices = market_prices(Facts(stored, settings), expected, watch)
    ballots = dict(_ballots(expected, prices, settings.list_length))
    asked = replace(stored, ballots=ballots)
    assembly = assemble(asked, settings, last=False, gain=gains(stored, settings))
    result = _solved(assembly.instance, settings, watch)
    held = {(seat.teacher, seat.section) for seat in result.seats if seat.kind != "assignable"}
    lists = lists_of(asked, settings, held)
    return Foretold(prices, tallied(lists, sorted(stored.sections), "dry_run"))


def market_prices(facts: Facts, expected: Expected, watch: Watch | None = None) -> dict[str, int]:
    """Return what a seat of each section is worth where everybody asks for what suits her.

    Raises
    ------
    BadRound
        `dry_run_stopped` if somebody stopped it: prices that are half found tell nothing.
    """
    result = _solved(market(facts, expected), facts.settings, watch)
    return prices_of_seats((price.row, price.price) for price in result.prices)


def _solved(instance: Instance, settings: RoundSettings, watch: Watch | None) -> Result:
    result = solve(instance, QUICK, watch)
    if result.status in ("stopped", "infeasible"):
        code = "dry_run_stopped" if result.status == "stopped" else "dry_run_clash"
        raise BadRound(code, id=settings.id)
    return result


def market(facts: Facts, expected: Expected) -> Instance:
    """Return the round in which everybody asks for all that is open to her, at a menu's points.

    Points count from her own least section, so that nobody outbids others for being in need of all.
    """
    stored, open_ = facts.stored, expected.is_open
    teacher, section = np.nonzero(open_)
    least = np.where(open_, expected.points, LARGEST).min(axis=1, initial=LARGEST)
    points = expected.points[teacher, section] - least[teacher] + 1
    rows = [stored.sections[id_] for id_ in expected.sections]
    columns: dict[str, dict[str, Any]] = {
        "teachers": {"id": list(expected.teachers), "most_sections": expected.wanted},
        "sections": {
            "id": list(expected.sections),
            "offering": [row.offering_id for row in rows],
            "capacity": np.array([facts.sizes[row.id][0] for row in rows], np.int64),
        },
        "meetings": _meetings(facts, expected.sections),
        "choices": {
            "teacher": Words(teacher, expected.teachers),
            "section": Words(section, expected.sections),
            "rank": open_.cumsum(axis=1)[teacher, section],
            "kind": Words(np.zeros(len(teacher), np.int8), ("chosen",)),
            "points": points,
        },
    }
    meta = {"format": 1, "round": facts.settings.id, "seed": "", "allow_assigned": False}
    return Instance.from_columns(meta | {"tiers": [{"goals": {"welfare": 1}}]}, columns)


def _meetings(facts: Facts, sections: tuple[str, ...]) -> dict[str, list[str]]:
    found = [(id_, *half) for id_ in sections for half in halves(facts.stored.sections[id_])]
    names = ("section", "day", "half")
    return {name: [row[place] for row in found] for place, name in enumerate(names)}


def prices_of_seats(prices: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return the price of a seat of each section that has one, from those of all rows of a solve."""
    named = ((row.partition(":"), price) for row, price in prices)
    return {section: max(price, 0) for (rule, _, section), price in named if rule == PRICED}


def _ballots(
    expected: Expected, prices: Mapping[str, int], length: int
) -> Iterator[tuple[str, BallotRow]]:
    """Yield what each teacher is expected to hand in."""
    price = np.array([prices.get(section, 0) for section in expected.sections], np.int64)
    score = THOUSAND * expected.points - price
    score[~expected.is_open] = -LARGEST
    shown = np.argsort(-score, axis=1, kind="stable")[:, :length]
    for row, teacher in enumerate(expected.teachers):
        hers = [at for at in shown[row].tolist() if expected.is_open[row, at]]
        hers.sort(key=lambda at: (-int(expected.points[row, at]), at))
        lines = [expected.sections[at] for at in hers]
        wanted = int(expected.wanted[row])
        yield teacher, BallotRow(teacher_id=teacher, choices=lines, most_sections=wanted)


def wanted(facts: Facts) -> dict[str, int]:
    """Return how many sections each teacher is expected to want: what her hours take, and one at least.

    Where no section gives hours in the category of the round, as many as a ballot may ask for.
    """
    most = facts.settings.most_sections
    minutes = sorted(each for id_ in facts.stored.sections if (each := facts.minutes(id_)))
    if not minutes:
        return dict.fromkeys(facts.stored.teachers, most)
    typical, main = minutes[len(minutes) // 2], facts.dues.asked[0].id
    due = {id_: facts.dues.due.get((id_, main), 0) for id_ in facts.stored.teachers}
    return {id_: min(most, max(1, -(-owed // typical))) for id_, owed in due.items()}
